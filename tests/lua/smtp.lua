-- quoth.smtp: the lines that its functions send. Run by
-- tests/e2e/test_lua_modules.py.
local quoth = require "quoth"
local smtp = require "quoth.smtp"
local spy = require "spy"

-- Every scenario needs something to say to the server.
local function scenario(name, check)
	quoth.scenario(name, {
		run = function(t)
			check(t)
			local c <close> = t:connect()
			c:expect(220)
		end,
	})
end

scenario("commands", function()
	local c = spy.new()
	smtp.ehlo(c, "a.example")
	smtp.helo(c, "a.example")
	smtp.rset(c)
	smtp.noop(c)
	smtp.quit(c)
	c:said("send EHLO a.example", "expect 250", "send HELO a.example", "expect 250",
		"send RSET", "expect 250", "send NOOP", "expect 250", "send QUIT", "expect 221")
end)

scenario("paths and parameters", function()
	local c = spy.new()
	smtp.mail(c, "")
	smtp.mail(c, "<a@b.test>", { SIZE = 1000, BODY = "8BITMIME", SMTPUTF8 = true, X = false })
	smtp.mail(c, "a@b.test", { "SIZE=1", "SMTPUTF8" })
	smtp.rcpt(c, "a@b.test", { NOTIFY = "NEVER" })
	c:said("send MAIL FROM:<>", "expect 250",
		"send MAIL FROM:<a@b.test> BODY=8BITMIME SIZE=1000 SMTPUTF8", "expect 250",
		"send MAIL FROM:<a@b.test> SIZE=1 SMTPUTF8", "expect 250",
		"send RCPT TO:<a@b.test> NOTIFY=NEVER", "expect 250,251")
	spy.raises("an address is a string, not a nil", smtp.mail, c)
end)

scenario("a transaction", function()
	local c = spy.new()
	smtp.send_message(c, { from = "a@b.test", to = { "c@d.test", "e@f.test" }, message = "Hi",
		mail = { SIZE = 2 } })
	smtp.send_message(c, { from = "", to = "c@d.test", message = "Ho" })
	c:said("send MAIL FROM:<a@b.test> SIZE=2", "expect 250",
		"send RCPT TO:<c@d.test>", "expect 250,251", "send RCPT TO:<e@f.test>", "expect 250,251",
		"send DATA", "expect 354", "body Hi", "expect 250",
		"send MAIL FROM:<>", "expect 250", "send RCPT TO:<c@d.test>", "expect 250,251",
		"send DATA", "expect 354", "body Ho", "expect 250")
	spy.raises("needs somebody in 'to'", smtp.send_message, c, { from = "", to = {} })
end)

-- The examples of RFC 4616 and RFC 2195.
scenario("auth", function(t)
	local c = spy.new()
	smtp.auth.plain(c, t, "tim", "tanstaaftanstaaf")
	c:said("send AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm (secret)", "expect 235")
	c = spy.new()
	smtp.auth.login(c, t, "tim", "tanstaaftanstaaf")
	c:said("send AUTH LOGIN", "expect 334", "send dGlt (secret)", "expect 334",
		"send dGFuc3RhYWZ0YW5zdGFhZg== (secret)", "expect 235")
	c = spy.new { "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+" }
	smtp.auth.cram_md5(c, t, "tim", "tanstaaftanstaaf")
	c:said("send AUTH CRAM-MD5", "expect 334",
		"send dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw (secret)", "expect 235")
end)
