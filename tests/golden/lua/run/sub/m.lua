local m = {}
local function inner(c)
  return c.x.y
end
function m.outer(c)
  local r = inner(c)
  return r
end
function m.noop(c)
  c:send("NOOP"):expect(550)
end
return m
