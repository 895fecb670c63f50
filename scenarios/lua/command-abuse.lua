-- Every command of SMTP, each spoiled in every way of a table: what fuzzers
-- and broken clients send. The server may dislike it with a 5xx, but must not
-- take it for the command that it resembles, and must stay in step: the next
-- NOOP gets its own 250.
--
-- Two short tables make one scenario for each pair. In YAML that would be a
-- table of dozens of rows to keep by hand.
local quoth = require "quoth"
local smtp = require "quoth.smtp"

local COMMANDS = {
	"EHLO client.example", "HELO client.example", "MAIL FROM:<a@example.test>",
	"RCPT TO:<postmaster@example.test>", "DATA", "RSET", "NOOP",
	"VRFY postmaster",
}

-- A command is a word and what follows it (blank and all). All of them still
-- begin with a letter: on anything else Postfix hangs up.
local ABUSES = {
	{ "is cut short", function(word, rest) return word:sub(1, 3) .. rest end },
	{ "is stammered", function(word, rest) return word:sub(1, 1) .. word .. rest end },
	{ "is said twice in one", function(word, rest) return word .. word .. rest end },
	{ "is turned round", function(word, rest) return word:reverse() .. rest end },
	{ "has a hyphen", function(word, rest) return word:gsub("^..", "%0-") .. rest end },
	{ "has a dot behind it", function(word, rest) return word .. "." .. rest end },
	{ "is glued to a long word", function(word, rest)
		return word .. ("x"):rep(400) .. rest
	end },
	{ "has an octet above 127", function(word, rest)
		return word:sub(1, 2) .. "\xE9" .. word:sub(3) .. rest
	end },
}

local function register(command, abuse)
	local word, rest = command:match("^(%a+)(.*)$")
	local what, spoil = abuse[1], abuse[2]
	quoth.scenario("A command that " .. what .. ": " .. word) {
		about = "It is refused, and the dialogue goes on.",
		tags = { "smtp", "syntax", "failure" },
		protocol = "smtp",
		run = function(t)
			local c <close> = t:connect()
			c:expect(220)
			smtp.ehlo(c, t.client)
			c:send(spoil(word, rest), { title = word .. " " .. what }):expect "5xx"
			smtp.noop(c)
			smtp.quit(c)
		end,
	}
end

for _, command in ipairs(COMMANDS) do
	for _, abuse in ipairs(ABUSES) do
		register(command, abuse)
	end
end
