-- The twin of scenarios/extensions/dsn.yaml.
local quoth = require "quoth"

quoth.scenario "Reports are asked for" {
	about = "Report parameters are taken, and bad ones refused.",
	tags = { "smtp", "dsn" },
	protocol = "smtp",
	needs = { "DSN" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> RET=HDRS ENVID=quoth+2B1"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. "> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;" ..
			p.recipient):expect { 250, 251 }
		c:send("RCPT TO:<" .. p.recipient .. "> NOTIFY=NEVER",
			{ title = "another recipient, for whom no report is wanted" })
			:expect { 250, 251 }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A bad value at MAIL" {
	about = "Report parameters are taken, and bad ones refused.",
	tags = { "smtp", "dsn" },
	protocol = "smtp",
	needs = { "DSN" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> RET=ALL"):expect("5xx")
		c:send("QUIT"):expect(221)
	end,
}

local rows = {
	{ parameter = "NOTIFY=SOMETIMES" },
	{ parameter = "NOTIFY=NEVER,DELAY" },
}

for _, row in ipairs(rows) do
	quoth.scenario("A bad value at RCPT [" .. row.parameter .. "]") {
		about = "Report parameters are taken, and bad ones refused.",
		tags = { "smtp", "dsn" },
		protocol = "smtp",
		needs = { "DSN" },
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
			c:send("RCPT TO:<" .. p.recipient .. "> " .. row.parameter):expect("5xx")
			c:send("QUIT"):expect(221)
		end,
	}
end
