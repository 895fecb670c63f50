"""Whose certificate is it? Servers with certificates that are trusted, so that
the name alone decides, and with names made to deceive a client or a terminal."""
import ssl
import subprocess

import pytest

from talker import Talker

CONFIG = """\
[req]
distinguished_name = dn
prompt = no
utf8 = yes
string_mask = utf8only
x509_extensions = ext
[dn]
CN = "{cn}"
[ext]
basicConstraints = critical, CA:TRUE
{names}
"""


@pytest.fixture
def serve(tmp_path, request):
  """serve(cn, names) -> (url, path of the certificate)."""
  def start(cn, names):
    (tmp_path / 'req.cnf').write_text(CONFIG.format(
      cn=cn, names=f'subjectAltName = {names}' if names else ''))
    pem = tmp_path / 'server.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:P-256', '-nodes', '-keyout', pem,
                    '-out', tmp_path / 'cert.pem', '-config',
                    tmp_path / 'req.cnf', '-days', '2'], check=True,
                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(pem, 'ab') as out:
      out.write((tmp_path / 'cert.pem').read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def talk(peer):
      with context.wrap_socket(peer, server_side=True) as tls:
        tls.sendall(b'220 hi\r\n')
        tls.recv(100)
    talker = Talker(talk)
    request.addfinalizer(talker.stop)
    return talker.url.replace('smtp:', 'smtps:'), tmp_path / 'cert.pem'
  return start


SCENARIO = """quoth: 1
name: Whose
steps:
  - connect: { tls: { name: %s } }
    expect: { code: 220, tls: { verified: true } }
"""
# name asked for, subject, alternative names, whether they are the same
WHOSE = [
  ('mx.example.test', 'x', 'DNS:mx.example.test', True),
  ('MX.Example.Test', 'x', 'DNS:mx.example.test', True),
  ('mx.example.test', 'x', 'DNS:*.example.test', True),
  ('a.mx.example.test', 'x', 'DNS:*.example.test', False),
  ('example.test', 'x', 'DNS:*.example.test', False),
  ('mx.example.test', 'x', 'DNS:mx*.example.test', False),
  ('mx.example.test', 'x', 'DNS:*x.example.test', False),
  ('mx.example.test', 'x', 'DNS:*.test', False),
  ('mx.example.test', 'x', 'DNS:mx.*.test', False),
  ('mx.example.test', 'x', 'DNS:*', False),
  ('mx.example.test', 'mx.example.test', 'DNS:other.test', False),
  # Without any host among them the subject counts (RFC 7817 3, CN-ID).
  ('mx.example.test', 'mx.example.test', None, True),
  ('mx.example.test', 'mx.example.test', 'IP:127.0.0.1', True),
  ('mx.example.test', 'x', 'email:a@mx.example.test', False),
  ('mx.example.test', 'x', 'URI:https://mx.example.test/', False),
  ('127.0.0.1', 'x', 'IP:127.0.0.1', True),
  ('127.0.0.1', 'x', 'DNS:127.0.0.1', False),
  ('127.0.0.1', '127.0.0.1', None, False),
  ('127.0.0.1', 'x', 'DNS:*.0.0.1', False),
  ('::1', 'x', 'IP:0:0:0:0:0:0:0:1', True),
]


@pytest.mark.parametrize('name,cn,names,same', WHOSE)
def test_whose(quoth, write, serve, name, cn, names, same):
  url, ca = serve(cn, names)
  done = quoth('run', write('s.yaml', SCENARIO % f"'{name}'"), '-t', url,
               '--ca', ca)
  assert done.exit == (0 if same else 1), done.out
  said = ' '.join(done.out.split())
  assert same == (', verified, ' in said), said
  if not same:
    assert f'the name {name} is not' in said or 'has no name' in said, said


@pytest.mark.parametrize('name, shown', [
  ('mx.example.test', '*.example.test'), ('MAIL.test', 'mail.test'),
  ('127.0.0.1', '127.0.0.1'), ('first.test', 'first.test')])
def test_the_name_that_counted_is_shown(quoth, write, serve, name, shown):
  url, ca = serve('x', 'DNS:first.test,DNS:mail.test,DNS:*.example.test,'
                  'IP:127.0.0.1')
  done = quoth('run', write('s.yaml', SCENARIO % f"'{name}'"), '-t', url,
               '--ca', ca)
  assert done.exit == 0, done.out
  assert f', verified, {shown}, ' in ' '.join(done.out.split())


def der(*hosts):
  """Alternative names as no configuration file of openssl can write them."""
  def sized(tag, octets):
    size = len(octets)
    head = bytes([size]) if size < 128 else (
      b'\x82' + size.to_bytes(2, 'big'))
    return bytes([tag]) + head + octets
  return 'DER:' + sized(0x30, b''.join(
    sized(0x82, host) for host in hosts)).hex(':')


LOOKS = """quoth: 1
name: Looks
steps:
  - connect: { tls: { verify: false } }
    expect: { code: 220, tls: { %s } }
"""
LONG = b'.'.join([b'a' * 60] * 3 + [b'example.test'])
# names, what is expected of them, whether that is so
LOOK = [
  # The C string is another one than the name (CVE-2009-2408).
  ((b'mx.example.test\0.evil.test',), 'name: /^mx.example.test$/', False),
  ((b'mx.example.test\0.evil.test',), r'name: /evil\.test$/', True),
  ((LONG,), f'name: /^{LONG.decode()}$/', True),
  ((b'b.' * 200,), 'name: /^b/', True),
  ([b'h%d.test' % i for i in range(400)], 'name: /^h399/', True),
]


@pytest.mark.parametrize('hosts,expect,fits', LOOK)
def test_all_of_a_name_is_looked_at(quoth, write, serve, hosts, expect, fits):
  url, _ca = serve('x', der(*hosts))
  done = quoth('run', write('s.yaml', LOOKS % expect), '-t', url)
  assert done.exit == (0 if fits else 1), done.out


def test_a_long_issuer(quoth, write, serve, monkeypatch):
  """RFC 2253 begins with the last part: a long name is cut where it counts."""
  monkeypatch.setattr('test_tls_names.CONFIG', CONFIG.replace(
    '[ext]', 'O = "the end"\n[ext]').replace(
      'CN =', '0.OU = first\n' + ''.join(
        f'{i}.OU = "{"o" * 60}"\n' for i in range(1, 5)) + 'CN ='))
  url, _ca = serve('x', 'DNS:x')
  done = quoth('run', write('s.yaml', LOOKS % "issuer: '/^O=the end,CN=x,.*,OU=first$/'"),
               '-t', url)
  assert done.exit == 0, done.out


def test_a_name_with_a_nul_is_shown(quoth, write, serve):
  url, ca = serve('x', der(b'mx.example.test\0.evil.test'))
  done = quoth('run', write('s.yaml', SCENARIO % 'mx.example.test'), '-t', url,
               '--ca', ca)
  assert done.exit == 1
  assert ('the name mx.example.test is not among those of the certificate: '
          r'mx.example.test\x00.evil.test') in ' '.join(done.out.split())


def test_keys_of_tls_in_the_clear(quoth, write, talker):
  """A green that verified nothing is said to be one."""
  path = write('s.yaml', 'quoth: 1\nname: Clear\nsteps:\n'
               '  - connect: { tls: { verify: true } }\n')
  url = talker(lambda peer: (peer.sendall(b'220 hi\r\n'), peer.recv(1))).url
  done = quoth('run', path, '-t', url)
  assert done.exit == 0
  assert 'nothing begins with TLS here' in done.stdout.decode() + \
    done.stderr.decode()
  done = quoth('check', path, '-t', 'smtps://127.0.0.1')
  assert b'TLS here' not in done.stdout + done.stderr


def test_names_for_the_terminal(quoth, write, serve, tmp_path):
  """What a certificate is called is the server's word: escaped everywhere."""
  url, ca = serve('a\x1b]0;own\x07\x1b[2J::error::own\u202e\u009b31m',
                  'DNS:b\x1b[2J::error::own')
  path = write('s.yaml', SCENARIO % 'mx.test')
  for options in (['--ca', ca], []):
    for name in ('human', 'tap', 'junit', 'json', 'jsonl', 'github', 'quiet'):
      done = quoth('run', path, '-t', url, '--format', name, *options)
      assert done.exit == 1
      shown = done.stdout + done.stderr
      for octets in (b'\x1b', b'\x07', '\u202e'.encode(), '\u009b'.encode()):
        assert octets not in shown, (name, shown)
      if name == 'github':
        assert b'::own' not in shown, shown
