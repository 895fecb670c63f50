-- The twin of scenarios/proxy/xclient.yaml.
local quoth = require "quoth"

quoth.scenario "XCLIENT" {
	about = "The same connection in the name of another client.",
	tags = { "proxy", "xclient" },
	protocol = "smtp",
	needs = { "XCLIENT" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
		address = { type = "ip", default = "192.0.2.1" },
		host = { type = "host", default = "client.example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client)
			:expect { code = 250, offers = { "XCLIENT NAME", "XCLIENT ADDR" } }
		c:send(("XCLIENT NAME=%s ADDR=%s"):format(p.host, p.address)):expect(220)
		c:send("EHLO " .. p.host):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("XCLIENT ADDR=" .. p.address):expect(503)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("RSET"):expect(250)
		c:send("XCLIENT COLOUR=blue"):expect { 501, 550 }
		c:send("QUIT"):expect(221)
	end,
}
