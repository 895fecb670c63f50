local c = require "cyc2"
