"""TLS against the lab's servers, its hostile ones, OpenSSL in Python, and the
embedded server: what holds, what does not, and what is said of it."""
import os
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest

from background import Background, NotReady
from lab import ROOT, default_folder, free_port

SERVERS = [('postfix', 'postfix'), ('exim', 'exim'),
           ('opensmtpd', 'opensmtpd'), ('aiosmtpd', 'aiosmtpd'),
           ('haraka', 'haraka'), ('dovecot', 'dovecot-submission')]
SMTPS = [('postfix', 'postfix-smtps'), ('exim', 'exim-smtps'),
         ('opensmtpd', 'opensmtpd-smtps'), ('aiosmtpd', 'aiosmtpd-smtps'),
         ('haraka', 'haraka-smtps'), ('dovecot', 'dovecot-submissions')]

DIALOGUE = '''quoth: 1
timeout: 5s
steps:
  - connect:
    expect: 220
  - send: EHLO ${client}
    expect: { code: 250, offers: STARTTLS }
  - starttls: %s
    expect: { code: 220, tls: %s }
'''
REST = '''  - send: EHLO ${client}
    expect: { code: 250, lacks: STARTTLS }
  - send: QUIT
    expect: 221
'''
GOOD = '{ version: TLSv1.3, verified: true, days_left: 100, issuer: Lab }'


def run(quoth, tmp_path, text, *options, **more):
  path = tmp_path / 'tls.yaml'
  path.write_text(text)
  return quoth('run', path, '--format', 'jsonl', *options, **more)


def steps(done):
  return [event for event in done.jsonl if event['kind'] == 'step-end']


def failed(done):
  """(act, cause, message) of the step that failed."""
  found = [(event['act'], event['cause'], event.get('message', ''))
           for event in steps(done) if event['result'] in ('fail', 'error')]
  assert len(found) == 1, done.out
  return found[0]


# ---- real servers -----------------------------------------------------------

@pytest.mark.parametrize('name,endpoint', SERVERS)
def test_starttls(quoth, server, lab, tmp_path, name, endpoint):
  done = run(quoth, tmp_path, DIALOGUE % ('{}', GOOD) + REST, '-t',
             server(name, endpoint).url, '--ca', lab.certificate('ca.pem'))
  assert done.exit == 0, done.out
  tls = [event['tls'] for event in steps(done) if 'tls' in event]
  assert len(tls) == 1
  assert tls[0]['version'] == 'TLSv1.3' and tls[0]['verified']
  assert 'localhost' in tls[0]['names']


@pytest.mark.parametrize('name,endpoint', SMTPS)
def test_smtps(quoth, server, lab, tmp_path, name, endpoint):
  text = '''quoth: 1
steps:
  - connect: { tls: { name: mx.example.test } }
    expect: { code: 220, tls: { version: TLSv1.3, verified: true } }
  - send: EHLO ${client}
    expect: { code: 250, lacks: STARTTLS }
  - send: QUIT
'''
  done = run(quoth, tmp_path, text, '-t', server(name, endpoint).url, '--ca',
             lab.certificate('ca.pem'))
  assert done.exit == 0, done.out


def test_unknown_ca(quoth, postfix, tmp_path):
  done = run(quoth, tmp_path, DIALOGUE % ('{}', GOOD) + REST, '-t',
             postfix.url)
  act, cause, message = failed(done)
  assert (done.exit, act, cause) == (1, 'starttls', 'tls')
  assert 'comes from an unknown CA (CN=Lab Test CA)' in message


def test_wrong_host(quoth, postfix, lab, tmp_path):
  done = run(quoth, tmp_path, DIALOGUE % ('{ name: mx.example.net }', GOOD),
             '-t', postfix.url, '--ca', lab.certificate('ca.pem'))
  assert 'the name mx.example.net is not among those of the certificate: ' \
    'localhost, example.test' in failed(done)[2]


def test_insecure(quoth, postfix, tmp_path):
  done = run(quoth, tmp_path, DIALOGUE % ('{}', '{ verified: false }') + REST,
             '-t', postfix.url, '--insecure')
  assert done.exit == 0, done.out
  text = DIALOGUE % ('{ verify: true }', GOOD)
  done = run(quoth, tmp_path, text, '-t', postfix.url, '--insecure')
  assert 'unknown CA' in failed(done)[2]


def test_client_certificate(quoth, server, lab, tmp_path):
  """Exim lets the certificate's owner in by AUTH EXTERNAL."""
  for name in ('client.pem', 'client.key'):
    with open(lab.certificate(name), encoding='ascii') as pem:
      (tmp_path / name).write_text(pem.read())
  text = DIALOGUE % ('{ cert: client.pem, key: client.key }', GOOD) + '''
  - send: EHLO ${client}
    expect: { code: 250, offers: AUTH EXTERNAL }
  - send: AUTH EXTERNAL YWxpY2VAZXhhbXBsZS50ZXN0
    expect: 235
  - send: QUIT
'''
  done = run(quoth, tmp_path, text, '-t', server(
    'exim', 'exim-submission').url, '--ca', lab.certificate('ca.pem'))
  assert done.exit == 0, done.out


# ---- the lab's hostile servers ----------------------------------------------

# mode, the step that fails or None, its cause, a piece of the sentence
HOSTILE = [
  ('good', None, None, None),
  ('starttls-garbage', 'starttls', 'flaw|tls', 'speaks no TLS|plaintext'),
  ('starttls-inject', 'starttls', 'flaw', 'came in plaintext before TLS'),
  ('starttls-plain', 'starttls', 'tls|timeout', ''),
  ('starttls-stall', 'starttls', 'timeout', 'without an answer to our hello'),
  ('starttls-half-record', 'starttls', 'timeout', 'was not over within 1 s'),
  ('starttls-alert', 'starttls', 'tls', 'handshake failure'),
  ('starttls-fin', 'starttls', 'tls', 'closed the connection'),
  ('starttls-rst', 'starttls', 'tls', 'reset|closed'),
  ('starttls-hidden', None, None, None),
  ('starttls-again', 'send', 'match', 'lacks STARTTLS|offers STARTTLS'),
  ('starttls-454', 'starttls', 'code', 'got 454'),
  ('starttls-501', 'starttls', 'code', 'got 501'),
  ('starttls-two-lines', None, None, None),
  ('starttls-slow', 'starttls', 'timeout', 'was not over within 1 s'),
  ('starttls-banner-again', 'send', 'noise|code|flaw', ''),
  ('starttls-expired', 'starttls', 'tls', 'the certificate expired on 2021'),
  ('starttls-notyet', 'starttls', 'tls', 'is not valid before 2090'),
  ('starttls-wronghost', 'starttls', 'tls', 'is not among those'),
  ('starttls-selfsigned', 'starttls', 'tls', 'the certificate is self-signed'),
  ('starttls-tls12', None, None, None),
  ('starttls-tls13', None, None, None),
  ('starttls-tls10', 'starttls', 'tls', 'versions that were offered|too old'),
  ('tls-no-close-notify', None, None, None),
  ('tls-truncated', 'send', 'closed', 'in the middle of a reply'),
  ('tls-cut-after-dot', 'body', 'closed', 'closed the connection without a'),
  ('tls-close-notify-stay', None, None, None),
  ('tls-garbage-record', 'send', 'closed|noise', ''),
  ('smtps-good', None, None, None),
  ('smtps-expired', 'connect', 'tls', 'the certificate expired on 2021'),
  ('smtps-notyet', 'connect', 'tls', 'is not valid before 2090'),
  ('smtps-wronghost', 'connect', 'tls', 'is not among those'),
  ('smtps-selfsigned', 'connect', 'tls', 'the certificate is self-signed'),
  ('smtps-no-banner', 'connect', 'timeout', 'no greeting within 1 s'),
  ('smtps-plain', 'connect', 'tls', 'the server speaks no TLS here'),
  ('smtps-stall', 'connect', 'timeout', 'without an answer to our hello'),
]
PLAIN = '''quoth: 1
timeout: 1s
steps:
  - connect:
  - send: EHLO ${client}
    expect: 250
  - starttls:
  - send: EHLO ${client}
    expect: { code: 250, lacks: STARTTLS }
  - send: QUIT
    expect: 221
'''
SECURE = PLAIN.replace('''  - starttls:
  - send: EHLO ${client}
    expect: { code: 250, lacks: STARTTLS }
''', '')
DATA = '''  - send: MAIL FROM:<alice@example.test>
  - send: RCPT TO:<bob@example.test>
  - send: DATA
  - body: hello
  - send: QUIT
'''
MAIL = PLAIN.replace('  - send: QUIT\n', DATA)


@pytest.fixture(scope='module')
def ports(lab):
  program = os.path.join(default_folder(), 'hostile.py')
  if not os.path.exists(program):
    if os.environ.get('QUOTH_TESTS_STRICT'):
      pytest.fail(f'no lab: {program} is missing')
    pytest.skip(f'no lab: {program} is missing')
  modes = [row[0] for row in HOSTILE]
  for attempt in range(8):
    base = 10000 + (free_port() + 977 * attempt) % 20000
    one = Background([sys.executable, program, '--base', base, *modes],
                     dict(os.environ))
    try:
      one.wait_line(r'^ready$', 30)
    except NotReady:
      one.stop()
      continue
    yield dict(line.split() for line in one.lines if len(line.split()) == 2)
    one.stop()
    return
  pytest.fail('no free ports for the hostile servers')


@pytest.mark.parametrize('mode,act,cause,text', HOSTILE,
                         ids=[row[0] for row in HOSTILE])
def test_hostile(quoth, ports, lab, tmp_path, mode, act, cause, text):
  secure = mode.startswith('smtps')
  began = time.monotonic()
  done = run(quoth, tmp_path, SECURE if secure else MAIL if
             'dot' in mode else PLAIN, '-t',
             f'{"smtps" if secure else "smtp"}://127.0.0.1:{ports[mode]}',
             '--ca', lab.certificate('ca.pem'))
  assert time.monotonic() - began < 5
  if act is None:
    assert done.exit == 0, done.out
    return
  found = failed(done)
  assert found[0] == act
  assert found[1] in cause.split('|'), found
  assert any(piece in found[2] for piece in text.split('|')), found


# mode, what an author writes who knows it: the step of the handshake and those
# behind it. Whatever stalls or speaks no more is over by a failure: nobody can
# expect that.
ECHO = """  - send: EHLO x
    expect: 250
"""
FAILED = "  - starttls:\n    expect: { code: 220, tls: failed }\n"
EXPECTED = {
  'starttls-garbage': '  - starttls:\n    expect: { code: 220, tls: failed, '
                      'flaws: [injection] }\n',
  'starttls-inject': '  - starttls:\n    expect: { code: 220, flaws: '
                     '[injection], tls: { verified: true } }\n' + ECHO,
  'starttls-plain': FAILED,
  'starttls-alert': FAILED,
  'starttls-fin': FAILED,
  'starttls-rst': FAILED,
  'starttls-454': '  - starttls:\n    expect: 454\n' + ECHO,
  'starttls-501': '  - starttls:\n    expect: 501\n' + ECHO,
  'starttls-again': '  - starttls:\n  - send: EHLO x\n    expect: { code: 250, '
                    'offers: STARTTLS }\n',
  'starttls-banner-again': '  - starttls:\n  - expect: 220\n' + ECHO,
  'starttls-slow': '  - starttls:\n    timeout: 8s\n' + ECHO,
  'starttls-expired': FAILED + """  - connect:
  - send: EHLO x
  - starttls: { verify: false }
    expect: { code: 220, tls: { verified: false } }
""",
  'starttls-notyet': FAILED,
  'starttls-wronghost': FAILED + """  - connect:
  - send: EHLO x
  - starttls: { name: wrong.invalid }
    expect: { code: 220, tls: { verified: true, name: wrong.invalid } }
""",
  'starttls-selfsigned': FAILED,
  'starttls-tls12': '  - starttls:\n    expect: { code: 220, tls: { version: '
                    'TLSv1.2 } }\n',
  'starttls-tls13': '  - starttls:\n    expect: { code: 220, tls: { version: '
                    'TLSv1.3 } }\n',
  'starttls-tls10': FAILED + """  - connect:
  - send: EHLO x
  - starttls: { max: TLSv1.0 }
    expect: { code: 220, tls: { version: TLSv1.0, verified: true } }
""",
  'tls-no-close-notify': '  - starttls:\n' + ECHO + """  - send: QUIT
  - expect: { code: closed, tls: { close_notify: false } }
""",
  'tls-close-notify-stay': '  - starttls:\n' + ECHO + """  - send: QUIT
  - expect: { code: closed, tls: { close_notify: true } }
""",
  'tls-truncated': """  - starttls:
  - send: EHLO x
    expect: { code: closed, flaws: [cut] }
""",
  'tls-cut-after-dot': """  - starttls:
  - send: EHLO x
  - send: MAIL FROM:<alice@example.test>
  - send: RCPT TO:<bob@example.test>
  - send: DATA
  - body: hello
    expect: { code: closed, tls: { close_notify: false } }
""",
  'tls-garbage-record': '  - starttls:\n' + ECHO + """  - send: NOOP
    expect: closed
""",
  'smtps-expired': '    expect: { tls: failed }\n',
  'smtps-notyet': '    expect: { tls: failed }\n',
  'smtps-wronghost': '    expect: { tls: failed }\n',
  'smtps-selfsigned': '    expect: { tls: failed }\n',
  'smtps-plain': '    expect: { tls: failed }\n',
}
NOBODY = {'starttls-stall', 'starttls-half-record', 'smtps-stall',
          'smtps-no-banner'}


@pytest.mark.parametrize('mode', sorted(EXPECTED))
def test_hostile_expected(quoth, ports, lab, tmp_path, mode):
  """Who knows it writes it down."""
  secure = mode.startswith('smtps')
  text = f"quoth: 1\ntimeout: 3s\nsteps:\n  - connect:\n" + (
    '' if secure else '  - send: EHLO x\n') + EXPECTED[mode]
  done = run(quoth, tmp_path, text, '-t',
             f'{"smtps" if secure else "smtp"}://127.0.0.1:{ports[mode]}',
             '--ca', lab.certificate('ca.pem'))
  assert done.exit == 0, done.out


@pytest.mark.parametrize('mode', sorted(NOBODY))
def test_a_stall_is_no_failure(quoth, ports, lab, tmp_path, mode):
  secure = mode.startswith('smtps')
  text = 'quoth: 1\ntimeout: 1s\nsteps:\n  - connect:\n' + (
    '    expect: { tls: failed }\n' if secure else
    '  - send: EHLO x\n' + FAILED)
  done = run(quoth, tmp_path, text, '-t',
             f'{"smtps" if secure else "smtp"}://127.0.0.1:{ports[mode]}',
             '--ca', lab.certificate('ca.pem'))
  assert done.exit == 1, done.out
  assert failed(done)[1] == ('tls' if mode == 'smtps-no-banner' else
                             'timeout')


def test_every_mode_is_here(ports):
  """What the lab can do to TLS stands in both tables."""
  listed = subprocess.run(
    [sys.executable, os.path.join(default_folder(), 'hostile.py'), '--list'],
    check=True, stdout=subprocess.PIPE, text=True).stdout.split('\n')
  modes = {line.split()[0] for line in listed if line}
  assert 'good' in ports
  ours = {mode for mode in modes
          if mode.startswith(('starttls-', 'tls-', 'smtps-'))}
  assert len(ours) > 30
  assert ours - {row[0] for row in HOSTILE} == set()
  fine = {row[0] for row in HOSTILE if row[1] is None}
  assert ours - set(EXPECTED) - NOBODY - fine == set()


# ---- a server of our own ----------------------------------------------------

class Server(threading.Thread):
  """One connection: `talk` gets the socket and the context."""

  def __init__(self, lab, talk, name='server', setup=None):
    super().__init__(daemon=True)
    self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    self.context.load_cert_chain(lab.certificate(f'{name}-chain.pem'),
                                 lab.certificate(f'{name}.key'))
    if setup:
      setup(self.context)
    self.listener = socket.create_server(('127.0.0.1', 0))
    self.listener.settimeout(20)
    self.url = f'127.0.0.1:{self.listener.getsockname()[1]}'
    self.talk = talk
    self.start()

  def run(self):
    try:
      peer, _address = self.listener.accept()
      with peer:
        peer.settimeout(10)
        self.talk(peer, self.context)
    except OSError:
      pass
    self.listener.close()


def records(octets):
  """TLS records of a stream, each whole."""
  at = 0
  while at + 5 <= len(octets):
    size = 5 + int.from_bytes(octets[at + 3:at + 5], 'big')
    yield octets[at:at + size]
    at += size


def handshake(peer, context, stop_after):
  """A handshake through memory that ends after so many of our octets."""
  incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
  tls = context.wrap_bio(incoming, outgoing, server_side=True)
  sent = 0
  while True:
    try:
      tls.do_handshake()
    except ssl.SSLWantReadError:
      pass
    octets = outgoing.read()[:stop_after - sent]
    peer.sendall(octets)
    sent += len(octets)
    if sent >= stop_after:
      return
    incoming.write(peer.recv(65536))


@pytest.mark.parametrize('end', ['close', 'stall'])
@pytest.mark.parametrize('version', ['TLSv1_2', 'TLSv1_3'])
@pytest.mark.parametrize('octets', [1, 5, 60, 130, 300, 700])
def test_stopped_anywhere(quoth, lab, tmp_path, version, octets, end):
  def setup(context):
    context.maximum_version = getattr(ssl.TLSVersion, version)

  def talk(peer, context):
    handshake(peer, context, octets)
    if end == 'stall':
      while peer.recv(4096):
        pass
  server = Server(lab, talk, setup=setup)
  done = run(quoth, tmp_path, SECURE, '-t', f'smtps://{server.url}', '--ca',
             lab.certificate('ca.pem'))
  act, cause, message = failed(done)
  assert act == 'connect'
  assert cause == ('tls' if end == 'close' else 'timeout'), message
  assert 'TLS handshake' in message
  server.join(20)


@pytest.mark.parametrize('octet', [False, True])
def test_in_pieces(quoth, lab, tmp_path, octet):
  """A handshake that drips, record by record or octet by octet."""
  def talk(peer, context):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)

    def flush():
      octets = outgoing.read()
      for record in records(octets):
        for at in range(0, len(record), 1 if octet else len(record)):
          peer.sendall(record[at:at + (1 if octet else len(record))])

    def until(call, *args):
      while True:
        try:
          return call(*args)
        except ssl.SSLWantReadError:
          flush()
          incoming.write(peer.recv(65536))
    until(tls.do_handshake)
    for line in (b'220 hi\r\n', b'250 me\r\n', b'221 bye\r\n'):
      tls.write(line)
      flush()
      if line != b'221 bye\r\n':
        until(tls.read, 1000)
    peer.shutdown(socket.SHUT_WR)
    while peer.recv(1000):
      pass
  server = Server(lab, talk)
  done = run(quoth, tmp_path, SECURE, '-t', f'smtps://{server.url}', '--ca',
             lab.certificate('ca.pem'))
  assert done.exit == 0, done.out
  server.join(20)


def test_no_close_notify(quoth, lab, tmp_path):
  def talk(peer, context):
    with context.wrap_socket(peer, server_side=True) as tls:
      tls.sendall(b'220 hi\r\n')
      tls.recv(1000)
      tls.sendall(b'221 bye\r\n')
      tls.detach() and None
  text = '''quoth: 1
steps:
  - connect:
  - send: QUIT
  - expect: { code: closed, tls: { close_notify: %s } }
'''
  for said, exit_status in (('false', 0), ('true', 1)):
    def close(peer, context):
      tls = context.wrap_socket(peer, server_side=True)
      tls.sendall(b'220 hi\r\n')
      tls.recv(1000)
      tls.sendall(b'221 bye\r\n')
      socket.socket(fileno=tls.detach()).close()
    server = Server(lab, close)
    done = run(quoth, tmp_path, text % said, '-t', f'smtps://{server.url}',
               '--ca', lab.certificate('ca.pem'))
    assert done.exit == exit_status, done.out
    assert 'without close_notify' in done.out
    server.join(20)


# ---- files ------------------------------------------------------------------

@pytest.mark.parametrize('keys,files,text', [
  ('{ ca: none.pem }', {}, 'No such file'),
  ('{ ca: a.pem }', {'a.pem': 'x'}, 'there is no certificate in it'),
  ('{ cert: a.pem }', {'a.pem': 'client.pem'},
   "there is no private key in it, and no 'key' names another file"),
  ('{ cert: a.pem, key: b.pem }', {'a.pem': 'client.pem',
                                   'b.pem': 'server.key'},
   'the key is not that of the certificate'),
  ('{ cert: a.pem, key: b.pem }', {'a.pem': 'client.pem',
                                   'b.pem': 'client.pem'},
   'there is no private key in it: want PEM'),
  ('{ key: b.pem }', {'b.pem': 'client.key'}, "'cert' is missing"),
  ('{ ca: ../ca.pem }', {}, "leads out of the scenario's folder"),
])
def test_files(quoth, lab, tmp_path, keys, files, text):
  """At its place, before anything is sent, and never what is in a key."""
  for name, source in files.items():
    octets = source
    if source != 'x':
      with open(lab.certificate(source), encoding='ascii') as pem:
        octets = pem.read()
    (tmp_path / name).write_text(octets)
  path = tmp_path / 'tls.yaml'
  path.write_text(DIALOGUE % (keys, GOOD))
  for command in ('check', 'run'):
    done = quoth(command, path, '-t', '127.0.0.1:1')
    assert done.exit == 3, done.err
    said = done.out + done.err
    assert text in said and 'tls.yaml:8:' in said, said
    assert 'PRIVATE KEY-----\nM' not in said


def test_ca_option(quoth, lab, tmp_path):
  path = tmp_path / 'tls.yaml'
  path.write_text(PLAIN)
  empty = tmp_path / 'empty'
  empty.mkdir()
  os.mkfifo(empty / 'pipe.pem')         # nobody will ever write to it
  for value, text in (('/nowhere', 'No such file'), (path, 'no certificates'),
                      (empty / 'pipe.pem', 'is neither a file nor a folder'),
                      (empty, 'there are no certificates in')):
    done = quoth('run', path, '-t', '127.0.0.1:1', '--ca', value)
    assert done.exit == 2
    assert text in done.err
    assert done.err.count('\n') == 1
  with open(lab.certificate('ca.pem'), encoding='ascii') as pem:
    (empty / 'lab.pem').write_text(pem.read())
  done = quoth('run', path, '-t', '127.0.0.1:1', '--ca', empty)
  assert done.exit == 4


# ---- the embedded server ----------------------------------------------------

def test_embedded_smtps(quoth, tmp_path):
  ca, path = tmp_path / 'ca.pem', tmp_path / 'tls.yaml'
  path.write_text(SECURE.replace('connect:', 'connect:\n    expect: { code: '
                                 '220, tls: { verified: true } }'))
  one = quoth.start('serve', '--listen', '127.0.0.1:0', '--listen-tls',
                    '127.0.0.1:0', '--save-ca', ca)
  try:
    port = one.wait_line(r'listening on smtps://127\.0\.0\.1:(\d+)')[1]
    done = quoth('run', path, '-t', f'smtps://127.0.0.1:{port}', '--ca', ca)
    assert done.exit == 0, done.out
    done = quoth('run', path, '-t', f'smtps://127.0.0.1:{port}')
    assert 'unknown CA (CN=quoth embedded CA)' in done.out.replace(
      '\n              ', ' ')
    context = ssl.create_default_context(cafile=str(ca))
    with socket.create_connection(('127.0.0.1', int(port))) as peer:
      with context.wrap_socket(peer, server_hostname='localhost') as tls:
        assert tls.recv(100).startswith(b'220 ')
        tls.sendall(b'QUIT\r\n')
        assert tls.recv(100).startswith(b'221 ')
    with socket.create_connection(('127.0.0.1', int(port))) as peer:
      peer.sendall(b'EHLO plain\r\n')
      peer.settimeout(5)
      assert not peer.recv(100).startswith(b'250')
  finally:
    assert one.stop() == 0


def test_embedded_drops_what_is_injected(embedded):
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
  with socket.create_connection(embedded.address) as peer:
    peer.settimeout(5)
    peer.recv(100)
    peer.sendall(b'EHLO me\r\nSTARTTLS\r\nNOOP\r\nVRFY alice\r\n')
    text = b''
    while b'220 2.0.0 Ready' not in text:
      text += peer.recv(1000)
    assert text.endswith(b'Ready to start TLS\r\n')
    with context.wrap_socket(peer) as tls:
      tls.sendall(b'MAIL FROM:<a@b.test>\r\n')
      assert tls.recv(100).startswith(b'503 ')       # EHLO is forgotten
      tls.sendall(b'EHLO me\r\n')
      reply = tls.recv(1000)
      assert reply.startswith(b'250-') and b'STARTTLS' not in reply


# ---- what is asserted --------------------------------------------------------

@pytest.mark.parametrize('good,bad,words', [
  ('version: TLSv1.3', 'version: [TLSv1.1, TLSv1.2]',
   'the version is TLSv1.3'),
  ('cipher: /AES|CHACHA/', 'cipher: RC4', 'the cipher is TLS_'),
  ('verified: true', 'verified: false', 'the certificate was verified'),
  ('name: "*.example.test"', 'name: nobody.test',
   'the certificate is for localhost, example.test, ...'),
  ('issuer: CN=Lab', 'issuer: Other',
   "the certificate's issuer is CN=Lab Test CA"),
  ('days_left: 100', 'days_left: 36000', 'the certificate has 3'),
  ('resumed: false', 'resumed: true', 'the session was not resumed'),
])
def test_asserted(quoth, postfix, lab, tmp_path, good, bad, words):
  for asks, exit_status in ((good, 0), (bad, 1)):
    done = run(quoth, tmp_path, DIALOGUE % ('{}', '{ %s }' % asks) + REST,
               '-t', postfix.url, '--ca', lab.certificate('ca.pem'))
    assert done.exit == exit_status, done.out
  act, cause, message = failed(done)
  assert (act, cause) == ('starttls', 'match')
  assert words in message, message


def test_expired_is_counted(quoth, ports, tmp_path):
  """Days that are gone are told where nobody verifies."""
  done = run(quoth, tmp_path, PLAIN.replace(
    'starttls:', 'starttls: { verify: false }\n    expect: { tls: { days_left: '
    '0 } }'), '-t', f"smtp://127.0.0.1:{ports['starttls-expired']}")
  assert 'the certificate expired' in failed(done)[2], failed(done)


@pytest.mark.parametrize('name,endpoint', [
  ('aiosmtpd', 'aiosmtpd-min'), ('smtp-server', 'smtp-server-min')])
def test_shipped_are_skipped(quoth, server, name, endpoint):
  """Where there is no STARTTLS: each, and with that reason."""
  done = quoth('run', os.path.join(ROOT, 'scenarios', 'tls'), '-t',
               server(name, endpoint).url, '--format', 'jsonl')
  ends = [event for event in done.jsonl if event['kind'] == 'scenario-end']
  assert done.exit == 0 and len(ends) == 8
  assert {(end['result'], end['reason']) for end in ends} == {
    ('skip', 'the server does not offer STARTTLS')}


# ---- what a run does not do without need -------------------------------------

def opened(quoth, tmp_path, text, *options):
  """The files that a run opens, as strace sees them."""
  if subprocess.run(['which', 'strace'], check=False,
                    stdout=subprocess.DEVNULL).returncode != 0:
    pytest.skip('no strace')
  with open(quoth.path, 'rb') as binary:
    if b'__asan_' in binary.read():
      pytest.skip('LeakSanitizer does not work under strace')
  path, log = tmp_path / 'opened.yaml', tmp_path / 'log'
  path.write_text(text)
  done = subprocess.run(['strace', '-f', '-o', str(log), '-e', 'trace=file',
                         quoth.path, 'run', str(path), *options],
                        check=False, stdout=subprocess.PIPE, timeout=60)
  assert done.returncode in (0, 1)
  return log.read_text()


def test_no_certificate_is_read(quoth, tmp_path):
  files = opened(quoth, tmp_path, 'quoth: 1\nsteps:\n  - connect:\n'
                 '  - send: QUIT\n', '-t', 'embedded')
  for word in ('/ssl/', 'openssl.cnf', 'libssl', 'libcrypto'):
    assert word not in files, word


def test_trust_is_read_when_it_is_needed(quoth, postfix, lab, tmp_path):
  """OpenSSL for a handshake; the machine's CAs for one that verifies, with
  none named."""
  text = DIALOGUE % ('{}', '{ version: TLSv1.3 }')
  stores = ('/ssl/certs', 'ca-certificates', 'cert.pem')

  def reads(*options):
    files = opened(quoth, tmp_path, text, '-t', postfix.url, *options)
    assert 'libssl' in files
    return any(word in files for word in stores)
  assert not reads('--insecure')
  assert not reads('--ca', lab.certificate('ca.pem'))
  assert reads()


def test_key_log(quoth, tmp_path):
  keys = tmp_path / 'keys'
  done = run(quoth, tmp_path, PLAIN, '-t', 'embedded',
             env={'SSLKEYLOGFILE': str(keys)})
  assert done.exit == 0, done.out
  assert 'SERVER_TRAFFIC_SECRET_0 ' in keys.read_text()
  assert keys.stat().st_mode & 0o77 == 0


# ---- the wrong scheme for the port --------------------------------------------

MISTAKEN = 'the server speaks TLS here from the start'


@pytest.mark.parametrize('end', ['closes', 'stays'])
@pytest.mark.parametrize('octets', [
  b'\x15\x03\x01\x00\x02\x02\x0a', b'\x15\x03\x03\x00\x02\x02\x28',
  b'\x15\x03\x00\x00\x02\x02\x50', b'\x15\x03\x03\x00\x02\x02\x46\n',
], ids=['unexpected', 'handshake', 'internal', 'more'])
def test_an_alert_as_a_greeting(quoth, tmp_path, talker, octets, end):
  """Of servers that do not wait for a hello: one sentence, whatever it looks
  like as a reply."""
  def talk(client):
    client.sendall(octets)
    if end == 'stays':
      client.recv(1)
  url = talker(talk).url
  text = 'quoth: 1\ntimeout: 500ms\nsteps:\n  - connect:\n'
  done = run(quoth, tmp_path, text, '-t', url)
  assert done.exit == 1
  assert failed(done)[2] == MISTAKEN + ': use smtps://'
  done = run(quoth, tmp_path, text, '-t', url.replace('smtp', 'lmtp'))
  assert failed(done)[2] == MISTAKEN + ', and not lmtp'
  # Who expects it is not disturbed.
  if end == 'closes':
    done = run(quoth, tmp_path, text + '    expect: { code: [any, closed], '
               'flaws: [bad-code, bare-lf, nul, cut] }\n', '-t', url)
    assert done.exit == 0, done.out


@pytest.mark.parametrize('octets,cause', [
  (b'\x15\x03\x05\x00\x02\x02\x0a', 'flaw'),    # no version of TLS
  (b'\x13\x03\x01\x00\x02\x02\x0a', 'flaw'), (b'\x15\x03', 'closed')])
def test_no_alert_as_a_greeting(quoth, tmp_path, talker, octets, cause):
  done = run(quoth, tmp_path, 'quoth: 1\nsteps:\n  - connect:\n', '-t',
             talker(lambda client: client.sendall(octets)).url)
  assert failed(done)[1] == cause
  assert 'TLS' not in failed(done)[2]


@pytest.mark.parametrize('name,endpoint', [
  ('postfix', 'postfix'), ('exim', 'exim'), ('opensmtpd', 'opensmtpd'),
  ('aiosmtpd', 'aiosmtpd'), ('haraka', 'haraka'),
  ('dovecot', 'dovecot-submission')])
def test_plaintext_where_tls_should_be(quoth, server, tmp_path, name,
                                       endpoint):
  done = run(quoth, tmp_path, 'quoth: 1\nsteps:\n  - connect:\n', '-t',
             server(name, endpoint).url.replace('smtp', 'smtps'))
  assert done.exit == 4
  assert failed(done)[2].startswith('the server speaks no TLS here: it said "')


@pytest.mark.parametrize('act, command', [
  ('starttls:', b'STARTTLS'),
  ('auth: { mechanism: PLAIN, user: alice, password: secret-a }', b'AUTH')])
@pytest.mark.parametrize('code', [b'354', b'454'])
def test_only_a_yes_will_do(quoth, tmp_path, talker, act, command, code):
  """What asks for more is no go-ahead and no end: the server failed, and the
  report does not claim that 3xx was wanted."""
  def talk(client):
    client.sendall(b'220 hi\r\n')
    assert client.recv(500).startswith(command)
    client.sendall(code + b' go on\r\n')
    client.recv(500)
  path = tmp_path / 's.yaml'
  path.write_text(f'quoth: 1\nname: x\nsteps:\n- connect:\n- {act}\n')
  done = quoth('run', path, '-t', talker(talk).url)
  assert done.exit == 1 and '1 failed' in done.out, done.out
  assert '3xx' not in done.out
  assert 'want  a positive reply (2xx)' in done.out or code == b'354'


@pytest.mark.parametrize('expect, words', [
  ('{ tls: { verified: true } }', 'tls verified'),
  ('{ tls: failed }', 'a TLS handshake that fails'),
  ('{ tls: { verified: true }, within: 5s }',
   'a positive reply (2xx or 3xx); tls verified; within 5000 ms'),
  ('{ text: x, tls: { verified: true } }',
   "a positive reply (2xx or 3xx); text 'x'; tls verified")])
def test_a_handshake_alone_wants_no_reply(quoth, tmp_path, expect, words):
  path = tmp_path / 's.yaml'
  path.write_text('quoth: 1\nname: x\nsteps:\n- connect:\n- tls:\n'
                  f'  expect: {expect}\n')
  assert f'  C: tls\n  S: {words}\n' in quoth('show', path).out
