-- Greylisting: a server that does not know the sender answers 450 or 451, and
-- takes the message when the sender comes again after a while (RFC 6647).
-- Spam programs seldom do, mail servers always do.
--
-- YAML can repeat a whole scenario (`retry`). Here the program decides: it
-- comes again only after a 450 or 451, counts, and says how long it took. A
-- server without greylisting accepts at once, and that passes too.
local quoth = require "quoth"
local smtp = require "quoth.smtp"

-- One visit: the code that RCPT got. Nothing is delivered.
local function visit(t)
	local c <close> = t:connect()
	c:expect(220)
	smtp.ehlo(c, t.client)
	smtp.mail(c, t.params.sender)
	local reply = c:send("RCPT TO:<" .. t.params.recipient .. ">")
		:expect { 250, 251, 450, 451 }
	smtp.rset(c)
	smtp.quit(c)
	return reply.code
end

quoth.scenario "A greylisted sender is let in when it comes again" {
	about = "RCPT gets 250, if need be after some 450 and a pause.",
	tags = { "smtp", "greylisting" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
		visits = { type = "int", default = 6, min = 1, max = 10,
			about = "how often to come at most" },
		pause = { type = "duration", default = "60s",
			about = "how long to stay away in between" },
	},
	run = function(t)
		for number = 1, t.params.visits do
			if visit(t) < 400 then
				t:note("accepted at visit", number)
				return
			elseif number < t.params.visits then
				t:wait(t.params.pause)
			end
		end
		t:fail("not accepted in " .. t.params.visits .. " visits")
	end,
}
