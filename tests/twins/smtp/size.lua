-- The twin of scenarios/smtp/size.yaml.
local quoth = require "quoth"

quoth.scenario "A small SIZE is accepted" {
	about = "A declared size is judged at MAIL.",
	tags = { "smtp", "size" },
	protocol = "smtp",
	needs = { "SIZE" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		excess = { type = "int", default = 999999999,
			about = "more octets than the server takes" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> SIZE=1000"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A SIZE above the limit is refused" {
	about = "A declared size is judged at MAIL.",
	tags = { "smtp", "size" },
	protocol = "smtp",
	needs = { "SIZE" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		excess = { type = "int", default = 999999999,
			about = "more octets than the server takes" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> SIZE=" .. p.excess, { level = "should" })
			:expect { 452, "5xx" }
		c:send("QUIT"):expect(221)
	end,
}
