-- The twin of scenarios/extensions/requiretls.yaml.
local quoth = require "quoth"

quoth.scenario "REQUIRETLS in the clear" {
	about = "TLS is promised over TLS, and not in the clear.",
	tags = { "smtp", "requiretls", "tls" },
	protocol = "smtp",
	needs = { "STARTTLS" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect { code = 250, lacks = { "REQUIRETLS" } }
		c:send("MAIL FROM:<" .. p.sender .. "> REQUIRETLS"):expect("5xx")
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "REQUIRETLS over TLS" {
	about = "TLS is promised over TLS, and not in the clear.",
	tags = { "smtp", "requiretls", "tls" },
	protocol = "smtp",
	needs = { "STARTTLS" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:starttls({ verify = false }):expect(220)
		c:send("EHLO " .. t.client):expect { code = 250, needs = { "REQUIRETLS" } }
		c:send("MAIL FROM:<" .. p.sender .. "> REQUIRETLS=YES",
			{ title = "it takes no value" }):expect("5xx")
		c:send("MAIL FROM:<" .. p.sender .. "> REQUIRETLS"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251, 550 }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
