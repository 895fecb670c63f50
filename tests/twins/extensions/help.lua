-- The twin of scenarios/extensions/help.yaml.
local quoth = require "quoth"

quoth.scenario "Help" {
	about = "Where HELP is announced it helps.",
	tags = { "smtp", "help" },
	protocol = "smtp",
	needs = { "HELP" },
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("HELP"):expect("2xx")
		c:send("HELP", { title = "its codes are 211 and 214", level = "should" })
			:expect { 211, 214 }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "Help on a command" {
	about = "Where HELP is announced it helps.",
	tags = { "smtp", "help" },
	protocol = "smtp",
	needs = { "HELP" },
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("HELP RCPT"):expect { "2xx", "5xx" }
		c:send("QUIT"):expect(221)
	end,
}
