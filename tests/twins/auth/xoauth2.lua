-- The twin of scenarios/auth/xoauth2.yaml.
local quoth = require "quoth"

quoth.scenario "XOAUTH2 keeps out who has no token" {
	about = "A token that nobody gave out opens nothing.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH XOAUTH2" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "XOAUTH2", user = p.user, token = "not-a-token" }:expect(535)
		c:send("QUIT"):expect(221)
	end,
}
