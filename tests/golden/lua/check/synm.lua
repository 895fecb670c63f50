local c = require "syn"
