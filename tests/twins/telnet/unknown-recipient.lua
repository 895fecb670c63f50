-- The twin of scenarios/telnet/unknown-recipient.yaml.
local quoth = require "quoth"

quoth.scenario "An unknown recipient is refused" {
	about = "RCPT of a mailbox that does not exist gets 550, and the dialogue goes on.",
	tags = { "telnet", "smtp", "failure" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test",
			about = "the envelope sender" },
		recipient = { type = "email", default = "postmaster@example.test",
			about = "a mailbox that exists on the server" },
		unknown = { type = "email", default = "nobody@example.test",
			about = "a mailbox that does not exist, in a domain of the server" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("HELO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.unknown .. ">"):expect { 550, 551, 553 }
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
