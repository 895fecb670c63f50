-- 056-comparison-metamethods
-- class:  stack
-- attack: __eq, __lt, __concat and __len that call themselves
-- expect: E_SCRIPT
local mt = {} local function new() return setmetatable({}, mt) end
mt.__eq = function(a, b) return new() == new() end
mt.__lt = function(a, b) return new() < new() end
mt.__concat = function(a, b) return new() .. new() end
mt.__len = function(a) return #new() end
print(pcall(function() return new() == new() end)) print(pcall(function() return new() .. new() end)) print(pcall(function() return #new() end))
return new() < new()
