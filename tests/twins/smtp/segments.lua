-- The twin of scenarios/smtp/segments.yaml.
local quoth = require "quoth"

quoth.scenario "A command in pieces" {
	about = "EHLO arrives in four segments, NOOP by the octet.",
	tags = { "smtp", "wire" },
	protocol = "smtp",
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:write({ text = "EHLO " .. t.client .. "\r\n", chunks = { 1, 3, 2 }, every = "20ms" },
			{ title = "EHLO in four pieces" }):expect(250)
		c:write({ text = "NOOP\r\n", chunks = { 1, 1, 1, 1, 1, 1 }, every = "20ms" },
			{ title = "NOOP by the octet" }):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
