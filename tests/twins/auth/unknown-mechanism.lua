-- The twin of scenarios/auth/unknown-mechanism.yaml.
local quoth = require "quoth"

quoth.scenario "A mechanism of nobody" {
	about = "A mechanism that there is none of.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH" },
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("AUTH X-QUOTH-NO-SUCH", { level = "should" }):expect(504)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "No mechanism at all" {
	about = "A mechanism that there is none of.",
	tags = { "smtp", "auth" },
	protocol = "smtp",
	needs = { "AUTH" },
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("AUTH"):expect { 500, 501, 504 }
		c:send("QUIT"):expect(221)
	end,
}
