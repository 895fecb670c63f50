-- The twin of scenarios/extensions/etrn.yaml.
local quoth = require "quoth"

quoth.scenario "A queue is started" {
	about = "The queue of a host is started or refused, and nonsense is refused.",
	tags = { "smtp", "etrn" },
	protocol = "smtp",
	needs = { "ETRN" },
	params = {
		node = { type = "string", default = "example.test",
			about = "a domain whose mail waits on the server" },
	},
	run = function(t)
		local p = t.params
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("ETRN " .. p.node):expect { 250, 251, 252, 253, 458, 459, 501 }
		c:send("QUIT"):expect(221)
	end,
}

quoth.scenario "No host at all" {
	about = "The queue of a host is started or refused, and nonsense is refused.",
	tags = { "smtp", "etrn" },
	protocol = "smtp",
	needs = { "ETRN" },
	params = {
		node = { type = "string", default = "example.test",
			about = "a domain whose mail waits on the server" },
	},
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:send("ETRN"):expect { 500, 501 }
		c:send("QUIT"):expect(221)
	end,
}
