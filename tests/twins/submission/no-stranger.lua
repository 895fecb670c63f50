-- The twin of scenarios/submission/no-stranger.yaml.
local quoth = require "quoth"

quoth.scenario "A stranger may not send to others" {
	about = "Nobody relays without authentication.",
	tags = { "submission", "relay" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@partner.test" },
		recipient = { type = "email", default = "friend@partner.test", about = "somewhere else" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">")
			:expect { code = 250, ends = { 530, 550, 553, 554 } }
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 530, 550, 551, 553, 554 }
		c:send("QUIT"):expect(221)
	end,
}
