-- The twin of scenarios/smtp/reset.yaml.
local quoth = require "quoth"

quoth.scenario "RSET forgets the transaction" {
	about = "After RSET a new MAIL is needed, and is accepted without a new EHLO.",
	tags = { "smtp", "sequence" },
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
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("RSET"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">", { title = "RCPT, whose MAIL is forgotten" })
			:expect(503)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
