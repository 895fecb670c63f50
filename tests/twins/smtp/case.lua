-- The twin of scenarios/smtp/case.yaml.
local quoth = require "quoth"

local rows = {
	{
		spelling = "upper",
		hello = "EHLO",
		mail = "MAIL FROM:<tester@example.test>",
		rcpt = "RCPT TO:<postmaster@EXAMPLE.TEST>",
		quit = "QUIT",
	},
	{
		spelling = "lower",
		hello = "ehlo",
		mail = "mail from:<tester@example.test>",
		rcpt = "rcpt to:<postmaster@example.test>",
		quit = "quit",
	},
	{
		spelling = "mixed",
		hello = "eHlO",
		mail = "Mail From:<tester@Example.Test>",
		rcpt = "rCpT tO:<postmaster@eXample.tEst>",
		quit = "qUiT",
	},
}

for _, row in ipairs(rows) do
	quoth.scenario("Upper and lower case [" .. row.spelling .. "]") {
		about = "The same envelope in three spellings.",
		tags = { "smtp", "syntax" },
		protocol = "smtp",
		run = function(t)
			local c <close> = t:connect()
			c:expect(220)
			c:send(row.hello .. " " .. t.client):expect(250)
			c:send(row.mail):expect(250)
			c:send(row.rcpt):expect { 250, 251 }
			c:send(row.quit):expect(221)
		end,
	}
end
