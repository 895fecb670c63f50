-- 022-call-chain
-- class:  stack
-- attack: __call that is its own __call
-- expect: E_SCRIPT|E_LIMIT
local t = {} setmetatable(t, t) t.__call = t
t()
