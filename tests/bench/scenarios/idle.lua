-- A session that has said EHLO and then does nothing: the twin of idle.yaml.
-- Its function waits as well: with expect() in place of check() it would have
-- run ahead to its end, and its coroutine would serve another session.
local quoth = require "quoth"

quoth.scenario "Idle session" {
  timeout = "60s",
  params = {
    hold = { type = "duration", default = "20s",
             about = "how long to do nothing" },
  },
  run = function(t)
    local c = t:connect()
    c:expect(220)
    c:send("EHLO client.example.test")
    c:expect(250)
    t:wait(t.params.hold)
    c:send("QUIT")
    c:check(221)
  end,
}
