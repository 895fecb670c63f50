-- The twin of scenarios/lmtp/hello.yaml.
local quoth = require "quoth"

quoth.scenario "LHLO is answered" {
	about = "LHLO lists what EHLO would, and what every LMTP server has.",
	tags = { "lmtp" },
	protocol = "lmtp",
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("LHLO " .. t.client)
			:expect { code = 250, offers = { "PIPELINING", "ENHANCEDSTATUSCODES" } }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "EHLO and HELO are refused" {
	about = "A mail relay must not take an LMTP server for one of its kind.",
	tags = { "lmtp" },
	protocol = "lmtp",
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		for _, hello in ipairs { "EHLO ", "HELO " } do
			c:send(hello .. t.client):expect("5xx")
		end
		c:send("QUIT"):expect(221)
	end,
}
