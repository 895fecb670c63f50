-- 040-handler-limit
-- class:  cpu-vm
-- attack: a handler that loops for an error that is a limit
-- expect: E_LIMIT
local function spin() while true do end end
xpcall(spin, function() xpcall(spin, spin) spin() end)
while true do end
