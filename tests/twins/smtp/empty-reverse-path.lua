-- The twin of scenarios/smtp/empty-reverse-path.yaml.
local quoth = require "quoth"

quoth.scenario "The empty sender is accepted" {
	about = "A bounce can be delivered to a mailbox that exists.",
	tags = { "smtp", "bounce" },
	protocol = "smtp",
	params = {
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<>"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("DATA"):expect(354)
		local message = {
			"From: Mail Delivery System <mailer-daemon@example.test>",
			"To: <" .. p.recipient .. ">",
			"Subject: Undelivered mail",
			"Auto-Submitted: auto-replied",
			"",
			"A bounce, as far as the envelope is concerned.",
		}
		c:body(table.concat(message, "\n")):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
