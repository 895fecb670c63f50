-- The twin of scenarios/extensions/binarymime.yaml.
local quoth = require "quoth"

quoth.scenario "Octets that are no text" {
	about = "Any octets by BDAT, and no DATA.",
	tags = { "smtp", "binarymime", "chunking" },
	protocol = "smtp",
	needs = { "BINARYMIME", "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> BODY=BINARYMIME"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:bdat {
			headers = { Subject = "Binary" },
			text = "Octets follow.",
			attach = {
				{ data = t:unbase64("AAEKDQotLQ0uDQr/"), name = "octets.bin",
					encoding = "binary" },
			},
			raw = true,
			chunk = 100,
		}:expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "DATA cannot carry it" {
	about = "Any octets by BDAT, and no DATA.",
	tags = { "smtp", "binarymime", "chunking" },
	protocol = "smtp",
	needs = { "BINARYMIME", "CHUNKING" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> BODY=BINARYMIME"):expect(250)
		c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
		c:send("DATA"):expect(503)
		c:send("RSET"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
