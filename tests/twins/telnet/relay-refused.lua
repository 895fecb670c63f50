-- The twin of scenarios/telnet/relay-refused.yaml.
local quoth = require "quoth"

quoth.scenario "A stranger must not relay" {
	about = "RCPT of a domain that the server does not serve is refused.",
	tags = { "telnet", "smtp", "failure", "security" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.org",
			about = "an envelope sender of another domain" },
		stranger = { type = "email", default = "somebody@example.net",
			about = "a recipient in a domain that the server does not serve" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("HELO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.stranger .. ">", { title = "RCPT of a stranger" })
			:expect { 454, 550, 551, 553, 554 }
		c:send("QUIT"):expect(221)
	end,
}
