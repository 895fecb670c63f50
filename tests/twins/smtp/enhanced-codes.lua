-- The twin of scenarios/smtp/enhanced-codes.yaml.
local quoth = require "quoth"

quoth.scenario "Enhanced status codes" {
	about = "The codes of MAIL and RCPT carry the right class and subject.",
	tags = { "smtp", "enhanced" },
	needs = { "ENHANCEDSTATUSCODES" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
		unknown = { type = "email", default = "nobody@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect { code = 250, enhanced = "2.1.x" }
		c:send("RCPT TO:<" .. p.recipient .. ">")
			:expect { code = { 250, 251 }, enhanced = "2.1.x" }
		c:send("RCPT TO:<" .. p.unknown .. ">")
			:expect { code = { 550, 551, 553 }, enhanced = "5.1.x" }
		c:send("RSET"):expect { code = 250, enhanced = "2.0.0" }
		c:send("QUIT"):expect { code = 221, enhanced = "2.0.0" }
	end,
}
