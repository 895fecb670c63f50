local quoth = require "quoth"
quoth.scenario "x" {
  run = function(t)
    if true then
  end,
}
