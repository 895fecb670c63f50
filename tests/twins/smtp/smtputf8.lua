-- The twin of scenarios/smtp/smtputf8.yaml.
local quoth = require "quoth"

quoth.scenario "SMTPUTF8" {
	about = "A sender beyond ASCII is accepted where SMTPUTF8 is offered.",
	tags = { "smtp", "smtputf8" },
	protocol = "smtp",
	needs = { "SMTPUTF8" },
	params = {
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect { code = 250, offers = { "8BITMIME" } }
		c:send("MAIL FROM:<grüße@example.test> SMTPUTF8"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
