"""AUTH against servers that misbehave: each met by a strict author, who gets
one clear sentence and never a hang, and by one who wrote down what to expect.
No output shows the password, whatever the server sends back."""
import base64
import hashlib
import hmac
import time

import pytest

from test_secrets import canary, search

TIMEOUT_S = 2
SECRETS = {}


def dialogue(mechanism, password, expect='', more=''):
  key = 'token' if mechanism in ('XOAUTH2', 'OAUTHBEARER') else 'password'
  return (f'quoth: 1\nname: auth\ntimeout: {TIMEOUT_S}s\nsteps:\n'
          '  - connect:\n  - send: EHLO ${client}\n'
          f'  - auth: {{ mechanism: {mechanism}, user: alice, '
          f'{key}: {quoted(password)} }}\n' +
          (f'    expect: {expect}\n' if expect else '') + more)


def quoted(text):
  return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def run(quoth, write, url, text):
  began = time.monotonic()
  done = quoth('run', write('auth.yaml', text), '-t', url, '--format', 'jsonl',
               '--transcript', 'always', timeout=30)
  assert time.monotonic() - began < TIMEOUT_S + 8
  return done


def failed(done):
  found = [event for event in done.jsonl if event['kind'] == 'step-end' and
           event['result'] in ('fail', 'error')]
  assert len(found) == 1, done.out + done.err
  return found[0]


def meets(quoth, write, url, mechanism, cause, piece, expect,
          password='secret-a'):
  done = run(quoth, write, url, dialogue(mechanism, password))
  if cause == 'pass':
    assert done.exit == 0, done.out
  else:
    step = failed(done)
    assert step['act'] == 'auth'
    assert step['cause'] == cause, step
    assert piece in step['message'], step['message']
  for octets in (done.stdout, done.stderr):
    search('the report', octets, password)
  if expect is None:
    return
  done = run(quoth, write, url, dialogue(mechanism, password, expect))
  assert done.exit == 0, done.out
  for octets in (done.stdout, done.stderr):
    search('the report', octets, password)


# mode, mechanism, cause, a piece of the sentence; what makes it pass, or None.
HOSTILE = [
  ('good', 'PLAIN', 'pass', '', '235'),
  ('good', 'LOGIN', 'pass', '', '235'),
  ('good', 'CRAM-MD5', 'pass', '', '235'),
  ('good', 'SCRAM-SHA-1', 'code', 'got 504', '504'),
  ('auth-endless-334', 'LOGIN', 'sasl', 'one more challenge', None),
  ('auth-endless-334', 'PLAIN', 'sasl', 'one more challenge', None),
  ('auth-bad-base64', 'CRAM-MD5', 'sasl', 'is no base64: octet 1 of', None),
  ('auth-334-empty', 'LOGIN', 'sasl', 'before LOGIN was over', None),
  ('auth-huge-challenge', 'CRAM-MD5', 'flaw', 'a line above 64 KiB', None),
  ('auth-binary-challenge', 'CRAM-MD5', 'code', 'got 535', '535'),
  ('auth-235-early', 'CRAM-MD5', 'sasl', 'before it had heard', None),
  ('auth-235-early', 'PLAIN', 'pass', '', '235'),
  ('auth-235-early', 'SCRAM-SHA-256', 'sasl', 'did not prove', None),
  ('auth-any', 'CRAM-MD5', 'pass', '', '235'),
  ('auth-535-close', 'PLAIN', 'code', 'got 535', '535'),
  ('auth-454', 'PLAIN', 'code', 'got 454', '454'),
  ('auth-hang', 'PLAIN', 'timeout', 'no reply within 2 s', 'silence'),
  ('auth-220', 'PLAIN', 'pass', '', '220'),
  ('auth-echo', 'LOGIN', 'code', 'got 535', '535'),
]


@pytest.mark.parametrize('mode, mechanism, cause, piece, expect', HOSTILE,
                         ids=[f'{row[0]}-{row[1]}' for row in HOSTILE])
def test_of_the_lab(quoth, write, hostile, mode, mechanism, cause, piece,
                    expect):
  meets(quoth, write, hostile(mode).url, mechanism, cause, piece, expect)


def test_a_code_alone_is_shown(quoth, write, hostile):
  """It hides nothing, and is what is wrong."""
  path = write('s.yaml', 'quoth: 1\nname: Empty\nsteps:\n  - connect:\n'
               '  - auth: { mechanism: PLAIN, user: alice, password: x }\n')
  done = quoth('run', path, '-t', hostile('auth-334-empty').url)
  assert done.exit == 1 and 'got   334\\r\\n' in done.out, done.out


# ---- peers of our own -------------------------------------------------------

class Closed(Exception):
  """The client went."""


def peer(talker, rounds):
  """`rounds` is a generator of (what we say, what it is sent back): it yields
  lines to say and is sent the client's lines."""
  def talk(client):
    lines = client.makefile('rb')
    client.sendall(b'220 peer\r\n')
    while True:
      line = lines.readline()
      if not line:
        return
      if not line.upper().startswith(b'AUTH '):
        client.sendall(b'250-peer\r\n250 AUTH PLAIN LOGIN CRAM-MD5 '
                       b'SCRAM-SHA-1 SCRAM-SHA-256 DIGEST-MD5\r\n')
        continue
      going = rounds(line.strip())
      say = next(going)
      while say is not None:
        client.sendall(say)
        if not say.startswith(b'334'):
          break
        try:
          line = lines.readline()
          if not line:
            return
          say = going.send(line.strip())
        except StopIteration:
          break
  return talker(talk)


def b64(octets):
  return base64.b64encode(octets)


def ask(octets):
  return b'334 ' + b64(octets) + b'\r\n'


def scram(line):
  """The client's first message, its bare part and its nonce."""
  first = base64.b64decode(line.split(b' ')[2])
  bare = first[3:]
  return bare, bare.split(b',r=')[1]


def first_of(line, nonce=None, iterations=b'4096', salt=b'c2FsdHNhbHQ=',
             more=b''):
  _bare, ours = scram(line)
  return b'r=' + (ours + b'more' if nonce is None else nonce) + b',s=' + \
    salt + b',i=' + iterations + more


def yes_at_once(_line):
  yield b'235 ok\r\n'


def no_signature(line):
  yield ask(first_of(line))
  yield b'235 ok\r\n'


def wrong_signature(line):
  yield ask(first_of(line))
  yield ask(b'v=' + b64(b'x' * 32))
  yield b'235 ok\r\n'


def wrong_signature_in_yes(line):
  yield ask(first_of(line))
  yield b'235 ' + b64(b'v=' + b64(b'x' * 32)) + b'\r\n'


def foreign_nonce(line):
  yield ask(first_of(line, nonce=b'somebodyelses'))
  yield b'535 no\r\n'


def same_nonce(line):
  yield ask(first_of(line, nonce=scram(line)[1]))
  yield b'535 no\r\n'


def many_iterations(line):
  yield ask(first_of(line, iterations=b'1000000000'))
  yield b'535 no\r\n'


def no_iterations(line):
  yield ask(first_of(line, iterations=b'0'))
  yield b'535 no\r\n'


def salt_that_is_none(line):
  yield ask(first_of(line, salt=b'!!!'))
  yield b'535 no\r\n'


def error_of_scram(line):
  yield ask(first_of(line))
  yield ask(b'e=invalid-proof')
  yield b'535 no\r\n'


def more_after_the_end(line):
  bare, _nonce = scram(line)
  server = first_of(line)
  final = yield ask(server)
  final = base64.b64decode(final)
  password = SECRETS['password'].encode()
  salted = hashlib.pbkdf2_hmac('sha256', password, b'saltsalt', 4096)
  auth = bare + b',' + server + b',' + final[:final.rindex(b',p=')]
  key = hmac.new(salted, b'Server Key', 'sha256').digest()
  yield ask(b'v=' + b64(hmac.new(key, auth, 'sha256').digest()))
  yield ask(b'and more')
  yield b'235 ok\r\n'


def several_lines(_line):
  yield b'334-' + b64(b'one') + b'\r\n334 ' + b64(b'two') + b'\r\n'


def two_challenges(_line):
  yield ask(b'one') + ask(b'two')


def sixty_four_kib(_line):
  yield ask(b'x' * 48 * 1024)
  yield b'535 no\r\n'


def twenty_kib(_line):
  yield ask(b'x' * 20 * 1024)
  yield b'535 no\r\n'


def yes_in_the_middle(_line):
  yield b'334 ' + b64(b'<1.2@peer>') + b'\r\n235 ok\r\n'


def yes_instead_of_a_challenge(_line):
  yield b'235 ok\r\n'


def nothing_for_ever(_line):
  while True:
    yield b'334 \r\n'


def nul_in_a_challenge(line):
  yield ask(first_of(line) + b'\0')
  yield b'535 no\r\n'


def lf_alone(_line):
  yield b'334 ' + b64(b'<1.2@peer>') + b'\n'


def drip(_line):
  yield b'33'


PEERS = [
  (yes_at_once, 'SCRAM-SHA-256', 'sasl', 'did not prove', None),
  (no_signature, 'SCRAM-SHA-256', 'sasl', 'did not prove', None),
  (no_signature, 'SCRAM-SHA-1', 'sasl', 'did not prove', None),
  (wrong_signature, 'SCRAM-SHA-256', 'sasl', 'signature is wrong', None),
  (wrong_signature_in_yes, 'SCRAM-SHA-256', 'sasl', 'did not prove', None),
  (foreign_nonce, 'SCRAM-SHA-256', 'sasl', 'nonce', None),
  (same_nonce, 'SCRAM-SHA-256', 'sasl', 'nonce', None),
  (many_iterations, 'SCRAM-SHA-256', 'sasl', 'more SCRAM iterations', None),
  (no_iterations, 'SCRAM-SHA-256', 'sasl', 'iteration count', None),
  (salt_that_is_none, 'SCRAM-SHA-256', 'sasl', 'salt', None),
  (error_of_scram, 'SCRAM-SHA-256', 'sasl', 'invalid-proof', None),
  (more_after_the_end, 'SCRAM-SHA-256', 'sasl', 'one more challenge', None),
  (several_lines, 'CRAM-MD5', 'sasl', 'has 2 lines', None),
  (two_challenges, 'CRAM-MD5', 'noise', 'nobody had asked for', None),
  (sixty_four_kib, 'CRAM-MD5', 'flaw', 'a line above 64 KiB', None),
  (twenty_kib, 'CRAM-MD5', 'sasl', '20480 octets', None),
  (yes_in_the_middle, 'CRAM-MD5', 'noise', 'nobody had asked for', None),
  (yes_instead_of_a_challenge, 'LOGIN', 'sasl', 'before it had heard', None),
  (nothing_for_ever, 'CRAM-MD5', 'sasl', '', None),
  (nothing_for_ever, 'PLAIN', 'sasl', 'one more challenge', None),
  (nothing_for_ever, 'LOGIN', 'sasl', 'one more challenge', None),
  (nothing_for_ever, 'DIGEST-MD5', 'sasl', '', None),
  (nul_in_a_challenge, 'SCRAM-SHA-256', 'sasl', 'has a NUL', None),
  (lf_alone, 'CRAM-MD5', 'flaw', 'LF without CR', None),
  (drip, 'CRAM-MD5', 'timeout', 'no whole reply within 2 s', None),
]


@pytest.mark.parametrize('rounds, mechanism, cause, piece, expect', PEERS,
                         ids=[f'{row[0].__name__}-{row[1]}' for row in PEERS])
def test_of_our_own(quoth, write, talker, rounds, mechanism, cause, piece,
                    expect):
  SECRETS['password'] = 'K' + canary()[1:]
  meets(quoth, write, peer(talker, rounds).url, mechanism, cause, piece,
        expect, SECRETS['password'])


def test_a_failure_inside_ends_the_dialogue(quoth, write, talker):
  text = dialogue('CRAM-MD5', 'secret-a', more='  - send: NOOP\n').replace(
    'timeout:', 'on_fail: continue\ntimeout:')
  for rounds, rest in ((several_lines, 'not-run'), (yes_at_once, 'pass')):
    done = run(quoth, write, peer(talker, rounds).url, text)
    assert done.exit == 1
    last = [event for event in done.jsonl if event['kind'] == 'step-end'][-1]
    assert (last['label'], last['result']) == ('NOOP', rest)


def test_work_of_one_session_is_no_wait_for_others(quoth, write, talker):
  """Ten million iterations are some seconds; others go on beside them."""
  def slow(line):
    yield ask(first_of(line, iterations=b'9999999'))
    yield b'535 no\r\n'
  url = peer(talker, slow).url
  hard = dialogue('SCRAM-SHA-256', 'secret-a')
  write('set/hard.yaml', hard)
  quick = 'quoth: 1\nname: quick\ntimeout: 1s\nsteps:\n  - connect:\n'
  quick += '  - send: EHLO me\n  - wait: 200ms\n' * 4
  write('set/quick.yaml', quick)
  folder = write('set/x', '').parent
  (folder / 'x').unlink()
  done = quoth('run', folder, '-t', url, '--format', 'jsonl', timeout=30)
  ends = {event['name']: event for event in done.jsonl
          if event['kind'] == 'scenario-end'}
  assert ends['quick']['result'] == 'pass', done.out
  assert ends['auth']['cause'] in ('timeout', 'code')
  if ends['auth']['cause'] == 'timeout':
    assert 'too much work' in failed(done)['message']
  assert ends['auth']['took_us'] < (TIMEOUT_S + 2) * 1000000
