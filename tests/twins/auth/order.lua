-- The twin of scenarios/auth/order.yaml.
local quoth = require "quoth"

quoth.scenario "AUTH twice" {
	about = "AUTH comes once, and outside of transactions.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH PLAIN" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
		sender = { type = "email", default = "alice@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("AUTH PLAIN"):expect(503)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "AUTH in a mail transaction" {
	about = "AUTH comes once, and outside of transactions.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH PLAIN" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
		password = { secret = true, default = "secret-a", about = "the password of user" },
		sender = { type = "email", default = "alice@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "PLAIN", user = p.user, password = p.password }:expect(235)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("AUTH PLAIN"):expect(503)
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
