-- The twin of scenarios/proxy/xforward.yaml.
local quoth = require "quoth"

quoth.scenario "XFORWARD" {
	about = "The origin of a message is passed on.",
	tags = { "proxy", "xforward" },
	protocol = "smtp",
	needs = { "XFORWARD" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client)
			:expect { code = 250, offers = { "XFORWARD NAME", "XFORWARD ADDR" } }
		for _, origin in ipairs {
			"NAME=origin.example.test ADDR=192.0.2.7 PORT=4711",
			"PROTO=ESMTP HELO=origin.example.test",
		} do
			c:send("XFORWARD " .. origin):expect(250)
		end
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("RSET"):expect(250)
		c:send("XFORWARD COLOUR=blue"):expect(501)
		c:send("QUIT"):expect(221)
	end,
}
