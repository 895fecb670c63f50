"""Source addresses, the PROXY protocol, XCLIENT."""
import os
import re
import shutil
import socket
import ssl
import struct
import sys
import time

import pytest

from background import Background, NotReady
from lab import ROOT, free_port

SIGNATURE = b'\r\n\r\n\0\r\nQUIT\n'
PROXY = os.path.join(ROOT, 'scenarios', 'proxy')


def reads(client, count):
  data = b''
  while len(data) < count:
    more = client.recv(count - len(data))
    if not more:
      raise OSError('gone')
    data += more
  return data


def header(client):
  """What a server behind a balancer reads before it says anything."""
  data = reads(client, 6)
  if data == b'PROXY ':
    while not data.endswith(b'\r\n'):
      data += reads(client, 1)
    return data.decode()
  data += reads(client, 10)
  assert data[:12] == SIGNATURE
  return data[12:] + reads(client, struct.unpack('>H', data[14:16])[0])


@pytest.fixture
def behind(talker):
  """A server that wants a header; what it saw is in `.seen`."""
  seen = []

  def talk(client):
    seen.append((header(client), client.getpeername(), client.getsockname()))
    client.sendall(b'220 ready\r\n')
    for _line in client.makefile('rb'):
      client.sendall(b'250 ok\r\n')
  one = talker(talk)
  one.seen = seen
  return one


def test_version_1(quoth, scenario, behind):
  path = scenario('p.yaml', 'P', '- connect: { proxy: 1 }', '- send: NOOP',
                  connect=False)
  assert quoth('run', path, '-t', behind.url).exit == 0
  text, peer, own = behind.seen[0]
  assert text == f'PROXY TCP4 127.0.0.1 127.0.0.1 {peer[1]} {own[1]}\r\n'


def test_version_2(quoth, scenario, behind):
  path = scenario('p.yaml', 'P', '- connect: { proxy: 2 }', '- send: NOOP',
                  connect=False)
  assert quoth('run', path, '-t', behind.url).exit == 0
  octets, peer, own = behind.seen[0]
  assert octets == b'\x21\x11\0\x0c' + socket.inet_aton('127.0.0.1') * 2 + \
    struct.pack('>HH', peer[1], own[1])


@pytest.mark.parametrize('lines', [
  ['- connect: { proxy: 1, tls: { verify: false } }', '- send: NOOP'],
  ['- pipeline:\n    - connect: { proxy: 1, tls: { verify: false } }\n'
   '    - send: NOOP']])
def test_in_front_of_tls(quoth, scenario, lab, talker, lines):
  seen = []
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  context.load_cert_chain(lab.certificate('server-chain.pem'),
                          lab.certificate('server.key'))

  def talk(client):
    seen.append(header(client))
    with context.wrap_socket(client, server_side=True) as inner:
      inner.sendall(b'220 ready\r\n')
      for _line in inner.makefile('rb'):
        inner.sendall(b'250 ok\r\n')
  one = talker(talk)
  path = scenario('p.yaml', 'P', *lines, connect=False)
  done = quoth('run', path, '-t', one.url.replace('smtp:', 'smtps:'))
  assert done.exit == 0, done.out
  assert seen[0].startswith('PROXY TCP4 127.0.0.1 127.0.0.1 ')


def test_for_every_connection(quoth, scenario, behind):
  path = scenario('p.yaml', 'P', '- send: NOOP', '- { connect: , on: b }')
  assert quoth('run', path, '-t', behind.url, '--proxy-protocol', 2).exit == 0
  assert len(behind.seen) == 2
  done = quoth('run', path, '-t', behind.url, '--proxy-protocol', 3)
  assert done.exit == 2
  assert '--proxy-protocol wants a number from 1 to 2' in done.err


def test_in_front_of_a_pipeline(quoth, scenario, behind):
  path = scenario('p.yaml', 'P', '- pipeline:\n    - connect: { proxy: { '
                  'version: 1, from: "192.0.2.1:77", to: "192.0.2.2:25" } }\n'
                  '    - send: NOOP', connect=False)
  assert quoth('run', path, '-t', behind.url).exit == 0
  assert behind.seen[0][0] == 'PROXY TCP4 192.0.2.1 192.0.2.2 77 25\r\n'


def test_in_the_transcript(quoth, scenario, behind):
  path = scenario('p.yaml', 'P', '- connect: { proxy: { version: 1, local: '
                  'true } }', connect=False)
  done = quoth('run', path, '-t', behind.url, '--transcript', 'always')
  assert r'C: PROXY UNKNOWN\r\n' in done.out


def test_a_server_that_takes_none(quoth, scenario, embedded):
  """To it the header is a command like any other."""
  path = scenario('p.yaml', 'P', '- wait: 200ms', '- send: NOOP', '- send: QUIT')
  done = quoth('run', path, '-t', embedded.url, '--proxy-protocol', 1)
  assert done.exit == 1
  assert 'that nobody had asked for' in done.out


AIOSMTPD = '''
import asyncio
from aiosmtpd.smtp import SMTP
class Handler:
  async def handle_PROXY(self, server, session, envelope, data):
    print(data.version, data.src_addr, data.src_port, data.dst_addr, flush=True)
    return True
async def main():
  loop = asyncio.get_running_loop()
  server = await loop.create_server(
    lambda: SMTP(Handler(), proxy_protocol_timeout=5, loop=loop),
    '127.0.0.1', %d)
  print('ready', flush=True)
  await asyncio.sleep(120)
asyncio.run(main())
'''


@pytest.fixture(scope='module')
def aiosmtpd(server):
  """One that wants a header: the lab's, with a script of ours."""
  server('aiosmtpd')
  base = os.path.join(os.environ.get('LAB_DIR') or '/tmp/lab',
                      'root/aiosmtpd/usr/lib/python3/dist-packages')
  if not os.path.isdir(os.path.join(base, 'aiosmtpd')):
    pytest.skip('the lab keeps its aiosmtpd elsewhere')
  port = free_port()
  one = Background([sys.executable, '-c', AIOSMTPD % port],
                   {**os.environ, 'PYTHONPATH': base})
  try:
    one.wait_line('^ready$')
  except NotReady as why:
    pytest.skip(f'aiosmtpd does not start here: {why}')
  yield one, f'smtp://127.0.0.1:{port}'
  one.stop()


@pytest.mark.parametrize('proxy, seen', [
  ('1', r'1 127\.0\.0\.1 \d+ 127\.0\.0\.1'),
  ('2', r'2 127\.0\.0\.1 \d+ 127\.0\.0\.1'),
  ('{ version: 1, from: "[2001:db8::1]:7", to: "[2001:db8::2]:25" }',
   r'1 2001:db8::1 7 2001:db8::2'),
  ('{ version: 2, from: "192.0.2.1:7", to: "192.0.2.2:25" }',
   r'2 192\.0\.2\.1 7 192\.0\.2\.2'),
])
def test_aiosmtpd(quoth, scenario, aiosmtpd, proxy, seen):
  background, url = aiosmtpd
  path = scenario('p.yaml', 'P', f'- connect: {{ proxy: {proxy} }}',
                  '- send: EHLO x', '- send: QUIT', connect=False)
  done = quoth('run', path, '-t', url)
  assert done.exit == 0, done.out
  assert background.wait_line(f'^{seen}')


@pytest.mark.parametrize('proxy, sentence', [
  ('3', 'versions 1 and 2'), ('{ local: true }', "needs the key 'version'"),
  ('{ version: 1, from: x }', 'no address and port'),
  ('{ version: 1, from: "192.0.2.1" }', 'no address and port'),
  ('{ version: 1, from: "192.0.2.1:66000" }', 'no address and port'),
  ('{ version: 1, from: "192.0.2.1:1", to: "[::1]:1" }', 'one family'),
  ('{ version: 1, tlv: x }', 'unknown key'), ('[1]', 'proxy'),
])
def test_bad(quoth, scenario, proxy, sentence):
  path = scenario('p.yaml', 'P', f'- connect: {{ proxy: {proxy} }}',
                  connect=False)
  done = quoth('check', path)
  assert done.exit == 3
  assert sentence in done.out


def test_source_address(quoth, scenario, talker):
  seen = []

  def talk(client):
    seen.append(client.getpeername()[0])
    client.sendall(b'220 hi\r\n')
  path = scenario('p.yaml', 'P', '- connect: { from: 127.0.0.9 }',
                  connect=False)
  assert quoth('run', path, '-t', talker(talk).url).exit == 0
  assert seen == ['127.0.0.9']


def test_a_source_address_of_a_socket(quoth, scenario, tmp_path):
  """There is none: to leave it out would test another thing than was asked."""
  path = scenario('p.yaml', 'P', '- connect: { from: 127.0.0.9 }',
                  connect=False)
  done = quoth('run', path, '-t', f'smtp+unix:{tmp_path}/s')
  assert done.exit == 4
  assert 'a unix socket has no local address' in ' '.join(done.out.split())


def test_a_source_address_of_others(quoth, scenario, embedded):
  for address, why in (('192.0.2.1', '192.0.2.1 is no address of this machine'),
                       ('::1', 'not from [::1], which is of the other family')):
    path = scenario('p.yaml', 'P', "- connect: { from: '%s' }" % address,
                    connect=False)
    done = quoth('run', path, '-t', embedded.url)
    assert done.exit == 4
    assert why in ' '.join(done.out.split())


HAPROXY = '''
global
  log 127.0.0.1:%d local0
defaults
  mode tcp
  timeout connect 2s
  timeout client 5s
  timeout server 5s
  log global
  log-format "%%ci %%cp %%[dst] %%[dst_port]"
frontend f
  bind 127.0.0.1:%d accept-proxy
  default_backend b
backend b
  server s 127.0.0.1:%d
'''


@pytest.fixture
def haproxy(tmp_path, embedded):
  """Takes headers, and says whose connections they are."""
  program = shutil.which('haproxy') or '/usr/sbin/haproxy'
  if not os.path.exists(program):
    pytest.skip('haproxy is not installed')
  log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  log.bind(('127.0.0.1', 0))
  log.settimeout(10)
  port = free_port()
  (tmp_path / 'haproxy.cfg').write_text(
    HAPROXY % (log.getsockname()[1], port, embedded.port))
  one = Background([program, '-db', '-f', str(tmp_path / 'haproxy.cfg')])
  try:
    for _ in range(100):
      with socket.socket() as probe:
        if probe.connect_ex(('127.0.0.1', port)) == 0:
          break
      time.sleep(0.05)
    yield f'smtp://127.0.0.1:{port}', log
  finally:
    one.stop()
    log.close()


@pytest.mark.parametrize('proxy, seen', [
  ('1', r'127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+'),
  ('2', r'127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+'),
  ('{ version: 1, from: "192.0.2.1:47", to: "192.0.2.2:25" }',
   r'192\.0\.2\.1 47 192\.0\.2\.2 25'),
  ('{ version: 2, from: "192.0.2.1:47", to: "192.0.2.2:25" }',
   r'192\.0\.2\.1 47 192\.0\.2\.2 25'),
  ('{ version: 1, from: "[2001:db8::1]:7", to: "[2001:db8::2]:25" }',
   r'2001:db8::1 7 2001:db8::2 25'),
  ('{ version: 2, from: "[2001:db8::1]:7", to: "[2001:db8::2]:25" }',
   r'2001:db8::1 7 2001:db8::2 25'),
  ('{ version: 1, local: true }', r'127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+'),
  ('{ version: 2, local: true }', r'127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+'),
])
def test_haproxy(quoth, scenario, haproxy, proxy, seen):
  url, log = haproxy
  path = scenario('p.yaml', 'P', '- connect: { proxy: %s }\n  expect: 220' % proxy,
                  '- send: QUIT', connect=False)
  assert quoth('run', path, '-t', url).exit == 0
  said = ''
  while not re.search(f' {seen}$', said):       # its own words, and probes
    said = log.recv(4096).decode().strip()


def test_xclient(quoth, server):
  done = quoth('run', PROXY, '-t', server('postfix', 'postfix-plainauth').url,
               '--format', 'jsonl')
  results = {event['id'].split('#')[1]: event['result'] for event in done.jsonl
             if event['kind'] == 'scenario-end'}
  assert (done.exit, results) == (0, {'XCLIENT': 'pass', 'XFORWARD': 'pass'})


def test_xclient_decides(quoth, scenario, tmp_path):
  """Its address is the client's from then on."""
  path = scenario('x.yaml', 'X', '- send: XCLIENT ADDR=192.0.2.77',
                  '- send: EHLO x', '- send: MAIL FROM:<>',
                  '- send: RCPT TO:<bob@example.test>', '- send: DATA',
                  '- body: hi')
  done = quoth('run', path, '-t', 'embedded', '--maildir', tmp_path / 'm')
  assert done.exit == 0, done.out
  kept, = (tmp_path / 'm' / 'new').iterdir()
  assert 'Received: from x (192.0.2.77)' in kept.read_text()
