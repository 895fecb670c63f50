-- Two clients at once, a word of the one and then a word of the other, in an
-- order that is drawn anew for each --seed: a server that keeps something of
-- a dialogue outside of its connection mixes them up.
--
-- Each client is a coroutine that pauses behind every command; who speaks
-- next is thrown with a coin.
local quoth = require "quoth"

-- One dialogue that knows what each of its commands gets, whatever the other
-- one says meanwhile.
local function client(t, name, sender)
	local c <close> = t:connect { on = name }
	local function say(line, want)
		c:send(line):expect(want)
		coroutine.yield()
	end
	c:expect(220)
	coroutine.yield()
	say("EHLO " .. name .. ".example", 250)
	say("RCPT TO:<" .. t.params.recipient .. ">", 503)
	say("MAIL FROM:<" .. sender .. ">", 250)
	say("MAIL FROM:<" .. sender .. ">", 503)
	say("RCPT TO:<" .. t.params.recipient .. ">", { 250, 251 })
	say("RSET", 250)
	say("RCPT TO:<" .. t.params.recipient .. ">", 503)
	say("QUIT", 221)
end

quoth.scenario "Two clients take turns" {
	about = "Neither of two interleaved dialogues sees anything of the other.",
	tags = { "smtp", "sequence" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local speakers = {}
		for at, name in ipairs { "first", "second" } do
			speakers[at] = coroutine.wrap(function()
				client(t, name, t.params.sender)
				return "done"
			end)
		end
		while #speakers > 0 do
			local turn = t:random(#speakers)
			if speakers[turn]() == "done" then
				table.remove(speakers, turn)
			end
		end
	end,
}
