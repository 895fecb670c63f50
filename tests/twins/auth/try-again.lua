-- The twin of scenarios/auth/try-again.yaml.
local quoth = require "quoth"

quoth.scenario "A typing error, and then not" {
	about = "The second try counts.",
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
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "Nobody of that name" {
	about = "The second try counts.",
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
			user = "nobody-of-this-name",
			password = "not-the-password",
		}:expect(535)
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}
