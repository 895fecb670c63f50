-- The twin of scenarios/smtp/nested-mail.yaml.
local quoth = require "quoth"

quoth.scenario "MAIL inside a transaction" {
	about = "A second MAIL gets 503 and changes nothing.",
	tags = { "smtp", "sequence", "failure" },
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
		c:send("MAIL FROM:<" .. p.sender .. ">", { title = "a second MAIL" }):expect(503)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("QUIT"):expect(221)
	end,
}
