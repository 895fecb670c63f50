-- The twin of scenarios/tls/injection.yaml.
local quoth = require "quoth"

quoth.scenario "A command smuggled in front of TLS" {
	about = "Nothing that came before the handshake may be answered behind it.",
	tags = { "smtp", "tls", "security" },
	protocol = "smtp",
	needs = { "STARTTLS" },
	run = function(t)
		local c <close> = t:connect()
		c:expect(220)
		c:send("EHLO " .. t.client):expect(250)
		c:write({ hex = "5354415254544c530d0a525345540d0a" },
			{ title = "STARTTLS and RSET in one packet" })
			:expect { code = 220, ends = { 421, "5xx", "closed" } }
		c:expect({ code = "silence", within = "300ms", ends = { "closed" } },
			{ title = "RSET is not answered in the clear" })
		c:tls():expect { tls = { verified = true } }
		c:expect("silence", { title = "RSET is not answered inside TLS" })
		c:send("EHLO " .. t.client):expect(250)
		c:send("QUIT"):expect(221)
	end,
}
