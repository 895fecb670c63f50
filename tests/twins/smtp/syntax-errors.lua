-- The twin of scenarios/smtp/syntax-errors.yaml.
local quoth = require "quoth"

local rows = {
	{ case = "EHLO without a name", line = "EHLO", level = "should" },
	{ case = "HELO without a name", line = "HELO", level = "should" },
	{ case = "MAIL alone", line = "MAIL", level = "must" },
	{ case = "MAIL without a path", line = "MAIL FROM:", level = "must" },
	{ case = "MAIL TO", line = "MAIL TO:<a@example.test>", level = "must" },
	{ case = "MAIL without a colon", line = "MAIL FROM <a@example.test>", level = "must" },
	{ case = "an open bracket", line = "MAIL FROM:<a@example.test", level = "must" },
	{ case = "a blank in the address", line = "MAIL FROM:<a b@example.test>", level = "must" },
	{
		case = "an unknown parameter",
		line = "MAIL FROM:<a@example.test> COLOUR=blue",
		level = "must",
	},
	{ case = "RSET with a parameter", line = "RSET now", level = "should" },
	{ case = "VRFY without a name", line = "VRFY", level = "should" },
}

for _, row in ipairs(rows) do
	quoth.scenario("Syntax errors [" .. row.case .. "]") {
		about = "Each line of the table is refused, and the dialogue goes on.",
		tags = { "smtp", "syntax", "failure" },
		protocol = "smtp",
		run = function(t)
			local c <close> = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:send(row.line, { level = row.level }):expect("5xx")
			c:send("NOOP"):expect(250)
			c:send("QUIT"):expect(221)
		end,
	}
end
