-- quoth.message: messages on their way to a mailbox, where
-- tests/e2e/test_lua_modules.py reads them with another MIME library.
local quoth = require "quoth"
local smtp = require "quoth.smtp"
local spy = require "spy"

local ALL = {}
for octet = 0, 255 do ALL[#ALL + 1] = string.char(octet) end

local LONG = ("word "):rep(60) .. ("x"):rep(200)
local CASES = {
	plain = { subject = "Hello", text = "Hello\nworld\n" },
	empty = {},
	subject = { subject = "Grüße aus Łódź, 東京 und Ελλάδα: " .. ("ä"):rep(90), text = "x" },
	mixed_subject = { subject = "plain words  and ünd then plain words", text = "x" },
	literal_word = { subject = "not =?utf-8?q?encoded?=", text = "x" },
	long_subject = { subject = LONG, text = "x" },
	endless_subject = { subject = ("y"):rep(2000), text = "x" },
	names = {
		from = "Łódź Office <office@example.test>",
		to = { "Smith, Alice <alice@example.test>", '"Bob \\"B\\" B." <bob@example.test>' },
		cc = "plain name <alice@example.test>",
	},
	many = { to = {} },
	extra = {
		headers = { { "X-Two", "b" }, { "X-Two", "a" }, ["X-One"] = "Ünd", ["A-Zero"] = LONG },
	},
	dates = { date = 0, message_id = "<one@example.test>" },
	bare = { date = false, message_id = false },
	utf8 = { text = "Grüße\n.\n..\nFrom here \ntab\t\n=\n" .. ("ü und "):rep(60) .. "\n" },
	japanese = { text = ("東京"):rep(100) },
	long_line = { text = ("z"):rep(999) .. "\nend" },
	crlf = { text = "one\r\ntwo\r\n" },
	bare_cr = { text = "one\rtwo" },
	eight = { text = "Grüße", encoding = "8bit" },
	latin = { text = "Gr\xFC\xDFe", charset = "iso-8859-1" },
	forced = { text = "a=b", encoding = "base64" },
	html = { html = "<p>Hé</p>" },
	alternative = { text = "hi", html = "<p>hi</p>" },
	attached = {
		text = "see there",
		html = "<p>see there</p>",
		attach = {
			{ name = "all octets.bin", data = table.concat(ALL) },
			{ name = "Grüße aus Łódź.txt", type = "text/plain", data = "x" },
			{ name = ("ß"):rep(80), type = "image/png", data = "" },
			{ type = "message/rfc822", data = "Subject: inner\n\ninner\n" },
			{ name = 'a "quoted" \\ name; x', data = "y" },
		},
	},
	only_attached = { attach = { { name = "a.txt", type = "text/plain", data = "a" } } },
}
for n = 1, 60 do CASES.many.to[n] = ("User %d <u%d@example.test>"):format(n, n) end

local names = {}
for name in pairs(CASES) do names[#names + 1] = name end
table.sort(names)

for _, name in ipairs(names) do
	quoth.scenario(name, {
		run = function(t)
			local case = CASES[name]
			local from = case.from or "tester@example.test"
			case.from = from
			local message = smtp.message(t, case)
			local c <close> = t:connect()
			c:expect(220)
			smtp.ehlo(c, t.client)
			smtp.send_message(c, { from = "tester@example.test", to = "alice@example.test",
				message = "X-Case: " .. name .. "\r\n" .. message })
			smtp.quit(c)
		end,
	})
end

quoth.scenario "what is refused" {
	run = function(t)
		local function refused(words, m)
			spy.raises(words, smtp.message, t, m)
		end
		refused("'from' is missing", {})
		refused("unknown key 'sender'", { from = "a@b.test", sender = "x" })
		refused("line break in subject", { from = "a@b.test", subject = "a\r\nBcc: x" })
		refused("line break in to", { from = "a@b.test", to = { "a@b\n.test" } })
		refused("line break in X-A", { from = "a@b.test", headers = { ["X-A"] = "a\nb" } })
		refused("no name of a header", { from = "a@b.test", headers = { ["X A"] = "a" } })
		refused("is { name, value }", { from = "a@b.test", headers = { "X-A: b" } })
		refused("not UTF-8", { from = "a@b.test", text = "\xFF" })
		refused("not UTF-8", { from = "a@b.test", subject = "\xFF" })
		refused("no encoding 'uu'", { from = "a@b.test", text = "", encoding = "uu" })
		refused("a string, not a number", { from = "a@b.test", text = 1 })
		refused("no type such as", { from = "a@b.test", attach = { { type = "x", data = "" } } })
		refused("data of an attachment", { from = "a@b.test", attach = { { name = "x" } } })
		refused("name of an attachment", { from = "a@b.test",
			attach = { { name = "x\r\n", data = "" } } })
		refused("call it as", nil)
		local c <close> = t:connect()
		c:expect(220)
	end,
}
