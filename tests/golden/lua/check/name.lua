local quoth = require "quoth"
quoth.scenario(5, { })
