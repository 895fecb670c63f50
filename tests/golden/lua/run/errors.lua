local quoth = require "quoth"
local function helper(c, what)
  local x = 1
  return c:send(what):expect(550)
end
quoth.scenario "expect fails" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  helper(c, "NOOP")
end }
quoth.scenario "runtime error in helper" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local function inner(x) return x.foo.bar end
  local function outer(x) local r = inner(x); return r end
  local y = outer({})
end }
quoth.scenario "tail call" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local function inner(x) error("deep " .. x) end
  local function outer(x) return inner(x) end
  return outer("water")
end }
quoth.scenario "tail call act" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local function say(x) return c:send(x) end
  say("NOOP"):expect(250)
  return c:send("QUIT"):expect(250)
end }
quoth.scenario "error table" { run = function(t) error({ code = 3 }) end }
quoth.scenario "error table tostring" { run = function(t) error(setmetatable({}, { __tostring = function() return "my object" end })) end }
quoth.scenario "error nil" { run = function(t) error(nil) end }
quoth.scenario "error number" { run = function(t) error(42) end }
quoth.scenario "error bool" { run = function(t) error(true) end }
quoth.scenario "error level 2" { run = function(t)
  local function must(x) if not x then error("must be given", 2) end end
  must(nil)
end }
quoth.scenario "error level 0" { run = function(t) error("no place", 0) end }
quoth.scenario "assert" { run = function(t) assert(false, "asserted") end }
quoth.scenario "assert2" { run = function(t) assert(nil) end }
quoth.scenario "act in the middle" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  c:send("EHLO x"):expect(250)
  local n = nil
  c:send("NOOP " .. n):expect(250)
end }
quoth.scenario "pcall acts" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local ok, why = pcall(function() c:send("NOOP"):expect(250); error("own") end)
  t:note(ok, why)
  local ok, why = pcall(function() c:send("NOOP"):expect(550) end)
  t:note(ok, why)
  local ok, why = pcall(function() c:send("NOOP"):expect(250) end)
  t:note(ok, why)
end }
quoth.scenario "yield of own" { run = function(t)
  coroutine.yield(1)
end }
quoth.scenario "yield in pcall" { run = function(t)
  pcall(coroutine.yield, 1)
end }
quoth.scenario "coroutine acts" { run = function(t)
  local c <close> = t:connect()
  local co = coroutine.wrap(function() c:expect(220); coroutine.yield(1); c:send("NOOP"):expect(250) error("inside") end)
  t:note(co())
  co()
end }
quoth.scenario "coroutine resume error" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local co = coroutine.create(function() local x = nil; x.y = 1 end)
  t:note(coroutine.resume(co))
end }
quoth.scenario "never expects" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  c:send("NOOP")
end }
quoth.scenario "never expects, not last" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  c:send("NOOP")
  c:send("RSET"):expect(250)
end }
quoth.scenario "nothing" { run = function(t) end }
quoth.scenario "connect only" { run = function(t) local c = t:connect() end }
quoth.scenario "close raises" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local x <close> = setmetatable({}, { __close = function() error("in close") end })
  c:send("NOOP"):expect(250)
end }
quoth.scenario "close raises over fail" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local x <close> = setmetatable({}, { __close = function(_, e) t:note("closing", e) error("in close") end })
  c:send("NOOP"):expect(550)
end }
quoth.scenario "fail in the middle says quit" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  c:send("NOOP"):expect(550)
  c:send("QUIT"):expect(221)
end }
quoth.scenario "skip" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  t:skip("no reason at all")
end }
quoth.scenario "fail" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  t:fail("it is wrong")
end }
quoth.scenario "skip no reason" { run = function(t) t:skip() end }
quoth.scenario "skip number" { run = function(t) t:skip(5) end }
quoth.scenario "fail table" { run = function(t) t:fail({}) end }
