-- The twin of scenarios/extensions/limits.yaml.
local quoth = require "quoth"

quoth.scenario "LIMITS" {
	about = "The limits are what the RFC allows, and one recipient is below them.",
	tags = { "smtp", "limits" },
	protocol = "smtp",
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
			text = "/^LIMITS(?!.* (MAIL|RCPT|RCPTDOMAIN)MAX(?!=[1-9][0-9]{0,5}( |$)))" ..
				"( [A-Z0-9_-]+(=[!-:<-~]+)?)+$/i",
		}
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
