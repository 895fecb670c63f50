local quoth = require "qouth"
