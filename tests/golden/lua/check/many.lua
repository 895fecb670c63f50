local quoth = require "quoth"
quoth.scenario "bad keys" { tgas = { "x" }, params = { n = { type = "in" } }, run = function(t) local x = undefinedd end }
quoth.scenario "bad steps" { steps = {
  { connect = {}, expect = 2200 },
  { send = "NOOP", expct = 250 },
  { sned = "NOOP" },
  { send = "NOOP ${nope}", expect = 250 },
  { send = "A", write = "B" },
  { wait = "soon" },
  { send = "NOOP", expect = { text = "/([/" } },
  { expect = { lines = { has = 5, counts = 1 } } },
  { send = "NOOP", timeout = {} },
} }
quoth.scenario "no run" { about = "x" }
quoth.scenario "both" { run = function(t) end, steps = { { send = "NOOP" } } }
quoth.scenario "run text" { run = "x" }
quoth.scenario "twin" { run = function(t) end }
quoth.scenario "twin" { run = function(t) end }
quoth.scenario "retry" { retry = { times = "many" }, run = function(t) end }
quoth.scenario "needs" { needs = "SIZE", tags = "a b", each = 5, timeout = "x", serial = "yes", only = 1, xfail = "x", run = function(t) end }
