-- 032-pcall-nest
-- class:  stack
-- attack: pcall of pcall of pcall
-- expect: OK|E_SCRIPT|E_LIMIT
local function f() return pcall(f) end print(pcall(f))
local function g() return xpcall(g, g) end print(pcall(g))
local function h() return coroutine.wrap(function() return pcall(h) end)() end print(pcall(h))
local args = {} for i = 1, 200 do args[i] = pcall end print(select("#", pcall(table.unpack(args))))
