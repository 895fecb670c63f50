-- 034-close-in-overflow
-- class:  stack
-- attack: pending __close handlers while the stack overflows
-- expect: OK|E_SCRIPT|E_LIMIT
local mt = {__close = function() local function f() return 1 + f() end f() end}
local function g(n) local x <close> = setmetatable({}, mt) return g(n + 1) + 1 end
pcall(g, 1)
