-- The twin of scenarios/auth/oauthbearer.yaml.
local quoth = require "quoth"

quoth.scenario "OAUTHBEARER keeps out who has no token" {
	about = "A token that nobody gave out opens nothing.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH OAUTHBEARER" },
	params = {
		user = { default = "alice", about = "who may authenticate" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:auth { mechanism = "OAUTHBEARER", user = p.user, token = "not-a-token" }:expect(535)
		c:send("QUIT"):expect(221)
	end,
}
