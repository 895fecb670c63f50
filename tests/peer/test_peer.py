"""The helpers themselves: with a hostile server that has no fault, with the
lab's servers where there is a lab, and with stand-ins for `up`, `down` and the
binary, because what starts and stops must be right before anything else is."""
import os
import signal
import smtplib
import socket
import sys

import pytest

import binary
import lab as lab_module
from background import Background, NotReady
from lab import Endpoint, Lab, Unavailable, parse_endpoints


def deliver(endpoint, recipient='alice@example.test'):
  with smtplib.SMTP(*endpoint.address, timeout=10) as client:
    client.ehlo('client.example.test')
    return client.sendmail('tester@example.test', [recipient],
                           'Subject: peer\r\n\r\n.dot\r\n')


def script(path, text):
  path.write_text(text)
  path.chmod(0o755)
  return path


# What `up` prints.

@pytest.mark.parametrize('text, want', [
  ('', {}),
  ('postfix smtp 127.0.0.1 20025\n',
   {'postfix': Endpoint('postfix', 'smtp', '127.0.0.1', 20025)}),
  ('a smtp ::1 1\nsome words of apt\nb-c lmtp 127.0.0.1 65535\n',
   {'a': Endpoint('a', 'smtp', '::1', 1),
    'b-c': Endpoint('b-c', 'lmtp', '127.0.0.1', 65535)}),
  ('a smtp 127.0.0.1 65536\n', {}),
  ('a smtp 127.0.0.1 25 up\n', {}),
  ('a smtp 127.0.0.1 -\n', {}),
])
def test_endpoints(text, want):
  assert parse_endpoints(text) == want


def test_urls():
  assert Endpoint('a', 'smtp', '127.0.0.1', 25).url == 'smtp://127.0.0.1:25'
  assert Endpoint('a', 'lmtp', '::1', 24).url == 'lmtp://[::1]:24'


# Why there is no server.

def test_no_lab(tmp_path):
  none = Lab(str(tmp_path))
  for ask in (none.endpoint, none.hostile):
    with pytest.raises(Unavailable, match='no lab: .* is missing'):
      ask('postfix')


def test_not_root(tmp_path, monkeypatch):
  script(tmp_path / 'up', '#!/bin/sh\nexit 99\n')
  monkeypatch.setattr(os, 'geteuid', lambda: 1000)
  with pytest.raises(Unavailable, match='postfix: the lab wants root'):
    Lab(str(tmp_path)).up('postfix')


# A stand-in: prints what lab/up prints, and writes down what it was told.
UP = '''#!/bin/sh
echo "up $* $LAB_DIR" >>"$0.log"
case $1 in
new) echo "dep smtp 127.0.0.1 1"; echo "lab: dep up in 5 ms" >&2
     echo "new smtp 127.0.0.1 2"; echo "lab: new up in 12 ms" >&2;;
old) echo "old smtp 127.0.0.1 3";;
bad) echo "lab: dep2 up in 5 ms" >&2; echo "lab: bad did not start" >&2
     exit 1;;
esac
'''


@pytest.fixture
def fake(tmp_path, monkeypatch):
  monkeypatch.setattr(os, 'geteuid', lambda: 0)
  script(tmp_path / 'up', UP)
  script(tmp_path / 'down', '#!/bin/sh\necho "down $*" >>"$0.log"\n')
  return Lab(str(tmp_path), '/some/where')


def log(fake, name):
  path = os.path.join(fake.folder, name + '.log')
  if not os.path.exists(path):
    return []
  with open(path, encoding='utf-8') as text:
    return text.read().splitlines()


def test_stops_only_what_it_started(fake):
  assert fake.endpoint('new').port == 2
  assert fake.endpoint('new', 'dep').port == 1
  assert fake.endpoint('old').port == 3
  assert log(fake, 'up') == ['up new /some/where', 'up old /some/where']
  fake.down()
  fake.down()
  assert log(fake, 'down') == ['down new dep']


def test_stops_nothing_that_ran(fake):
  fake.endpoint('old')
  fake.down()
  assert log(fake, 'down') == []


def test_failed_start_is_told_once_and_cleaned_up(fake):
  for _ in range(3):
    with pytest.raises(Unavailable, match=r'bad did not start \(up: 1\)'):
      fake.up('bad')
  assert len(log(fake, 'up')) == 1
  fake.down()
  assert log(fake, 'down') == ['down dep2']


def test_unknown_endpoint(fake):
  with pytest.raises(Unavailable, match='has no endpoint other'):
    fake.endpoint('old', 'other')


def test_default_folder(monkeypatch):
  monkeypatch.setenv('QUOTH_LAB', '/else/where')
  assert Lab().folder == '/else/where'
  monkeypatch.delenv('QUOTH_LAB')
  assert Lab().folder == os.path.join(
    os.path.dirname(lab_module.ROOT), 'shared', 'lab')


# Background programs.

def test_background_ends_and_says_why():
  ended = Background(['sh', '-c', 'echo first; echo last >&2; exit 3'])
  with pytest.raises(NotReady, match='ended: first | last'):
    ended.wait_line('never')
  assert ended.stop() == 3


def test_background_silence():
  silent = Background(['sleep', '60'])
  with pytest.raises(NotReady, match='no line like'):
    silent.wait_line('never', 0.1)
  assert silent.stop() == -signal.SIGTERM


def test_background_kills_what_ignores_term():
  stubborn = Background(['sh', '-c', 'trap "" TERM; echo on; '
                         'while :; do sleep 1; done'])
  stubborn.wait_line('^on$')
  assert stubborn.stop(0.3) == -signal.SIGKILL


# The binary.

def stand_in(tmp_path, text):
  return binary.Quoth(str(script(tmp_path / 'quoth', text)))


def test_result(tmp_path):
  quoth = stand_in(tmp_path, '#!/bin/sh\necho \'{"a": 1}\'; echo "$@" >&2\n'
                   'exit 3\n')
  result = quoth('run', tmp_path / 'x.yaml', '-j', 4)
  assert result.exit == 3
  assert result.out == '{"a": 1}\n'
  assert result.err == f'run {tmp_path}/x.yaml -j 4\n'
  assert result.jsonl == [{'a': 1}]


def test_environment_is_ours(tmp_path, monkeypatch):
  monkeypatch.setenv('GITHUB_ACTIONS', 'true')
  monkeypatch.setenv('QUOTH_OPT_JOBS', '1')
  quoth = stand_in(tmp_path, '#!/bin/sh\n'
                   'echo "[$GITHUB_ACTIONS$QUOTH_OPT_JOBS$MORE]"\n')
  assert quoth('run', env={'MORE': 'm'}).out == '[m]\n'


@pytest.mark.parametrize('text, why', [
  ('kill -SEGV $$', 'killed by SIGSEGV'),
  ('echo "==1==ERROR: AddressSanitizer: heap" >&2; exit 1', 'AddressSan'),
  ('echo "x.c:1:2: runtime error: shift" >&2', 'runtime error'),
  ('exec sleep 60', 'still runs after 0.5 s'),
])
def test_never_a_result(tmp_path, text, why):
  with pytest.raises(AssertionError, match=why):
    stand_in(tmp_path, f'#!/bin/sh\n{text}\n')('run', timeout=0.5)


SERVE = '''#!/bin/sh
exec %s -c '
import socket, sys, time
s = socket.create_server(("127.0.0.1", 0))
print("quoth: listening on smtp://127.0.0.1:%%d" %% s.getsockname()[1], flush=True)
c = s.accept()[0]
c.sendall(" ".join(sys.argv[1:]).encode())
time.sleep(60)' "$@"
''' % sys.executable


def test_serve(tmp_path):
  quoth = stand_in(tmp_path, SERVE)
  endpoint = quoth.serve('--maildir', 'x')
  assert endpoint.url == f'smtp://127.0.0.1:{endpoint.port}'
  with socket.create_connection(endpoint.address, 5) as talk:
    assert talk.recv(99) == b'serve --listen 127.0.0.1:0 --maildir x'
  quoth.stop()
  with pytest.raises(ConnectionRefusedError):
    socket.create_connection(endpoint.address, 5)


def test_serve_that_ends(tmp_path):
  quoth = stand_in(tmp_path, '#!/bin/sh\necho no such option >&2; exit 2\n')
  with pytest.raises(AssertionError, match='ended: no such option'):
    quoth.serve()
  quoth.stop()


def test_binary_is_searched(tmp_path, monkeypatch):
  monkeypatch.setenv('QUOTH_BIN', str(tmp_path / 'none'))
  with pytest.raises(AssertionError, match='is no program'):
    binary.find()
  path = script(tmp_path / 'some', '#!/bin/sh\n')
  monkeypatch.setenv('QUOTH_BIN', str(path))
  assert binary.find() == str(path)


# Servers.

def test_hostile_good(hostile):
  endpoint = hostile('good')
  assert endpoint.proto == 'smtp'
  assert deliver(endpoint) == {}
  assert hostile('good') == endpoint


def test_hostile_fault(hostile):
  with pytest.raises(smtplib.SMTPConnectError) as caught:
    smtplib.SMTP(*hostile('banner-554').address, timeout=10)
  assert caught.value.smtp_code == 554


def test_hostile_unknown(hostile):
  with pytest.raises(AssertionError, match='no hostile mode named godo'):
    hostile('godo')


def test_postfix(postfix):
  assert deliver(postfix, 'devnull@example.test') == {}


def test_exim(exim):
  assert deliver(exim, 'devnull@example.test') == {}


def test_sink(sink):
  assert deliver(sink) == {}


def test_other_endpoint(server):
  with smtplib.SMTP(*server('postfix', 'postfix-limits').address,
                    timeout=10) as client:
    assert client.ehlo('client.example.test')[0] == 250
    assert 'pipelining' not in client.esmtp_features
