-- The twin of scenarios/auth/mail-parameter.yaml.
local quoth = require "quoth"

quoth.scenario "MAIL with AUTH=" {
	about = "Who it was at first.",
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
		c:send("MAIL FROM:<" .. p.sender .. "> AUTH=<>"):expect(250)
		c:send("RSET"):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> AUTH=" .. p.sender):expect(250)
		c:send("RSET"):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> AUTH=e+3Dmc2@example.com"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "AUTH= that is no xtext" {
	about = "Who it was at first.",
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
		c:send("MAIL FROM:<" .. p.sender .. "> AUTH=a+ZZb@example.com", { level = "should" })
			:expect { 501, 555 }
		c:send("QUIT"):expect(221)
	end,
}
