-- The twin of scenarios/smtp/enhanced-codes.yaml.
local quoth = require "quoth"

quoth.scenario "Enhanced status codes" {
	about = "Replies carry an enhanced code, and of their own class.",
	tags = { "smtp", "enhanced" },
	protocol = "smtp",
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
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect { code = 250, enhanced = "2.x.x" }
		c:send("RCPT TO:<" .. p.recipient .. ">")
			:expect { code = { 250, 251 }, enhanced = "2.x.x" }
		c:send("RCPT TO:<" .. p.unknown .. ">")
			:expect { code = { 550, 551, 553 }, enhanced = "5.x.x" }
		c:send("RSET"):expect { code = 250, enhanced = "2.x.x" }
		c:send("QUIT"):expect { code = 221, enhanced = "2.x.x" }
	end,
}
