local quoth = require "quoth"
local m = require "sub.m"
quoth.scenario "trace over modules" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  m.outer(c)
end }
quoth.scenario "fails in module" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  m.noop(c)
end }
quoth.scenario "fails in shipped" { run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  local smtp = require "quoth.smtp"
  smtp.mail(c, "a@example.test")
  smtp.rcpt(c, "nobody@else.test")
  smtp.rcpt(c)
end }
