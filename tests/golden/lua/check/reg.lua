local quoth = require "quoth"
quoth.scenario "from module" { run = function(t) t:note "hi" local x = nil + 1 end }
quoth.scenario "bad" { steps = { { send = "NOOP", expct = 250 } } }
