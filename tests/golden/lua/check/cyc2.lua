local c = require "cyc1"
