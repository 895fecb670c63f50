-- The twin of scenarios/lmtp/pipelining.yaml.
local quoth = require "quoth"

quoth.scenario "Pipelined LMTP envelope" {
	about = "Two recipients of three are accepted, all in one packet.",
	tags = { "lmtp", "pipelining" },
	protocol = "lmtp",
	needs = { "PIPELINING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "alice@example.test" },
		other = { type = "email", default = "bob@example.test" },
		unknown = { type = "email", default = "nobody@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("LHLO " .. t.client):expect(250)
		t:pipeline(function()
			c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
			c:send("RCPT TO:<" .. p.recipient .. ">"):expect(250)
			c:send("RCPT TO:<" .. p.unknown .. ">"):expect { 550, 551, 553 }
			c:send("RCPT TO:<" .. p.other .. ">"):expect(250)
			c:send("DATA"):expect(354)
		end)
		t:pipeline(function()
			c:body([[
Subject: Pipelined LMTP

Two replies come before that to QUIT.
]]):expect_each { 250, 250 }
			c:send("QUIT"):expect(221)
		end)
	end,
}
