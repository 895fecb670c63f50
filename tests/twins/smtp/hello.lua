-- The twin of scenarios/smtp/hello.yaml.
local quoth = require "quoth"

quoth.scenario "EHLO lists what the server can do" {
	about = "The two greetings, and that either may be said again.",
	tags = { "smtp", "smoke", "hello" },
	protocol = "smtp",
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client, { level = "should" })
			:expect { code = 250, offers = { "8BITMIME", "SIZE" } }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "HELO gets one line" {
	about = "The two greetings, and that either may be said again.",
	tags = { "smtp", "smoke", "hello" },
	protocol = "smtp",
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("HELO " .. t.client):expect { code = 250, lines = { count = 1 } }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A second EHLO starts over" {
	about = "The two greetings, and that either may be said again.",
	tags = { "smtp", "smoke", "hello" },
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
		c:send("EHLO " .. t.client):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">", { title = "RCPT, whose MAIL is forgotten" })
			:expect(503)
		c:send("QUIT"):expect(221)
	end,
}
