local quoth = require "quoth"
quoth.scenario "close notes" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local x <close> = setmetatable({}, { __close = function(_, e) t:note("closing", e) end })
  c:send("NOOP"):expect(550)
end }
quoth.scenario "pcall notes" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local ok, why = pcall(function() c:send("NOOP"):expect(550) end)
  t:note("caught", why)
end }
quoth.scenario "rounds" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local n = 0
  local r = t:eventually("10s", "1ms", function()
    n = n + 1
    t:note("try", n, "\nof", 3)
    c:send("VRFY a" .. n):expect("any")
    return c:send("NOOP"):expect(n < 3 and 550 or 250)
  end)
  t:note("got", r.code)
end }
quoth.scenario "attempts" { retry = { times = 1, every = "1ms", on = { "2xx" } }, run = function(t)
  t:note("attempt", t.attempt)
  local c <close> = t:connect()
  c:expect(220)
  c:send("NOOP"):expect(t.attempt == 1 and 550 or 250)
  t:note("it holds")
end }
