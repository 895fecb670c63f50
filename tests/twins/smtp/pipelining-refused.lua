-- The twin of scenarios/smtp/pipelining-refused.yaml.
local quoth = require "quoth"

quoth.scenario "Pipelined DATA without a recipient" {
	about = "All recipients of a pipelined group are refused, and so is its DATA.",
	tags = { "smtp", "pipelining", "failure" },
	protocol = "smtp",
	needs = { "PIPELINING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		unknown = { type = "email", default = "nobody@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		t:pipeline(function()
			c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
			c:send("RCPT TO:<" .. p.unknown .. ">"):expect { 550, 551, 553 }
			c:send("DATA"):expect { 503, 554 }
		end)
		c:send("QUIT"):expect(221)
	end,
}
