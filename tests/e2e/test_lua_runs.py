"""What stands around `run`: parameters, rows, retry, xfail, only, serial,
needs, always, the options of the command line. As for YAML."""
import pytest

from talker import answer

HEAD = 'local quoth = require "quoth"\n'
CONN = 'local c <close> = t:connect() c:expect(220) '


@pytest.fixture
def lua(quoth, write, monkeypatch):
  """lua(text behind HEAD, option...) -> the finished run of x.lua."""
  def run(text, *options, target='embedded', **more):
    path = write('x.lua', HEAD + text)
    monkeypatch.chdir(path.parent)
    if target is not None:
      options = ('-t', target) + options
    return quoth('run', path.name, *options, **more)
  return run


def notes(done):
  return [line[8:] for line in done.out.splitlines()
          if line.startswith('  note  ') and 'the sandbox of' not in line]


def one(keys, body=''):
  return 'quoth.scenario "x" { %s, run = function(t) %s end }\n' % (keys, body)


PARAMS = """params = {
  n = { type = "int", default = 5 }, b = { type = "bool", default = true },
  size = { type = "bytes", default = "1KiB" }, d = { type = "duration",
  default = "2s" }, l = { type = "list", default = { "a", "b" } },
  s = { default = "x y" }, m = { default = "" } }"""
SHOW = """for _, k in ipairs { "n", "b", "size", "d", "s", "m" } do
  t:note(k, math.type(t.params[k]) or type(t.params[k]), t.params[k]) end
t:note(table.concat(t.params.l, "|"))"""
DEFAULTS = ['n integer 5', 'b boolean true', 'size integer 1024',
            'd string 2s', 's string x y', 'm string ', 'a|b']
GIVEN = ['n integer -7', 'b boolean false', 'size integer 2097152',
         'd string 1m', 's string ü', 'm string ', 'q|w']


def test_params(lua):
  assert notes(lua(one(PARAMS, SHOW))) == DEFAULTS


@pytest.mark.parametrize('how', ['define', 'environment', 'file'])
def test_params_given(lua, write, how):
  values = {'n': '-7', 'b': 'false', 'size': '2MiB', 'd': '1m', 's': 'ü',
            'l': 'q,w'}
  if how == 'define':
    options = [word for name, value in values.items()
               for word in ('-D', f'{name}={value}')]
    done = lua(one(PARAMS, SHOW), *options)
  elif how == 'environment':
    done = lua(one(PARAMS, SHOW), env={f'QUOTH_VAR_{name.upper()}': value
                                       for name, value in values.items()})
  else:
    write('v.yaml', ''.join(
      f'{name}: {value if name != "l" else "[q, w]"}\n'
      for name, value in values.items()))
    done = lua(one(PARAMS, SHOW), '--vars', 'v.yaml')
  assert notes(done) == GIVEN, done.out + done.err


def test_params_missing(lua):
  done = lua(one('params = { a = {}, b = { type = "int" } }'))
  assert done.exit == 2 or done.exit == 3
  assert "'a'" in done.err and "'b'" in done.err
  assert lua(one('params = { n = { type = "int" } }'), '-D', 'n=x').exit != 0


def test_rows(lua):
  """The first column as it stands in the file names the row."""
  text = one('each = { { zeta = "z1", alpha = 1 }, { zeta = "z2", alpha = 2 '
             '} }', 't:note(t.row, t.vars.zeta, t.vars.alpha, t.scenario)')
  done = lua(text)
  assert notes(done) == ['z1 z1 1 x [z1]', 'z2 z2 2 x [z2]']
  done = lua(text, '--only', 'x [z2]')
  assert notes(done) == ['z2 z2 2 x [z2]']
  combined = one('each = { b = { 1, 2 }, a = { "p", "q" } }',
                 't:note(t.row)')
  assert notes(lua(combined)) == ['1, p', '1, q', '2, p', '2, q']


def test_rows_of_file(lua, write):
  write('cases.csv', 'who,code\nalice,250\nnobody,550\n')
  done = lua(one('each = { file = "cases.csv" }', CONN +
                 'c:send("VRFY " .. t.vars.who):expect(t.vars.code)'))
  assert done.exit == 0, done.out
  assert 'x [alice]' in done.out and 'x [nobody]' in done.out


def test_vars(lua):
  done = lua(one('vars = { id = "${uuid}", both = "${n}-${id}" }, '
                 'params = { n = { default = "5" } }, retry = { times = 1, '
                 'every = "1ms", on = { "2xx" } }', 't:note(t.vars.both == '
                 '"5-" .. t.vars.id, t.vars.id)' + CONN +
                 'c:send("NOOP"):expect(t.attempt == 1 and 550 or 250)'))
  first, second = notes(done)
  assert first == second and first.startswith('true ')


def test_retry(lua):
  body = CONN + 'c:send("NOOP"):expect(t.attempt < 3 and 550 or 250)'
  done = lua(one('retry = { times = 2, every = "1ms", on = { "2xx" } }', body))
  assert done.exit == 0 and 'attempt 3 of 3' in done.out
  done = lua(one('retry = { times = 1, every = "1ms", on = { "2xx" } }', body))
  assert done.exit == 1 and 'attempt 2 of 2' in done.out
  done = lua(one('retry = { times = 2, every = "1ms", on = { "4xx" } }', body))
  assert done.exit == 1 and 'attempt' not in done.out
  # An error of the script is no event to try again for.
  done = lua(one('retry = { times = 2, every = "1ms", on = { "2xx" } }',
                 'error("x")'))
  assert done.exit == 1 and 'attempt' not in done.out


def test_xfail(lua):
  keys = 'xfail = { because = "a bug", expires = "2999-01-01" }'
  bad = CONN + 'c:send("NOOP"):expect(550)'
  assert lua(one(keys, bad)).exit == 0
  assert lua(one(keys, '')).exit == 1
  assert lua(one(keys.replace('2999', '2001'), bad)).exit == 1


def test_only_and_skip(lua):
  text = one('only = true', 't:note("a")') + \
    one('about = "y"', 't:note("b")').replace('"x"', '"y"', 1)
  done = lua(text)
  assert notes(done) == ['a'] and done.exit == 0
  assert lua(text, env={'CI': '1'}).exit != 0
  done = lua(one('skip = "not now"', 'error("x")'))
  assert done.exit == 0 and 'not now' in done.out


def test_needs(lua):
  body = CONN + 'c:send("EHLO x"):expect(250) t:note("on")'
  done = lua(one('needs = { "NOTHING" }', body))
  assert done.exit == 0 and notes(done) == []
  assert '1 skipped' in done.out and 'NOTHING' in done.out
  assert notes(lua(one('needs = { "PIPELINING", "no NOTHING" }', body))) == \
    ['on']
  done = lua(one('about = "x"', CONN + 'c:send("EHLO x"):expect { '
                 'needs = { "NOTHING" } } t:note("on")'))
  assert done.exit == 0 and '1 skipped' in done.out and notes(done) == []


ALWAYS = 'always = { { send = "RSET", expect = 250 } }'


@pytest.mark.parametrize('body,code', [
  ('', 0), ('c:send("NOOP"):expect(550)', 1), ('error("x")', 1),
  ('t:fail("x")', 1), ('t:skip("x")', 0),
  ('pcall(function() c:send("NOOP"):expect(550) end)', 1)])
def test_always(lua, body, code):
  done = lua(one(ALWAYS, 'local c = t:connect() c:expect(220) ' + body))
  assert done.exit == code, done.out
  assert '  ok    RSET' in done.out


def test_always_fails(lua):
  done = lua(one(ALWAYS.replace('250', '550'), 'local c = t:connect() '
                 'c:expect(220)'))
  assert done.exit == 1


def test_use(lua, write):
  write('lib.yaml', 'quoth: 1\ndefine:\n  hi:\n    - send: EHLO ${who}\n'
        '      expect: { code: 250, capture: { host: "/^(\\\\S+)/" } }\n'
        .replace('"', "'").replace('\\\\', '\\'))
  done = lua(one('define = { noop = { { send = "NOOP ${x}", expect = 250 } '
                 '} }', CONN + 't:use("lib.yaml#hi", { who = "me.test" }) '
                 't:use("noop", { x = t.vars.host }) t:note(t.vars.host)'))
  assert done.exit == 0, done.out + done.err
  assert notes(done) == ['embedded.quoth.test']
  assert 'NOOP embedded.quoth.test' in done.out


def test_use_in_a_round(lua):
  done = lua(one('define = { d = { { send = "NOOP", expect = 550 } } }',
                 CONN + 'local n = 0 t:eventually("10s", "1ms", function() '
                 'n = n + 1 if n < 3 then t:use("d") end '
                 'c:send("RSET"):expect(250) end) t:note(n)'))
  assert done.exit == 0 and notes(done) == ['3'], done.out
  done = lua(one('define = { d = { { send = "NOOP", expect = 550 } } }',
                 CONN + 't:eventually("30ms", "5ms", function() t:use("d") '
                 'end)'))
  assert done.exit == 1 and 'want  550' in done.out


def test_check_in_a_round(lua):
  """A check that fails holds up the round, and counts in the last one."""
  body = CONN + 'local n = 0 t:eventually("%s", "1ms", function() n = n + 1 ' \
    'c:send("NOOP"):check(n < %d and 550 or 250) end) t:note(n)'
  done = lua(one('about = "x"', body % ('10s', 3)))
  assert done.exit == 0 and notes(done) == ['3']
  assert lua(one('about = "x"', body % ('20ms', 1000000))).exit == 1


MANY = 'for i = 1, 40 do quoth.scenario("s" .. i) { tags = { i %% 2 == 0 and ' \
  '"even" or "odd" }, %s run = function(t) ' + CONN + \
  'c:send("NOOP"):expect(250) %s end } end'


def test_selection(lua):
  text = MANY % ('', '')
  assert '20 passed' in lua(text, '--tag', 'even').out
  assert '1 passed' in lua(text, '--only', 's7').out
  counts = [int(lua(text, '--shard', f'{i}/3').out.split(' passed')[0]
                .split()[-1]) for i in (1, 2, 3)]
  assert sum(counts) == 40 and min(counts) >= 10
  assert lua(text, '--only', 's41').exit != 0


@pytest.mark.parametrize('jobs', ['1', '64'])
def test_jobs(lua, jobs):
  done = lua(MANY % ('', ''), '-j', jobs, '--repeat', '3')
  assert done.exit == 0 and '120 passed' in done.out


def test_fail_fast(lua):
  done = lua(MANY % ('', 'if t.scenario == "s3" then t:fail("x") end'),
             '-j', '1', '--fail-fast')
  assert done.exit != 0
  assert '2 passed, 1 failed, 37 not run' in done.out


@pytest.mark.parametrize('keys', ['serial = true,', 'lock = "one",'])
def test_alone(lua, talker, keys):
  """Scenarios that share a lock never overlap."""
  inside, most = [0], [0]

  def talk(conn):
    inside[0] += 1
    most[0] = max(most[0], inside[0])
    conn.sendall(b'220 hi\r\n')
    while conn.recv(100):
      inside[0] -= 1
      conn.sendall(b'250 ok\r\n')
      break
    conn.recv(100)
  server = talker(talk)
  done = lua(MANY.replace('40', '10') % (keys, ''), '-j', '10',
             target=server.url)
  assert done.exit == 0, done.out
  assert most[0] == 1


def test_target_of_file(lua, talker):
  server = talker(answer({}))
  assert lua(one(f'target = "{server.url}"', CONN), target=None).exit == 0
  assert server.clients == 1
  done = lua(one('about = "x"', CONN), target=None)
  assert done.exit != 0 and 'no target' in done.out + done.err


def test_tcp(lua, talker):
  def talk(conn):
    conn.sendall(b'echo ' + conn.recv(100))
  server = talker(talk)
  url = server.url.replace('smtp://', 'tcp://')
  done = lua(one('protocol = "tcp"', 'local c <close> = t:connect() '
                 'c:write("x y\\r\\n"):expect { text = "echo x y" }'),
             target=url)
  assert done.exit == 0, done.out


def test_pack_params(lua, write):
  write('pack.yaml', 'pack: a/b\nparams: { who: { default: pack } }\n')
  assert notes(lua(one('about = "x"', 't:note(t.params.who)'))) == ['pack']


def test_seed(lua):
  text = one('about = "x"', 't:note(t.seed, t:random(1000000), '
             'math.random(1000000), t:random())')
  assert notes(lua(text, '--seed', '7')) == notes(lua(text, '--seed', '7'))
  assert notes(lua(text, '--seed', '7')) != notes(lua(text, '--seed', '8'))
  assert notes(lua(text, '--seed', '7'))[0].startswith('7 ')


def test_list_show_explain(quoth, lua):
  lua(MANY % ('about = "why",', ''))
  done = quoth('list', 'x.lua')
  assert done.exit == 0 and done.out.count('x.lua') >= 40
  done = quoth('show', 'x.lua', '--only', 's1')
  assert done.exit == 0, done.err


REFUSED = 'local c <close> = t:connect("smtp://127.0.0.1:%d") '


def test_refused(lua, nobody):
  """What was never open needs no goodbye."""
  done = lua(one('about = "x"', REFUSED % nobody + 'c:expect("refused") ' +
                 CONN.replace('()', '{ on = "b" }', 1)))
  assert done.exit == 0, done.out
  assert 'QUIT' not in done.out
  done = lua(one('about = "x"', REFUSED % nobody + 'c:expect(220)'))
  assert done.exit == 4 and 'connection refused' in done.out
  assert 'QUIT' not in done.out


def test_long_bodies(quoth, tmp_path):
  """More than the worker may be ahead waits in its pipe; more than a message
  between the two is told as such."""
  (tmp_path / 'x.lua').write_text('''
local quoth = require "quoth"
for _, mib in ipairs { 1, 5, 12, 20 } do
  quoth.scenario(mib .. " MiB") { run = function(t)
    local c <close> = t:connect()
    c:expect(220)
    c:send("EHLO x"):expect(250)
    c:send("MAIL FROM:<a@example.test>"):expect(250)
    c:send("RCPT TO:<alice@example.test>"):expect(250)
    c:send("DATA"):expect(354)
    c:body(("y"):rep(71) .. ("\\n" .. ("y"):rep(71)):rep(mib * 14563)):expect(250)
    c:send("QUIT"):expect(221)
  end }
end
''')
  done = quoth('run', tmp_path / 'x.lua', '-t', 'embedded', '--format', 'tap')
  assert done.exit == 1
  assert [line[:4] for line in done.out.splitlines()
          if 'MiB' in line and line[:2] in ('ok', 'no')] == [
            'ok 1', 'ok 2', 'ok 3', 'not '], done.out
  assert 'at most 16 MiB in one step' in done.out
