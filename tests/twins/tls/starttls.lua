-- The twin of scenarios/tls/starttls.yaml.
local quoth = require "quoth"

quoth.scenario "STARTTLS" {
	about = "The handshake holds, the certificate too, and the dialogue goes on.",
	tags = { "smtp", "tls" },
	protocol = "smtp",
	needs = { "STARTTLS" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
		days = {
			type = "int",
			default = 7,
			about = "days that the certificate must be good for",
		},
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect { code = 250, offers = "STARTTLS" }
		c:starttls():expect {
			code = 220,
			tls = {
				version = { "TLSv1.2", "TLSv1.3" },
				verified = true,
				days_left = p.days,
			},
		}
		c:send("EHLO " .. t.client):expect { code = 250, lacks = "STARTTLS" }
		c:send("MAIL FROM:<" .. p.sender .. ">")
			:expect { code = 250, ends = { 530, 550, 554 } }
		c:send("RCPT TO:<" .. p.recipient .. ">")
			:expect { code = { 250, 251 }, ends = { 530, 550, 554 } }
		c:send("DATA"):expect(354)
		c:body(([[
From: <%s>
To: <%s>
Subject: Over TLS

Nobody read this on its way.
]]):format(p.sender, p.recipient)):expect(250)
		c:send("QUIT"):expect(221)
		c:expect("closed")
	end,
}
