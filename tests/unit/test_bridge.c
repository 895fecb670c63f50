/* Dialogues of one script: which frames, in which order, after what. */
#include "bridge_play.h"

#include "script/bridge/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The run's own lines begin at 2. */
#define RUN(body) "local quoth = require 'quoth' " \
	"quoth.scenario 's' { run = function(t)\n" body "\nend }"
#define C "local c = t:connect() c:expect(220) "

static const struct bridge_case acts[] = {
	{ "a step is an act and what is expected", RUN(
	    "local c = t:connect()\n"
	    "c:expect(220)\n"
	    "c:send('NOOP'):expect(250)\n"
	    "c:send('QUIT')\n"
	    "  :expect { code = { 221, '2xx' } }"), { NULL },
	    "1 @2 {connect=nothing, expect=@3 220}\n"
	    "2 @4 {expect=250, send=NOOP}\n"
	    "3 @5 {expect={code=[221, 2xx]}, send=QUIT}\n"
	    "end\n" },
	{ "an expectation alone", RUN(C "c:expect('any')"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {expect=any}\nend\n" },
	{ "modifiers of both", RUN(C
	    "c:send('A', { title = 'x' }):expect(250, { timeout = '1s' })"),
	    { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {expect=250, send=A, timeout=1s, title=x}\nend\n" },
	{ "a modifier twice", RUN(C
	    "c:send('A', { title = 'x' }):expect(250, { title = 'y' })"),
	    { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "error script 1:2 'title' is given twice\n"
	    "  x.lua:2: in run\n" },
	{ "an act is no modifier", RUN(C "c:send('A', { expect = 250 })"),
	    { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "error script 1:2 send: 'expect' is no modifier; there are title, "
	    "timeout, level, on_fail and secret\n"
	    "  x.lua:2: in run\n" },
	{ "names of connections", RUN(
	    "local a, b = t:connect(), t:connect 'smtp://h'\n"
	    "local d = t:connect { to = 'x', on = 'd' }\n"
	    "local e = t:connect { on = 'e' }\n"
	    "b:expect(220) a:expect(220) d:expect(220) e:expect(220)"),
	    { NULL },
	    "1 owes @2 {connect=nothing}\n"
	    "2 owes @2 {connect=smtp://h, on=2}\n"
	    "3 owes @3 {connect={to=x}, on=d}\n"
	    "4 owes @4 {connect=nothing, on=e}\n"
	    "5 @5 {expect=220, on=2}\n"
	    "6 @5 {expect=220}\n"
	    "7 @5 {expect=220, on=d}\n"
	    "8 @5 {expect=220, on=e}\nend\n" },
	{ "owed, first in first out", RUN(C
	    "c:send('A') c:send('B')\n c:expect(1) c:expect(2)"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 owes @2 {send=A}\n"
	    "3 owes @2 {send=B}\n"
	    "4 @3 {expect=1}\n"
	    "5 @3 {expect=2}\nend\n" },
	{ "what awaits nothing", RUN(C
	    "c:write('x') c:write('y'):expect(250) c:body { text = 'm', "
	    "dot = false } c:close() "), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {write=x}\n"
	    "3 @2 {expect=250, write=y}\n"
	    "4 @2 {body={dot=false, text=m}}\n"
	    "5 @2 {close=nothing}\nend\n" },
	{ "nobody expected", RUN(C "c:send('NOOP')"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 owes @2 {send=NOOP}\n"
	    "error script 1:2 nobody expected the reply to 'NOOP' "
	    "(x.lua:2)\n" },
	{ "never expects", RUN("t:connect()"), { NULL },
	    "1 owes @2 {connect=nothing}\n"
	    "error script 1:2 nobody expected the reply to 'connect' "
	    "(x.lua:2)\n" },
	{ "wireless", RUN("t:wait('1s') t:set { x = 1 }"), { NULL },
	    "1 @2 {wait=1s}\n2 @2 {set={x=1}}\nend\n" },
	{ "notes do not part an act from its expect", RUN(C
	    "c:send('A') t:note('n', 1, nil, true) print('p', 2) "
	    "c:expect(250)"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "note n 1 nil true\nnote p\t2\n"
	    "2 @2 {expect=250, send=A}\nend\n" },
	{ "32 ahead and no more", RUN(C
	    "for i = 1, 40 do c:send('N'):expect(250) end t:note('over')"),
	    { "220 x;250;250;250;250;250;250;250;250;250;250;250;250;250;250" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {expect=250, send=N}\n3 @2 {expect=250, send=N}\n"
	    "4 @2 {expect=250, send=N}\n5 @2 {expect=250, send=N}\n"
	    "6 @2 {expect=250, send=N}\n7 @2 {expect=250, send=N}\n"
	    "8 @2 {expect=250, send=N}\n9 @2 {expect=250, send=N}\n"
	    "10 @2 {expect=250, send=N}\n11 @2 {expect=250, send=N}\n"
	    "12 @2 {expect=250, send=N}\n13 @2 {expect=250, send=N}\n"
	    "14 @2 {expect=250, send=N}\n15 @2 {expect=250, send=N}\n"
	    "16 @2 {expect=250, send=N}\n17 @2 {expect=250, send=N}\n"
	    "18 @2 {expect=250, send=N}\n19 @2 {expect=250, send=N}\n"
	    "20 @2 {expect=250, send=N}\n21 @2 {expect=250, send=N}\n"
	    "22 @2 {expect=250, send=N}\n23 @2 {expect=250, send=N}\n"
	    "24 @2 {expect=250, send=N}\n25 @2 {expect=250, send=N}\n"
	    "26 @2 {expect=250, send=N}\n27 @2 {expect=250, send=N}\n"
	    "28 @2 {expect=250, send=N}\n29 @2 {expect=250, send=N}\n"
	    "30 @2 {expect=250, send=N}\n31 @2 {expect=250, send=N}\n"
	    "32 @2 {expect=250, send=N}\n" },
	{ "use waits, and what it sets is known", RUN(
	    "t:use('d', { to = 'x' }) t:note(t.vars.q, t.vars.id)"),
	    { "=q 9" },
	    "dialogue 1 waited @2 {use=d, with={to=x}}\n"
	    "note 9 v1\nend\n" },
};

/* From the third time on a step is the one of the times before. */
static const struct bridge_case again[] = {
	{ "rounds that say the same", RUN(C
	    "for i = 1, 4 do\nc:send('N')\nc:expect(250)\nend"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @3 {expect=@4 250, send=N}\n3 @3 {expect=@4 250, send=N}\n"
	    "4 @3 {expect=@4 250, send=N}\n5 @3 {expect=@4 250, send=N}\n"
	    "end\n" },
	{ "texts that differ in their middle alone", RUN(C
	    "for _, m in ipairs { 'a', 'a', 'a', 'b', 'b', 'a' } do\n"
	    "c:send('12345678' .. m .. '12345678'):expect(250) end"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @3 {expect=250, send=12345678a12345678}\n"
	    "3 @3 {expect=250, send=12345678a12345678}\n"
	    "4 @3 {expect=250, send=12345678a12345678}\n"
	    "5 @3 {expect=250, send=12345678b12345678}\n"
	    "6 @3 {expect=250, send=12345678b12345678}\n"
	    "7 @3 {expect=250, send=12345678a12345678}\nend\n" },
	{ "another code, another kind, modifiers", RUN(C
	    "for _, x in ipairs { 250, 250, 250, 251, 'any', 250 } do\n"
	    "c:send('N'):expect(x, x == 251 and { title = 't' } or nil) end "
	    "for i = 1, 3 do c:send('N'):expect_each { 1, i } end"),
	    { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @3 {expect=250, send=N}\n3 @3 {expect=250, send=N}\n"
	    "4 @3 {expect=250, send=N}\n5 @3 {expect=251, send=N, title=t}\n"
	    "6 @3 {expect=any, send=N}\n7 @3 {expect=250, send=N}\n"
	    "8 @3 {expect_each=[1, 1], send=N}\n"
	    "9 @3 {expect_each=[1, 2], send=N}\n"
	    "10 @3 {expect_each=[1, 3], send=N}\nend\n" },
	{ "nothing given is no empty text", RUN(C
	    "for _, x in ipairs { '', '', '', false, '' } do\n"
	    "c:body(x or nil):expect(250) end"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @3 {body=, expect=250}\n3 @3 {body=, expect=250}\n"
	    "4 @3 {body=, expect=250}\n5 @3 {body=nothing, expect=250}\n"
	    "6 @3 {body=, expect=250}\nend\n" },
	{ "connections by turns", RUN(
	    "local a, b = t:connect(), t:connect()\n"
	    "for i = 1, 3 do for _, c in ipairs { a, b } do\n"
	    "c:send('N') c:send('M') c:expect(1) c:expect(2) "
	    "c:send('O'):expect(3) end end"), { NULL },
	    "1 owes @2 {connect=nothing}\n"
	    "2 owes @2 {connect=nothing, on=2}\n"
	    "3 owes @4 {send=N}\n4 owes @4 {send=M}\n5 @4 {expect=1}\n"
	    "6 @4 {expect=2}\n7 owes @4 {send=O}\n8 @4 {expect=3}\n"
	    "9 owes @4 {on=2, send=N}\n10 owes @4 {on=2, send=M}\n"
	    "11 @4 {expect=1, on=2}\n12 @4 {expect=2, on=2}\n"
	    "13 owes @4 {on=2, send=O}\n14 @4 {expect=3, on=2}\n"
	    "15 owes @4 {send=N}\n16 owes @4 {send=M}\n17 @4 {expect=1}\n"
	    "18 @4 {expect=2}\n19 owes @4 {send=O}\n20 @4 {expect=3}\n"
	    "21 owes @4 {on=2, send=N}\n22 owes @4 {on=2, send=M}\n"
	    "23 @4 {expect=1, on=2}\n24 @4 {expect=2, on=2}\n"
	    "25 owes @4 {on=2, send=O}\n26 @4 {expect=3, on=2}\n"
	    "27 owes @4 {send=N}\n28 owes @4 {send=M}\n29 @4 {expect=1}\n"
	    "30 @4 {expect=2}\n31 owes @4 {send=O}\n32 @4 {expect=3}\n" },
	{ "check, what EHLO offers, and replies that come again", RUN(C
	    "for i = 1, 4 do\n"
	    "local r, fine = c:send('EHLO x'):check(250)\n"
	    "t:note(r.offers.SIZE, fine, r.raw) end"),
	    { "220 x", "250-h|250 SIZE 1", "250-h|250 SIZE 1",
	    "250-h|250 SIZE 1", "?250-h|250 SIZE 2" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 check waited @3 {expect=250, send=EHLO x}\n"
	    "note 1 true 250-h\r\n250 SIZE 1\r\n\n"
	    "3 check waited @3 {expect=250, send=EHLO x}\n"
	    "note 1 true 250-h\r\n250 SIZE 1\r\n\n"
	    "4 check waited @3 {expect=250, send=EHLO x}\n"
	    "note 1 true 250-h\r\n250 SIZE 1\r\n\n"
	    "5 check waited @3 {expect=250, send=EHLO x}\n"
	    "note 2 false 250-h\r\n250 SIZE 2\r\n\nend\n" },
	{ "replies that differ in their middle alone", RUN(C
	    "for i = 1, 4 do\n"
	    "t:note(c:send('N'):check(250).raw) end"),
	    { "220 x", "250 12345a12345678", "250 12345a12345678",
	    "250 12345a12345678", "250 12345b12345678" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 check waited @3 {expect=250, send=N}\n"
	    "note 250 12345a12345678\r\n\n"
	    "3 check waited @3 {expect=250, send=N}\n"
	    "note 250 12345a12345678\r\n\n"
	    "4 check waited @3 {expect=250, send=N}\n"
	    "note 250 12345a12345678\r\n\n"
	    "5 check waited @3 {expect=250, send=N}\n"
	    "note 250 12345b12345678\r\n\nend\n" },
	{ "a QUIT that was said before frees its name", RUN(
	    "for i = 1, 4 do\n"
	    "local c <close> = t:connect() c:expect(220)\n"
	    "c:send('QUIT'):expect(221) end"),
	    { "220 x;221 y", "220 x;221 y", "220 x;221 y", "220 x;221 y" },
	    "1 @3 {connect=nothing, expect=220}\n2 @4 {expect=221, send=QUIT}\n"
	    "3 @3 {connect=nothing, expect=220}\n4 @4 {expect=221, send=QUIT}\n"
	    "5 @3 {connect=nothing, expect=220}\n6 @4 {expect=221, send=QUIT}\n"
	    "7 @3 {connect=nothing, expect=220}\n8 @4 {expect=221, send=QUIT}\n"
	    "end\n" },
};

static const struct bridge_case replies[] = {
	{ "a reply waits when it is read", RUN(C
	    "local r = c:send('EHLO x'):expect(250) t:note('sent')\n"
	    "t:note(r.code, r.text, #r.lines, r.lines[2], r.ms, r.passed, "
	    "r.raw)\n"
	    "t:note(r.offers.SIZE, r.offers.AUTH, r.offers.HELP, "
	    "r.offers.x, #r.flaws, r.enhanced)"),
	    { "220 hi", "250-h|250-size 1000|250-AUTH=LOGIN|250 HELP" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {expect=250, send=EHLO x}\nnote sent\n"
	    "note 250 h\nsize 1000\nAUTH=LOGIN\nHELP 4 size 1000 5 true "
	    "250-h\r\n250-size 1000\r\n250-AUTH=LOGIN\r\n250 HELP\r\n\n"
	    "note 1000 LOGIN  nil 0 nil\nend\n" },
	{ "only a capability reply offers", RUN(C
	    "local r = c:send('NOOP'):expect(250) t:note(r.offers, "
	    "r.enhanced)"), { "220 x;250 2.1.0 fine" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {expect=250, send=NOOP}\nnote nil 2.1.0\nend\n" },
	{ "a field that is none", RUN(C
	    "local r = c:expect(250) t:note(r.cod)"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n2 @2 {expect=250}\n"
	    "error script 1:2 a reply has no 'cod'; did you mean 'code'?\n"
	    "  x.lua:2: in run\n" },
	{ "a list that is none", RUN(C
	    "local r = c:expect(250) t:note(r[1])"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n2 @2 {expect=250}\n"
	    "error script 1:2 a reply is no list: expect_each returns them "
	    "one by one, and { ... } around it makes one\n"
	    "  x.lua:2: in run\n" },
	{ "check waits, and goes on", RUN(C
	    "local r, fine = c:send('A'):check(250) t:note(r.code, fine) "
	    "r, fine = c:send('B'):check(250) t:note(r.code, fine)"),
	    { "220 x;?550 no", "250 yes" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 check waited @2 {expect=250, send=A}\nnote 550 false\n"
	    "3 check waited @2 {expect=250, send=B}\nnote 250 true\nend\n" },
	{ "several replies to one act", RUN(C
	    "local a, b = c:body('x'):expect_each { 250, 452 } "
	    "t:note(a.code, b.code)"), { "220 x;+250 a;452 b" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {body=x, expect_each=[250, 452]}\nnote 250 452\nend\n" },
	{ "a reply that never came", RUN(C
	    "local r = c:expect('closed') t:note(r.code, r.text, r.raw)"),
	    { "220 x;-" },
	    "1 @2 {connect=nothing, expect=220}\n2 @2 {expect=closed}\n"
	    "note nil  \nend\n" },
};

static const struct bridge_case stops[] = {
	{ "a failure raises where it waits, and says QUIT", RUN(
	    "local c <close> = t:connect() c:expect(220)\n"
	    "local r = c:send('A'):expect(250) t:note(r.text)"),
	    { "220 x", "!550 no" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @3 {expect=250, send=A}\nstopped\n"
	    "3 closing @3 {expect=any, send=QUIT}\nend\n" },
	{ "what ran ahead is void", RUN(
	    "local c <close> = t:connect() c:expect(220)\n"
	    "c:send('A'):expect(250) c:send('B'):expect(250)"),
	    { "220 x", "!550 no" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @3 {expect=250, send=A}\n3 @3 {expect=250, send=B}\n"
	    "stopped\n4 closing @4 {expect=any, send=QUIT}\nend\n" },
	{ "a second connection that never opened", RUN(
	    "local a <close> = t:connect() a:expect(220)\n"
	    "local b <close> = t:connect() b:expect(220)"),
	    { "!550 no" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @3 {connect=nothing, expect=220, on=2}\n"
	    "stopped\n3 closing @4 {expect=any, send=QUIT}\nend\n" },
	{ "all is well: a plain close", RUN(
	    "local c <close> = t:connect() c:expect(220)"), { "220 x" },
	    "1 @2 {connect=nothing, expect=220}\n2 @3 {close=nothing}\n"
	    "end\n" },
	{ "nothing behind QUIT", RUN(
	    "local c <close> = t:connect() c:expect(220) "
	    "c:send('quit'):expect(221)"), { "220 x;221 y" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {expect=221, send=quit}\nend\n" },
	{ "nothing behind close", RUN(
	    "local c <close> = t:connect() c:expect(220) c:close()"),
	    { "220 x;-" },
	    "1 @2 {connect=nothing, expect=220}\n2 @2 {close=nothing}\n"
	    "end\n" },
	{ "STOP when it has returned", RUN(C), { "!421 x" },
	    "1 @2 {connect=nothing, expect=220}\nend\nstopped\nend\n" },
	{ "pcall waits first, and tidies up", RUN(C "c:send('A'):expect(250)\n"
	    "print(pcall(function() return 1 end))\n"
	    "print(pcall(function() c:send('B'):expect(250) end))\n"
	    "t:note('seen')\n"
	    "print(pcall(c.send, c, 'C'))\n"
	    "c:send('D')"), { "220 x", "250 y", "!550 no" },
	    "1 @2 {connect=nothing, expect=220}\n2 @2 {expect=250, send=A}\n"
	    "note true\t1\n"
	    "3 waited @4 {expect=250, send=B}\nstopped\n"
	    "note false\tx.lua:4: the dialogue has stopped with 550 no\n"
	    "note seen\n"
	    "note false\tx.lua:4: the dialogue has stopped with 550 no\n"
	    "end\n" },
	{ "pcall does not catch an earlier failure", RUN(C
	    "c:send('A'):expect(250)\n"
	    "print(pcall(function() print('inside') end))"),
	    { "220 x", "!550 no" },
	    "1 @2 {connect=nothing, expect=220}\n2 @2 {expect=250, send=A}\n"
	    "stopped\nend\n" },
	{ "tidying up that breaks is told", RUN(C
	    "local ok = pcall(function() c:expect(1) end)\n"
	    "local x = nil + 1"), { "220 x", "!550 no" },
	    "1 @2 {connect=nothing, expect=220}\n2 waited @2 {expect=1}\n"
	    "stopped\nnote after the dialogue stopped: x.lua:3: attempt to "
	    "perform arithmetic on a nil value\nend\n" },
	{ "on_fail: continue", RUN(C
	    "local r = c:send('A', { on_fail = 'continue' }):expect(250) "
	    "t:note(r.code)"), { "220 x;?550 no" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {expect=250, on_fail=continue, send=A}\nnote 550\nend\n" },
	{ "skip", RUN(C "t:skip('no ', 5) t:note('never')"), { "220 x" },
	    "1 @2 {connect=nothing, expect=220}\nskip skip 1:2 no  5\n" },
	{ "fail is not caught", RUN(
	    "pcall(function() t:fail('bad') end) t:note('x')"), { NULL },
	    "fail fail 1:2 bad\n" },
	{ "skip waits, so a failure is first", RUN(C "t:skip('no')"),
	    { "!550 x" },
	    "1 @2 {connect=nothing, expect=220}\nstopped\nend\n" },
};

static const struct bridge_case errors[] = {
	{ "an error has its place and the author's frames", RUN(
	    "local function f()\n"
	    "  error('boom')\n"
	    "end\n"
	    "local function g() f() return 1 end\n"
	    "g()"), { NULL },
	    "error script 1:3 boom\n"
	    "  x.lua:3: in upvalue 'f'\n"
	    "x.lua:5: in local 'g'\n"
	    "x.lua:6: in run\n" },
	{ "error objects that are no strings", RUN("error({})"), { NULL },
	    "error script 1:2 (error object is a table value)\n"
	    "  x.lua:2: in run\n" },
	{ "nil", RUN("error(nil)"), { NULL },
	    "error script 1:2 (error object is a nil value)\n"
	    "  x.lua:2: in run\n" },
	{ "a tail call", RUN(
	    "local function f() error('boom', 0) end\nreturn f()"), { NULL },
	    "error script 1:2 boom\n"
	    "  x.lua:2: in the function at line 2, by a tail call\n" },
	{ "an error of ours", RUN("t:connect():send(function() end)"),
	    { NULL },
	    "1 owes @2 {connect=nothing}\n"
	    "error script 1:2 send: the value is a function; only 'run' may "
	    "be one\n  x.lua:2: in run\n" },
	{ "a method that is none", RUN("t:conect()"), { NULL },
	    "error script 1:2 t has no 'conect'; did you mean 'connect'?\n"
	    "  x.lua:2: in run\n" },
	{ "yield outside of a coroutine", RUN("coroutine.yield(1)"), { NULL },
	    "error script 1:2 attempt to yield from outside a coroutine\n"
	    "  x.lua:2: in run\n" },
	{ "a coroutine of the author's acts", RUN(C
	    "local co = coroutine.wrap(function()\n"
	    "  for i = 1, 2 do\n"
	    "    coroutine.yield(c:send('N' .. i):expect(250).code)\n"
	    "  end\n"
	    "end)\n"
	    "t:note(co()) t:note(co())"), { "220 x", "250 a", "251 b" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 waited @4 {expect=250, send=N1}\nnote 250\n"
	    "3 waited @4 {expect=250, send=N2}\nnote 251\nend\n" },
	{ "a failure inside of a coroutine", RUN(C
	    "local co = coroutine.wrap(function()\n"
	    "  c:send('N'):expect(250) end)\n"
	    "co() t:note('never')"), { "220 x", "!550 a" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 waited @3 {expect=250, send=N}\nstopped\nend\n" },
	{ "no waiting inside of sort", RUN(C
	    "table.sort({ 1, 2, 3 }, function(a, b)\n"
	    "  return c:send('N'):check(250) == a end)"), { "220 x" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 check waited @3 {expect=250, send=N}\n"
	    "error script 1:3 quoth cannot wait here: not inside of a "
	    "function that sort, gsub or the like calls\n"
	    "  x.lua:3: in the function at line 2\n"
	    "x.lua:2: in run\n" },
	{ "params are known and cannot be set", RUN(
	    "t:note(t.params.count + 1, t.params.flag, t.params.name, "
	    "t.client, t.row, t.scenario, t.target.host, t.target.port, "
	    "t.attempt, t.seed)\n"
	    "print(pcall(function() t.params.x = 1 end))\n"
	    "return t.params.cuont"), { NULL },
	    "note 4 true bob me.test  s 127.0.0.1 25 2 42\n"
	    "note false\tx.lua:3: this is read-only\n"
	    "error script 1:4 there is no parameter 'cuont'; did you mean "
	    "'count'?\n  x.lua:4: in run\n" },
	{ "secrets stay handles", RUN(C
	    "local p = t.params.pw print(p, pcall(function() return #p end))\n"
	    "c:send('A ' .. p .. '!'):expect(1)\n"
	    "c:send('B ' .. t:base64('u ' .. p)):expect(2)\n"
	    "c:send(t:hmac('md5', p, 'data')):expect(3)\n"
	    "c:send(t:hmac('sha1', 'k', p, 'raw') .. p):expect(4)\n"
	    "print(pcall(function() return p < 'x' end))"), { "220 x",
	    "1;2;3;4" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "note <secret>\tfalse\tx.lua:2: a secret has no length, no order, "
	    "no equal and no methods: it can be joined with .. and sent\n"
	    "2 @3 {expect=1, send=<'A '+pw+'!'>}\n"
	    "3 @4 {expect=2, send=<'B '+base64('u '+pw)>}\n"
	    "4 @5 {expect=3, send=<hmac(md5,pw,'data')>}\n"
	    "5 @6 {expect=4, send=<hmac(sha1 raw,'k',pw)+pw>}\n"
	    "note false\tx.lua:7: a secret has no length, no order, no equal "
	    "and no methods: it can be joined with .. and sent\nend\n" },
	{ "what t computes", RUN(
	    "print(t:base64('a b'), t:unbase64('YSBi'), t:date(0))\n"
	    "print(t:hmac('md5', 'key', 'The quick brown fox jumps over the "
	    "lazy dog'))\n"
	    "print(t:hmac('sha256', '', ''))\n"
	    "local a = t:random(5, 9) print(a >= 5 and a <= 9, "
	    "math.type(t:random(3)), t:random() < 1)\n"
	    "print(#t:uuid(), t:uuid() ~= t:uuid(), t:uuid():sub(15, 15))"),
	    { NULL },
	    "note YSBi\ta b\tThu, 1 Jan 1970 00:00:00 +0000\n"
	    "note 80070713463e7749b90c2dc24911e275\n"
	    "note b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292"
	    "c5ad\nnote true\tinteger\ttrue\nnote 36\ttrue\t4\nend\n" },
};

static const struct bridge_case groups[] = {
	{ "a pipeline is one step, its replies are known behind it", RUN(C
	    "local a, b = t:pipeline(function()\n"
	    "  c:send('A')\n"
	    "  c:send('B')\n"
	    "  return c:expect(1), c:expect(2)\n"
	    "end)\n"
	    "t:note(a.code, b.code)"), { "220 x", "+1 a;+2 b;-" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {pipeline=[@3 {expect=@5 1, send=A}, @4 {expect=@5 2, "
	    "send=B}]}\nnote 1 2\nend\n" },
	{ "of another connection, with what it writes", RUN(
	    "local c = t:connect { on = 'o' }\n"
	    "c:expect(220)\n"
	    "t:pipeline(function()\n"
	    "  c:send('A', { title = 'x' }):check(250)\n"
	    "  c:write('z')\n"
	    "end)"), { NULL },
	    "1 @2 {connect=nothing, expect=@3 220, on=o}\n"
	    "2 @4 {on=o, pipeline=[@5 {expect=250, on_fail=continue, send=A, "
	    "title=x}, @6 {write=z}]}\nend\n" },
	{ "what nobody expects", RUN(C
	    "t:pipeline(function() c:send('A') end)"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "error script 1:2 pipeline: nobody expects the reply to 'A' "
	    "(x.lua:2)\n  x.lua:2: in run\n" },
	{ "a reply read inside", RUN(C
	    "t:pipeline(function() print(c:send('A'):expect(1).code) end)"),
	    { "220 x" },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "error script 1:2 this reply is known only behind t:pipeline\n"
	    "  x.lua:2: in the function at line 2\n"
	    "x.lua:2: in run\n" },
	{ "two connections", RUN(C "local d = t:connect() d:expect(220)\n"
	    "t:pipeline(function() c:send('A') d:send('B') end)"), { NULL },
	    "1 @2 {connect=nothing, expect=220}\n"
	    "2 @2 {connect=nothing, expect=220, on=2}\n"
	    "error script 1:3 pipeline: all of it is of one connection\n"
	    "  x.lua:3: in the function at line 3\n"
	    "x.lua:3: in run\n" },
	{ "an error inside", RUN(C
	    "print(pcall(t.pipeline, t, function() c:send('A') "
	    "error('x', 0) end))\nc:send('B'):expect(1)"), { "220 x", "1" },
	    "1 @2 {connect=nothing, expect=220}\nnote false\tx\n"
	    "2 @3 {expect=1, send=B}\nend\n" },
	{ "rounds until it holds", RUN(C
	    "local n = 0\n"
	    "t:note(t:eventually('2s', '100ms', function()\n"
	    "  n = n + 1 c:send('A' .. n):expect(250)\n"
	    "  c:send('B'):expect(250) return n, 'x' end))\n"
	    "c:send('C'):expect(1)"),
	    { "220 x", "~450 a", "250 b", "~450 c", "250 d", "250 e" },
	    "1 @2 {connect=nothing, expect=220}\npoll 2000 100\n"
	    "2 poll waited round 1 @4 {expect=250, send=A1}\n"
	    "3 poll waited round 2 pause 100 @4 {expect=250, send=A2}\n"
	    "4 poll waited round 2 @5 {expect=250, send=B}\n"
	    "5 poll waited round 3 pause 100 @4 {expect=250, send=A3}\n"
	    "6 poll waited round 3 @5 {expect=250, send=B}\n"
	    "note 3 x\n7 @6 {expect=1, send=C}\nend\n" },
	{ "in the end it failed", RUN(C
	    "t:eventually('2s', '100ms', function()\n"
	    "  c:send('A'):expect(250) end) t:note('never')"),
	    { "220 x", "!450 a" },
	    "1 @2 {connect=nothing, expect=220}\npoll 2000 100\n"
	    "2 poll waited round 1 @3 {expect=250, send=A}\nstopped\nend\n" },
	{ "pcall does not swallow a round", RUN(C
	    "local n = 0 t:eventually('2s', '100ms', function()\n"
	    "  n = n + 1 pcall(function() c:send('A'):expect(250) end)\n"
	    "  t:note('n', n) end)"), { "220 x", "~450 a", "250 b" },
	    "1 @2 {connect=nothing, expect=220}\npoll 2000 100\n"
	    "2 poll waited round 1 @3 {expect=250, send=A}\n"
	    "3 poll waited round 2 pause 100 @3 {expect=250, send=A}\n"
	    "note n 2\nend\n" },
	{ "an error of the script ends it", RUN(
	    "t:eventually('2s', '1s', function()\n error('x') end)"),
	    { NULL },
	    "poll 2000 1000\nerror script 1:3 x\n"
	    "  x.lua:3: in the function at line 2\n"
	    "x.lua:2: in run\n" },
	{ "durations", RUN("t:eventually('2', '1s', print)"), { NULL },
	    "error script 1:2 eventually: 'within' is a duration, such as "
	    "\"30s\" or \"250ms\"\n"
	    "  x.lua:2: in run\n" },
};

#define REGISTER "local quoth = require 'quoth' "

static const struct bridge_case loads[] = {
	{ "tables in the order of their keys", REGISTER "\n"
	    "quoth.scenario 'a' { tags = { 'x', 'y' }, retry = { times = 3, "
	    "every = '1s' }, only = true, steps = { { send = 'N', expect = "
	    "250.5 } }, params = {} }\n"
	    "quoth.scenario('b', { steps = {} })", { NULL },
	    "registered [@2 {name=a, only=true, params=[], retry={every=1s, "
	    "times=3}, steps=[{expect=250.5, send=N}], tags=[x, y]}, "
	    "@3 {name=b, steps=[]}]\n" },
	{ "an act without a value is true", REGISTER
	    "quoth.scenario 'a' { only = true, vars = { close = true }, steps = "
	    "{ { connect = true }, { abort = false } } }", { NULL },
	    "registered [@1 {name=a, only=true, steps=[{connect=nothing}, "
	    "{abort=false}], vars={close=true}}]\n" },
	{ "the function has its number", REGISTER
	    "quoth.scenario 'a' { run = print } "
	    "quoth.scenario { name = 'b', run = function() end }", { NULL },
	    "registered [@1 {name=a, run=function 1}, @1 {name=b, run=function "
	    "2}]\nnote t\nend\n" },
	{ "a function elsewhere", REGISTER
	    "quoth.scenario 'a' { params = { x = { default = print } } }",
	    { NULL },
	    "refused script 1:1 scenario: 'params.x.default' is a function; "
	    "only 'run' may be one\n  x.lua:1: in the file\n" },
	{ "half a list", REGISTER
	    "quoth.scenario 'a' { steps = { { expect = { 250, code = 1 } } } }",
	    { NULL },
	    "refused script 1:1 scenario: 'steps[1].expect' is half a list and "
	    "half a map: it has keys and items without one\n"
	    "  x.lua:1: in the file\n" },
	{ "a hole", REGISTER "quoth.scenario 'a' { tags = { 'a', nil, 'b' } }",
	    { NULL },
	    "refused script 1:1 scenario: 'tags' is a list with a hole (nil) "
	    "in it\n  x.lua:1: in the file\n" },
	{ "odd keys", REGISTER "quoth.scenario 'a' { tags = { [1.5] = 'a' } }",
	    { NULL },
	    "refused script 1:1 scenario: 'tags' has a key that is neither a "
	    "name nor a place in a list\n  x.lua:1: in the file\n" },
	{ "a cycle", REGISTER "local t = {} t.steps = { t } "
	    "quoth.scenario 'a' (t)", { NULL },
	    "refused script 1:1 scenario: 'steps[1]' holds itself\n"
	    "  x.lua:1: in the file\n" },
	{ "depth", REGISTER "local t = { 1 } for i = 1, 100 do t = { t } end "
	    "quoth.scenario 'a' { steps = t }", { NULL }, "?is nested too "
	    "deeply" },
	{ "no number", REGISTER "quoth.scenario 'a' { timeout = 0/0 }",
	    { NULL },
	    "refused script 1:1 scenario: 'timeout' is no number (NaN or "
	    "infinite)\n  x.lua:1: in the file\n" },
	{ "a coroutine", REGISTER "quoth.scenario 'a' { timeout = "
	    "coroutine.create(print) }", { NULL },
	    "refused script 1:1 scenario: 'timeout' is a coroutine, not a "
	    "value\n  x.lua:1: in the file\n" },
	{ "an object", REGISTER "local q = quoth.scenario 'a' "
	    "quoth.scenario 'b' { timeout = q }", { NULL },
	    "refused script 1:1 scenario: 'timeout' is a function; only 'run' "
	    "may be one\n  x.lua:1: in the file\n" },
	{ "metatables have no say", REGISTER
	    "quoth.scenario 'a' (setmetatable({ only = true }, { __index = "
	    "function() error 'no' end, __pairs = function() error 'no' end, "
	    "__len = function() return 5 end }))", { NULL },
	    "registered [@1 {name=a, only=true}]\n" },
	{ "too many values", REGISTER "local t = {} for i = 1, 100001 do "
	    "t[i] = i end quoth.scenario 'a' { tags = t }", { NULL },
	    "?too much" },
	{ "too many keys", REGISTER "local t = {} for i = 1, 1001 do "
	    "t['k' .. i] = i end quoth.scenario 'a' { vars = t }", { NULL },
	    "refused script 1:1 scenario: 'vars' has more than 1,000 keys\n"
	    "  x.lua:1: in the file\n" },
	{ "named twice", REGISTER "quoth.scenario 'a' { name = 'b' }",
	    { NULL }, "?was named before" },
	{ "no table", "local quoth = require 'quoth'\nquoth.scenario 'a'",
	    { NULL },
	    "refused script 1:2 this scenario has a name and no table: "
	    "quoth.scenario \"name\" { run = function(t) ... end }\n" },
	{ "not while one runs", RUN("quoth.scenario 'b' {}"), { NULL },
	    "error script 1:2 quoth.scenario: scenarios are registered while "
	    "the file loads, not while one runs\n"
	    "  x.lua:2: in run\n" },
	{ "syntax", "local x = = 1", { NULL },
	    "refused syntax 1:1 unexpected symbol near '='\n" },
	{ "an unknown global", REGISTER
	    "quoth.scenario 'a' { run = function() pritn('x') end }", { NULL },
	    "finding global 1:1 unknown global 'pritn'; did you mean "
	    "'print'?\n  pritn\nregistered [@1 {name=a, run=function 1}]\n"
	    "error script 1:1 unknown global 'pritn'; did you mean 'print'?\n"
	    "  x.lua:1: in run\n" },
	{ "print while it loads", "print('a', 1)", { NULL },
	    "print a\t1\nregistered []\n" },
	{ "a module", "local m = require 'm' print(m.x, m == require 'm')",
	    { "MODULE local M = {} M.x = ... return M" },
	    "require m\nprint m\ttrue\nregistered []\n" },
	{ "no module", "\nrequire 'm'", { "NOMODULE there is none" },
	    "?there is none" },
	{ "an error of a module", "require 'm'", { "MODULE \nerror 'x'" },
	    "require m\nrefused script 2:2 x\n  x.lua:1: in the file\n" },
	{ "nothing leaks from run to run", "local quoth = require 'quoth' "
	    "local n = 0 quoth.scenario 's' { run = function(t) n = n + 1 "
	    "t:note(n) end }", { "DROP;START" },
	    "note 1\nend\nnote 1\nend\n" },
	{ "broken frames", "print(1)", { "DROP" },
	    "print 1\nregistered []\nbroken\n" },
	{ "an outcome of no step", RUN("print(1)"), { "250 x" },
	    "note 1\nend\nbroken\n" },
};

static void
test_acts(void **state)
{
	(void)state;
	bridge_play_all(acts, sizeof acts / sizeof *acts);
}

static void
test_again(void **state)
{
	(void)state;
	bridge_play_all(again, sizeof again / sizeof *again);
}

static void
test_replies(void **state)
{
	(void)state;
	bridge_play_all(replies, sizeof replies / sizeof *replies);
}

static void
test_stops(void **state)
{
	(void)state;
	bridge_play_all(stops, sizeof stops / sizeof *stops);
}

static void
test_errors(void **state)
{
	(void)state;
	bridge_play_all(errors, sizeof errors / sizeof *errors);
}

static void
test_groups(void **state)
{
	(void)state;
	bridge_play_all(groups, sizeof groups / sizeof *groups);
}

static void
test_loads(void **state)
{
	(void)state;
	bridge_play_all(loads, sizeof loads / sizeof *loads);
}

/* The loop itself, over pipes: a broken frame ends it with 3. */
static void
test_worker(void **state)
{
	static const char file[] = "local quoth = require 'quoth'";
	struct buf in = buf_new(4096);
	char       answer[256];
	int        there[2], back[2], status = 0;
	size_t     mark;
	pid_t      pid;

	(void)state;
	assert_int_equal(pipe(there), 0);
	assert_int_equal(pipe(back), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(there[1]);
		(void)close(back[0]);
		_exit(worker_run(there[0], back[1], NULL));
	}
	(void)close(there[0]);
	(void)close(back[1]);
	mark = frame_begin(&in, FRAME_LOAD, 0);
	put_bytes(&in, SPAN("x.lua"));
	put_bytes(&in, span_of(file));
	frame_end(&in, mark);
	assert_int_equal(write(there[1], in.ptr, in.len), in.len);
	assert_int_equal(read(back[0], answer, sizeof answer), 9);
	assert_int_equal(answer[4], FRAME_REGISTERED);
	assert_int_equal(write(there[1], "\1\0\0\0\377\0", 6), 6);
	assert_int_equal(read(back[0], answer, sizeof answer), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), WORKER_BROKEN);
	(void)close(there[1]);
	(void)close(back[0]);
	buf_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_acts),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_loads),
		cmocka_unit_test(test_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
