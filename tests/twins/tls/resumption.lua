-- The twin of scenarios/tls/resumption.yaml.
local quoth = require "quoth"

local function secure(t)
	local c = t:connect()
	c:expect(220)
	c:send("EHLO " .. t.client):expect(250)
	c:starttls { resume = true }
	return c
end

quoth.scenario "A session that is resumed" {
	about = "The second handshake resumes the session of the first.",
	tags = { "smtp", "tls" },
	protocol = "smtp",
	needs = { "STARTTLS" },
	run = function(t)
		local c = secure(t)
		c:send("EHLO " .. t.client):expect(250)
		c:send("QUIT"):expect(221)
		c:expect("closed")
		c:close()
		c = secure(t)
		c:send("NOOP", { level = "should" }):expect { tls = { resumed = true } }
		c:send("QUIT"):expect(221)
	end,
}
