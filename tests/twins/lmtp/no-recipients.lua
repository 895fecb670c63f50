-- The twin of scenarios/lmtp/no-recipients.yaml.
local quoth = require "quoth"

quoth.scenario "DATA for nobody" {
	about = "Every recipient is refused, and so is DATA.",
	tags = { "lmtp" },
	protocol = "lmtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		unknown = { type = "email", default = "nobody@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("LHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("DATA"):expect { 503, 554 }
		c:send("RCPT TO:<" .. p.unknown .. ">"):expect { 550, 551, 553 }
		c:send("DATA"):expect { 503, 554 }
		c:send("QUIT"):expect(221)
	end,
}
