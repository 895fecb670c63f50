"""The fields of a reply, of good and of hostile ones; several connections;
expectations in all their forms."""
import pytest

from talker import answer

HEAD = 'local quoth = require "quoth"\n'
CONN = 'local c <close> = t:connect() c:expect(220)\n'


@pytest.fixture
def lua(quoth, write, talker):
  """lua(body, replies) -> the finished run against a server that says so."""
  def run(body, replies=None, target=None, *options):
    path = write('x.lua', HEAD + 'quoth.scenario "x" { run = function(t)\n' +
                 body + '\nend }\n')
    url = target or talker(answer(replies or {})).url
    return quoth('run', path, '-t', url, *options)
  return run


def notes(done):
  return [line[8:] for line in done.out.splitlines()
          if line.startswith('  note  ') and 'the sandbox of' not in line]


SHOW = ('local r = c:send("NOOP"):expect { code = "any", flaws = { %s } }\n'
        't:note(r.code, r.enhanced, #r.lines, r.passed, math.type(r.ms)) '
        't:note(table.concat(r.flaws, ",")) t:note((r.text:gsub("%%c", "?"))) '
        't:note(#r.raw)')
REPLIES = [
  (b'250 2.1.0 fine\r\n', '', ['250 2.1.0 1 true integer', '',
                               '2.1.0 fine', '16']),
  (b'250-a\r\n250-\r\n250 c\r\n', '', ['250 nil 3 true integer', '',
                                       'a??c', '20']),
  (b'250\r\n', '', ['250 nil 1 true integer', '', '', '5']),
  (b'250 a\n', '"bare-lf"', ['250 nil 1 true integer', 'bare-lf', 'a', '6']),
  (b'250 a\0b\r\n', '"nul"', ['250 nil 1 true integer', 'nul', 'a?b', '9']),
]


@pytest.mark.parametrize('reply,flaws,want', REPLIES, ids=lambda x: str(x)[:20])
def test_fields(lua, reply, flaws, want):
  done = lua(CONN + SHOW % flaws, {b'NOOP': reply})
  assert done.exit == 0, done.out
  assert notes(done) == want


HOSTILE = [b'hello\r\n', b'2 5\r\n', b'250\xff\r\n', b'999 x\r\n',
           b'250-a\r\n550 b\r\n', b'250 ' + b'x' * 5000 + b'\r\n',
           b'250 a\rb\r\n', b'250 \x1b[31m::error::\r\n', b'250_a\r\n',
           b'-50 x\r\n', b'250 a\r\n250 b\r\n', b'\r\n', b'\0\0\0\0\r\n']


@pytest.mark.parametrize('reply', HOSTILE, ids=lambda x: repr(x[:12]))
def test_hostile(lua, reply):
  """Every field of whatever came can be read, and does no harm."""
  body = ('local r, ok = c:send("NOOP"):check { code = "any" }\n'
          't:note(type(r.lines), type(r.text), type(r.raw), type(r.flaws), '
          'type(r.ms), ok == r.passed)\nfor _, l in ipairs(r.lines) do '
          't:note(l) end')
  done = lua(CONN + 'pcall(function() ' + body + ' end)', {b'NOOP': reply})
  assert done.exit in (0, 1), done.out
  assert '\x1b' not in done.out
  assert not [line for line in done.out.splitlines() if line[:2] == '::']


def test_no_reply(lua):
  done = lua('local r = t:connect():expect("any") local c = r\n')
  assert done.exit == 0
  done = lua(CONN + 'local r = c:expect { code = "silence", within = "20ms" '
             '}\nt:note(r.code, r.enhanced, r.text, #r.lines, r.raw, '
             '#r.flaws, r.offers)')
  assert notes(done) == ['nil nil  0  0 nil'], done.out


def test_offers(lua):
  done = lua(CONN + 'local r = c:send("EHLO x"):expect(250)\n'
             't:note(r.offers.SIZE, r.offers.PIPELINING == "", '
             'r.offers.NOTHING, r.offers.AUTH)',
             {b'EHLO': b'250-me\r\n250-SIZE 1000\r\n250-pipelining\r\n'
                       b'250 AUTH PLAIN LOGIN\r\n'})
  assert notes(done) == ['1000 true nil PLAIN LOGIN'], done.out


EXPECTS = ['250', '"250"', '"2xx"', '"25x"', '"250..259"', '{ 250, 251 }',
           '{ 451, "2xx" }', '{ "closed", 250 }', '"any"', '{ code = 250 }',
           '{ code = { 250, 251 } }', '{ never = { 550 } }',
           '{ ends = { 250 } }', '{ text = "fine" }', '{ text = "/^2\\\\.0/" }',
           '{ enhanced = "2.0.0" }', '{ enhanced = "2.x.x" }',
           '{ lines = { count = 1 } }', '{ lines = { has = { "fine" } } }',
           '{ lines = { lacks = { "bad" } } }', '{ within = "5s" }',
           '{ flaws = {} }', '{ capture = { x = "/(fine)/" } }']
REFUSES = ['251', '"5xx"', '"closed"', '"silence"', '{ 251, 252 }',
           '{ never = { 250 } }', '{ text = "bad" }', '{ text = "/^bad/" }',
           '{ enhanced = "2.1.0" }', '{ lines = { count = 2 } }',
           '{ lines = { has = { "bad" } } }',
           '{ lines = { lacks = { "fine" } } }', '{ after = "5s" }',
           '{ capture = { x = "/(bad)/" } }', '{ offers = { "SIZE" } }']


@pytest.mark.parametrize('what', EXPECTS + REFUSES)
def test_expect(lua, what):
  fits = what in EXPECTS
  for method in ('expect', 'check'):
    done = lua(CONN + f'c:send("NOOP"):{method}({what})',
               {b'NOOP': b'250 2.0.0 fine\r\n'})
    assert done.exit == (0 if fits else 1), done.out
    assert ' error' not in done.out.rsplit('\n', 2)[-2]


def test_expect_each(lua):
  done = lua(CONN + 'local a, b = c:write("NOOP\\r\\nRSET\\r\\n"):expect_each '
             '{ 250, { code = 550 } }\nlocal n = type(a) == "table" and a or '
             '{ a, b } t:note(#n, n[1].code, n[2].code)',
             {b'RSET': b'550 no\r\n'})
  assert done.exit == 0, done.out
  assert notes(done) == ['2 250 550']


ENVELOPE = ('c:send("EHLO a"):expect(250)\n'
            'c:send("MAIL FROM:<tester@example.test>"):expect(250)\n'
            'c:send("RCPT TO:<alice@example.test>"):expect(250)\n')
CHUNKS = ('a, b, d = c:bdat { text = "abcdefgh\\r\\n", chunk = 4 }'
          ':expect_each { 250, 250, 250 }')


@pytest.mark.parametrize('act', [
  CHUNKS, 't:pipeline(function() ' + CHUNKS + ' end)'])
def test_expect_each_of_chunks(lua, act):
  """Each chunk's reply is its own: that of the last one stood first, and
  nothing behind it."""
  done = lua(CONN + ENVELOPE + 'local a, b, d\n' + act +
             '\nfor i, r in ipairs { a, b, d } do t:note(i, r.code, r.text) end\n'
             'c:send("QUIT"):expect(221)', target='embedded')
  assert done.exit == 0, done.out
  said = notes(done)
  assert [note.split()[:3] for note in said] == [
    ['1', '250', '2.0.0'], ['2', '250', '2.0.0'], ['3', '250', '2.0.0']]
  assert ['queued' in note for note in said] == [False, False, True]


def test_interleaved(lua):
  """Two connections; what is owed on one is not taken by the other."""
  done = lua("""local a <close> = t:connect { on = "a" }
local b <close> = t:connect { on = "b" }
b:expect(220)
a:expect(220)
a:send("NOOP")
b:send("RSET"):expect(251)
a:send("HELP"):expect(252)
t:note(a:expect(214).code)""", {b'NOOP': b'252 a\r\n', b'RSET': b'251 b\r\n',
                                b'HELP': b'214 c\r\n'})
  assert done.exit == 0, done.out
  assert notes(done) == ['214']
  assert 'a: HELP' in done.out and 'b: RSET' in done.out


MODIFIERS = [
  ('{ title = "my words" }', 250, 0, 'my words'),
  ('{ level = "should" }', 550, 0, 'warn  NOOP'),
  ('{ on_fail = "continue" }', 550, 1, 'ok    RSET'),
  ('{ timeout = "5s" }', 250, 0, 'NOOP'),
  ('{ secret = true }', 250, 0, '<redacted'),
]


@pytest.mark.parametrize('table,code,status,words', MODIFIERS)
@pytest.mark.parametrize('place', ['act', 'expect'])
def test_modifiers(lua, table, code, status, words, place):
  act = f'"NOOP x", {table}' if place == 'act' else '"NOOP x"'
  what = f'{code}, {table}' if place == 'expect' else code
  done = lua(CONN + f'c:send({act}):expect({what})\nc:send("RSET"):expect(250)')
  assert done.exit == status, done.out
  assert words in done.out
