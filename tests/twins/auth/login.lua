-- The twin of scenarios/auth/login.yaml.
local quoth = require "quoth"

quoth.scenario "LOGIN lets in who has the password" {
	about = "Two prompts, two answers.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH LOGIN" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "LOGIN", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "LOGIN keeps out who has not" {
	about = "Two prompts, two answers.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH LOGIN" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "LOGIN", user = p.user, password = "not-the-password" }:expect(535)
		c:send("QUIT"):expect(221)
	end,
}
