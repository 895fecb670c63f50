-- The twin of scenarios/auth/scram-sha-256-plus.yaml.
local quoth = require "quoth"

quoth.scenario "SCRAM-SHA-256-PLUS lets in who has the password" {
	about = "Authentication that is bound to its TLS connection.",
	tags = { "smtp", "auth", "tls" },
	protocol = "smtp",
	needs = { "STARTTLS" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:starttls():expect(220)
		c:send("EHLO " .. t.client)
			:expect { code = 250, needs = { "AUTH SCRAM-SHA-256-PLUS" } }
		c:auth {
			mechanism = "SCRAM-SHA-256-PLUS",
			user = p.user,
			password = p.password,
		}:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "SCRAM-SHA-256-PLUS keeps out who has not" {
	about = "Authentication that is bound to its TLS connection.",
	tags = { "smtp", "auth", "tls" },
	protocol = "smtp",
	needs = { "STARTTLS" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:starttls():expect(220)
		c:send("EHLO " .. t.client)
			:expect { code = 250, needs = { "AUTH SCRAM-SHA-256-PLUS" } }
		c:auth {
			mechanism = "SCRAM-SHA-256-PLUS",
			user = p.user,
			password = "not-the-password",
		}:expect(535)
		c:send("QUIT"):expect(221)
	end,
}
