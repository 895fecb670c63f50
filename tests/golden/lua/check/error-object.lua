local quoth = require "quoth"
quoth.scenario "x" { run = function(t) error() end }
error({})
