-- The twin of scenarios/auth/digest-md5.yaml.
local quoth = require "quoth"

quoth.scenario "DIGEST-MD5 lets in who has the password" {
	about = "Both sides prove that they know the password.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH DIGEST-MD5" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "DIGEST-MD5", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "DIGEST-MD5 keeps out who has not" {
	about = "Both sides prove that they know the password.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH DIGEST-MD5" },
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
			mechanism = "DIGEST-MD5",
			user = p.user,
			password = "not-the-password",
		}:expect(535)
		c:send("QUIT"):expect(221)
	end,
}
