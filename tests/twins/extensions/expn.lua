-- The twin of scenarios/extensions/expn.yaml.
local quoth = require "quoth"

quoth.scenario "A list" {
	about = "Where EXPN is announced it works.",
	tags = { "smtp", "expn" },
	protocol = "smtp",
	needs = { "EXPN" },
	params = {
		list = { type = "string", default = "team@example.test", about = "a mailing list" },
		unknown = { type = "string", default = "nobody@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("EXPN " .. p.list):expect { 250, 252, 550 }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "No list" {
	about = "Where EXPN is announced it works.",
	tags = { "smtp", "expn" },
	protocol = "smtp",
	needs = { "EXPN" },
	params = {
		list = { type = "string", default = "team@example.test", about = "a mailing list" },
		unknown = { type = "string", default = "nobody@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("EXPN " .. p.unknown):expect { 252, 550, 551, 553 }
		c:send("QUIT"):expect(221)
	end,
}
