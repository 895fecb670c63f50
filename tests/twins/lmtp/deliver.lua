-- The twin of scenarios/lmtp/deliver.yaml.
local quoth = require "quoth"

quoth.scenario "LMTP delivery" {
	about = "LHLO, and one reply after the message for each recipient.",
	tags = { "lmtp", "smoke" },
	protocol = "lmtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "alice@example.test" },
		other = { type = "email", default = "bob@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("LHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		for _, address in ipairs { p.recipient, p.other } do
			c:send("RCPT TO:<" .. address .. ">"):expect(250)
		end
		c:send("DATA"):expect(354)
		c:body(([[
From: <%s>
To: <%s>, <%s>
Subject: Delivered by LMTP

One message, two mailboxes, two replies.
]]):format(p.sender, p.recipient, p.other)):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
