-- The twin of scenarios/smtp/eight-bit.yaml.
local quoth = require "quoth"

quoth.scenario "8BITMIME" {
	about = "A message in UTF-8 is accepted where 8BITMIME is offered.",
	tags = { "smtp", "8bitmime" },
	protocol = "smtp",
	needs = { "8BITMIME" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> BODY=8BITMIME"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("DATA"):expect(354)
		local message = {
			"From: <" .. p.sender .. ">",
			"To: <" .. p.recipient .. ">",
			"Subject: Eight bits",
			"MIME-Version: 1.0",
			"Content-Type: text/plain; charset=utf-8",
			"Content-Transfer-Encoding: 8bit",
			"",
			"Grüße aus Łódź, 東京 und Ελλάδα.",
		}
		c:body(table.concat(message, "\n")):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
