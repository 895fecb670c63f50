-- The twin of scenarios/extensions/idna.yaml. The filter is YAML's: what a script
-- wants of it comes through `vars`.
local quoth = require "quoth"

quoth.scenario "A-labels" {
	about = "A sender of a domain beyond ASCII, in both forms.",
	tags = { "smtp", "smtputf8", "idna" },
	protocol = "smtp",
	params = {
		sender = { type = "email", default = "tester@bücher.example" },
	},
	vars = { ascii = "${sender|idna}" },
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. t.vars.ascii .. ">"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "U-labels with SMTPUTF8" {
	about = "A sender of a domain beyond ASCII, in both forms.",
	tags = { "smtp", "smtputf8", "idna" },
	protocol = "smtp",
	needs = { "SMTPUTF8" },
	params = {
		sender = { type = "email", default = "tester@bücher.example" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. t.params.sender .. "> SMTPUTF8"):expect(250)
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "U-labels without SMTPUTF8" {
	about = "A sender of a domain beyond ASCII, in both forms.",
	tags = { "smtp", "smtputf8", "idna" },
	protocol = "smtp",
	needs = { "no SMTPUTF8" },
	params = {
		sender = { type = "email", default = "tester@bücher.example" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("MAIL FROM:<" .. t.params.sender .. ">"):expect("5xx")
		c:send("QUIT"):expect(221)
	end,
}
