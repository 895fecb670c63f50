-- One classical transaction with its own connection, every reply checked: the
-- twin of each.yaml, with the message of message.eml.
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

quoth.scenario "One message, one connection" {
  run = function(t)
    local c = t:connect()
    c:expect(220)
    c:send("EHLO client.example.test")
    c:expect(250)
    c:send("MAIL FROM:<tester@example.test>")
    c:expect(250)
    c:send("RCPT TO:<devnull@example.test>")
    c:expect(250)
    c:send("DATA")
    c:expect(354)
    c:body(message)
    c:expect(250)
    c:send("QUIT")
    c:expect(221)
  end,
}
