local s = require "quoth.smtp"
print(type(s), type(require "quoth.gen"))
require "quoth.nope"
