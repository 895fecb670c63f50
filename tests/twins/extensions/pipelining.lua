-- The twin of scenarios/extensions/pipelining.yaml.
local quoth = require "quoth"

quoth.scenario "The next envelope behind a message" {
	about = "Groups of commands, and messages one behind the other.",
	tags = { "smtp", "pipelining" },
	protocol = "smtp",
	needs = { "PIPELINING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		t:pipeline(function()
			c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
			c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
			c:send("DATA"):expect(354)
		end)
		t:pipeline(function()
			c:body { headers = { Subject = "First of two" }, text = "One.\n" }:expect(250)
			c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
			c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
			c:send("DATA"):expect(354)
		end)
		t:pipeline(function()
			c:body { headers = { Subject = "Second of two" }, text = "Two.\n" }:expect(250)
			c:send("QUIT"):expect(221)
		end)
	end,
}

quoth.scenario "A refused command disturbs no other" {
	about = "Groups of commands, and messages one behind the other.",
	tags = { "smtp", "pipelining" },
	protocol = "smtp",
	needs = { "PIPELINING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		t:pipeline(function()
			c:send("RSET"):expect(250)
			c:send("RCPT TO:<" .. p.recipient .. ">"):expect(503)
			c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
			c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
			c:send("RSET"):expect(250)
			c:send("NOOP"):expect(250)
		end)
		c:send("QUIT"):expect(221)
	end,
}
