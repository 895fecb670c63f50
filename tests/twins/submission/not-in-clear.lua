-- The twin of scenarios/submission/not-in-clear.yaml.
local quoth = require "quoth"

quoth.scenario "No AUTH before TLS" {
	about = "What is not offered in the clear is refused there.",
	tags = { "submission", "tls", "auth" },
	protocol = "smtp",
	needs = { "STARTTLS", "no AUTH" },
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("AUTH PLAIN"):expect { 500, 502, 503, 504, 523, 530, 538, 550, 554 }
		c:send("QUIT"):expect(221)
	end,
}
