local quoth = require "quoth"
quoth.scenario "x" { steps = { { send = print } , { send = "x", expect = { 250, nil, 251 } } } }
