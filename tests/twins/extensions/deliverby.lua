-- The twin of scenarios/extensions/deliverby.yaml.
local quoth = require "quoth"

local rows = {
	{ by = "86400;R", answer = 250 },
	{ by = "86400;NT", answer = 250 },
	{ by = "-60;N", answer = 250 },
	{ by = "0;R", answer = "5xx" },
	{ by = "soon;R", answer = "5xx" },
	{ by = 60, answer = "5xx" },
}

for _, row in ipairs(rows) do
	quoth.scenario("deliverby [" .. row.by .. "]") {
		about = "Times of delivery, and times that cannot be.",
		tags = { "smtp", "deliverby" },
		protocol = "smtp",
		needs = { "DELIVERBY" },
		params = {
			sender = { type = "email", default = "tester@example.test" },
		},
		run = function(t)
			local p = t.params
			local c <close> = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:send("MAIL FROM:<" .. p.sender .. "> BY=" .. row.by):expect(row.answer)
			c:send("QUIT"):expect(221)
		end,
	}
end
