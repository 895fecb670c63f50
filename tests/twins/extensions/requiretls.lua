-- The twin of scenarios/extensions/requiretls.yaml.
local quoth = require "quoth"

quoth.scenario "REQUIRETLS in the clear" {
	about = "Nobody promises TLS where there is none.",
	tags = { "smtp", "requiretls" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect { code = 250, lacks = { "REQUIRETLS" } }
		c:send("MAIL FROM:<" .. p.sender .. "> REQUIRETLS"):expect { 501, 503, 504, 530, 550, 555 }
		c:send("QUIT"):expect(221)
	end,
}
