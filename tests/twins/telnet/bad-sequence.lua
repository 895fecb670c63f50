-- The twin of scenarios/telnet/bad-sequence.yaml.
local quoth = require "quoth"

quoth.scenario "DATA needs recipients first" {
	about = "DATA without MAIL, and without RCPT, is refused.",
	tags = { "telnet", "smtp", "failure", "sequence" },
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
		c:send("DATA", { title = "DATA without MAIL" }):expect { 503, 554 }
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("DATA", { title = "DATA without RCPT" }):expect { 503, 554 }
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("QUIT"):expect(221)
	end,
}
