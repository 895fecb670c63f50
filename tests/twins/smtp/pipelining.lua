-- The twin of scenarios/smtp/pipelining.yaml.
local quoth = require "quoth"

quoth.scenario "Pipelined envelope" {
	about = "MAIL, RCPT and DATA in one write; after the message, RSET and QUIT.",
	tags = { "smtp", "pipelining" },
	protocol = "smtp",
	needs = { "PIPELINING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
		unknown = { type = "email", default = "nobody@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		t:pipeline(function()
			c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
			c:send("RCPT TO:<" .. p.unknown .. ">"):expect { 550, 551, 553 }
			c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
			c:send("DATA"):expect(354)
		end)
		c:body([[
Subject: Pipelined

Four commands came in one packet.
]]):expect(250)
		t:pipeline(function()
			c:send("RSET"):expect(250)
			c:send("QUIT"):expect(221)
		end)
	end,
}
