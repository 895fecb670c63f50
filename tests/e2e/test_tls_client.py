"""What servers see of us: a client certificate that they ask for, and what is
in the hello. Also what a run leaves behind for Wireshark."""
import os
import shutil
import socket
import ssl
import stat
import subprocess
import threading
import time

import pytest

from binary import environment
from lab import free_port
from test_tls import DIALOGUE, GOOD, REST, SECURE, Server, failed, run, steps

SHOWS = '{ cert: client.pem, key: client.key }'
WANTS = 'it wants a client certificate'
REFUSES = 'it does not accept our certificate'


@pytest.fixture
def pems(lab, tmp_path):
  """client.pem of the lab's CA, and eve.pem of nobody's."""
  for name in ('client.pem', 'client.key'):
    shutil.copy(lab.certificate(name), tmp_path / name)
  subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                  'ec_paramgen_curve:P-256', '-nodes', '-keyout',
                  tmp_path / 'eve.key', '-out', tmp_path / 'eve.pem',
                  '-subj', '/CN=eve', '-days', '2'], check=True,
                 stderr=subprocess.DEVNULL)
  return tmp_path


def asking(lab, version, tickets, secure):
  """A server that has to have a certificate of the lab's CA."""
  def setup(context):
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(lab.certificate('ca.pem'))
    context.minimum_version = context.maximum_version = getattr(
      ssl.TLSVersion, version)
    if version == 'TLSv1_3':
      context.num_tickets = tickets

  def plainly(peer):
    peer.sendall(b'220 hi\r\n')
    peer.recv(1000)
    peer.sendall(b'250-me\r\n250 STARTTLS\r\n')
    peer.recv(1000)
    peer.sendall(b'220 go\r\n')

  def talk(peer, context):
    if not secure:
      plainly(peer)
    with context.wrap_socket(peer, server_side=True) as tls:
      if secure:
        tls.sendall(b'220 hi\r\n')
      while line := tls.recv(1000):
        quits = line.startswith(b'QUIT')
        tls.sendall(b'221 bye\r\n' if quits else b'250 me\r\n')
        if quits:
          break
  return Server(lab, talk, setup=setup)


VERSIONS = [('TLSv1_2', 0), ('TLSv1_3', 0), ('TLSv1_3', 2)]


@pytest.mark.parametrize('version,tickets', VERSIONS)
@pytest.mark.parametrize('keys,words', [
  ('{}', WANTS), ('{ cert: eve.pem, key: eve.key }', REFUSES), (SHOWS, None)])
def test_refused(quoth, lab, pems, version, tickets, keys, words):
  """By the step whose handshake it is, in a sentence that says what to do;
  whether `tls: failed` is expected or not."""
  version_ = version.replace('_', '.')
  text = DIALOGUE % (keys, f'{{ version: {version_} }}') + REST
  server = asking(lab, version, tickets, False)
  done = run(quoth, pems, text, '-t', f'smtp://{server.url}', '--ca',
             lab.certificate('ca.pem'))
  if words is None:
    assert done.exit == 0, done.out
  else:
    act, cause, message = failed(done)
    if act == 'send' and keys == '{}':    # on a busy machine, too late
      assert (done.exit, cause) == (1, 'closed')
      assert message.startswith("TLS ended with the alert '"), message
      assert words in message
    else:
      assert (done.exit, act, cause) == (1, 'starttls', 'tls')
      assert message.startswith('the server refused the TLS handshake with '
                                "the alert '"), message
      assert message.endswith(words), message
  server.join(20)
  server = asking(lab, version, tickets, False)
  done = run(quoth, pems, (DIALOGUE % (keys, 'failed')).replace(
    'tls: failed', 'tls: failed, code: 220').replace('code: 220, tls', 'tls'),
    '-t', f'smtp://{server.url}', '--ca', lab.certificate('ca.pem'))
  assert done.exit == (0 if words else 1), done.out
  assert (words or 'the TLS handshake did not fail') in done.out
  server.join(20)


@pytest.mark.parametrize('version,tickets', VERSIONS)
def test_refused_smtps(quoth, lab, pems, version, tickets):
  server = asking(lab, version, tickets, True)
  done = run(quoth, pems, SECURE, '-t', f'smtps://{server.url}', '--ca',
             lab.certificate('ca.pem'))
  act, cause, message = failed(done)
  assert (done.exit, act, cause) == (4, 'connect', 'tls')
  assert message.endswith(WANTS)
  server.join(20)


def s_server(lab, *options):
  port = free_port()
  return port, subprocess.Popen(
    ['openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-cert',
     lab.certificate('server.pem'), '-key', lab.certificate('server.key'),
     '-CAfile', lab.certificate('ca.pem'), '-quiet', *options],
    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL)


def until_open(port):
  for _try in range(100):
    try:
      socket.create_connection(('127.0.0.1', port)).close()
      return
    except OSError:
      time.sleep(0.05)
  pytest.fail('openssl s_server does not start')


@pytest.mark.parametrize('version', ['-tls1_2', '-tls1_3'])
def test_s_server(quoth, lab, pems, version):
  """OpenSSL's own server, with -Verify: who asks and must have."""
  text = '''quoth: 1
protocol: tcp
timeout: 5s
steps:
  - connect: { tls: %s }
    expect: { tls: %s }
'''
  port, child = s_server(lab, '-Verify', '1', '-verify_return_error', version)
  try:
    until_open(port)
    for keys, expected, words in (
        ('{}', 'failed', WANTS), (SHOWS, '{ verified: true }', ''),
        ('{ cert: eve.pem, key: eve.key }', 'failed', REFUSES)):
      done = run(quoth, pems, text % (keys, expected), '-t',
                 f'tls://127.0.0.1:{port}', '--ca', lab.certificate('ca.pem'))
      assert done.exit == 0, done.out
      assert words in done.out
  finally:
    child.kill()
    child.wait()


@pytest.mark.parametrize('name,endpoint', [
  ('postfix', 'postfix-submission'), ('exim', 'exim-submission')])
@pytest.mark.parametrize('keys', ['{}', SHOWS,
                                  '{ cert: eve.pem, key: eve.key }'])
def test_real_servers_that_ask(quoth, server, lab, pems, name, endpoint, keys):
  """They ask, and take what comes: nobody waits for long."""
  done = run(quoth, pems, DIALOGUE % (keys, GOOD) + REST, '-t',
             server(name, endpoint).url, '--ca', lab.certificate('ca.pem'))
  assert done.exit == 0, done.out
  starttls = [event for event in steps(done) if event['act'] == 'starttls']
  assert len(starttls) == 1 and starttls[0]['took_us'] < 2000000


# ---- the user's own: --cert and --key ---------------------------------------

def test_options(quoth, server, lab, pems):
  """Where the step has none; the step's own comes first."""
  ca = ['--ca', lab.certificate('ca.pem')]
  own = ['--cert', pems / 'client.pem', '--key', pems / 'client.key']
  text = DIALOGUE % ('{}', GOOD) + '''
  - send: EHLO ${client}
    expect: { code: 250, offers: AUTH EXTERNAL }
  - send: AUTH EXTERNAL YWxpY2VAZXhhbXBsZS50ZXN0
    expect: 235
  - send: QUIT
'''
  url = server('exim', 'exim-submission').url
  assert run(quoth, pems, text, '-t', url, *ca, *own).exit == 0
  done = run(quoth, pems, text, '-t', url, *ca)
  assert (done.exit, failed(done)[0]) == (1, 'send')
  both = pems / 'both.pem'
  both.write_text((pems / 'client.pem').read_text()
                  + (pems / 'client.key').read_text())
  assert run(quoth, pems, text, '-t', url, *ca, '--cert', both).exit == 0
  one = asking(lab, 'TLSv1_3', 0, False)
  done = run(quoth, pems, DIALOGUE % ('{ cert: eve.pem, key: eve.key }', GOOD),
             '-t', f'smtp://{one.url}', *ca, *own)
  assert failed(done)[2].endswith(REFUSES)
  one.join(20)


@pytest.mark.parametrize('cert,key,words', [
  ('none.pem', None, '--cert: none.pem cannot be read: No such file or dir'),
  ('.', None, '--cert: . cannot be read: Is a directory'),
  ('empty.pem', None, '--cert: empty.pem is empty'),
  ('client.key', None, '--cert: client.key: there is no certificate in it'),
  ('client.pem', None, '--cert: client.pem: there is no private key in it'),
  ('client.pem', 'eve.key',
   '--key: eve.key: the key is not that of the certificate'),
  ('client.pem', 'locked.key',
   '--key: locked.key: the key in it needs a passphrase: store it without'),
  ('client.pem', 'empty.pem', '--key: empty.pem is empty'),
  (None, 'client.key', '--key is for the certificate that --cert names'),
  ('pipe', None, '--cert: pipe cannot be read: it is no file'),
  ('client.pem', 'pipe', '--key: pipe cannot be read: it is no file'),
])
def test_options_that_are_wrong(quoth, pems, cert, key, words):
  os.mkfifo(pems / 'pipe')      # nobody will ever write to it
  (pems / 'empty.pem').write_text('')
  subprocess.run(['openssl', 'pkey', '-in', pems / 'client.key', '-aes256',
                  '-passout', 'pass:open sesame', '-out',
                  pems / 'locked.key'], check=True)
  (pems / 'plain.yaml').write_text('quoth: 1\nsteps:\n  - connect:\n')
  options = (['--cert', cert] if cert else []) + (['--key', key]
                                                  if key else [])
  done = quoth('run', 'plain.yaml', '-t', '127.0.0.1:1', *options, cwd=pems)
  assert done.exit == 2
  assert words in done.err and done.err.count('\n') == 1, done.err
  assert 'PRIVATE KEY-----\nM' not in done.err


@pytest.mark.parametrize('keys,words', [
  ('{ ca: /etc/ssl/ca.pem }', "'quoth run' takes --ca"),
  ('{ cert: ../me.pem }', "'quoth run' takes --cert and --key"),
  ('{ cert: locked.pem }', 'needs a passphrase: store it without one'),
  ('{ ca: empty.pem }', "'empty.pem' is empty"),
  ('{ ca: folder }', 'Is a directory'),
  ('{ ca: client.key }', 'there is no certificate in it: want PEM'),
  ('{ ca: cut.pem }', 'certificate 2 in it is damaged'),
  ('{ cert: cut.pem, key: client.key }', 'certificates in it are damaged'),
])
def test_files_of_a_scenario(quoth, pems, keys, words):
  (pems / 'folder').mkdir()
  (pems / 'empty.pem').write_text('')
  cert = (pems / 'client.pem').read_text()
  (pems / 'cut.pem').write_text(cert + cert[:len(cert) // 2])
  locked = subprocess.run(
    ['openssl', 'pkey', '-in', pems / 'client.key', '-aes256', '-passout',
     'pass:open sesame'], check=True, stdout=subprocess.PIPE, text=True)
  (pems / 'locked.pem').write_text(cert + locked.stdout)
  path = pems / 'tls.yaml'
  path.write_text(DIALOGUE % (keys, GOOD))
  done = quoth('check', path)
  assert done.exit == 3
  assert words in ' '.join((done.out + done.err).split()), done.err


# ---- no handshake at all ----------------------------------------------------

UNBEGUN = [
  ({'SSL_CERT_FILE': 'empty.pem'}, '{}', 'holds no certificates'),
  ({'OPENSSL_CONF': 'old.cnf'}, '{ verify: false, min: TLSv1.3 }',
   'no TLS version is left to offer'),
]


@pytest.mark.parametrize('variables,keys,words', UNBEGUN)
@pytest.mark.parametrize('scheme', ['smtp', 'smtps'])
def test_one_that_never_began_meets_nothing(quoth, tmp_path, talker, variables,
                                            keys, words, scheme):
  """What is missing on this machine is no certificate that was refused."""
  (tmp_path / 'empty.pem').write_text('')
  (tmp_path / 'old.cnf').write_text(
    'openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n'
    'MaxProtocol = TLSv1.2\n')
  (tmp_path / 's.yaml').write_text(
    f'quoth: 1\nsteps:\n  - connect: {{ tls: {keys} }}\n'
    '    expect: { code: 220, tls: failed }\n' if scheme == 'smtps' else
    f'quoth: 1\nsteps:\n  - connect:\n  - starttls: {keys}\n'
    '    expect: { code: 220, tls: failed }\n')

  def talk(peer):
    if scheme == 'smtp':
      peer.sendall(b'220 hi\r\n')
      peer.recv(100)
      peer.sendall(b'220 go\r\n')
    peer.recv(1000)
  url = talker(talk).url.replace('smtp:', f'{scheme}:')
  done = quoth('run', tmp_path / 's.yaml', '-t', url, cwd=tmp_path,
               env=variables)
  assert done.exit == 4, done.out
  assert words in ' '.join(done.out.split()), done.out


SHOWN_ONCE = '''quoth: 1
timeout: 5s
steps:
  - connect: { tls: %s }
  - send: QUIT
  - close:
  - connect: { tls: %s }
    expect: { code: 220, tls: { resumed: %s } }
'''
BOTH = '{ resume: true, cert: client.pem, key: client.key }'


@pytest.mark.parametrize('version', ['TLSv1_2', 'TLSv1_3'])
@pytest.mark.parametrize('keys,resumed', [
  (BOTH, 'true'), ('{ resume: true }', 'false')])
def test_a_session_is_of_who_had_it(quoth, lab, pems, talker, version, keys,
                                    resumed):
  """Resuming it is to show the certificate again: who has none now must not
  be let in as the one before."""
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  context.load_cert_chain(lab.certificate('server-chain.pem'),
                          lab.certificate('server.key'))
  context.load_verify_locations(lab.certificate('ca.pem'))
  context.verify_mode = ssl.CERT_OPTIONAL
  context.minimum_version = context.maximum_version = getattr(
    ssl.TLSVersion, version)
  seen = []

  def talk(peer):
    with context.wrap_socket(peer, server_side=True) as tls:
      seen.append(bool(tls.getpeercert()))
      tls.sendall(b'220 hi\r\n')
      while tls.recv(100):
        tls.sendall(b'221 bye\r\n')
  url = talker(talk).url.replace('smtp:', 'smtps:')
  (pems / 's.yaml').write_text(SHOWN_ONCE % (BOTH, keys, resumed))
  done = quoth('run', pems / 's.yaml', '-t', url, '--ca',
               lab.certificate('ca.pem'))
  assert done.exit == 0, done.out
  assert seen == [True, keys == BOTH]


# ---- the hello --------------------------------------------------------------

def hello_of(octets):
  """{extension: octets} of a ClientHello, and its compression methods."""
  at = 5 + 4 + 2 + 32
  at += 1 + octets[at]                                      # session id
  at += 2 + int.from_bytes(octets[at:at + 2], 'big')        # ciphers
  methods = octets[at + 1:at + 1 + octets[at]]
  at += 1 + octets[at] + 2
  found = {}
  while at + 4 <= len(octets):
    kind = int.from_bytes(octets[at:at + 2], 'big')
    size = int.from_bytes(octets[at + 2:at + 4], 'big')
    found[kind] = octets[at + 4:at + 4 + size]
    at += 4 + size
  return found, methods


SNI, EARLY_DATA, PRE_SHARED_KEY = 0, 42, 41
VISITS = 2


def hellos(quoth, lab, tmp_path, keys):
  """Of two handshakes with one server."""
  seen = []
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  context.load_cert_chain(lab.certificate('server-chain.pem'),
                          lab.certificate('server.key'))
  listener = socket.create_server(('127.0.0.1', 0))
  listener.settimeout(20)

  def serve():
    for _visit in range(VISITS):
      peer, _address = listener.accept()
      with peer:
        peer.settimeout(10)
        seen.append(peer.recv(4096, socket.MSG_PEEK))
        with context.wrap_socket(peer, server_side=True) as tls:
          tls.sendall(b'220 hi\r\n')
          tls.recv(1000)
          tls.sendall(b'221 bye\r\n')
  thread = threading.Thread(target=serve, daemon=True)
  thread.start()
  text = '''quoth: 1
steps:
  - loop:
      times: 2
      steps:
        - connect: { tls: %s }
        - send: QUIT
          expect: 221
        - close:
''' % keys
  done = run(quoth, tmp_path, text, '-t',
             f'smtps://127.0.0.1:{listener.getsockname()[1]}', '--ca',
             lab.certificate('ca.pem'))
  thread.join(20)
  listener.close()
  assert done.exit == 0, done.out
  assert len(seen) == VISITS
  return [hello_of(octets) for octets in seen]


@pytest.mark.parametrize('keys,name,resumes', [
  ('{}', None, False), ('{ resume: true }', None, True),
  ('{ name: 127.0.0.1 }', None, False),
  ('{ name: mx.example.test }', b'mx.example.test', False)])
def test_hello(quoth, lab, tmp_path, keys, name, resumes):
  """No name that is an address, no compression, no early data, and a session
  only from who asks for it."""
  first, second = hellos(quoth, lab, tmp_path, keys)
  for found, methods in (first, second):
    assert methods == b'\0'
    assert EARLY_DATA not in found
    assert (SNI in found) == (name is not None)
    if name:
      assert found[SNI].endswith(name)
  assert PRE_SHARED_KEY not in first[0]
  assert (PRE_SHARED_KEY in second[0]) == resumes


# ---- SSLKEYLOGFILE ----------------------------------------------------------

def test_key_log_is_added_to(quoth, tmp_path):
  keys = tmp_path / 'keys'
  sizes = []
  for _time in range(2):
    done = run(quoth, tmp_path, SECURE.replace('connect:', '''connect:
  - send: EHLO me
  - starttls:'''), '-t', 'embedded', env={'SSLKEYLOGFILE': str(keys)})
    assert done.exit == 0, done.out
    sizes.append(keys.stat().st_size)
  assert sizes[1] == 2 * sizes[0] > 0
  assert stat.S_IMODE(keys.stat().st_mode) == 0o600


def test_key_log_that_cannot_be_written(quoth, tmp_path):
  """A note of the first handshake, and no reason to fail."""
  pipe = tmp_path / 'pipe'
  os.mkfifo(pipe)
  for path in (tmp_path, pipe, tmp_path / 'no' / 'keys'):
    done = run(quoth, tmp_path, DIALOGUE % ('{}', '{ verified: true }') + REST,
               '-t', 'embedded', '--repeat', 2,
               env={'SSLKEYLOGFILE': str(path)})
    assert done.exit == 0, done.out
    assert done.out.count('SSLKEYLOGFILE: no keys are logged, because '
                          f'{path} cannot be written') == 1


def test_a_server_says_that_it_logs_no_keys(quoth, tmp_path):
  """One line on stderr, behind which it works."""
  for path in (tmp_path / 'no' / 'keys', tmp_path / 'keys'):
    one = subprocess.Popen(
      [quoth.path, 'serve', '--listen', '127.0.0.1:0'],
      env=environment({'SSLKEYLOGFILE': str(path)}),
      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
      port = int(one.stdout.readline().rsplit(b':', 1)[1])
      done = run(quoth, tmp_path, DIALOGUE % ('{}', '{ verified: false }') + REST, '-t',
                 f'smtp://127.0.0.1:{port}', '--insecure')
      assert done.exit == 0, done.out
    finally:
      one.terminate()
      said = one.communicate(timeout=10)[1].decode()
    assert one.returncode == 0
    assert said.count('\n') == (1 if 'no' in path.parts else 0)
    assert ('SSLKEYLOGFILE: no keys are logged, because '
            f'{path} cannot be written: No such file' in said) \
      == ('no' in path.parts)
  assert (tmp_path / 'keys').stat().st_size > 0
