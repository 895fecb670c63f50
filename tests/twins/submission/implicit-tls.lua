-- The twin of scenarios/submission/implicit-tls.yaml.
local quoth = require "quoth"

quoth.scenario "TLS at once, AUTH, a message" {
	about = "The same without STARTTLS.",
	tags = { "submission", "tls", "auth" },
	protocol = "smtp",
	needs = { "no STARTTLS" },
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
		c:send("EHLO " .. t.client):expect { code = 250, needs = { "AUTH PLAIN" } }
		c:send("NOOP")
			:expect { code = 250, tls = { version = { "TLSv1.2", "TLSv1.3" }, verified = true } }
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("DATA"):expect(354)
		c:body(([[
From: <%s>
To: <%s>
Subject: Submitted

By somebody who is known here.
]]):format(p.sender, p.recipient)):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
