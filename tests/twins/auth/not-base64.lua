-- The twin of scenarios/auth/not-base64.yaml.
local quoth = require "quoth"

quoth.scenario "An initial response that is not base64" {
	about = "What is not base64 is no response.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH PLAIN" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("AUTH PLAIN !!!!", { level = "should" }):expect(501)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A response that is not base64" {
	about = "What is not base64 is no response.",
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
		c:send("AUTH PLAIN"):expect(334)
		c:send("!!!!", { level = "should" }):expect(501)
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}
