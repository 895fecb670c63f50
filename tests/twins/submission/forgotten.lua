-- The twin of scenarios/submission/forgotten.yaml.
local quoth = require "quoth"

quoth.scenario "TLS forgets who it was" {
	about = "AUTH in the clear does not last into TLS.",
	tags = { "submission", "tls", "auth" },
	protocol = "smtp",
	needs = { "STARTTLS", "AUTH PLAIN" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
		sender = { type = "email", default = "alice@example.test" },
		recipient = { type = "email", default = "friend@partner.test", about = "somewhere else" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:starttls():expect { code = 220, ends = { 454, 502, 503, 554 } }
		c:send("EHLO " .. t.client):expect { code = 250, offers = "AUTH PLAIN" }
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}
