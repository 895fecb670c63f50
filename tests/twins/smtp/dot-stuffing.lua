-- The twin of scenarios/smtp/dot-stuffing.yaml.
local quoth = require "quoth"

quoth.scenario "Dots at the start of a line" {
	about = "A dot alone in the text does not end the message.",
	tags = { "smtp", "data" },
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
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("DATA"):expect(354)
		c:body([[
Subject: Dots

.one dot in front
..two dots in front
.
RSET
a line with a dot alone stands above, and one ends the text
.
]]):expect(250)
		c:send("NOOP"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
