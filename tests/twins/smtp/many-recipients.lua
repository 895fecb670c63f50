-- The twin of scenarios/smtp/many-recipients.yaml.
local quoth = require "quoth"

quoth.scenario "A hundred recipients" {
	about = "RCPT a hundred times in one transaction.",
	tags = { "smtp", "limits" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		for number = 1, 100 do
			c:send("RCPT TO:<" .. p.recipient .. ">", { title = "recipient " .. number })
				:expect { 250, 251 }
		end
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
