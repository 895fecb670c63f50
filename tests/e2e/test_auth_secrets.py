"""The canary in AUTH: for every mechanism, however the password came, a server
that sends it back in every spelling, in the refusal and in the steps behind it;
then a search of everything that was written."""
import base64
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
      client.sendall(reply.replace(b'535', b'235') if yes else reply)
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
