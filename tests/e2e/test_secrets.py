"""The canary: random secrets through every feature, a server that repeats
them in every spelling, and then a search of everything that was written."""
import base64
import glob
import os
import secrets
import subprocess
import urllib.parse

import pytest

from binary import environment
from talker import answer

FORMATS = ['human', 'tap', 'jsonl', 'json', 'junit', 'github', 'quiet']


def canary():
  """With octets that every escape function changes."""
  return 'K' + secrets.token_hex(6) + "&<\"'%#\\=+/" + secrets.token_hex(5)


def spellings(secret):
  """Whatever an output could show of it, by name."""
  raw = secret.encode()
  found = {'raw': raw, 'hex': raw.hex().encode(),
           'HEX': raw.hex().upper().encode(),
           'percent': urllib.parse.quote(secret, safe='').encode(),
           'percent all': b''.join(b'%%%02X' % octet for octet in raw)}
  for shift in range(3):
    for name, encode in (('base64', base64.b64encode),
                         ('base64url', base64.urlsafe_b64encode)):
      text = encode(b'x' * shift + raw)
      # The octets beside it decide the first and the last characters.
      start = (8 * shift + 5) // 6
      found[f'{name}+{shift}'] = text[start:len(text.rstrip(b'=')) - 1]
  return found


def search(where, octets, secret):
  for name, spelling in spellings(secret).items():
    assert spelling not in octets, f'{name} of the secret in {where}'
  # What escapes make of it, and any longer piece, in any case.
  for piece in (secret[:12], secret[-10:]):
    assert piece.encode().lower() not in octets.lower(), \
      f'a piece of it in {where}'


def run(quoth, folder, secret_list, *words, env=None):
  """Every report at once, and every format on stdout; all is searched."""
  argv = [str(word) for word in words]
  for name in FORMATS:
    argv += ['--report', f'{name}={folder / name}.out']
  statuses = set()
  for extra in ([], ['-v', '--transcript', 'always'], ['--format', 'jsonl'],
                ['--format', 'github'], ['--format', 'tap']):
    done = subprocess.run(
      [quoth.path, 'run', *argv, *extra], env=environment(env), timeout=60,
      stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    statuses.add(done.returncode)
    for secret in secret_list:
      search('stdout', done.stdout, secret)
      search('stderr', done.stderr, secret)
      for path in glob.glob(os.path.join(folder, '*.out')):
        with open(path, 'rb') as text:
          search(path, text.read(), secret)
  assert len(statuses) == 1
  return statuses.pop(), done


def echo(line):
  line = line.strip()
  words = line.split(b' ', 2)[-1]
  try:
    decoded = base64.b64decode(words, validate=True)
  except ValueError:
    decoded = words
  said = [b'you said ' + line, b'that is ' + decoded.replace(b'\0', b' '),
          base64.b64encode(b'x' + decoded), decoded.hex().encode(),
          base64.b64encode(b'xy' + decoded),
          urllib.parse.quote_from_bytes(decoded, safe='').encode()]
  return b''.join(b'535-' + one.replace(b'\n', b'?') + b'\r\n'
                  for one in said) + b'535 no\r\n'


@pytest.fixture
def parrot(talker):
  return talker(answer({word: echo for word in (
    b'AUTH', b'NOOP', b'MAIL', b'RCPT', b'X')}))


PARAMS = 'params:\n  user: { secret: true }\n  pass: { secret: true }\n'


@pytest.mark.parametrize('steps', [
  "- send: AUTH PLAIN ${both|base64}\n    expect: 235",
  "- send: AUTH PLAIN ${both|base64}\n    expect: 235\n    secret: true",
  "- send: NOOP ${pass}\n    expect: 250\n    title: with ${pass}",
  "- send: NOOP ${pass|hex}\n    expect: { code: 250, text: '${pass}' }",
  "- send: NOOP a${pass}b${user}c\n    expect: { code: 535, "
  "text: 'nothing ${pass|base64}' }",
  "- set: { copy: 'x${pass}y' }\n  - send: NOOP ${copy|base64}\n"
  "    expect: 250",
  "- send: NOOP ${pass}\n    expect: { code: any, capture: "
  "{ got: '/you said NOOP (.+)/' } }\n  - send: X ${got}\n    expect: 250",
  "- pipeline:\n      - send: NOOP ${pass}\n        expect: 250\n"
  "      - send: NOOP ${user|base64}\n        expect: 250",
  "- write: 'NOOP ${pass}\\r\\n'\n    expect: 250",
  "- write: { text: 'NOOP ${pass}\\r\\n', chunks: [9, 3, 5], every: 5ms }\n"
  "    expect: 250",
  "- send: DATA\n    expect: 354\n  - body: \"Subject: ${pass}\\n\\n"
  "${pass|base64}\\n\"\n    expect: 550",
  "- send: NOOP ${pass|upper}\n    expect: 250\n    level: should",
  "- send: NOOP ${pass|lower|base64}\n    expect: 250",
  "- send: ${pass}\n    expect: 535",
], ids=lambda steps: steps[2:30].split('\n')[0])
def test_no_output_shows_a_secret(quoth, write, tmp_path, parrot, steps):
  user, password = canary(), canary()
  path = write('s.yaml', 'quoth: 1\nname: Canary\n' + PARAMS +
               'vars:\n  both: "${user}${pass}"\nsteps:\n  - connect:\n  ' +
               steps + '\n')
  env = {'QUOTH_SECRET_USER': user, 'QUOTH_SECRET_PASS': password}
  status, done = run(quoth, tmp_path, [user, password], path, '-t',
                     parrot.url, env=env)
  assert status in (0, 1), done.stderr
  jsonl = (tmp_path / 'jsonl.out').read_bytes()
  assert b'<redacted' in jsonl or b'u003credacted' in jsonl


def test_from_a_file_and_of_an_environment_variable(
    quoth, write, tmp_path, parrot):
  user, password = secrets.token_hex(8), secrets.token_urlsafe(12)
  write('secrets.yaml', f'user: "{user}"\n')
  path = write('s.yaml', 'quoth: 1\nname: Canary\nparams:\n'
               '  user: { secret: true }\n'
               '  pass: { secret: true, env: MY_PASSWORD }\n'
               'steps:\n  - connect:\n  - send: NOOP ${user} ${pass}\n')
  status, _done = run(quoth, tmp_path, [user, password], path, '-t',
                      parrot.url, '--secrets', tmp_path / 'secrets.yaml',
                      env={'MY_PASSWORD': password})
  assert status == 1


@pytest.mark.parametrize('param, given, piece', [
  ('{ secret: true, type: int }', 'hunter2222', 'does not fit'),
  ('{ secret: true, pattern: /^a+$/ }', 'hunter2222', 'does not fit'),
  ('{ secret: true, choices: [aaaa] }', 'hunter2222', 'does not fit'),
  ('{ secret: true }', 'h22', 'shorter than 4'),
  ('{ secret: true, default: h22 }', None, 'shorter than 4'),
])
def test_what_is_wrong_with_a_secret_is_told_without_it(
    quoth, write, param, given, piece):
  path = write('s.yaml', f'quoth: 1\nname: S\nparams:\n  k: {param}\n'
               'steps:\n  - connect:\n  - send: NOOP ${k}\n')
  env = {} if given is None else {'QUOTH_SECRET_K': given}
  for words in (['run', path, '-t', 'embedded'], ['check', path],
                ['show', path], ['list', path],
                ['check', path, '--format', 'json']):
    done = quoth(*words, env=env)
    if given is not None:
      assert given not in done.out + done.err
    if words[0] == 'run':
      assert done.exit == 3
      assert piece in done.err


def test_a_default_is_masked_and_gives_way(quoth, write, tmp_path, parrot):
  """The password of a test server, which its file tells to everybody."""
  default, given = secrets.token_hex(8), secrets.token_hex(10)
  path = write('s.yaml', 'quoth: 1\nname: S\nparams:\n  k: { secret: true, '
               f'default: "{default}" }}\nsteps:\n  - connect:\n'
               '  - send: NOOP ${k} ${k|length}\n    expect: 250\n')
  for env, size in (({}, 16), ({'QUOTH_SECRET_K': given}, 20)):
    run(quoth, tmp_path, [default, given], path, '-t', parrot.url, env=env)
    assert f' {size}' in (tmp_path / 'jsonl.out').read_text()
    assert 'redacted k' in (tmp_path / 'jsonl.out').read_text()


@pytest.mark.parametrize('text', [
  'k: hunter2222 # x\ny: [a\n', 'k: "hunter2222\n', 'k: @hunter2222\n',
  '- hunter2222\n', 'k: { x: hunter2222 }\n', 'k: hunter2222\nk: hunter2222\n',
  '\thunter2222\n', 'hunter2222', 'k: hunter2222: x\n'])
def test_a_broken_file_of_secrets(quoth, write, tmp_path, text):
  path = write('s.yaml', 'quoth: 1\nname: S\nparams:\n  k: { secret: true }\n'
               'steps:\n  - connect:\n  - send: NOOP ${k}\n')
  secret = write('secrets.yaml', text)
  for words in (['run', path, '-t', 'embedded', '--report',
                 f'json={tmp_path}/r.json'], ['check', path],
                ['check', path, '--format', 'sarif']):
    done = quoth(*words, '--secrets', secret)
    assert done.exit == 3
    assert 'hunter' not in done.out + done.err
  assert 'hunter' not in (tmp_path / 'r.json').read_text()


def test_a_secret_on_the_command_line_stays_out_of_reports(
    quoth, write, tmp_path):
  path = write('s.yaml', 'quoth: 1\nname: S\nparams:\n  k: { secret: true }\n'
               'steps:\n  - connect:\n  - send: NOOP ${k}\n')
  status, _done = run(quoth, tmp_path, ['hunter2222hunter'], path, '-t',
                      'embedded', '-D', 'k=hunter2222hunter')
  assert status == 3


def test_the_command_that_repeats_it_has_no_secret(
    quoth, write, tmp_path, parrot):
  secret = canary()
  path = write('s.yaml', 'quoth: 1\nname: S\nparams:\n  k: { secret: true }\n'
               'steps:\n  - connect:\n  - send: NOOP ${k}\n')
  _status, done = run(quoth, tmp_path, [secret], path, '-t', parrot.url,
                      env={'QUOTH_SECRET_K': secret})
  assert b'again' in (tmp_path / 'human.out').read_bytes(), done.stderr
