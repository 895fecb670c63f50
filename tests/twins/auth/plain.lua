-- The twin of scenarios/auth/plain.yaml.
local quoth = require "quoth"

quoth.scenario "PLAIN lets in who has the password" {
	about = "The plainest mechanism, in one round and in two.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH PLAIN" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "PLAIN asks for what was not sent along" {
	about = "The plainest mechanism, in one round and in two.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH PLAIN" },
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
			mechanism = "PLAIN",
			user = p.user,
			password = p.password,
			initial = false,
		}:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "PLAIN keeps out who has not" {
	about = "The plainest mechanism, in one round and in two.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH PLAIN" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "PLAIN", user = p.user, password = "not-the-password" }:expect(535)
		c:send("QUIT"):expect(221)
	end,
}
