-- The twin of scenarios/extensions/8bitmime.yaml.
local quoth = require "quoth"

local rows = {
	{ body = "7BIT", text = "Plain." },
	{ body = "8BITMIME", text = "Grüße." },
}

for _, row in ipairs(rows) do
	quoth.scenario("Declared and sent [" .. row.body .. "]") {
		about = "BODY=7BIT and BODY=8BITMIME are taken, others are not.",
		tags = { "smtp", "8bitmime" },
		protocol = "smtp",
		needs = { "8BITMIME" },
		params = {
			sender = { type = "email", default = "tester@example.test" },
			recipient = { type = "email", default = "postmaster@example.test" },
		},
		run = function(t)
			local p = t.params
			local c <close> = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:send("MAIL FROM:<" .. p.sender .. "> BODY=" .. row.body):expect(250)
			c:send("RCPT TO:<" .. p.recipient .. ">"):expect { 250, 251 }
			c:send("DATA"):expect(354)
			c:body {
				headers = {
					{ From = "Jürgen <" .. p.sender .. ">" },
					{ To = "<" .. p.recipient .. ">" },
					{ Subject = "Übung mit acht Bit" },
					{ ["MIME-Version"] = "1.0" },
					{ ["Content-Type"] = "text/plain; charset=utf-8" },
					{ ["Content-Transfer-Encoding"] = "8bit" },
				},
				text = row.text,
			}:expect(250)
			c:send("QUIT"):expect(221)
		end,
	}
end

quoth.scenario "A body of nine bits" {
	about = "BODY=7BIT and BODY=8BITMIME are taken, others are not.",
	tags = { "smtp", "8bitmime" },
	protocol = "smtp",
	needs = { "8BITMIME" },
	params = {
		sender = { type = "email", default = "tester@example.test" },
		recipient = { type = "email", default = "postmaster@example.test" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. p.sender .. "> BODY=9BIT"):expect("5xx")
		c:send("QUIT"):expect(221)
	end,
}
