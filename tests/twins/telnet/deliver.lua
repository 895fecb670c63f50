-- The twin of scenarios/telnet/deliver.yaml.
local quoth = require "quoth"

quoth.scenario "Deliver one message" {
	about = "The classical telnet test, from the banner to QUIT.",
	tags = { "telnet", "smtp", "smoke" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test",
			about = "the envelope sender; bounces go there" },
		recipient = { type = "email", default = "postmaster@example.test",
			about = "a mailbox that exists on the server" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect(nil, { title = "banner" })
		c:expect(220)
		c:send("HELO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("DATA"):expect(354)
		local message = {
			"From: <" .. p.sender .. ">",
			"To: <" .. p.recipient .. ">",
			"Subject: Test message",
			"",
			"This is a test message.",
		}
		c:body(table.concat(message, "\n")):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
