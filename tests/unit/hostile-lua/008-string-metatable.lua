-- 008-string-metatable
-- class:  escape
-- attack: the metatable that all strings share
-- expect: OK
local mt = getmetatable("")
if type(mt) == "table" then print("PWNED: metatable of strings") end
local ok = pcall(function() getmetatable("").__index = function() return "evil" end end)
if ok then print("PWNED: changed") end
pcall(setmetatable, "", {__index = {}})
pcall(rawset, string, "rep", function() return "evil" end)
pcall(function() string.rep = function() return "evil" end end)
pcall(table.insert, string, "evil") pcall(table.move, {1}, 1, 1, 1, string)
if ("a"):rep(2) ~= "aa" or string.rep("a", 2) ~= "aa" or rawget(string, 1) then print("PWNED: poisoned") end
