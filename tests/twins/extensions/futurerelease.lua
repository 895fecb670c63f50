-- The twin of scenarios/extensions/futurerelease.yaml.
local quoth = require "quoth"

local rows = {
	{ hold = "HOLDFOR=60", answer = 250 },
	{ hold = "HOLDFOR=0", answer = "5xx" },
	{ hold = "HOLDFOR=999999999", answer = "5xx" },
	{ hold = "HOLDFOR=soon", answer = "5xx" },
	{ hold = "HOLDUNTIL=tomorrow", answer = "5xx" },
}

for _, row in ipairs(rows) do
	quoth.scenario("futurerelease [" .. row.hold .. "]") {
		about = "The server names its limits and takes times below them.",
		tags = { "smtp", "futurerelease" },
		protocol = "smtp",
		needs = { "FUTURERELEASE" },
		params = {
			sender = { type = "email", default = "tester@example.test" },
		},
		run = function(t)
			local p = t.params
			local c <close> = t:connect()
			c:expect(220)
			local moment = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-][0-9]{2}:[0-9]{2})"
			c:send("EHLO " .. t.client):expect {
				code = 250,
				text = "/^FUTURERELEASE [0-9]{1,9} " .. moment .. "$/i",
			}
			c:send("MAIL FROM:<" .. p.sender .. "> " .. row.hold):expect(row.answer)
			c:send("QUIT"):expect(221)
		end,
	}
end
