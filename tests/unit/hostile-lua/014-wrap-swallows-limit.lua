-- 014-wrap-swallows-limit
-- class:  cpu-vm
-- attack: wrap, resume and pcall around each other catch the limit
-- expect: E_LIMIT
local function spin() while true do end end
while true do
  pcall(coroutine.wrap(function() pcall(coroutine.wrap(spin)) pcall(spin) end))
  coroutine.resume(coroutine.create(function() pcall(spin) spin() end))
  xpcall(spin, spin)
end
