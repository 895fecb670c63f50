-- The twin of scenarios/extensions/chunking.yaml.
local quoth = require "quoth"

quoth.scenario "One chunk" {
	about = "Messages in chunks, refused chunks, and what may stand between them.",
	tags = { "smtp", "chunking" },
	protocol = "smtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		local message = {
			"From: <" .. p.sender .. ">",
			"To: <" .. p.recipient .. ">",
			"Subject: One chunk",
			"",
			".",
			"A dot alone ends nothing here.",
		}
		c:bdat(table.concat(message, "\n") .. "\n"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "Many chunks" {
	about = "Messages in chunks, refused chunks, and what may stand between them.",
	tags = { "smtp", "chunking" },
	protocol = "smtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:bdat { headers = { Subject = "Many chunks" }, size = "10KiB", chunk = 1000 }:expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "An empty last chunk" {
	about = "Messages in chunks, refused chunks, and what may stand between them.",
	tags = { "smtp", "chunking" },
	protocol = "smtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:bdat {
			headers = { Subject = "Open end" },
			text = "All of it.\n",
			last = false,
		}:expect(250)
		c:bdat(""):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A command in two chunks" {
	about = "Chunks end where they end, also in the middle of a line.",
	tags = { "smtp", "chunking" },
	protocol = "smtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:bdat { text = "Subject: Cut\r\n\r\nQUI", raw = true, last = false }:expect(250)
		c:bdat { text = "T\r\n", raw = true }:expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "Chunks in one write" {
	about = "Messages in chunks, refused chunks, and what may stand between them.",
	tags = { "smtp", "chunking" },
	protocol = "smtp",
	needs = { "CHUNKING", "PIPELINING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		t:pipeline(function()
			c:bdat {
				headers = { Subject = "Pipelined" },
				size = "3KiB",
				chunk = "1KiB",
			}:expect(250)
		end)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "No recipient" {
	about = "BDAT without a recipient is refused, and its octets are no command.",
	tags = { "smtp", "chunking" },
	protocol = "smtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:bdat { text = "QUIT\n" }:expect { 503, 554 }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "DATA behind BDAT" {
	about = "Messages in chunks, refused chunks, and what may stand between them.",
	tags = { "smtp", "chunking" },
	protocol = "smtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:bdat { text = "Subject: Mixed\n\nx\n", last = false }:expect(250)
		c:send("DATA"):expect { 503, 554 }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "A size that is none" {
	about = "Messages in chunks, refused chunks, and what may stand between them.",
	tags = { "smtp", "chunking" },
	protocol = "smtp",
	needs = { "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. ">"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("BDAT many LAST"):expect { code = { 500, 501, 503 }, ends = { 521 } }
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
