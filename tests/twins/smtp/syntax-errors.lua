-- The twin of scenarios/smtp/syntax-errors.yaml.
local quoth = require "quoth"

local rows = {
	{ case = "EHLO without a name", line = "EHLO", answer = { 500, 501 } },
	{ case = "HELO without a name", line = "HELO", answer = { 500, 501 } },
	{ case = "MAIL alone", line = "MAIL", answer = { 500, 501 } },
	{ case = "MAIL without a path", line = "MAIL FROM:", answer = { 500, 501 } },
	{ case = "MAIL TO", line = "MAIL TO:<a@example.test>", answer = { 500, 501 } },
	{
		case = "MAIL without a colon",
		line = "MAIL FROM <a@example.test>",
		answer = { 500, 501 },
	},
	{
		case = "an open bracket",
		line = "MAIL FROM:<a@example.test",
		answer = { 501, 553, 555 },
	},
	{
		case = "a blank in the address",
		line = "MAIL FROM:<a b@example.test>",
		answer = { 501, 553, 555 },
	},
	{
		case = "an unknown parameter",
		line = "MAIL FROM:<a@example.test> COLOUR=blue",
		answer = { 501, 504, 555 },
	},
	{ case = "RSET with a parameter", line = "RSET now", answer = { 501 } },
	{ case = "VRFY without a name", line = "VRFY", answer = { 500, 501, 502, 504 } },
}

for _, row in ipairs(rows) do
	quoth.scenario("Syntax errors [" .. row.case .. "]") {
		about = "Each line of the table is refused, and the dialogue goes on.",
		tags = { "smtp", "syntax", "failure" },
		run = function(t)
			local c <close> = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:send(row.line):expect(row.answer)
			c:send("NOOP"):expect(250)
			c:send("QUIT"):expect(221)
		end,
	}
end
