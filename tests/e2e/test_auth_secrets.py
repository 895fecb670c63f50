"""The canary in AUTH: for every mechanism, however the password came, a server
that sends it back in every spelling, in the refusal and in the steps behind it;
then a search of everything that was written."""
import base64
import re
import urllib.parse

import pytest

from test_secrets import PARAMS, canary, echo, run, search

PASSWORDS = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'DIGEST-MD5', 'SCRAM-SHA-1',
             'SCRAM-SHA-256']
TOKENS = ['XOAUTH2', 'OAUTHBEARER', 'ANONYMOUS']
CHALLENGES = {
  b'LOGIN': [b'Username:', b'Password:'],
  b'CRAM-MD5': [b'<1.2@parrot>'],
  b'DIGEST-MD5': [b'realm="parrot",nonce="bm9uY2U=",qop="auth",'
                  b'charset=utf-8,algorithm=md5-sess'],
}


def spoken(secret):
  """Lines that say it in many ways."""
  raw = secret.encode()
  said = [raw, base64.b64encode(raw), base64.b64encode(b'x' + raw),
          base64.b64encode(b'ab' + raw), raw.hex().encode(),
          raw.hex().upper().encode(),
          urllib.parse.quote(secret, safe='').encode(),
          base64.urlsafe_b64encode(raw)]
  return [b'it is ' + one for one in said]


def parrot(talker, secret, yes=False):
  def answers(line):
    mechanism = line.split()[1].upper()
    first = line.split()[2:]
    if mechanism.startswith(b'SCRAM'):
      bare = base64.b64decode(first[0])[3:]
      nonce = bare.split(b',r=')[1]
      return [b'r=' + nonce + b'more,s=c2FsdA==,i=4096']
    if not first and mechanism not in CHALLENGES:
      return [b'']
    return CHALLENGES.get(mechanism, [])

  def talk(client):
    lines = client.makefile('rb')
    client.sendall(b'220 parrot\r\n')
    while True:
      line = lines.readline()
      if not line:
        return
      if not line.upper().startswith(b'AUTH'):
        client.sendall(b''.join(b'250-' + one + b'\r\n'
                                for one in spoken(secret)) +
                       b'250 and ' + line.strip() + b'\r\n')
        continue
      heard = [line]
      for challenge in answers(line):
        client.sendall(b'334 ' + base64.b64encode(challenge) + b'\r\n')
        heard.append(lines.readline())
      said = [b'535-' + one + b'\r\n' for one in spoken(secret)]
      said += [echo(b'x ' + one.strip().split(b' ')[-1]).rsplit(
        b'535 no', 1)[0] for one in heard if one.strip()]
      reply = b''.join(said) + b'535 no\r\n'
      # The code, and not what a secret has of it.
      client.sendall(re.sub(b'(?m)^535', b'235', reply) if yes else reply)
  return talker(talk)


def quoted(text):
  return "'" + text.replace("'", "''") + "'"


# How the password comes: keys of the file, steps before, its spelling.
WAYS = {
  'secret': (PARAMS, '', '${pass}'),
  'joined': (PARAMS, '', '${pass}${user}'),
  'literal': ('', '', None),
  'parameter': ('params: { word: { default: %s } }\n', '', '${word}'),
  'variable': ('vars: { word: %s }\n', '', '${word}'),
  'captured': ('', "  - send: NOOP\n    expect: { code: 250, capture: "
               "{ word: '/^it is (K.+)$/' } }\n", '${word}'),
}


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('mechanism', PASSWORDS + TOKENS)
def test_no_output_shows_the_password(quoth, write, tmp_path, talker,
                                      mechanism, way):
  user, password = canary(), canary()
  keys, before, spelling = WAYS[way]
  value = quoted(password if spelling is None else spelling)
  if '%s' in keys:
    keys = keys % quoted(password)
  name = 'token' if mechanism in TOKENS else 'password'
  who = '' if mechanism == 'ANONYMOUS' else 'user: alice, '
  path = write('s.yaml', f'quoth: 1\nname: Canary\non_fail: continue\n{keys}'
               f'steps:\n  - connect:\n{before}'
               f'  - auth: {{ mechanism: {mechanism}, {who}{name}: {value} }}\n'
               '    expect: 235\n  - send: NOOP\n    expect: 251\n'
               f'  - auth: {{ mechanism: {mechanism}, {who}{name}: {value} }}\n'
               "    expect: { code: 535, text: 'nothing' }\n")
  secrets = [password] + ([user] if way == 'joined' else [])
  env = {'QUOTH_SECRET_USER': user, 'QUOTH_SECRET_PASS': password}
  if way == 'captured':
    # What the server said before it was a password is not taken back.
    done = quoth('run', path, '-t', parrot(talker, password).url, '--format',
                 'jsonl', env=env)
    shown = b'\n'.join(line for line in done.stdout.splitlines()
                       if b'"step":1,' not in line and
                       b'"step":2,' not in line)
    assert b'"step":5' in shown
    search('stdout', shown, password)
    return
  status, done = run(quoth, tmp_path, secrets, path, '-t',
                     parrot(talker, password).url, env=env)
  assert status == 1
  assert b'not ok' in done.stdout


@pytest.mark.parametrize('mechanism', ['PLAIN', 'SCRAM-SHA-256'])
def test_a_yes_shows_nothing_either(quoth, write, tmp_path, talker, mechanism):
  password = canary()
  path = write('s.yaml', 'quoth: 1\nname: Canary\nsteps:\n  - connect:\n'
               f'  - auth: {{ mechanism: {mechanism}, user: alice, password: '
               f'{quoted(password)} }}\n    expect: 535\n')
  assert run(quoth, tmp_path, [password], path, '-t',
             parrot(talker, password, yes=True).url)[0] == 1


@pytest.mark.parametrize('password', ['wrong', 'password', 'form of'])
def test_what_we_say_ourselves_is_not_masked(quoth, write, password):
  """A hole in a sentence that everybody can look up tells what is in it."""
  path = write('s.yaml', 'quoth: 1\nname: Word\nsteps:\n  - connect:\n'
               '  - send: EHLO ${client}\n  - auth: { mechanism: PLAIN, '
               f"user: alice, password: '{password}' }}\n")
  done = quoth('run', path, '-t', 'embedded')
  assert done.exit == 1
  said = ' '.join(done.out.split())
  assert ('(RFC 4954 6). Wrong user or password, the wrong form of the user '
          'name, or an account that must') in said, done.out
  assert 'sent AUTH PLAIN <redacted, ' in said


@pytest.mark.parametrize('text', [
  'pasword: %s', 'password: %s, token: x', 'password: %s, initial: perhaps',
  'password: %s }, expct: 235, x: { y: z',
])
def test_no_complaint_shows_a_literal(quoth, write, text):
  password = canary()
  path = write('s.yaml', 'quoth: 1\nname: Canary\nsteps:\n  - connect:\n'
               '  - { auth: { mechanism: PLAIN, user: alice, ' +
               text % quoted(password) + ' } }\n')
  for command in ('check', 'run', 'show'):
    done = quoth(command, path)
    assert done.exit == 3
    search(command, done.stdout + done.stderr, password)
  for name in ('json', 'sarif', 'github', 'gitlab'):
    done = quoth('check', path, '--format', name)
    search(name, done.stdout + done.stderr, password)


@pytest.mark.parametrize('act', [
  '[ PLAIN, alice, %s ]', '%s', '[ [ %s ] ]', '[ { password: %s } ]',
  '{ mechanism: PLAIN, user: alice, password: { a: %s } }',
  '{ mechanism: PLAIN, user: alice, password: [ x, { y: [ %s ] } ] }',
])
def test_no_complaint_shows_what_is_no_text(quoth, write, act):
  password = canary()
  broken(quoth, write('s.yaml', 'quoth: 1\nname: Canary\nsteps:\n'
                      '  - connect:\n  - auth: ' + act % quoted(password) +
                      '\n'), password)


def test_show_shows_the_act_alone(quoth, write):
  password = canary()
  path = write('s.yaml', 'quoth: 1\nname: Canary\nsteps:\n  - connect:\n'
               '  - auth: { mechanism: plain, user: alice, password: ' +
               quoted(password) + ' }\n    expect: 235\n')
  done = quoth('show', path)
  assert done.exit == 0
  assert 'C: auth plain\n' in done.out
  search('show', done.stdout + done.stderr, password)


LUA = '''local quoth = require "quoth"
quoth.scenario("canary", {
	params = { pass = { secret = true } },
	on_fail = "continue",
	run = function(t)
		local c = t:connect()
		c:expect(220)
		c:auth { mechanism = "%s", user = "alice", password = %s }:check(235)
		c:send("NOOP"):check(251)
	end,
})
'''


@pytest.mark.parametrize('value', ['t.params.pass', '"k" .. t.params.pass',
                                   '"%s"'])
@pytest.mark.parametrize('mechanism', ['PLAIN', 'CRAM-MD5', 'SCRAM-SHA-256'])
def test_no_script_shows_one(quoth, write, tmp_path, talker, mechanism, value):
  password = canary()
  if '%' in value:
    value %= password.replace('\\', '\\\\').replace('"', '\\"')
  path = write('s.lua', LUA % (mechanism, value))
  assert run(quoth, tmp_path, [password], path, '-t',
             parrot(talker, password).url,
             env={'QUOTH_SECRET_PASS': password})[0] == 1


# A file that is broken before anybody can know what is a secret in it: the
# value is %s, quoted or not; the error is on its line or beside it.
BROKEN = {
  'duplicate': "      password: '%s'\n      password: '%s'\n",
  'duplicate double': '      password: "%s"\n      password: "%s"\n',
  'duplicate plain': '      password: %s\n      password: %s\n',
  'tab': "\t      password: '%s'\n",
  'indentation': "      user: alice\n       password: '%s'\n",
  'less': "      user: alice\n     password: '%s'\n",
  'no space': '      password:%s\n      x: [\n',
  'no end': "      password: '%s\n",
  'no end double': '      password: "%s\n',
  'two quotes': "      password: '%s' more\n",
  'escape': '      password: "%s\\y"\n',
  'colon': '      password: %s: more\n',
  'anchor': '      password: &%s more\n',
  'alias': '      password: *%s\n',
  'tag': '      password: !%s x\n',
  'at': '      password: @%s\n',
  'percent': '      password: %%%s\n',
  'backtick': '      password: `%s\n',
  'block': '      password: |\n        %s\n       more: [\n',
  'below': '      password:\n        %s\n     more: [\n',
  'list': '      password: [%s\n',
  'misspelt': '      pasword: "%s\n',
  'token': '      token: "%s" "\n',
  'quoted key': '      "password": "%s" "\n',
  'control': "      password: 'x\x01%s'\n",
  'flow': '      x: { password: %s, y: "z }\n',
  'flow brace': '      x: { password: %s}y }\n',
  'flow quoted': "      x: { user: a, password: '%s' 'z' }\n",
  'flow twice': "      x: { password: '%s', password: '%s' }\n",
  'long': "      password: '" + 60 * 'k' + "%s' x\n",
}


@pytest.mark.parametrize('form', BROKEN)
def test_no_syntax_error_shows_a_literal(quoth, write, form):
  plain = 'plain' in form or form in (
    'no space', 'colon', 'anchor', 'alias', 'tag', 'at', 'percent',
    'backtick', 'block', 'below', 'list', 'flow', 'flow brace')
  # Only what may stand there: octets that YAML knows are another error.
  password = 'K' + canary()[1:13] + '%~=+/' + canary()[1:11] if plain \
    else canary().replace("'", '').replace('"', '').replace('\\', '')
  text = BROKEN[form].replace('%%', '%\0').replace('%s', password) \
    .replace('%\0', '%')
  broken(quoth, write('s.yaml', 'quoth: 1\nname: Canary\nsteps:\n  - connect:\n'
                      '  - auth:\n      mechanism: PLAIN\n' + text +
                      '    expect: 235\n  - send: NOOP\n'), password)


def broken(quoth, path, password):
  for command in (['check'], ['run', '-t', 'smtp://127.0.0.1:1'], ['show'],
                  ['list']):
    done = quoth(*command, path)
    assert done.exit == 3
    search(command[0], done.stdout + done.stderr, password)
  for name in ('json', 'sarif', 'github', 'gitlab'):
    done = quoth('check', path, '--format', name)
    assert done.exit == 3
    search(name, done.stdout + done.stderr, password)


@pytest.mark.parametrize('text', [
  "params: { word: { secret: true, default: '%s' 'x' } }\n",
  'params: { word: { default: %s: x, secret: true } }\n',
  'params:\n  word:\n    default: "%s" x\n    secret: true\n',
  "params:\n  word:\n    secret: true\n    default: '%s'\n    default: x\n",
  "params: { word: { secret: true, default: '%s', defualt: x } }\n",
  "vars: { my_token: '%s' x }\n",
])
def test_no_syntax_error_shows_a_default(quoth, write, text):
  password = 'K' + canary()[1:13] + '%~=+/' + canary()[1:11]
  broken(quoth, write('s.yaml', 'quoth: 1\nname: Canary\n' +
                      text.replace('%s', password) +
                      'steps:\n  - connect:\n'), password)


@pytest.mark.parametrize('text', [
  "[ PLAIN, alice, '%s'", 'PLAIN alice %s: x', "'PLAIN alice %s",
  "\n      - PLAIN\n      - '%s' x",
])
def test_no_syntax_error_shows_what_is_no_map(quoth, write, text):
  password = 'K' + canary()[1:13] + '%~=+/' + canary()[1:11]
  broken(quoth, write('s.yaml', 'quoth: 1\nname: Canary\nsteps:\n  - auth: ' +
                      text.replace('%s', password) + '\n'), password)


@pytest.mark.parametrize('text', [
  'password = "%s" "x" }', 'password = "%s', "password = '%s', = }",
  '["password"] = "%s" x', 'password == "%s" }', 'password = [[%s]] x',
])
def test_no_error_of_lua_shows_a_literal(quoth, write, text):
  password = 'K' + canary()[1:13] + '%~=+/' + canary()[1:11]
  path = write('s.lua', 'local quoth = require "quoth"\n'
               'quoth.scenario("canary", { run = function(t)\n'
               '\tt:connect():auth { mechanism = "PLAIN", ' +
               text.replace('%s', password) + '\nend })\n')
  for command in ('check', 'show', 'list', 'run'):
    more = ['-t', 'smtp://127.0.0.1:1'] if command == 'run' else []
    for extra in ([], ['--format', 'jsonl']) if more else ([],):
      done = quoth(command, path, *more, *extra)
      assert done.exit == 3
      search(command, done.stdout + done.stderr, password)


LITERALS = [
  "c:auth('PLAIN', 'alice', '%s')", "c:auth('alice', \"%s\")",
  "c:auth('%s', 'alice', '%s')", 'c:auth({ "PLAIN", [[%s]] }, "x")',
  "c.auth{ mechanism='PLAIN', user='alice', password='%s' }",
  "t:auth{ mechanism='PLAIN', user='alice', ['password']='%s' }",
  "c:auth{ mechanism='PLAIN', user='alice', password='%s' .. nil }",
  "c:auth{ mechanism='PLAIN', user='alice', [1]='%s' }",
  "c:auth({ mechanism='PLAIN', -- ( {\nuser='alice', pw=[==[%s]==] }, 'x')",
  "c:auth{ mechanism='PLAIN', user='alice', password='%s' }:expct(235)",
  "c:auth{ mechanism='PLAIN', user='alice', password='%s' }:expect(1, 'x')",
  "c:auth{ mechanism='XOAUTH2', user='alice', token='%s' }:expct(235)",
  "t:note('it is', '%s') c:auth{ mechanism='PLAIN', user='alice', "
  "password='%s' }",
  "c:send('NOOP'):expect(550) c:auth{ mechanism='PLAIN', user='alice', "
  "password='%s' }",
  "smtp.auth.plain(c, t, 'alice', '%s') error('x')",
]


@pytest.mark.parametrize('text', LITERALS)
@pytest.mark.parametrize('module', [False, True])
def test_no_run_of_lua_shows_a_literal(quoth, write, text, module):
  """What raises on a line shows it, and no step has hidden its password yet."""
  password = 'K' + canary()[1:13] + '~=+/' + canary()[1:11]
  body = ('local quoth = require "quoth"\nlocal smtp = require "quoth.smtp"\n'
          '%s = function(t)\nlocal c <close> = t:connect() c:expect(220)\n' +
          text.replace('%s', password) + '\nend\n')
  head = 'quoth.scenario("canary", { run = '
  if module:
    write('m.lua', body.replace('%s', 'return { go', 1) + '}')
    path = write('s.lua', 'local quoth = require "quoth"\n' + head +
                 'require("m").go })')
  else:
    path = write('s.lua', body.replace('%s', 'local go', 1) + head + 'go })')
  for more in (['jsonl'], ['human', '--transcript', 'always'], ['json']):
    done = quoth('run', path, '-t', 'embedded', '--format', *more)
    assert done.exit == 1, done.out
    if 'NOOP' not in text and '\n' not in text:     # else it is cut off
      assert 'redacted' in done.out
    search('run', done.stdout + done.stderr, password)


def test_what_is_no_secret_of_a_call_is_shown(quoth, write):
  """Only passwords and tokens: nobody else's texts are masked."""
  path = write('s.lua', """local quoth = require "quoth"
local lab = { auth = "lab.auth", login = { "auth", "user" } }
-- c:auth('PLAIN', 'shown-1', 'shown-2')
quoth.scenario "x" { tags = { "auth", "shown" }, run = function(t)
  local c <close> = t:connect()
  c:expect(220)
  c:send("EHLO x"):expect(250)
  t:note("shown-1", "shown-2", "alice", "PLAIN", "shown-3", "shown-4")
  t:note("title", "password", "secret-b", "or-what", lab.auth, "shown-5")
  local pick = function(key) return ({ ["shown-3"] = "secret-" .. "b" })[key] end
  c:auth({ mechanism = ("PLAIN"):upper(), user = pick("shown-4") or "alice",
    authzid = "", password = pick("shown-3") == "or-what" and 1 or
    pick("shown-3") }, { title = "shown-5" }):expect { 235, 535 }
end }
""")
  done = quoth('run', path, '-t', 'embedded', '--format', 'jsonl')
  # Where there is no seccomp a note of ours comes first.
  notes = [event['bytes'] for event in done.jsonl if event['kind'] == 'said']
  assert notes[-2:] == ['shown-1 shown-2 alice PLAIN shown-3 shown-4',
                        'title password secret-b or-what lab.auth shown-5']
  assert done.exit == 0 and '"shown-5"' in done.out


BY_HAND = [
  '- send: AUTH PLAIN %s\n  expect: 535\n',
  '- send: AUTH LOGIN\n  expect: 334\n- send: %s\n  expect: 334\n',
  '- send: NOOP\n  expect: 550\n- send: AUTH PLAIN %s\n',
  '- send: NOOP\n  expect: 550\n- send: HELO %s\n  secret: true\n',
  '- pipeline:\n  - send: NOOP\n  - send: AUTH PLAIN %s\n    expect: 235\n',
]


@pytest.mark.parametrize('steps', BY_HAND)
def test_no_label_shows_what_is_sent_by_hand(quoth, write, steps):
  """Neither when the step begins, nor of one that was never run."""
  word = base64.b64encode(b'\0alice\0' + canary().encode()).decode()
  path = write('s.yaml', 'quoth: 1\nname: x\nsteps:\n- connect:\n'
               '- send: EHLO x\n' + steps.replace('%s', word))
  for name in ('jsonl', 'json', 'human', 'tap', 'junit', 'github', 'quiet'):
    done = quoth('run', path, '-t', 'embedded', '-v', '--format', name)
    assert word not in done.out and word[8:24] not in done.out, done.out
