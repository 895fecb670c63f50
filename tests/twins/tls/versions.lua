-- The twin of scenarios/tls/versions.yaml.
local quoth = require "quoth"

local about = "One handshake for each version, with no other one offered."
local spoken = { { "TLSv1.2", "must" }, { "TLSv1.3", "should" } }

for _, row in ipairs(spoken) do
	quoth.scenario("Versions that are spoken [" .. row[1] .. "]") {
		about = about,
		tags = { "smtp", "tls" },
		protocol = "smtp",
		needs = { "STARTTLS" },
		run = function(t)
			local c <close> = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:starttls({ min = row[1], max = row[1] }, { level = row[2] })
				:expect { tls = { version = row[1] } }
			c:send("QUIT"):expect(221)
		end,
	}
end

for _, version in ipairs { "TLSv1.0", "TLSv1.1" } do
	quoth.scenario("Versions that are over [" .. version .. "]") {
		about = about,
		tags = { "smtp", "tls" },
		protocol = "smtp",
		needs = { "STARTTLS" },
		run = function(t)
			local c = t:connect()
			c:expect(220)
			c:send("EHLO " .. t.client):expect(250)
			c:starttls({ max = version, verify = false }, { level = "should" })
				:expect { tls = "failed" }
		end,
	}
end
