-- The twin of scenarios/telnet/unknown-command.yaml.
local quoth = require "quoth"

quoth.scenario "An unknown command is refused" {
	about = "A word that is no command gets 500 or 502, and the dialogue goes on.",
	tags = { "telnet", "smtp", "failure" },
	protocol = "smtp",
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("HLEO " .. t.client):expect { 500, 502 }
		c:send("HELO " .. t.client):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
