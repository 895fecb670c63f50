-- The twin of scenarios/smtp/long-lines.yaml.
local quoth = require "quoth"

quoth.scenario "A command line of 512 octets" {
	about = "The longest lines that a client may rely on.",
	tags = { "smtp", "limits" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("NOOP " .. ("x"):rep(505), { title = "NOOP and 505 octets", level = "should" })
			:expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A text line of 1000 octets" {
	about = "The longest lines that a client may rely on.",
	tags = { "smtp", "limits" },
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
		local message = {
			"Subject: A long line",
			"",
			("x"):rep(998),
		}
		c:body(table.concat(message, "\n")):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
