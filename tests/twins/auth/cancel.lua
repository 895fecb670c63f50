-- The twin of scenarios/auth/cancel.yaml.
local quoth = require "quoth"

quoth.scenario "A star cancels PLAIN" {
	about = "An exchange is given up in the middle.",
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
		c:send("*"):expect(501)
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A star cancels LOGIN behind the user" {
	about = "An exchange is given up in the middle.",
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
		c:send("EHLO " .. t.client):expect { code = 250, needs = { "AUTH LOGIN" } }
		c:send("AUTH LOGIN"):expect(334)
		c:send(t:base64(p.user)):expect(334)
		c:send("*"):expect(501)
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("QUIT"):expect(221)
	end,
}
