local function go() return (require "err") end
local c = go()
