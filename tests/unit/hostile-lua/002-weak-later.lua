-- 002-weak-later
-- class:  gc
-- attack: a __mode that is set when the metatable is in use already
-- expect: OK|E_SCRIPT
local mt = {}
local weak = setmetatable({}, mt)
mt.__mode = "k"
rawset(mt, "__mode", "kv")
for i = 1, 1000 do weak[{}] = {} end
local junk for i = 1, 300000 do junk = {i} end
local n = 0 for _ in pairs(weak) do n = n + 1 end
if n ~= 1000 then print("PWNED: a weak table, " .. n) end
