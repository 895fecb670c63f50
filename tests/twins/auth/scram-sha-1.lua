-- The twin of scenarios/auth/scram-sha-1.yaml.
local quoth = require "quoth"

quoth.scenario "SCRAM-SHA-1 lets in who has the password" {
	about = "The password stays at home, and the server proves that it knows it.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH SCRAM-SHA-1" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "SCRAM-SHA-1", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "SCRAM-SHA-1 keeps out who has not" {
	about = "The password stays at home, and the server proves that it knows it.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH SCRAM-SHA-1" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth {
			mechanism = "SCRAM-SHA-1",
			user = p.user,
			password = "not-the-password",
		}:expect(535)
		c:send("QUIT"):expect(221)
	end,
}
