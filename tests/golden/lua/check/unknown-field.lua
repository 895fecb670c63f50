local quoth = require "quoth"
quoth.scenrio "x" {}
