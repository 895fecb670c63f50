-- 042-coroutine-flood
-- class:  memory
-- attack: coroutines that are kept, and such that hold each other
-- expect: E_LIMIT
local keep = {}
for i = 1, 1e7 do
  local co co = coroutine.create(function(a) local b = {co, a} coroutine.yield(b) end)
  coroutine.resume(co, keep[i - 1]) keep[i] = co
end
