local quoth = require "quoth"
local x = 5
local y = x .. nul
