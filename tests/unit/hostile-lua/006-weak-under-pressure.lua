-- 006-weak-under-pressure
-- class:  gc
-- attack: weak tables and refused allocations: 5.4.4 frees twice
-- expect: E_LIMIT|E_SCRIPT
local mt = {} local keep = {}
for i = 1, 2000 do keep[i] = setmetatable({}, mt) end
mt.__mode = "kv"
while true do
  for i = 1, 2000 do keep[i][{}] = {} end
  pcall(function() local s = ("x"):rep(70 * 1024 * 1024) keep[1].s = s end)
end
