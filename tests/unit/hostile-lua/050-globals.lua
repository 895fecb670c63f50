-- 050-globals
-- class:  escape
-- attack: the environment as a table: its metatable, its order, its length
-- expect: OK
if getmetatable(_G) then print("PWNED: metatable of _G") end
pcall(setmetatable, _G, {}) pcall(rawset, _G, "x", 1) pcall(next, _G, "nosuch") pcall(rawlen, _G)
pcall(table.insert, _G, 1) pcall(table.sort, _G) pcall(table.unpack, _G)
local seen = 0 for k, v in pairs(_G) do seen = seen + 1 end
for _, k in ipairs{"load", "loadstring", "dofile", "loadfile", "io", "debug", "package"} do
  if _G[k] ~= nil or rawget(_G, k) ~= nil then print("PWNED: " .. k) end
end
local _ENV = setmetatable({}, {__index = _G}) y = 1 print(y)
