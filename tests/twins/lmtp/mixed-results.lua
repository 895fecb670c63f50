-- The twin of scenarios/lmtp/mixed-results.yaml.
local quoth = require "quoth"

quoth.scenario "One mailbox is full" {
	about = "Mixed results of one message.",
	tags = { "lmtp" },
	protocol = "lmtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "alice@example.test" },
		full = { type = "email", default = "after-452-4.2.2@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("LHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.full .. ">")
			:expect { code = 250, ends = { 452, 550, 552 } }
		c:send("DATA"):expect(354)
		c:body([[
Subject: Half of you

get this.
]]):expect_each { 250, { 452, 552 } }
		c:send("QUIT"):expect(221)
	end,
}
