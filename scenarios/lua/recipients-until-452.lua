-- How many recipients does the server take for one message? At least 100
-- (RFC 5321 4.5.3.1.8); whoever is one too many gets 452, which a client
-- understands as "in another transaction", not as "no".
--
-- The number is the server's, so that no list of steps can know it. The
-- dialogue goes on until the first refusal (another code than 452 is a warning)
-- and then looks at what is left: those
-- who were accepted stay so, and after RSET everything begins anew.
local quoth = require "quoth"
local smtp = require "quoth.smtp"

-- How many are taken before the first refusal; nil: all of them.
local function fill(c, recipient, most)
	for number = 1, most do
		local reply = c:send("RCPT TO:<" .. recipient .. ">",
			{ title = "recipient " .. number }):expect { 250, 251, "4xx" }
		if reply.code >= 400 then
			return number - 1
		end
	end
end

quoth.scenario "Recipients until the first 452" {
	about = "At least a hundred are taken; one too many gets 452 and spoils nothing.",
	tags = { "smtp", "limits" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
		most = { type = "int", default = 1100, min = 101, max = 9000,
			about = "where to give up" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		smtp.ehlo(c, t.client)
		smtp.mail(c, p.sender)
		local taken = fill(c, p.recipient, p.most)
		if taken == nil then
			t:note("no limit up to", p.most)
		elseif taken < 100 then
			t:fail("the limit is " .. taken .. ", below the 100 of RFC 5321")
		else
			t:note("the limit is", taken)
			c:send("RCPT TO:<" .. p.recipient .. ">", { title = "one more is too many",
				level = "should" }):check(452)
		end
		-- Enough: nobody wishes for so many copies.
		smtp.rset(c)
		smtp.mail(c, p.sender)
		smtp.rcpt(c, p.recipient)
		smtp.rset(c)
		smtp.quit(c)
	end,
}
