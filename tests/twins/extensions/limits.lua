-- The twin of scenarios/extensions/limits.yaml.
local quoth = require "quoth"

quoth.scenario "LIMITS" {
	about = "The limits are what the RFC allows, and one recipient is below them.",
	tags = { "smtp", "limits" },
	needs = { "LIMITS" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect {
			code = 250,
			text = "/^LIMITS( [A-Z0-9][A-Z0-9-]*(=[!-:<-~]+)?)+$/i",
		}
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
