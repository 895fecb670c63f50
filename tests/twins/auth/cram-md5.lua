-- The twin of scenarios/auth/cram-md5.yaml.
local quoth = require "quoth"

quoth.scenario "CRAM-MD5 lets in who has the password" {
	about = "A challenge of the server's is hashed with the password.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH CRAM-MD5" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "CRAM-MD5", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "CRAM-MD5 keeps out who has not" {
	about = "A challenge of the server's is hashed with the password.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH CRAM-MD5" },
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
			mechanism = "CRAM-MD5",
			user = p.user,
			password = "not-the-password",
		}:expect(535)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "CRAM-MD5 takes no initial response" {
	about = "A challenge of the server's is hashed with the password.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH CRAM-MD5" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("AUTH CRAM-MD5 " .. t:base64(p.user))
			:expect { code = { 501, 553 }, ends = { 334 } }
		c:send("QUIT"):expect(221)
	end,
}
