-- 018-c-index
-- class:  cpu-c
-- attack: a C function as __index makes an endless table that no instruction counts
-- expect: E_LIMIT|E_SCRIPT
local endless = setmetatable({}, {__index = type, __len = function() return 1 << 40 end})
pcall(table.concat, endless, "", 1, 1 << 60)
pcall(table.concat, endless)
pcall(table.move, endless, 1, 1 << 50, 1)
while true do pcall(table.unpack, endless, 1, 900000) end
