local quoth = require "quoth"
quoth.scenario "acts" {
  vars = { fixed = "${uuid}" },
  define = {
    hello = { { send = "EHLO ${who}", expect = { code = 250, capture = { host = "/^(\\S+)/" } } } },
  },
  run = function(t)
    local c <close> = t:connect()
    c:expect { code = 220, capture = { banner = "/^(.*)$/" } }
    t:note("banner", t.vars.banner, 1, nil, true, 2.5)
    t:use("hello", { who = t.client })
    t:note(t.vars.host, t.vars.fixed)
    c:send("EHLO " .. t.client):expect { code = 250, offers = { "PIPELINING", "8BITMIME" }, lacks = {"NOPE"}, lines = { count = 21 }, within = "1s", text = "/SIZE/" }
    c:send("NOOP", { title = "my noop", timeout = "1s", level = "should", on_fail = "continue" }):expect(250)
    c:send("NOOP", { level = "should" }):expect("5xx")
    c:send("NOOP"):expect({ 251, "25x", "closed" }, { title = "noop list" })
    c:send("NOOP"):expect("250..259")
    c:send("NOOP"):expect("any")
    c:write("NOOP\r\nNOOP\r\n"):expect_each { 250, 250 }
    c:write { hex = "4e4f4f500d0a" }:expect(250)
    c:write { base64 = "Tk9PUA0K" }:expect(250)
    c:write({ text = "NOOP\r\n", chunks = { 1, 2 }, every = "1ms" }):expect(250)
    t:wait("10ms")
    t:set { greeting = "x${y}" }
    t:note(t.vars.greeting)
    c:expect { code = "silence", within = "20ms" }
    c:expect("silence", {title="sil"})
    local r, ok = c:send("VRFY nobody"):check(250)
    t:note(r.code, ok, r.enhanced, r.text, #r.lines, r.raw, r.ms >= 0, r.passed, #r.flaws, r.offers)
    c:send("MAIL FROM:<a@example.test>"):expect(250)
    c:send("RCPT TO:<alice@example.test>"):expect { 250, 251 }
    c:send("DATA"):expect(354)
    c:body { headers = { Subject = "hi", From = "<a@b>" }, text = "hello\n.dot", size = "2KiB" }:expect(250)
    c:close { half = true }
    c:expect("closed")
  end,
}
