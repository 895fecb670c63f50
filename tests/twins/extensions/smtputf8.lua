-- The twin of scenarios/extensions/smtputf8.yaml.
local quoth = require "quoth"

quoth.scenario "A message in UTF-8" {
	about = "UTF-8 in addresses and headers, with the parameter and without.",
	tags = { "smtp", "smtputf8" },
	protocol = "smtp",
	needs = { "SMTPUTF8", "8BITMIME" },
	params = {
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<grüße@example.test> BODY=8BITMIME SMTPUTF8"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("DATA"):expect(354)
		c:body {
			headers = {
				{ From = "Jürgen <grüße@example.test>" },
				{ To = "<" .. p.recipient .. ">" },
				{ Subject = "Grüße aus Łódź" },
				{ ["MIME-Version"] = "1.0" },
				{ ["Content-Type"] = "text/plain; charset=utf-8" },
				{ ["Content-Transfer-Encoding"] = "8bit" },
			},
			text = "Ελλάδα, 東京.",
			utf8 = true,
		}:expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "Without the parameter" {
	about = "UTF-8 in addresses and headers, with the parameter and without.",
	tags = { "smtp", "smtputf8" },
	protocol = "smtp",
	needs = { "SMTPUTF8", "8BITMIME" },
	params = {
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<tester@example.test>"):expect(250)
		c:send("RCPT TO:<grüße@example.test>"):expect("5xx")
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "The parameter has no value" {
	about = "UTF-8 in addresses and headers, with the parameter and without.",
	tags = { "smtp", "smtputf8" },
	protocol = "smtp",
	needs = { "SMTPUTF8", "8BITMIME" },
	params = {
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<tester@example.test> SMTPUTF8=YES"):expect("5xx")
		c:send("QUIT"):expect(221)
	end,
}
