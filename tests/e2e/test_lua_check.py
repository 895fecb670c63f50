"""`quoth check` of Lua files: everything that is wrong at once, each with its
place, and nothing is sent."""
import json

import pytest

from talker import answer

HEAD = 'local quoth = require "quoth"\n'


def check(quoth, path, *options):
  done = quoth('check', '--format', 'json', path, *options)
  return done, json.loads(done.out)['diagnostics']


def test_sends_nothing(quoth, write, talker):
  server = talker(answer({}))
  path = write('x.lua', HEAD + 'quoth.scenario "x" { target = "' + server.url +
               '", run = function(t) t:connect():expect(220) end }')
  done, found = check(quoth, path)
  assert done.exit == 0 and found == []
  assert server.clients == 0


ROWS = [
  # text behind HEAD, id, line, column, words
  ('quoth.scenario "x" { tgas = {}, run = print }', 'unknown-key', 2, 22,
   "unknown key 'tgas' in a scenario"),
  ('quoth.scenario "x" {\n  steps = {\n    { send = "NOOP",\n      expct = '
   '250 },\n  },\n}', 'unknown-key', 5, 7, "unknown key 'expct' in a step"),
  ('quoth.scenario "x" { steps = { { send = "A ${b}" } } }',
   'unknown-variable', 2, 46, "unknown variable 'b'"),
  ('quoth.scenario "x" { steps = { { send = "A", expect = 2500 } } }',
   'bad-code', 2, 55, "'2500' is no reply code"),
  ('quoth.scenario "x" { run = 5 }', 'wrong-type', 2, 28,
   'run must be a function, not a scalar'),
  ('quoth.scenario "x" { about = "y" }', 'no-steps', 2, 20,
   'a scenario needs run or steps'),
  ('local x = pritn', 'unknown-global', 2, 11,
   "unknown global 'pritn'; did you mean 'print'?"),
  ('quoth.scenario "x" { run = function(t)\n  return tabel.x end }',
   'unknown-global', 3, 10, "unknown global 'tabel'; did you mean 'table'?"),
  ('local function f(', 'lua-syntax', 3, 0, "<name> or '...' expected near <eof>"),
  ('quoth.scenrio "x" {}', 'script', 2, 0,
   "quoth has no 'scenrio'; did you mean 'scenario'?"),
]


@pytest.mark.parametrize('row', ROWS, ids=lambda row: f'{row[1]}-{row[3]}')
def test_place(quoth, write, row):
  text, word, line, column, words = row
  done, found = check(quoth, write('x.lua', HEAD + text + '\n'))
  assert done.exit == 3
  assert len(found) == 1, found
  one = found[0]
  assert (one['id'], one['line'], one['column']) == (word, line, column), one
  assert one['text'] == words


def test_all_at_once(quoth, write):
  lines = ['quoth.scenario "a" { steps = { { sned = "x" } } }',
           'quoth.scenario "b" { run = function(t) return nope end }',
           'quoth.scenario "c" { run = function(t) return also.nope end }',
           'quoth.scenario "c" { run = function(t) end }']
  done, found = check(quoth, write('x.lua', HEAD + '\n'.join(lines)))
  assert done.exit == 3
  assert sorted((one['id'], one['line']) for one in found) == [
    ('duplicate-id', 5), ('unknown-global', 3), ('unknown-global', 4),
    ('unknown-key', 2)]


SAME = [
  ('[ { send: NOOP, expct: 250 } ]', '{ { send = "NOOP", expct = 250 } }'),
  ('[ { send: NOOP, expect: 2500 } ]', '{ { send = "NOOP", expect = 2500 } }'),
  ('[ { wait: soon } ]', '{ { wait = "soon" } }'),
  ('[ { send: NOOP, expect: { lines: { cuont: 1 } } } ]',
   '{ { send = "NOOP", expect = { lines = { cuont = 1 } } } }'),
  ('[ { send: NOOP, timeout: [] } ]', '{ { send = "NOOP", timeout = {} } }'),
  ('[ { send: NOOP, expect: { text: "/[/" } } ]',
   '{ { send = "NOOP", expect = { text = "/[/" } } }'),
  ('[ { use: nothing } ]', '{ { use = "nothing" } }'),
  ('[ { loop: { times: x, steps: [ { send: A } ] } } ]',
   '{ { loop = { times = "x", steps = { { send = "A" } } } } }'),
  ('[ { pipeline: [] } ]', '{ { pipeline = {} } }'),
  ('[ { write: { hex: zz } } ]', '{ { write = { hex = "zz" } } }'),
  ('[ { body: { file: ../x } } ]', '{ { body = { file = "../x" } } }'),
  ('[ { connect: { too: x } } ]', '{ { connect = { too = "x" } } }'),
  ('[ { send: NOOP, level: may } ]', '{ { send = "NOOP", level = "may" } }'),
  ('[ { send: NOOP, write: x } ]', '{ { send = "NOOP", write = "x" } }'),
  ('[ { set: { client: x } } ]', '{ { set = { client = "x" } } }'),
  ('[ { send: "${x}" } ]', '{ { send = "${x}" } }'),
]


@pytest.mark.parametrize('yaml,lua', SAME, ids=lambda text: text[:24])
def test_same_words(quoth, write, yaml, lua):
  """One builder reads both: the same sentences, ids and hints."""
  theirs = check(quoth, write('x.yaml', f'quoth: 1\nsteps: {yaml}\n'))[1]
  ours = check(quoth, write('x.lua', HEAD + 'quoth.scenario "x" { steps = ' +
                            lua + ' }\n'))[1]
  assert theirs and [(one['id'], one['text']) for one in ours] == \
    [(one['id'], one['text']) for one in theirs]
