-- The twin of scenarios/smtp/quit.yaml.
local quoth = require "quoth"

quoth.scenario "QUIT inside a transaction" {
	about = "The server says 221 and closes the connection.",
	tags = { "smtp", "smoke" },
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
		c:send("QUIT"):expect(221)
		c:expect("closed")
	end,
}
