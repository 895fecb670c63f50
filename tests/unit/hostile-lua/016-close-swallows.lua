-- 016-close-swallows
-- class:  cpu-vm
-- attack: __close handlers that go on where the limit ended their function
-- expect: E_LIMIT
local function spin() while true do end end
local mt = {__close = function() pcall(spin) while true do pcall(spin) end end}
local co = coroutine.wrap(function()
  local a <close> = setmetatable({}, mt)
  local b <close> = setmetatable({}, mt)
  spin()
end)
while true do pcall(co) local c <close> = setmetatable({}, mt) end
