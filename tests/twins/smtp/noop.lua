-- The twin of scenarios/smtp/noop.yaml.
local quoth = require "quoth"

quoth.scenario "NOOP does nothing" {
	about = "NOOP is answered 250 and leaves a transaction alone.",
	tags = { "smtp" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("NOOP"):expect(250)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("NOOP"):expect(250)
		c:send("NOOP are you still there?", { level = "should" }):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">",
			{ title = "RCPT, whose MAIL is not forgotten" }):expect { 250, 251 }
		c:send("QUIT"):expect(221)
	end,
}
