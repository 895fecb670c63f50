"""Each way in which a script can go wrong has one outcome (lua/README.md, "When
something raises"), and every report says it with the author's own place."""
import json
import xml.etree.ElementTree as ET

import pytest

from binary import read_jsonl

HEAD = 'local quoth = require "quoth"\n'


@pytest.fixture
def lua(quoth, write, monkeypatch):
  """lua(body of run, option...) -> the finished run, of x.lua."""
  def run(body, *options):
    path = write('x.lua', HEAD + 'quoth.scenario "x" { run = function(t)\n' +
                 body + '\nend }\n')
    monkeypatch.chdir(path.parent)
    return quoth('run', path.name, '-t', 'embedded', *options)
  return run


def culprit(records, result):
  return [one for one in records if one['kind'] == 'step-end' and
          one['result'] == result][0]


CONN = 'local c <close> = t:connect()\nc:expect(220)\n'


# body, exit code, result of the scenario, words of the culprit, its line
TABLE = {
  'error': ('error("mine")', 'error', 'mine', 3),
  'error in the middle': (CONN + 'c:send("NOOP"):expect(250)\n'
                          'local n\nc:send("A" .. n)', 'error',
                          "attempt to concatenate a nil value (local 'n')", 7),
  'error table': ('error({})', 'error', '(error object is a table value)', 3),
  'error nil': ('error(nil)', 'error', '(error object is a nil value)', 3),
  'error number': ('error(42)', 'error', '42', 3),
  'error boolean': ('error(false)', 'error', 'false', 3),
  'error function': ('error(print)', 'error',
                     '(error object is a function value)', 3),
  'error object': ('error(setmetatable({}, { __tostring = function() '
                   'return "mine" end }))', 'error', 'mine', 3),
  'level': ('local function must(x)\n error("must be there", 2)\nend\n'
            'must()', 'error', 'must be there', 6),
  'no place': ('error("words", 0)', 'error', 'words', 3),
  'assert': ('assert(false, "words")', 'error', 'words', 3),
  'tail call': ('local function f() error("deep") end\n'
                'return f()', 'error', 'deep', 3),
  'yield': ('coroutine.yield(1)', 'error',
            'attempt to yield from outside a coroutine', 3),
  'yield in pcall': ('pcall(coroutine.yield, 1)', 'pass', None, None),
  'wrap': ('local co = coroutine.wrap(function()\nerror("inside")\nend)\nco()',
           'error', 'inside', 4),
  'resume': ('local co = coroutine.create(function() error("x") end)\n'
             'assert(not coroutine.resume(co))', 'pass', None, None),
  'own coroutine': (CONN + 'local co = coroutine.wrap(function()\n'
                    'coroutine.yield(1) c:send("NOOP"):expect(550) end)\n'
                    'co() co()', 'fail', 'wanted 550, got 250 2.0.0 OK', 6),
  'failed expect': (CONN + 'c:send("NOOP"):expect(550)', 'fail',
                    'wanted 550, got 250 2.0.0 OK', 5),
  'failed expect in pcall': (CONN + 'pcall(function()\n'
                             'c:send("NOOP"):expect(550) end)\n'
                             'c:send("RSET"):expect(250)', 'fail',
                             'wanted 550, got 250 2.0.0 OK', 6),
  'failed check': (CONN + 'c:send("NOOP"):check(550)\n'
                   'c:send("RSET"):expect(250)', 'fail',
                   'wanted 550, got 250 2.0.0 OK', 5),
  'never expects': (CONN + 'c:send("NOOP")', 'error',
                    "nobody expected the reply to 'NOOP' (x.lua:5)", 5),
  'never expects one': (CONN + 'c:send("NOOP")\nc:send("RSET"):expect(250)',
                        'error',
                        "nobody expected the reply to 'RSET' (x.lua:6)", 6),
  'connects only': ('t:connect()', 'error',
                    "nobody expected the reply to 'connect' (x.lua:3)", 3),
  'close raises': (CONN + 'local x <close> = setmetatable({}, { __close = '
                   'function() error("closing") end })', 'error', 'closing',
                   5),
  'skip': (CONN + 't:skip("because")', 'skip', 'because', 5),
  'fail': (CONN + 't:fail("because")', 'fail', 'because', 5),
  'skip without': ('t:skip()', 'error',
                   't:skip takes a reason: t:skip("why")', 3),
  'nothing': ('', 'pass', None, None),
  'check in a round': (CONN + 't:eventually("30ms", "10ms", function()\n'
                       'c:send("NOOP"):check(550) end)', 'fail',
                       'wanted 550, got 250 2.0.0 OK', 6),
}


@pytest.mark.parametrize('name', TABLE)
def test_outcome(lua, name):
  body, result, words, line = TABLE[name]
  done = lua(body, '--format', 'jsonl')
  end = [one for one in done.jsonl if one['kind'] == 'scenario-end'][0]
  assert end['result'] == result, done.out
  assert done.exit == {'pass': 0, 'skip': 0}.get(result, 1), done.out
  if words is None:
    return
  told = culprit(done.jsonl, result)
  assert told['message'] == words
  assert told['at']['file'] == 'x.lua'
  assert told['at']['line'] == line


HELPERS = """local function inner(x)
  return x.foo.bar
end
local function outer(x)
  local r = inner(x)
  return r
end
outer({})"""
FRAMES = ["x.lua:4: in upvalue 'inner'", "x.lua:7: in local 'outer'",
          'x.lua:10: in run']


def test_trace_everywhere(lua):
  """The author's frames, and nothing of ours, in each report."""
  done = lua(HELPERS, '--report', 'jsonl=r.jsonl', '--report', 'json=r.json',
             '--report', 'junit=r.xml', '--report', 'tap=r.tap',
             '--report', 'github=r.txt')
  assert done.exit == 1
  lines = [line.strip() for line in done.out.splitlines()]
  at = lines.index('trace ' + FRAMES[0])
  assert lines[at + 1:at + 3] == FRAMES[1:]
  told = culprit(read_jsonl('r.jsonl'), 'error')
  assert told['trace'].split('\n') == FRAMES
  with open('r.json', encoding='utf-8') as text:
    steps = json.load(text)['scenarios'][0]['steps']
  assert steps[-1]['trace'].split('\n') == FRAMES
  error = ET.parse('r.xml').find('.//error')
  assert error.get('message') == told['message']
  assert 'x.lua:4: run' in error.text
  with open('r.tap', encoding='utf-8') as text:
    tap = text.read()
  with open('r.txt', encoding='utf-8') as text:
    github = text.read()
  assert 'file=x.lua,line=4' in github
  for frame in FRAMES:
    assert frame in error.text
    assert frame in tap
    assert frame in github


def test_trace_of_tail_call(lua):
  done = lua('local function f() error("deep") end\n'
             'local function g() return f() end\nlocal x = g()',
             '--format', 'jsonl')
  assert culprit(done.jsonl, 'error')['trace'].split('\n') == [
    'x.lua:3: in the function at line 3, by a tail call', 'x.lua:5: in run']


def test_trace_is_bounded(lua):
  done = lua('local function f(n) if n == 0 then error("deep") end '
             'local r = f(n - 1) return r end\nf(100)', '--format', 'jsonl')
  assert len(culprit(done.jsonl, 'error')['trace'].split('\n')) == 20


def test_trace_in_module(quoth, write, monkeypatch):
  monkeypatch.chdir(write('m.lua', 'local m = {}\nfunction m.f(x)\n'
                          '  return x.y.z\nend\nreturn m\n').parent)
  write('x.lua', HEAD + 'local m = require "m"\nquoth.scenario "x" { '
        'run = function(t)\nlocal r = m.f({})\nend }')
  done = quoth('run', 'x.lua', '-t', 'embedded', '--format', 'jsonl')
  told = culprit(done.jsonl, 'error')
  assert told['at']['file'] == 'm.lua' and told['at']['line'] == 3
  assert told['trace'].split('\n') == ["m.lua:3: in field 'f'",
                                       'x.lua:4: in run']


def test_error_of_bytes(lua):
  """What error() got is shown, never obeyed."""
  done = lua(r'error("\27[31m\n::error::x\0\255")')
  assert done.exit == 1
  assert '\x1b' not in done.out
  assert not [line for line in done.out.splitlines()
              if line.startswith('::')]


def test_error_ahead_never_happened(lua):
  """The script is ahead of its outcomes: what it raised behind a reply that
  says no is void."""
  done = lua(CONN + 'c:send("NOOP"):expect(550)\nerror("later")')
  assert done.exit == 1
  assert 'wanted 550' in done.out or 'want  550' in done.out
  assert 'later' not in done.out.replace('error("later")', '')


def test_error_says_goodbye(lua, talker, quoth):
  """An error closes the dialogue as politely as a failed expectation."""
  heard = []

  def talk(conn):
    conn.sendall(b'220 hi\r\n')
    while True:
      line = conn.recv(1000)
      heard.append(line)
      if not line:
        return
      conn.sendall(b'221 bye\r\n' if line == b'QUIT\r\n' else b'250 ok\r\n')
  server = talker(talk)
  lua('t:note("x")')
  with open('x.lua', 'w', encoding='utf-8') as text:
    text.write(HEAD + 'quoth.scenario "x" { run = function(t) ' + CONN +
               'c:send("NOOP"):expect(250) error("mine") end }')
  done = quoth('run', 'x.lua', '-t', server.url)
  assert done.exit == 1 and 'mine' in done.out
  assert heard[:2] == [b'NOOP\r\n', b'QUIT\r\n']


NOTES = CONN + """t:note("one", 1, nil, true, 2.5)
local n = 0
t:eventually("10s", "1ms", function()
  n = n + 1
  t:note("round " .. n)
  c:send("NOOP"):expect(n < 3 and 550 or 250)
end)
print("printed")
t:note("two\\nlines")
"""


def test_notes(lua):
  """In their order, also those of rounds that did not hold; such rounds
  themselves are not shown, as in YAML."""
  done = lua(NOTES, '--report', 'jsonl=r.jsonl', '--report', 'junit=r.xml',
             '--report', 'json=r.json')
  assert done.exit == 0, done.out
  said = ['one 1 nil true 2.5', 'round 1', 'round 2', 'round 3', 'printed',
          'two\nlines']
  records = read_jsonl('r.jsonl')
  assert [one['bytes'] for one in records if one['kind'] == 'said' and
          not one['bytes'].startswith('the sandbox')] == said
  shown = [line[8:] for line in done.out.splitlines()
           if line.startswith('  note  ') and 'the sandbox of' not in line]
  assert shown == said[:-1] + ['two']
  assert '\n        lines\n' in done.out
  assert done.out.count('NOOP') == 1
  listing = ET.parse('r.xml').find('.//system-out').text
  for one in said[:-1]:
    assert f'note  {one}' in listing
  with open('r.json', encoding='utf-8') as text:
    steps = json.load(text)['scenarios'][0]['steps']
  assert [wire['bytes'] for step in steps for wire in step.get('wire', [])
          if wire['kind'] == 'said'] == said


def test_notes_of_attempts(quoth, write, monkeypatch):
  path = write('x.lua', HEAD + 'quoth.scenario "x" { retry = { times = 1, '
               'every = "1ms", on = { "2xx" } }, run = function(t)\n'
               't:note("attempt", t.attempt)\n' + CONN +
               'c:send("NOOP"):expect(t.attempt == 1 and 550 or 250)\nend }')
  monkeypatch.chdir(path.parent)
  done = quoth('run', 'x.lua', '-t', 'embedded')
  assert done.exit == 0, done.out
  lines = done.out.splitlines()
  for attempt in (1, 2):
    at = lines.index(f'  attempt {attempt} of 2')
    assert f'  note  attempt {attempt}' in lines[at + 1:at + 5]


def test_notes_while_tidying(lua):
  done = lua(CONN + 'local x <close> = setmetatable({}, { __close = '
             'function() t:note("closing") end })\n'
             'local ok = pcall(function() c:send("NOOP"):expect(550) end)\n'
             't:note("caught", ok)')
  assert done.exit == 1
  assert '  note  caught false\n' in done.out
  assert '  note  closing\n' in done.out


def test_notes_are_bounded(lua):
  done = lua('t:note(("x"):rep(10000)) for i = 1, 10000 do t:note(i) end',
             '--report', 'jsonl=r.jsonl')
  assert 'more than 10,000 notes' in done.out
  said = [one['bytes'] for one in read_jsonl('r.jsonl')
          if one['kind'] == 'said' and
          not one['bytes'].startswith('the sandbox')]
  assert len(said) == 10000 and len(said[0]) == 4096
