"""The embedded server's faults on request, met by quoth itself (strictly, and
as expected), by other clients, under TLS and LMTP, and many at a time."""
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import threading
import time

import pytest

HELLO = '''quoth: 1
timeout: %s
%ssteps:
  - connect:
    expect: 220
  - send: EHLO ${client}
    expect: 250
'''
DELIVER = HELLO + '''  - send: MAIL FROM:<tester@example.org>
    expect: 250
  - send: RCPT TO:<bob@example.test>
    expect: 250
  - send: RCPT TO:<alice@example.test>
    expect: 250
  - send: DATA
    expect: 354
  - body: { text: hello }
    expect: 250
  - send: QUIT
    expect: 221
'''
SECURE = HELLO + '''  - starttls: %s
    expect: 220
  - send: EHLO ${client}
    expect: 250
  - send: NOOP
    expect: 250
  - send: QUIT
    expect: 221
'''


def run(quoth, tmp_path, text, *options, faults=(), target='embedded', **more):
  path = tmp_path / 'fault.yaml'
  path.write_text(text)
  given = [word for fault in faults for word in ('--fault', fault)]
  return quoth('run', path, '-t', target, '--format', 'jsonl', *options,
               *given, **more)


def steps(done):
  return [event for event in done.jsonl if event['kind'] == 'step-end']


def failed(done):
  """(number, act, cause, message) of the step that failed."""
  found = [(at, event['act'], event['cause'], event.get('message', ''))
           for at, event in enumerate(steps(done))
           if event['result'] in ('fail', 'error')]
  assert len(found) == 1, done.out
  return found[0]


# ---- quoth, strictly --------------------------------------------------------

# faults, the number of the step that fails (None: all pass), the sentence
STRICT = [
  ('delay=20ms', None, ''),
  ('fragment=7', None, ''),
  ('fragment=3@EHLO', None, ''),
  ('trickle=2ms@banner', None, ''),
  ('451@RCPT#3', None, ''),
  ('drop@any/2+', None, ''),
  ('delay=30s@RCPT#2', 4, 'no reply within 1'),
  ('trickle=400ms@MAIL', 2, 'within 1'),
  ('mute@DATA', 5, 'no reply within 1'),
  ('mute@banner', 0, 'no greeting within 1'),
  ('skip@EHLO', 1, 'no reply within 1'),
  ('drop', 0, 'the server closed the connection without a reply'),
  ('drop@RCPT#2', 4, 'the server closed the connection without a reply'),
  ('drop@.', 6, 'the server closed the connection without a reply'),
  ('drop@QUIT', 7, 'the server closed the connection without a reply'),
  ('reset@banner', 0, 'the server reset the connection without a reply'),
  ('reset@body', 6, 'the server reset the connection without a reply'),
  ('cut@MAIL', 2, 'in the middle of a reply, after 7 octets'),
  ('cut=1@banner', 0, 'in the middle of a reply, after 1 octet'),
  ('bare-lf@DATA', 5, 'a line ends in LF without CR'),
  ('garbage@EHLO', 1, 'a line does not start with a three-digit code'),
  ('extra@MAIL', 3, 'octets came that nobody had asked for'),
  ('421@banner', 0, '421 Asked for'),
  ('421@DATA', 5, '421 4.0.0 Asked for'),
  ('451@RCPT#2', 4, '451 4.0.0 Asked for'),
  ('650=What?@MAIL', 2, '650 What?'),
  ('250@DATA', 5, '250 2.0.0 Asked for'),
  ('552=5.3.4 Too big@body', 6, '552 5.3.4 Too big'),
  ('554 --fault fragment=1 --fault delay=50ms@any', 0, '554 5.0.0 Asked for'),
]


@pytest.mark.parametrize('faults, step, sentence', STRICT,
                         ids=[row[0] for row in STRICT])
def test_strict(quoth, tmp_path, faults, step, sentence):
  done = run(quoth, tmp_path, DELIVER % ('1s', ''),
             faults=faults.split(' --fault '))
  if step is None:
    assert done.exit == 0, done.out
    return
  assert done.exit == 1, done.out
  at, _, _, message = failed(done)
  assert at == step
  replies = [event.get('reply', {}) for event in steps(done)]
  assert sentence in message or sentence in str(replies[at]), done.out


# ---- quoth, as expected -----------------------------------------------------

# faults, what is expected of NOOP
EXPECTED = [
  ('drop@NOOP', 'closed'),
  ('reset@NOOP', 'closed'),
  ('mute@NOOP', '{ code: silence, within: 200ms }'),
  ('skip@NOOP', '{ code: silence, within: 200ms }'),
  ('421@NOOP', '[421, closed]'),
  ('drop@NOOP', '[421, closed]'),
  ('451=4.7.1 wait@NOOP', '{ code: 451, enhanced: 4.7.1 }'),
  ('delay=300ms@NOOP', '{ code: 250, within: 5s }'),
]


@pytest.mark.parametrize('fault, expect', EXPECTED,
                         ids=[f'{a}-{b}' for a, b in EXPECTED])
def test_expected(quoth, tmp_path, fault, expect):
  text = (HELLO % ('5s', '')) + f'  - send: NOOP\n    expect: {expect}\n'
  done = run(quoth, tmp_path, text, faults=[fault])
  assert done.exit == 0, done.out
  # And it is the fault that was met.
  if not fault.startswith('delay'):
    assert run(quoth, tmp_path, text).exit == 1


def test_hide(quoth, tmp_path):
  text = HELLO.replace('    expect: 250\n', '    expect: { code: 250, %s }\n')
  for fault, expect in (('hide=STARTTLS', 'lacks: STARTTLS'),
                        ('hide=HELP', 'lacks: HELP'),
                        ('hide=HELP@RSET', 'offers: [STARTTLS, HELP]')):
    done = run(quoth, tmp_path, text % ('5s', '', expect), faults=[fault])
    assert done.exit == 0, done.out


def test_pipeline(quoth, tmp_path):
  """What was answered before the fault is there; its own order is kept."""
  text = (HELLO % ('5s', '')) + '''  - pipeline:
      - send: MAIL FROM:<tester@example.org>
        expect: 250
      - send: RCPT TO:<bob@example.test>
        expect: 451
      - send: RCPT TO:<alice@example.test>
        expect: 250
      - send: RSET
        expect: closed
'''
  done = run(quoth, tmp_path, text, faults=[
    '451@RCPT#1', 'delay=100ms@RCPT', 'reset@RSET', 'fragment=2@RCPT#2'])
  assert done.exit == 0, done.out


def test_lmtp(quoth, tmp_path):
  text = '''quoth: 1
protocol: lmtp
timeout: 5s
steps:
  - connect:
  - send: LHLO ${client}
  - send: MAIL FROM:<tester@example.org>
  - send: RCPT TO:<bob@example.test>
  - send: RCPT TO:<alice@example.test>
  - send: DATA
  - body: { text: hello }
    expect_each: [%s, %s]
  - send: QUIT
'''
  slow = ['fragment=1', 'delay=50ms@body']
  done = run(quoth, tmp_path, text % (250, 250), faults=slow)
  assert done.exit == 0, done.out
  done = run(quoth, tmp_path, text % (450, 450), faults=[
    *slow, '450=4.2.1 Later@body'])
  assert done.exit == 0, done.out
  done = run(quoth, tmp_path, text % (250, 250), faults=['cut=40@body'])
  assert 'in the middle of a reply' in failed(done)[3], done.out


# ---- scenarios that try again -----------------------------------------------

@pytest.mark.parametrize('fault, on', [
  ('421@banner/1', '[421]'), ('421@banner/1', '[4xx]'),
  ('drop@MAIL/1..2', '[closed]'), ('reset@banner/1', '[closed]'),
  ('mute@RCPT/1', '[timeout]'), ('451=4.7.1 Greylisted@RCPT/1..2', '[451]')])
def test_retry(quoth, tmp_path, fault, on):
  retry = f'retry: {{ times: 2, every: 50ms, on: {on} }}\n'
  done = run(quoth, tmp_path, DELIVER % ('500ms', retry), faults=[fault])
  assert done.exit == 0, done.out
  # Once more than it tries, or for another reason: that is a failure.
  for wrong in (re.sub(r'/.*', '', fault), 'bare-lf@MAIL'):
    done = run(quoth, tmp_path, DELIVER % ('500ms', retry), faults=[wrong])
    assert done.exit == 1, done.out


def test_eventually(quoth, tmp_path):
  text = (HELLO % ('2s', '')) + '''  - eventually:
      within: %s
      every: 20ms
      steps:
        - send: VRFY alice@example.test
          expect: 250
  - send: NOOP
    expect: 250
'''
  greylists = ['450=4.7.1 Not yet@VRFY#1..3']
  done = run(quoth, tmp_path, text % '20s', faults=greylists)
  assert done.exit == 0, done.out
  done = run(quoth, tmp_path, text % '200ms', faults=['450@VRFY'])
  assert done.exit == 1, done.out


# ---- TLS --------------------------------------------------------------------

# fault, what the failed handshake says; None: it holds
HANDSHAKES = [
  ('delay=200ms@tls', None),
  ('fragment=50@tls', None),
  ('fragment=1@EHLO', None),
  ('delay=50ms@STARTTLS', None),
  ('drop@tls/2', None),
  ('drop@tls', 'closed'),
  ('reset@tls', 'reset|closed'),
  ('cut@tls', 'closed'),
  ('cut=1@tls', 'closed'),
  ('garbage@tls', 'speaks no TLS'),
  ('mute@tls', 'within 2 s|without an answer'),
  ('delay=30s@tls', 'within 2 s|without an answer'),
  ('trickle=1s@tls', 'within 2 s|without an answer'),
]


@pytest.mark.parametrize('fault, sentence', HANDSHAKES,
                         ids=[row[0] for row in HANDSHAKES])
def test_starttls(quoth, tmp_path, fault, sentence):
  done = run(quoth, tmp_path, SECURE % ('2s', '', '{}'), faults=[fault])
  if sentence is None:
    assert done.exit == 0, done.out
    return
  at, act, _, message = failed(done)
  assert (at, act) == (2, 'starttls'), done.out
  assert re.search(sentence, message), message


def listening_tls(quoth, tmp_path, *faults):
  """(background, port of smtps, the CA's file)"""
  ca = tmp_path / 'ca.pem'
  given = [word for fault in faults for word in ('--fault', fault)]
  server = quoth.start('serve', '--listen', '127.0.0.1:0', '--listen-tls',
                       '127.0.0.1:0', '--save-ca', str(ca), *given)
  port = int(server.wait_line(r'listening on smtps://127\.0\.0\.1:(\d+)')[1])
  return server, port, ca


@pytest.mark.parametrize('fault, sentence', [
  row for row in HANDSHAKES if 'STARTTLS' not in row[0]],
  ids=[row[0] for row in HANDSHAKES if 'STARTTLS' not in row[0]])
def test_smtps(quoth, tmp_path, fault, sentence):
  server, port, ca = listening_tls(quoth, tmp_path, fault)
  try:
    done = run(quoth, tmp_path, '''quoth: 1
timeout: 2s
steps:
  - connect: { timeout: 2s }
    expect: { code: 220, tls: { verified: true } }
  - send: NOOP
    expect: 250
  - send: QUIT
    expect: 221
''', '--ca', ca, target=f'smtps://127.0.0.1:{port}')
    if sentence is None:
      assert done.exit == 0, done.out
    else:
      assert re.search(sentence, failed(done)[3]), done.out
  finally:
    assert server.stop() == 0, server.text


@pytest.mark.parametrize('faults', [
  ['fragment=1', 'fragment=1@tls'],
  ['fragment=1', 'delay=5ms', 'delay=5ms@tls', 'fragment=3@tls'],
  ['trickle=1ms@any#2+', 'trickle=1ms@tls']])
def test_pieces_under_tls(quoth, tmp_path, faults):
  """Each octet is a record of its own, and each of the handshake a write."""
  done = run(quoth, tmp_path, SECURE % ('20s', '', '{}'), faults=faults)
  assert done.exit == 0, done.out


def test_resumption(quoth, tmp_path):
  """A session is kept and resumed through all of that."""
  text = (HELLO % ('20s', '')) + '''  - starttls: { resume: true }
  - send: QUIT
  - expect: closed
  - close:
  - connect:
  - send: EHLO ${client}
  - starttls: { resume: true }
    expect: { code: 220, tls: { resumed: true } }
  - send: QUIT
'''
  done = run(quoth, tmp_path, text, faults=[
    'fragment=1@tls', 'delay=50ms@tls/2', 'fragment=1@QUIT', 'delay=20ms'])
  assert done.exit == 0, done.out


def test_banner_under_tls(quoth, tmp_path):
  for fault, expect in (('421@banner', b'421 '), ('drop@banner', None),
                        ('delay=300ms@banner', b'220 ')):
    server, port, ca = listening_tls(quoth, tmp_path, fault)
    try:
      context = ssl.create_default_context(cafile=str(ca))
      context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
      with socket.create_connection(('127.0.0.1', port), 20) as plain, \
          context.wrap_socket(plain, server_hostname='localhost',
                              suppress_ragged_eofs=False) as line:
        line.settimeout(20)
        if expect is None:
          # FIN without close_notify: as if the server had died.
          with pytest.raises(ssl.SSLError, match='EOF'):
            line.recv(100)
        else:
          assert line.recv(100).startswith(expect)
    finally:
      assert server.stop() == 0, server.text


def test_close_notify(quoth, tmp_path):
  """A server that says 421 says goodbye below as well; one that drops the
  connection does not."""
  text = (HELLO % ('5s', '')) + '''  - starttls:
  - send: NOOP
    expect: { code: %s, tls: { close_notify: %s } }
'''
  done = run(quoth, tmp_path, text % ('closed', 'false'),
             faults=['drop@NOOP'])
  assert done.exit == 0, done.out
  done = run(quoth, tmp_path, text % ('closed', 'true'), faults=['drop@NOOP'])
  assert done.exit == 1, done.out


# ---- what became of the message ---------------------------------------------

@pytest.mark.parametrize('fault, kept', [
  ('drop@body', 1), ('reset@.', 1), ('skip@body', 1), ('554@body', 0),
  ('421@body', 0), ('250@RCPT', 0), ('delay=1ms', 1)])
def test_maildir(quoth, tmp_path, fault, kept):
  """A lost answer is a message all the same: that is how duplicates come."""
  mail = tmp_path / 'mail'
  run(quoth, tmp_path, DELIVER % ('500ms', ''), '--maildir', mail,
      faults=[fault])
  assert len(list((mail / 'new').iterdir())) == kept


# ---- other clients ----------------------------------------------------------

def letter(address, timeout=10):
  with smtplib.SMTP(*address, timeout=timeout) as client:
    return client.sendmail('tester@example.org', [
      'alice@example.test', 'bob@example.test'], 'Subject: x\r\n\r\nx\r\n')


def test_smtplib(serve):
  for fault in ('fragment=1', 'trickle=1ms@EHLO', 'delay=50ms', 'bare-lf'):
    assert letter(serve('--fault', fault).address) == {}, fault
  refused = letter(serve('--fault', '451=4.7.1 Later@RCPT#2').address)
  assert refused == {'bob@example.test': (451, b'4.7.1 Later')}
  for fault, error in (
      ('421@banner', smtplib.SMTPConnectError),
      ('drop@MAIL', smtplib.SMTPServerDisconnected),
      ('reset@DATA', smtplib.SMTPServerDisconnected),
      ('554=5.7.1 Spam@body', smtplib.SMTPDataError),
      ('250@DATA', smtplib.SMTPDataError),
      ('550@MAIL', smtplib.SMTPSenderRefused)):
    with pytest.raises(error):
      letter(serve('--fault', fault).address)
  with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
    letter(serve('--fault', 'mute@EHLO').address, timeout=1)


def program(name, *args):
  if shutil.which(name) is None:
    pytest.skip(f'no {name}')
  return subprocess.run([name, *args], capture_output=True, timeout=60,
                        stdin=subprocess.DEVNULL, check=False)


def test_curl(serve, tmp_path):
  mail = tmp_path / 'mail'
  mail.write_text('Subject: x\r\n\r\nx\r\n')
  # 28: timeout, 55: send, 56: receive, 8: weird reply, 67: login
  for fault, statuses in (('fragment=1', {0}), ('delay=100ms', {0}),
                          ('451@RCPT', {55}), ('421@banner', {8, 67}),
                          ('drop@body', {8, 56}), ('mute@DATA', {28})):
    end = serve('--fault', fault)
    done = program('curl', '-sS', '-m', '5', f'smtp://127.0.0.1:{end.port}',
                   '--mail-from', 'a@example.org', '--mail-rcpt',
                   'alice@example.test', '-T', str(mail))
    assert done.returncode in statuses, (fault, done)


def test_swaks(serve):
  for fault, good, said in (
      ('fragment=1', True, ''), ('bare-lf', True, ''),
      ('452=4.5.3 Enough@RCPT', False, '452 4.5.3 Enough'),
      ('drop@DATA', False, '')):
    end = serve('--fault', fault)
    done = program('swaks', '--server', '127.0.0.1', '--port', str(end.port),
                   '--to', 'alice@example.test', '--from', 'a@example.org')
    text = done.stdout.decode('utf-8', 'replace')
    assert (done.returncode == 0) == good, (fault, text)
    assert said in text, fault


# ---- many at a time, and the end --------------------------------------------

def test_beside(serve):
  """Ten clients wait a second each at the same time, an eleventh does not."""
  address = serve('--fault', 'delay=1s@NOOP', '--fault',
                  'fragment=1@NOOP').address
  took = []

  def client(command):
    with socket.create_connection(address, 30) as line:
      text = line.makefile('rb')
      assert text.readline().startswith(b'220')
      begun = time.monotonic()
      line.sendall(command)
      assert text.readline().startswith(b'2')
      took.append((command, time.monotonic() - begun))
  threads = [threading.Thread(target=client, args=(b'NOOP\r\n',))
             for _ in range(10)]
  for thread in threads:
    thread.start()
  client(b'RSET\r\n')
  for thread in threads:
    thread.join(30)
  assert len(took) == 11
  assert min(t for command, t in took if command == b'NOOP\r\n') >= 1
  assert max(t for _, t in took) < 8
  assert took[0][0] == b'RSET\r\n'


@pytest.mark.parametrize('fault', ['delay=1h@NOOP', 'trickle=1h@NOOP',
                                   'mute@NOOP'])
def test_serve_ends(quoth, fault):
  server = quoth.start('serve', '--listen', '127.0.0.1:0', '--fault', fault)
  port = int(server.wait_line(r'listening on smtp://127\.0\.0\.1:(\d+)')[1])
  with socket.create_connection(('127.0.0.1', port), 20) as line:
    assert line.recv(100).startswith(b'220')
    line.sendall(b'NOOP\r\nNOOP\r\n')
    time.sleep(0.2)
    begun = time.monotonic()
    assert server.stop() == 0, server.text
    assert time.monotonic() - begun < 3


def test_run_ends(quoth, tmp_path):
  path = tmp_path / 'fault.yaml'
  path.write_text(DELIVER % ('5m', ''))
  running = quoth.start('run', str(path), '-t', 'embedded', '--fault',
                        'delay=1h@RCPT', '--report',
                        f'jsonl={tmp_path / "events"}')
  until = time.monotonic() + 20
  while time.monotonic() < until and not (
      (tmp_path / 'events').exists() and
      'MAIL FROM' in (tmp_path / 'events').read_text()):
    time.sleep(0.05)
  begun = time.monotonic()
  running.child.send_signal(signal.SIGTERM)
  assert running.child.wait(20) == 143
  assert time.monotonic() - begun < 3
  running.stop()


# ---- the option -------------------------------------------------------------

def test_option(quoth, tmp_path, embedded):
  done = run(quoth, tmp_path, DELIVER % ('1s', ''), faults=['drpo'])
  assert done.exit == 2
  assert "--fault drpo: 'drpo' is no fault; did you mean 'drop'?" in done.err
  done = run(quoth, tmp_path, DELIVER % ('1s', ''), faults=['drop'],
             target=embedded.url)
  assert done.exit == 2
  assert 'nothing here connects to that: say -t embedded' in done.err
  done = quoth('serve', '--fault', 'delay@RCPT')
  assert (done.exit, done.err) == (
    2, "quoth: --fault delay@RCPT: the fault 'delay' wants a value: "
    'delay=DURATION\n')
  done = quoth('run', tmp_path / 'fault.yaml', '-t', 'embedded', '--fault',
               '451@RCPT#2')
  assert "-t embedded --fault '451@RCPT#2'" in done.out
