-- As reused.lua, but no two recipients are the same: what a command costs that
-- was never asked for before.
local quoth = require "quoth"

local message = [[
From: <tester@example.test>
To: <devnull@example.test>
Subject: Test message
Date: Thu, 01 Jan 2026 00:00:00 +0000
Message-ID: <bench@example.test>

This is a test message of the size that people type into telnet.
It has a few lines of text, none of which begins with a dot.
It is the same for every client that is measured beside another.

--
the benchmark
]]

quoth.scenario "Many recipients, one connection" {
  timeout = "60s",
  params = {
    messages = { type = "int", default = 10, min = 1, max = 20000,
                 about = "how many" },
  },
  run = function(t)
    local c = t:connect()
    c:expect(220)
    c:send("EHLO client.example.test")
    c:expect(250)
    for i = 1, t.params.messages do
      c:send("MAIL FROM:<tester@example.test>")
      c:expect(250)
      c:send(("RCPT TO:<u%d@example.test>"):format(i))
      c:expect(250)
      c:send("DATA")
      c:expect(354)
      c:body(message)
      c:expect(250)
    end
    c:send("QUIT")
    c:expect(221)
  end,
}
