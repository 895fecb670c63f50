-- The twin of scenarios/telnet/missing-mail.yaml.
local quoth = require "quoth"

quoth.scenario "RCPT needs MAIL first" {
	about = "RCPT without MAIL gets 503, and the dialogue can be put right.",
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
		c:send("RCPT TO:<" .. p.recipient .. ">", { title = "RCPT too early" }):expect(503)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("QUIT"):expect(221)
	end,
}
