-- The three exchanges of quoth.smtp with a secret parameter, which the script
-- never sees. Run by tests/e2e/test_lua_modules.py against a server that
-- checks what arrives.
local quoth = require "quoth"
local smtp = require "quoth.smtp"

for _, mechanism in ipairs { "plain", "login", "cram_md5" } do
	quoth.scenario(mechanism) {
		params = {
			user = { default = "tim" },
			password = { secret = true },
		},
		run = function(t)
			local c <close> = t:connect()
			c:expect(220)
			smtp.ehlo(c, t.client)
			smtp.auth[mechanism](c, t, t.params.user, t.params.password)
			t:note("password is", t.params.password)
			smtp.quit(c)
		end,
	}
end
