-- 052-error-values
-- class:  error
-- attack: error values of every kind, through every catcher
-- expect: OK
for _, v in ipairs{false, 1, 0/0, "x", {}, print, coroutine.create(print), setmetatable({}, {__tostring = function() return nil end})} do
  print(select("#", pcall(error, v)), select("#", xpcall(error, function(e) error(e) end, v)), select("#", coroutine.resume(coroutine.create(error), v)))
  pcall(coroutine.wrap(error), v)
end
print(pcall(error)) print(xpcall(error, error)) print(pcall(coroutine.wrap(error)))
