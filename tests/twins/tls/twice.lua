-- The twin of scenarios/tls/twice.yaml.
local quoth = require "quoth"

quoth.scenario "STARTTLS inside TLS" {
	about = "A second STARTTLS is refused, and the dialogue goes on.",
	tags = { "smtp", "tls" },
	protocol = "smtp",
	needs = { "STARTTLS" },
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:starttls()
		c:send("EHLO " .. t.client):expect { code = 250, lacks = "STARTTLS" }
		c:send("STARTTLS"):expect { 454, "5xx" }
		c:send("NOOP"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
