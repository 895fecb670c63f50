-- 030-yield-over-c
-- class:  stack
-- attack: yield out of callbacks of C functions
-- expect: OK
for _, f in ipairs{function() ("x"):gsub("x", coroutine.yield) end, function() table.sort({3, 2, 1}, coroutine.yield) end, function() tostring(setmetatable({}, {__tostring = coroutine.yield})) end, function() require(coroutine.yield) end, function() table.concat(setmetatable({}, {__index = coroutine.yield, __len = function() return 2 end})) end} do
  local co = coroutine.create(f)
  for i = 1, 3 do coroutine.resume(co) end
end
