-- The twin of scenarios/extensions/vrfy.yaml.
local quoth = require "quoth"

quoth.scenario "A mailbox" {
	about = "Where VRFY is announced it works.",
	tags = { "smtp", "vrfy" },
	protocol = "smtp",
	needs = { "VRFY" },
	params = {
		mailbox = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("VRFY " .. p.mailbox):expect { 250, 251, 252 }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "Nothing to verify" {
	about = "Where VRFY is announced it works.",
	tags = { "smtp", "vrfy" },
	protocol = "smtp",
	needs = { "VRFY" },
	params = {
		mailbox = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("VRFY"):expect { 500, 501 }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "In the middle of a transaction" {
	about = "Where VRFY is announced it works.",
	tags = { "smtp", "vrfy" },
	protocol = "smtp",
	needs = { "VRFY" },
	params = {
		mailbox = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<tester@example.test>"):expect(250)
		c:send("VRFY " .. p.mailbox):expect { 250, 251, 252 }
		c:send("RCPT TO:<" .. p.mailbox .. ">"):expect { 250, 251 }
		c:send("QUIT"):expect(221)
	end,
}
