-- LIMITS (RFC 9422): the server names numbers in its reply to EHLO, such as
-- RCPTMAX=100 or MAILMAX=50. Whoever stays below them must not be refused for
-- having too much: that is what the numbers are for.
--
-- The numbers are the server's, so that no list of steps can know them. What
-- comes behind the last one that is allowed may be refused, or not: a note.
local quoth = require "quoth"

-- { RCPTMAX = 100 } of the reply to EHLO.
local function limits_of(reply)
	local limits = {}
	for line in (reply.text .. "\n"):gmatch("([^\n]*)\n") do
		if line:upper():match("^LIMITS ") then
			for name, value in line:gmatch(" ([%w_-]+)=(%d+)") do
				limits[name:upper()] = math.tointeger(value)
			end
		end
	end
	return limits
end

local function recipients(t, c, most)
	for number = 1, most do
		c:send("RCPT TO:<" .. t.params.recipient .. ">",
			{ title = "recipient " .. number .. " of " .. most }):expect { 250, 251 }
	end
end

quoth.scenario "LIMITS are kept" {
	about = "As many recipients and messages as LIMITS says are taken.",
	tags = { "smtp", "limits" },
	protocol = "smtp",
	needs = { "LIMITS" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
		most = { type = "int", default = 1000, min = 1, max = 9000,
			about = "numbers above it are not tried" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		local limits = limits_of(c:send("EHLO " .. t.client):expect(250))
		local rcpts, mails = limits.RCPTMAX, limits.MAILMAX
		local began = 0
		for _, name in ipairs { "RCPTMAX", "MAILMAX", "RCPTDOMAINMAX" } do
			if limits[name] then
				t:note(name, limits[name])
			end
		end
		if rcpts and rcpts <= p.most then
			c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
			recipients(t, c, rcpts)
			local reply = c:send("RCPT TO:<" .. p.recipient .. ">",
				{ title = "one more than RCPTMAX" }):expect { 250, 251, "4xx", "5xx" }
			t:note("one more:", reply.code)
			-- Enough: nobody wishes for so many copies.
			c:send("RSET"):expect(250)
			began = 1
		end
		if mails and mails <= p.most then
			for number = began + 1, mails do
				c:send("MAIL FROM:<" .. p.sender .. ">",
					{ title = "message " .. number .. " of " .. mails }):expect(250)
				c:send("RSET"):expect(250)
			end
		end
		c:send("QUIT"):expect(221)
	end,
}
