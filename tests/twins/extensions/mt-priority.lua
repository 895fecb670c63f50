-- The twin of scenarios/extensions/mt-priority.yaml.
local quoth = require "quoth"

local rows = {
	{ priority = 0, answer = 250 },
	{ priority = 9, answer = { 250, 450, 550, 552 } },
	{ priority = "-9", answer = { 250, 450, 550, 552 } },
	{ priority = 10, answer = "5xx" },
	{ priority = "high", answer = "5xx" },
}

for _, row in ipairs(rows) do
	quoth.scenario("mt-priority [" .. row.priority .. "]") {
		about = "Priorities from -9 to 9 are taken, and no others.",
		tags = { "smtp", "mt-priority" },
		protocol = "smtp",
		needs = { "MT-PRIORITY" },
		params = {
			sender = { type = "email", default = "tester@example.test" },
		},
		run = function(t)
			local p = t.params
			local c <close> = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:send("MAIL FROM:<" .. p.sender .. "> MT-PRIORITY=" .. row.priority):expect(row.answer)
			c:send("QUIT"):expect(221)
		end,
	}
end
