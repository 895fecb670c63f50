-- The twin of scenarios/telnet/rcpt-without-brackets.yaml.
local quoth = require "quoth"

quoth.scenario "RCPT without brackets" {
	about = "A recipient without angle brackets is understood or refused, no more.",
	tags = { "telnet", "smtp", "failure", "syntax" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test",
			about = "the envelope sender" },
		recipient = { type = "email", default = "postmaster@example.test",
			about = "a mailbox that exists on the server" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("HELO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO: " .. p.recipient, { title = "RCPT with a blank, without brackets" })
			:expect { 250, 251, 501, 553, 555 }
		c:send("RCPT TO:" .. p.recipient, { title = "RCPT without brackets" })
			:expect { 250, 251, 501, 553, 555 }
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("QUIT"):expect(221)
	end,
}
