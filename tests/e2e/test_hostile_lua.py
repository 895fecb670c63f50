"""Hostile Lua through the real program: every file of the corpus that lies
beside the project and of tests/unit/hostile-lua, while loading and at many
places of a run, with innocent neighbours that must not notice.

What the outcome codes of INDEX.md are here:

  E_SYNTAX  a diagnostic 'lua-syntax'
  E_LIMIT   a limit that the script met, or the watchdog that ended its worker
  E_SCRIPT  any other error of the script
  OK        no error of the script. These files register no scenario, so that
            nothing was found to check (exit 5); and a name that nobody sets is
            told even where the file asks for it with care.
"""
import json
import os
import pathlib
import re
import xml.etree.ElementTree

import pytest

from watched import Watched

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ROOT / 'tests' / 'unit' / 'hostile-lua'
LAB = os.environ.get('QUOTH_LAB')
PLACES_OF_CORPUS = [ROOT.parent / 'shared' / 'corpora' / 'hostile-lua'] + (
  [pathlib.Path(LAB).parent / 'corpora' / 'hostile-lua'] if LAB else [])
CORPUS = next((place for place in PLACES_OF_CORPUS
               if (place / 'INDEX.md').is_file()), None)

# These ask for a name that is not there, which does not load.
UNKNOWN = ('011', '015')
# The watchdog, and what it may be late; the limit of memory, and what else a
# process needs.
WATCH_S, LATE_S = 4, 1.5
MEMORY_KIB = (64 + 64) * 1024
ADDRESS = re.compile(r'\b0x[0-9a-f]{6,}|\b[0-9a-f]{12,}\b')
RAW = re.compile(r'[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]')
LIMIT = re.compile(r'the limit|was killed: .*computed for|all the CPU time',
                   re.S)
NO_SCRIPT = {'no-steps', 'unknown-global'}
SYNTAX = ('007', '009', '024', '149', '161')


def files():
  found = sorted(OURS.glob('*.lua'))
  return (sorted(CORPUS.glob('*.lua')) if CORPUS else []) + found


def allowed(path):
  head = path.read_bytes()[:600].decode('latin-1')
  found = re.search(r'-- expect: (\S+)', head)
  if found:
    return set(found[1].split('|'))
  for line in (path.parent / 'INDEX.md').read_text().splitlines():
    if line.startswith(f'| {path.stem} |'):
      return set(line.split('|')[3].split()) - {'/'}
  raise AssertionError(f'{path.name} does not say what it comes to')


def slow():
  """A machine that does other things as well gives us less of itself."""
  return 1 + os.getloadavg()[0] / (os.cpu_count() or 1)


def look_at(done, unbound, patient=False):
  """What holds whatever came of it."""
  text = (done.out + done.err).decode('utf-8')
  assert not RAW.search(text), RAW.search(text)
  assert not ADDRESS.search(text.replace('0x7fffffffffffffff', '')), text
  # Workers compete, and the watchdog counts their CPU time.
  assert patient or done.took < (WATCH_S + LATE_S) * slow() * 4, done.took
  for name, kib in done.peaks.items():
    assert unbound or kib < MEMORY_KIB, (name, kib)


@pytest.fixture(scope='module')
def sanitized(quoth):
  return 'sanitizer' in quoth('--version').out


@pytest.fixture
def watch(quoth, tmp_path, sanitized, monkeypatch):
  """watch('check', 'x.lua') in the test's folder -> Watched, looked at."""
  def run(*args, timeout=120, patient=False, unbound=False, **more):
    monkeypatch.chdir(tmp_path)
    done = Watched([quoth.path, *args], tmp_path, **more)
    done.exit = done.wait(timeout)
    look_at(done, sanitized or unbound, patient)
    return done
  return run


def told(done):
  """The errors of `check --format json`: (id, text)."""
  return [(one['id'], one['text'])
          for one in json.loads(done.out)['diagnostics']
          if one['severity'] == 'error']


def outcome(errors):
  for name, text in errors:
    assert 'PWNED' not in text and 'MISCOMPILE' not in text, text
    assert 'crashed' not in text and 'forbidden' not in text, text
    if name in NO_SCRIPT:
      continue
    if name == 'lua-syntax':
      return 'E_SYNTAX'
    return 'E_LIMIT' if name == 'limit' or LIMIT.search(text) else 'E_SCRIPT'
  return 'OK'


def test_there_is_a_corpus():
  if CORPUS is None:
    pytest.skip('the corpus is not there: ../shared/corpora/hostile-lua')
  assert len(files()) > 80


@pytest.mark.parametrize('path', files(), ids=lambda path: path.stem)
def test_loading(watch, tmp_path, path):
  (tmp_path / path.name).write_bytes(path.read_bytes())
  done = watch('check', '--format', 'json', path.name)
  prints = done.err.decode()
  assert 'prints: PWNED' not in prints and 'MISCOMPILE' not in prints
  errors = told(done)
  assert done.exit == (3 if errors else 5)
  assert outcome(errors) in allowed(path), errors


# ---- neighbours ---------------------------------------------------------------

DIALOGUE = '''  local c <close> = t:connect()
  c:expect(220)
  c:send("EHLO " .. t.client):expect(250)
  c:send("QUIT"):expect(221)
'''
INNOCENT = {
  'a.lua': 'local quoth = require "quoth"\nquoth.scenario "innocent a" '
           '{ run = function(t)\n' + DIALOGUE + 'end }\n',
  'm.yaml': 'quoth: 1\nname: innocent m\nsteps:\n  - connect:\n'
            '  - send: QUIT\n    expect: 221\n',
  'z.lua': 'local quoth = require "quoth"\nfor i = 1, 2 do\n'
           'quoth.scenario("innocent z" .. i, { run = function(t)\n' +
           DIALOGUE + 'end })\nend\n',
}
INNOCENTS = {'innocent a', 'innocent m', 'innocent z1', 'innocent z2'}
FORMATS = ('junit', 'tap', 'json', 'jsonl')


def folder(tmp_path, hostile):
  place = tmp_path / 'f'
  place.mkdir()
  for name, text in {**INNOCENT, **hostile}.items():
    (place / name).write_bytes(text if isinstance(text, bytes)
                               else text.encode())
  return place


def reports():
  return [word for name in FORMATS
          for word in ('--report', f'{name}=r.{name}')]


def whole(tmp_path):
  """Every report is whole; the scenarios of the JSON one by their names."""
  raw = {name: (tmp_path / f'r.{name}').read_bytes().decode('utf-8')
         for name in FORMATS}
  for name, text in raw.items():
    assert not RAW.search(text.replace('\t', '')), name
  tree = xml.etree.ElementTree.fromstring(raw['junit'])
  found = {one['name']: one for one in json.loads(raw['json'])['scenarios']}
  assert len(list(tree.iter('testcase'))) == len(found)
  plan = re.search(r'^1\.\.(\d+)$', raw['tap'], re.M)
  assert int(plan[1]) == len(found)
  events = [json.loads(line) for line in raw['jsonl'].splitlines()]
  assert events[-1]['kind'] == 'run-end'
  ended = [one for one in events if one['kind'] == 'scenario-end']
  assert len(ended) == len(found)
  return found


def test_walked_beside_others(watch, tmp_path):
  """All of them in one folder: what does not load is an error of its own in
  every report, what registers nothing is passed over, the others run."""
  walked = [path for path in files() if allowed(path) != {'E_LIMIT'} or
            path.stem[:3] in ('021', '041', '071')]
  folder(tmp_path, {path.name: path.read_bytes() for path in walked})
  done = watch('run', 'f', '-t', 'embedded', *reports(), timeout=300,
               patient=True)
  assert done.exit == 3
  found = whole(tmp_path)
  for name in INNOCENTS:
    assert found[name]['result'] == 'pass', found[name]
  failed = set(found) - INNOCENTS
  assert failed <= {path.name for path in walked}
  assert all(found[name]['result'] == 'error' for name in failed)
  assert len(failed) > 5
  if CORPUS:
    assert '041-pattern-polynomial.lua' in failed
  for path in walked:
    # A file that returns a value is a module, and no word is lost about it.
    assert path.name in failed or b'f/' + path.name.encode() in done.err or \
      b'\nreturn ' in path.read_bytes(), path.name


# ---- the same attacks while scenarios run -----------------------------------

OPEN = '  local c <close> = t:connect()\n  c:expect(220)\n'
QUIT = '  c:send("QUIT"):expect(221)\n'
CLOSER = '  local z <close> = attacks(function() attack(t, c) end)\n'
PLACES = {
  'between': OPEN + '  attack(t, c)\n' + QUIT,
  'first': '  attack(t)\n' + OPEN + QUIT,
  'ahead': OPEN + '  local r = c:send("NOOP"):expect(250)\n  attack(t, c)\n'
           '  t:note(r.code)\n' + QUIT,
  'pending': OPEN + '  c:send("NOOP")\n  attack(t, c)\n  c:expect(250)\n' +
             QUIT,
  'close': OPEN + CLOSER + QUIT,
  'unwinding': OPEN + CLOSER + '  c:send("NOOP"):expect(599)\n',
  'coroutine': OPEN + '  local co = coroutine.wrap(function()\n'
               '    c:send("NOOP"):expect(250) coroutine.yield()\n'
               '    attack(t, c)\n  end)\n  co() co()\n' + QUIT,
  'eventually': OPEN + '  t:eventually("300ms", "50ms", function()\n'
                '    c:send("NOOP"):expect(250) attack(t, c)\n  end)\n' +
                QUIT,
  'pipeline': OPEN + '  t:pipeline(function() c:send("NOOP"):expect(250)\n'
              '    attack(t, c) c:send("NOOP"):expect(250)\n  end)\n' + QUIT,
  'caught': OPEN + '  pcall(attack, t, c)\n' + QUIT,
}
ELSEWHERE = sorted(set(PLACES) - {'between'})


def placed(text, where):
  return ('local quoth = require "quoth"\n'
          f'local function attack(t, c)\n{text}\nend\n'
          'local function attacks(f)\n'
          '  return setmetatable({}, { __close = f })\nend\n'
          f'quoth.scenario "{where}" {{ run = function(t)\n{PLACES[where]}'
          'end }\n')


def verdict(scenario):
  """As outcome()."""
  steps = [one for one in scenario['steps']
           if one['result'] not in ('pass', 'not-run')]
  said = ' '.join(one.get('message', '') for one in steps)
  assert 'PWNED' not in said and 'MISCOMPILE' not in said, said
  assert 'crashed' not in said and 'forbidden' not in said, said
  if scenario['result'] == 'pass':
    return 'OK'
  assert scenario['result'] in ('error', 'fail') and said, scenario
  return 'E_LIMIT' if LIMIT.search(said) else 'E_SCRIPT'


def attacked(watch, tmp_path, text, places, **more):
  folder(tmp_path, {f'h-{where}.lua': placed(text, where)
                    for where in places})
  done = watch('run', 'f', '-t', 'embedded', *reports(), **more)
  assert done.exit in (0, 1), done.err
  found = whole(tmp_path)
  assert set(found) == INNOCENTS | set(places)
  for name in INNOCENTS:
    assert found[name]['result'] == 'pass', found[name]
  assert done.exit == (0 if all(one['result'] == 'pass'
                                for one in found.values()) else 1)
  return {where: verdict(found[where]) for where in places}


def bodies():
  """What can stand in a function. Of what only a limit ends, which takes
  seconds each, every fourth: test_every_place has each kind of limit."""
  found = [path for path in files() if path.stem[:3] not in SYNTAX + UNKNOWN]
  limits = [path for path in found if allowed(path) == {'E_LIMIT'}]
  return [path for path in found if path not in limits[1::4] + limits[2::4] +
          limits[3::4]]


@pytest.mark.parametrize('path', bodies(), ids=lambda path: path.stem)
def test_running(watch, tmp_path, path, sanitized):
  """Between two steps, and at one of the other places."""
  if sanitized and path.stem[:2] != '17':
    pytest.skip('test_vm_corpus has them, and test_loading')
  other = ELSEWHERE[bodies().index(path) % len(ELSEWHERE)]
  text = path.read_bytes().decode('utf-8')
  got = attacked(watch, tmp_path, text, ['between', other])
  want = allowed(path)
  # Setting a global is an error there; and in a coroutine of one's own some
  # of the attacks are none.
  if 'E_SCRIPT' in want or 'OK' in want:
    want |= {'E_SCRIPT', 'OK'}
  assert got['between'] in want
  assert got[other] in want or other == 'unwinding', (other, got)


REPRESENT = {
  'endless': 'while true do end',
  'swallows': 'while true do pcall(function() while true do end end) end',
  'memory': 'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t '
            'end',
  'depth': 'local function f() return 1 + f() end f()',
  'error': 'error(setmetatable({}, { __tostring = function() '
           'error("again") end }))',
  'control': 'error("\\27]0;x\\7\\0\\r\\n::set-output")',
  'yield': 'coroutine.yield(t, c)',
  'threads': 'local all = {} while true do all[#all + 1] = '
             'coroutine.create(print) end',
  'acts': 'if c then while true do c:send("NOOP"):expect(250) end end '
          'error("no connection")',
  'notes': 'for i = 1, 20000 do t:note(("n"):rep(100)) end',
}


@pytest.mark.parametrize('name', REPRESENT)
def test_every_place(watch, tmp_path, name, sanitized):
  if sanitized:
    pytest.skip('takes minutes under a sanitizer')
  # A report of a million steps is what they asked for.
  got = attacked(watch, tmp_path, REPRESENT[name], list(PLACES),
                 unbound=name == 'acts')
  bad = {'endless', 'swallows', 'memory', 'threads'}
  for where, one in got.items():
    if name in bad and where != 'unwinding':
      assert one == 'E_LIMIT', (where, one)


# ---- the API -------------------------------------------------------------------

API = '''
local quoth = require "quoth"
local huge = { { {} } }
for i = 1, 1000 do huge[i + 1] = { send = "NOOP" } end
local cycle = {} cycle[1] = cycle cycle.a = cycle
local deep = {} for i = 1, 200 do deep = { deep } end
local lazy = setmetatable({}, { __index = function() error("idx") end,
  __len = function() return -1 end, __tostring = function() return 1 end,
  __name = 5, __pairs = function() error("pairs") end,
  __call = function() error("call") end,
  __close = function() error("close") end,
  __concat = function() error("concat") end })
local values = { "nil", true, 0, -1, 1 << 62, -(1 << 63), 0/0, math.huge,
  1e300, "", "\\0", "a\\r\\nQUIT", "NOOP\\nQUIT", "\\255\\254", "${pw}", "0x10",
  ("x"):rep(100000), {}, huge, cycle, deep, lazy, print,
  coroutine.create(print), { send = print }, { [1.5] = 2 },
  { text = lazy }, { to = "smtp://192.0.2.1:1", timeout = -1 },
  { code = { code = 250 } }, "-5s", "1e9h", quoth }
local t_names = { TNAMES }
local c_names = { CNAMES }
local function hit(f, self, v, w)
  pcall(f, self, v) pcall(f, self, v, w) pcall(f, v) pcall(f)
  pcall(f, self, w, v, v)
end
for i, v in ipairs(values) do
  if v == "nil" then v = nil end
  for _, name in ipairs(t_names) do
    quoth.scenario(("t:%s %d"):format(name, i), { timeout = "200ms", on_fail =
      "continue", run = function(t)
      local f = t[name]
      hit(f, t, v, values[#values + 1 - i])
    end })
  end
  for _, name in ipairs(c_names) do
    quoth.scenario(("c:%s %d"):format(name, i), { timeout = "200ms", on_fail =
      "continue", run = function(t)
      local c = t:connect()
      local reply = c:check(220)
      hit(c[name], c, v, values[#values + 1 - i])
      pcall(function() return reply[v] end)
      pcall(function() reply.code = v end)
      pcall(function() c[v] = v end)
      pcall(function() return t[v], t.params[v], t.vars[v] end)
    end })
  end
  pcall(quoth.scenario, v) pcall(quoth.scenario, v, v)
  pcall(quoth.scenario, "n" .. i, { steps = v })
  pcall(function() quoth.version = v end)
end
'''


def words(text):
  return ', '.join(f'"{one}"' for one in text.split())


def test_api(watch, tmp_path):
  """Every method with arguments that nobody means: whatever it comes to, the
  worker lives, nothing hangs, and the others do not notice."""
  text = API.replace('TNAMES', words(
    'connect pipeline eventually use note skip fail random uuid date base64 '
    'unbase64 hmac wait set')).replace('CNAMES', words(
      'send write body close abort expect check expect_each'))
  # `pcall(quoth.scenario, ...)` may have registered nonsense: load it apart.
  clean = text[:text.index('  pcall(quoth.scenario, v) ')] + 'end\n'
  (tmp_path / 'api.lua').write_text(text)
  errors = told(watch('check', '--format', 'json', 'api.lua'))
  assert all('worker process' not in said for _, said in errors), errors
  folder(tmp_path, {'h.lua': clean})
  done = watch('run', 'f', '-t', 'embedded', '--timeout', '100s', *reports())
  assert done.exit == 1, done.err
  found = whole(tmp_path)
  for name in INNOCENTS:
    assert found[name]['result'] == 'pass'
  assert len(found) > 700
  for one in found.values():
    for step in one['steps']:
      assert 'worker process' not in step.get('message', ''), step


def test_lines_stay_lines(watch, tmp_path):
  """171: no argument of send brings a second line onto the wire."""
  body = '\n'.join(
    f'pcall(function() c:send({one}):check("any") end)' for one in (
      '"MAIL FROM:<a@b>\\r\\nRCPT TO:<c@d>"', '"NOOP\\nQUIT"',
      '"NOOP\\rQUIT"', '"EHLO x\\r\\n.\\r\\n"'))
  folder(tmp_path, {'h.lua': placed(body, 'between')})
  watch('run', 'f', '-t', 'embedded', *reports())
  sent = [one['bytes'] for one in map(json.loads, (
    tmp_path / 'r.jsonl').read_text().splitlines())
          if one['kind'] == 'sent']
  assert sent
  for one in sent:
    assert one.rstrip('\r\n').count('\n') == 0, one


# ---- one file's scenarios do not see each other ------------------------------

LEAKS = '''
local quoth = require "quoth"
local shared, count = {}, 0
local kept
local module = require "m"
local names = {}
total = {}
for i = 1, 3 do
  quoth.scenario("leak " .. i, { retry = { times = 2, every = "10ms",
    on = { "5xx" } }, run = function(t)
    local c <close> = t:connect()
    c:expect(220)
    count = count + 1
    t:note("count", count)
    t:note("shared", #shared) shared[#shared + 1] = i
    t:note("module", #module.list) module.list[#module.list + 1] = i
    local inside = require "m"
    t:note("inside", inside == module, #inside.list)
    t:note("global", #total) total[#total + 1] = i
    t:note("string", pcall(function() ("x").y.z = 1 end),
      getmetatable("x") == nil or getmetatable("x") == false)
    t:note("random", math.random(1000000))
    t:note("kept", kept == nil) kept = t
    c:send("NOPE"):check(250)
    c:send("BAD " .. i):expect(250)
  end })
end
'''


def test_runs_are_apart(quoth, tmp_path):
  """Upvalues, globals, modules, random numbers: each attempt of each scenario
  begins as the file left them."""
  (tmp_path / 'x.lua').write_text(LEAKS)
  (tmp_path / 'm.lua').write_text('return { list = {} }\n')
  report = tmp_path / 'r.jsonl'
  done = quoth('run', tmp_path / 'x.lua', '-t', 'embedded', '--seed', 1,
               '--report', f'jsonl={report}')
  assert done.exit == 1
  notes = [one['bytes'] for one in map(
    json.loads, report.read_text().splitlines()) if one['kind'] == 'said']
  attempts = 3 * 3
  for want in ('count 1', 'shared 0', 'module 0', 'inside true 1',
               'global 0', 'string false', 'kept true'):
    said = [one for one in notes if one.split()[0] == want.split()[0]]
    assert len(said) == attempts, (want, notes)
    assert all(one.startswith(want) for one in said), said
  random = [one for one in notes if one.startswith('random')]
  assert len(set(random)) == 3          # by scenario, not by attempt


ACROSS = '''
local quoth = require "quoth"
local box = {}
quoth.scenario "one" { run = function(t)
  local c = t:connect() c:expect(220)
  local r = c:send("NOOP"):expect(250)
  box.t, box.c, box.r = t, c, r
  c:send("QUIT"):expect(221)
end }
quoth.scenario "two" { run = function(t)
  t:note("box", box.t == nil, box.c == nil)
  if box.t then box.t:note("x") end
  if box.c then box.c:send("NOOP") end
end }
'''


def test_nothing_of_another_run(quoth, tmp_path):
  (tmp_path / 'x.lua').write_text(ACROSS)
  done = quoth('run', tmp_path / 'x.lua', '-t', 'embedded', '-j', 1,
               '--format', 'json')
  assert done.exit == 0, done.out
