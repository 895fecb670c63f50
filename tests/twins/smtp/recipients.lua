-- The twin of scenarios/smtp/recipients.yaml.
local quoth = require "quoth"

local rows = {
	{ recipient = "postmaster@example.test", answer = { 250, 251 } },
	{ recipient = "alice@example.test", answer = { 250, 251 } },
	{ recipient = "bob@example.test", answer = { 250, 251 } },
	{ recipient = "Postmaster", answer = { 250, 251 } },
	{ recipient = "nobody@example.test", answer = { 550, 551, 553 } },
	{ recipient = "somebody@example.net", answer = { 454, 550, 551, 553, 554 } },
}

for _, row in ipairs(rows) do
	quoth.scenario("Recipients [" .. row.recipient .. "]") {
		about = "Each address of the table gets the answer beside it.",
		tags = { "smtp", "recipients" },
		protocol = "smtp",
		params = {
			sender = { type = "email", default = "tester@example.test" },
		},
		run = function(t)
			local p = t.params
			local c <close> = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
			c:send("RCPT TO:<" .. row.recipient .. ">"):expect(row.answer)
			c:send("QUIT"):expect(221)
		end,
	}
end
