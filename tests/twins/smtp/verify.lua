-- The twin of scenarios/smtp/verify.yaml.
local quoth = require "quoth"

local rows = {
	{ mailbox = "postmaster@example.test", answer = { 250, 251, 252, 502 } },
	{ mailbox = "nobody@example.test", answer = { 252, 502, 550, 551, 553 } },
}

for _, row in ipairs(rows) do
	quoth.scenario("VRFY [" .. row.mailbox .. "]") {
		about = "VRFY tells the truth or keeps quiet.",
		tags = { "smtp" },
		protocol = "smtp",
		run = function(t)
			local c <close> = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:send("VRFY " .. row.mailbox):expect(row.answer)
			c:send("QUIT"):expect(221)
		end,
	}
end
