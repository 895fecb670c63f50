-- The twin of scenarios/lmtp/each-recipient.yaml.
local quoth = require "quoth"

quoth.scenario "A reply for each recipient" {
	about = "A refused recipient among accepted ones, and one of them twice.",
	tags = { "lmtp" },
	protocol = "lmtp",
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
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.unknown .. ">"):expect { 550, 551, 553 }
		c:send("RCPT TO:<" .. p.other .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect(250)
		c:send("DATA"):expect(354)
		local replies = { c:body([[
Subject: Three replies

Four recipients, three of them accepted.
]]):expect_each { 250, 250, 250 } }
		assert(#replies == 3)
		c:send("QUIT"):expect(221)
	end,
}
