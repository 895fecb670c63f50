-- The twin of scenarios/lmtp/chunking.yaml.
local quoth = require "quoth"

local function envelope(t)
	local p = t.params
	local c = t:connect()
	c:expect(220)
	c:send("LHLO " .. t.client):expect(250)
	c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
	c:send("RCPT TO:<" .. p.recipient .. ">"):expect(250)
	c:send("RCPT TO:<" .. p.unknown .. ">"):expect { 550, 551, 553 }
	c:send("RCPT TO:<" .. p.other .. ">"):expect(250)
	return c
end

quoth.scenario "Two chunks for two mailboxes" {
	about = "Chunks have one reply, and the last one has one for each mailbox.",
	tags = { "lmtp", "chunking" },
	protocol = "lmtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "alice@example.test" },
		other = { type = "email", default = "bob@example.test" },
		unknown = { type = "email", default = "nobody@example.test" },
	},
	run = function(t)
		local c <close> = envelope(t)
		c:bdat({ headers = { Subject = "Two chunks" }, last = false }):expect(250)
		c:bdat("The second one ends the message.\n"):expect_each { 250, 250 }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "Chunks in one write" {
	about = "Chunks have one reply, and the last one has one for each mailbox.",
	tags = { "lmtp", "chunking" },
	protocol = "lmtp",
	needs = { "CHUNKING", "PIPELINING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "alice@example.test" },
		other = { type = "email", default = "bob@example.test" },
		unknown = { type = "email", default = "nobody@example.test" },
	},
	run = function(t)
		local c <close> = envelope(t)
		t:pipeline(function()
			c:bdat({ headers = { Subject = "One write" }, size = 3072, chunk = 1024 })
				:expect_each { 250, 250, 250, 250 }
			c:send("NOOP"):expect(250)
		end)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A size that is none" {
	about = "Chunks have one reply, and the last one has one for each mailbox.",
	tags = { "lmtp", "chunking" },
	protocol = "lmtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "alice@example.test" },
		other = { type = "email", default = "bob@example.test" },
		unknown = { type = "email", default = "nobody@example.test" },
	},
	run = function(t)
		local c <close> = envelope(t)
		c:send("BDAT many LAST"):expect { code = { 500, 501, 503 }, ends = { 521 } }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
