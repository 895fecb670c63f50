-- The twin of scenarios/extensions/size.yaml.
local quoth = require "quoth"

quoth.scenario "The limit is a number" {
	about = "The limit is a number, and a message of just the declared size is taken.",
	tags = { "smtp", "size" },
	protocol = "smtp",
	needs = { "SIZE" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect { code = 250, text = "/^SIZE( [0-9]{1,20})?$/i" }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "Just as declared" {
	about = "The limit is a number, and a message of just the declared size is taken.",
	tags = { "smtp", "size" },
	protocol = "smtp",
	needs = { "SIZE" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> SIZE=5000"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("DATA"):expect(354)
		c:body {
			headers = {
				{ From = "<" .. p.sender .. ">" },
				{ To = "<" .. p.recipient .. ">" },
				{ Subject = "Just as declared" },
			},
			text = ".\nDoubled dots do not count.\n",
			size = 5000,
		}:expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A size that is no number" {
	about = "The limit is a number, and a message of just the declared size is taken.",
	tags = { "smtp", "size" },
	protocol = "smtp",
	needs = { "SIZE" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> SIZE=large", { level = "should" })
			:expect("5xx")
		c:send("QUIT"):expect(221)
	end,
}
