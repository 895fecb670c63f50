"""Secrets are handles: sent, and seen nowhere."""
import base64
import hashlib
import hmac
import pathlib

import pytest

from talker import Talker

HEAD = 'local quoth = require "quoth"\n'
SECRET = 'Geh3im-und-lang'
ENV = {'QUOTH_SECRET_PW': SECRET}
REPORTS = ['human', 'jsonl', 'json', 'junit', 'tap', 'github', 'quiet']
CONN = 'local c <close> = t:connect() c:expect(220)\n'


@pytest.fixture
def lua(quoth, write, monkeypatch, talker):
  """lua(body) -> (the run, what the server heard, all that any report has)."""
  def run(body, target=None):
    heard = []

    def talk(conn):
      conn.sendall(b'220 hi\r\n')
      buffer = b''
      while True:
        got = conn.recv(4096)
        buffer += got
        if not got:
          return
        while b'\r\n' in buffer:
          line, buffer = buffer.split(b'\r\n', 1)
          heard.append(line)
          conn.sendall(b'250 you said ' + line[:400] + b'\r\n')
    path = write('x.lua', HEAD + 'quoth.scenario "x" { params = { pw = { '
                 'secret = true } }, run = function(t)\nlocal pw = '
                 't.params.pw\n' + body + '\nend }\n')
    monkeypatch.chdir(path.parent)
    options = [word for name in REPORTS
               for word in ('--report', f'{name}=r.{name}')]
    done = quoth('run', 'x.lua', '-t', target or talker(talk).url,
                 '--transcript', 'always', *options, env=ENV)
    seen = done.stdout + done.stderr + b''.join(
      pathlib.Path(f'r.{name}').read_bytes() for name in REPORTS)
    return done, heard, seen
  return run


def hidden(seen, *more):
  for word in (SECRET.encode(), base64.b64encode(SECRET.encode()), *more):
    assert word not in seen, word


def test_sent(lua):
  done, heard, seen = lua(CONN + """
c:send("A " .. pw):expect(250)
c:send("B " .. t:base64("\\0joe\\0" .. pw)):expect(250)
c:send("C " .. t:hmac("md5", pw, "challenge")):expect(250)
c:send("D " .. t:base64(t:hmac("sha256", pw, "challenge", "raw"))):expect(250)
c:write("E " .. pw .. "\\r\\n"):expect(250)
""")
  assert done.exit == 0, done.out
  key = SECRET.encode()
  plain = base64.b64encode(b'\0joe\0' + key)
  md5 = hmac.new(key, b'challenge', hashlib.md5).hexdigest().encode()
  sha = base64.b64encode(hmac.new(key, b'challenge',
                                  hashlib.sha256).digest())
  assert heard[:5] == [b'A ' + key, b'B ' + plain, b'C ' + md5, b'D ' + sha,
                       b'E ' + key]
  hidden(seen, plain, md5, sha)


ERRORS = {
  'error': 'error("it is " .. pw)',
  'error object': 'error(pw)',
  'error table': 'error({ pw })',
  'assert': 'assert(false, "it is " .. pw)',
  'note': 't:note(pw, "x" .. tostring(pw), { pw })',
  'print': 'print(pw)',
  'format': 't:note(("%s"):format(pw))',
  'fail': 't:fail(tostring(pw))',
  'title': CONN + 'c:send("NOOP", { title = "x" .. pw }):expect(550)',
  'matcher': CONN + 'c:send("NOOP"):expect { text = "no " .. pw }',
  'code': CONN + 'c:send("NOOP"):expect(pw)',
  'duration': 't:wait(pw)',
  'unknown key': CONN + 'c:send("NOOP"):expect { cod = pw }',
  'dialogue': 't:use(pw)',
  'target': 't:connect("smtp://" .. pw):expect(220)',
  'file': CONN + 'c:body { file = "a" .. pw }:expect(250)',
  'header': CONN + 'c:body { headers = { A = pw }, text = "x" }:expect(250)',
  'variable': 't:set { a = pw } t:note(t.vars.a)',
  'captured': CONN + 'c:send("A " .. pw):expect { capture = { a = "/said A '
              '(.*)/" } } t:note(t.vars.a)',
  'reply': CONN + 'local r = c:send("A " .. pw):expect(250) '
           't:note(r.text) error(r.text)',
  'pieces': CONN + 'local r = c:send("A " .. pw):expect(250) '
            't:note(r.text:sub(1, 18)) t:note(r.text)',
  'line break': CONN + 'c:send(pw .. "\\r\\nX"):expect(250)',
}


@pytest.mark.parametrize('name', ERRORS)
def test_never_seen(lua, name):
  """Whatever goes wrong, and wherever the server says it back."""
  hidden(lua(ERRORS[name])[2])


ECHOES = {
  'text': 'r.text', 'raw': 'r.raw', 'lines': 'r.lines[1]',
  'captured': 't.vars.word', 'encoded': 'b.text', 'hmac': 'h.text',
}


@pytest.mark.parametrize('name', ECHOES)
def test_an_echo_teaches_nothing(lua, name):
  """Backwards no report would know it, so the script must not get it."""
  done, heard, seen = lua(CONN + f"""
local r = c:send("A " .. pw):expect {{ code = 250, capture = {{
  word = "/said A (.*)/" }} }}
local b = c:send("A " .. t:base64(pw)):expect(250)
local h = c:send("A " .. t:hmac("md5", pw, "x")):expect(250)
t:note("so: " .. ({ECHOES[name]}):reverse())
""")
  assert done.exit == 0 and heard[0] == b'A ' + SECRET.encode(), done.out
  assert b'so: ' in seen and b'>' in seen
  hmac_hex = hmac.new(SECRET.encode(), b'x', hashlib.md5).hexdigest().encode()
  for word in (SECRET.encode(), base64.b64encode(SECRET.encode()), hmac_hex):
    assert word[::-1] not in seen, word


OPAQUE = ['#pw', 'pw < pw', 'pw <= "a"', 'pw:sub(1, 1)', 'pw.x', 'pw[1]',
          'pw.x == 1', 'string.sub(pw, 1)', 'string.byte(pw)', 'pw()',
          'string.rep(pw, 2)', 'table.concat { pw }', 'pw + 1',
          'tonumber(pw) + 1', 'utf8.len(pw)', '("x"):find(pw)', 't:unbase64(pw)',
          'string.len(pw)', 'load(pw)', 'require(pw)', 'setmetatable(pw, {})',
          'next(pw)', '("%q"):format(pw)', 'pw .. {}', 'pw .. t']


@pytest.mark.parametrize('expression', OPAQUE)
def test_opaque(lua, expression):
  """Nothing can be learned from a handle."""
  done, _, seen = lua(f'local x = {expression}')
  assert done.exit == 1 and '1 error' in done.out
  hidden(seen)


@pytest.mark.parametrize('text', ['("NOOP %s"):format(pw)',
                                  'string.format("%5s%s", 1, pw)'])
def test_format_says_so(lua, text):
  """What it made was sent with the word <secret> in it, and nobody knew."""
  done, heard, seen = lua(CONN + f'c:send({text}):expect(250)')
  assert done.exit == 1 and b'string.format() cannot put a secret in: join ' \
    b'it with .., such as \\"AUTH PLAIN \\" .. secret' in seen
  assert not any(b'NOOP' in line for line in heard)
  hidden(seen)


def test_no_equal(lua):
  done = lua(f'if pw == "{SECRET}" or rawequal(pw, "{SECRET}") or '
             'getmetatable(pw) then t:fail("learned") end')[0]
  assert done.exit == 0, done.out


def test_abroad(lua):
  """A host that only the file names gets none, whatever it was made into."""
  got = []

  def talk(conn):
    conn.sendall(b'220 hi\r\n')
    got.append(conn.recv(1000))
  away = Talker(talk, address=('127.0.0.2', 0))
  port = away.url.rsplit(':', 1)[1]
  for word in ('pw', 't:base64(pw)', 't:hmac("md5", pw, "x")'):
    done, heard, seen = lua(
      'local c <close> = t:connect("smtp://127.0.0.2:%s")\nc:expect(220)\n'
      'c:send("A " .. %s):expect(250)' % (port, word))
    assert done.exit == 1 and 'only this file names' in done.out, done.out
    hidden(seen)
  away.stop()
  assert not [one for one in got if b'A ' in one]
