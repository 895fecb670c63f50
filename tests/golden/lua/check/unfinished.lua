local quoth = require "quoth"
quoth.scenario "x"
