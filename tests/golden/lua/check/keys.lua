local quoth = require "quoth"
quoth.scenario "x" { run = function(t) end, [5] = 1, [true] = 2 }
