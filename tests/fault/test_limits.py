"""Few descriptors, little memory, no processes: a run goes on with what there
is, or ends with one sentence and the right exit code; and what a run starts
inherits nothing of it."""
import os
import re
import resource
import socket
import sys
import threading

import pytest

import faults

SLOW = '''quoth: 1
name: number {number}
steps:
  - connect:
    expect: 220
  - wait: 5ms
  - send: QUIT
    expect: 221
'''


@pytest.fixture(name='place')
def place_fixture(tmp_path):
  (tmp_path / 's').mkdir()
  for number in range(100):
    (tmp_path / 's' / f'{number:03}.yaml').write_text(
      SLOW.format(number=number))
  (tmp_path / 'pass.yaml').write_text(faults.PASS)
  return tmp_path


def limit(what, size):
  return lambda: resource.setrlimit(what, (size, size))


@pytest.mark.parametrize('most', [24, 32, 64, 100, 200, 400])
def test_few_descriptors(place, most):
  """Fewer at a time, but all of them, and one remark."""
  done = faults.run(place, 'run', 's', '-t', 'embedded', '-j', '100',
                    *faults.report_options(), timeout=60,
                    preexec_fn=limit(resource.RLIMIT_NOFILE, most))
  assert done.exit == 0, done.err
  assert len(done.err.splitlines()) == (most < 400)
  assert 'ulimit -n' in done.err or most == 400
  for words in faults.reports(place).values():
    assert len(words) == 100 and set(words.values()) == {'pass'}


@pytest.mark.parametrize('most', range(3, 24))
def test_too_few_descriptors(place, most):
  """From none to barely enough: never a crash, never green by accident."""
  done = faults.run(place, 'run', 'pass.yaml', '-t', 'embedded', '-j', '100',
                    *faults.report_options(), timeout=15,
                    preexec_fn=limit(resource.RLIMIT_NOFILE, most))
  seen = faults.reports(place)
  if done.exit == 0:
    assert all(words == {'passes': 'pass'} for words in seen.values())
    assert len(seen) == len(faults.REPORTS)
    return
  assert done.exit in (1, 3, 4, 127), done.err     # 127: no library opened
  assert 'oo many open files' in done.err or \
    'shared lib' in done.err or done.exit == 1, done.err
  faults.check_reports(seen, ['passes'], ['passes'], most)


class Counter:
  """A server whose connections are all open at the same time."""

  def __init__(self):
    self.most = self.now = 0
    self.socket = socket.create_server(('127.0.0.1', 0), backlog=200)
    self.port = self.socket.getsockname()[1]
    threading.Thread(target=self.accept, daemon=True).start()

  def accept(self):
    while True:
      try:
        client = self.socket.accept()[0]
      except OSError:
        return
      threading.Thread(target=self.talk, args=(client,), daemon=True).start()

  def talk(self, client):
    with client:
      self.now += 1
      self.most = max(self.most, self.now)
      client.sendall(b'220 x\r\n')
      client.recv(100)
      client.sendall(b'221 x\r\n')
      self.now -= 1


def test_few_descriptors_and_another_server(place):
  server = Counter()
  done = faults.run(place, 'run', 's', '-t', f'smtp://127.0.0.1:{server.port}',
                    '-j', '100', timeout=60,
                    preexec_fn=limit(resource.RLIMIT_NOFILE, 96))
  server.socket.close()
  assert done.exit == 0, done.err
  assert 1 <= server.most <= 96


@pytest.mark.skipif(faults.sanitized(), reason='shadow memory is large')
def test_64_mib_are_enough(place):
  done = faults.run(place, 'run', 's', '-t', 'embedded', '-j', '100',
                    *faults.report_options(), timeout=60,
                    preexec_fn=limit(resource.RLIMIT_AS, 64 << 20))
  assert (done.exit, done.err) == (0, '')
  for words in faults.reports(place).values():
    assert len(words) == 100 and set(words.values()) == {'pass'}


@pytest.mark.skipif(faults.sanitized(), reason='shadow memory is large')
def test_no_memory_is_exit_70(place):
  """At every limit: it cannot start, or it says so, or it is enough."""
  seen = set()
  for kib in range(3072, 24576, 512):
    for name in faults.REPORTS.values():
      if (place / name).exists():
        (place / name).unlink()
    done = faults.run(place, 'run', 's', '-t', 'embedded', '-j', '100',
                      *faults.report_options(), timeout=60,
                      preexec_fn=limit(resource.RLIMIT_AS, kib << 10))
    seen.add(done.exit)
    assert done.exit in (0, 4, 70, 127), (kib, done.exit, done.err)
    if done.exit == 70:
      assert done.err == 'quoth: out of memory\n'
    if done.exit == 70:
      for name, words in faults.reports(place).items():
        assert name == 'jsonl' or 'error' in words.values() or \
          'fail' in words.values(), (kib, name)
  assert seen >= {0, 70}


def test_no_process_for_the_server(place):
  if os.geteuid() == 0:
    done = faults.run(place, 'run', 'pass.yaml', '-t', 'smtp://127.0.0.1:1',
                      '--start', 'true', *faults.report_options(),
                      fault=('fork', 1, 'EAGAIN'))
  else:
    done = faults.run(place, 'run', 'pass.yaml', '-t', 'smtp://127.0.0.1:1',
                      '--start', 'true', *faults.report_options(),
                      preexec_fn=limit(resource.RLIMIT_NPROC, 1))
  assert done.exit == 4
  assert 'cannot start the server: fork' in done.err
  for words in faults.reports(place).values():
    assert set(words.values()) <= {'error', 'fail'}


def test_no_watchdog_for_the_server(place):
  """Then there is no server either: nobody would end it."""
  done = faults.run(place, 'run', 'pass.yaml', '-t', 'smtp://127.0.0.1:1',
                    '--start', 'exec sleep 60', *faults.report_options(),
                    fault=('fork', 2, 'EAGAIN'), timeout=20)
  assert done.exit == 4
  assert 'cannot start the server: its watchdog' in done.err
  for words in faults.reports(place).values():
    assert set(words.values()) <= {'error', 'fail'}


# Says which descriptors, limits and ignored signals it was given, then serves
# one client after another.
CHILD = r'''
import os, resource, signal, socket, sys
with open('child', 'w') as out:
  out.write(' '.join(sorted(os.listdir('/proc/self/fd'), key=int)) + '\n')
  out.write('%d %d\n' % resource.getrlimit(resource.RLIMIT_NOFILE))
  with open('/proc/self/status') as status:
    out.write(''.join(line for line in status
                      if line.startswith(('SigIgn', 'SigBlk'))))
listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))
while True:
  client = listener.accept()[0]
  client.sendall(b'220 x\r\n')
  client.recv(100)
  client.sendall(b'221 x\r\n')
  client.close()
'''


def free_port():
  with socket.create_server(('127.0.0.1', 0)) as one:
    return one.getsockname()[1]


def test_the_started_server_inherits_nothing(place):
  port = free_port()
  (place / 'child.py').write_text(CHILD)
  def few():
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, 600))
  (place / 'one.yaml').write_text(SLOW.format(number=1))
  done = faults.run(
    place, 'run', 'one.yaml', '-t', f'smtp://127.0.0.1:{port}', '--start',
    f'exec {sys.executable} child.py {port}', *faults.report_options(),
    '--format', 'jsonl', preexec_fn=few)
  assert done.exit == 0, done.err
  lines = (place / 'child').read_text().splitlines()
  # 0 1 2, the file it writes, the folder it lists
  assert lines[0].split() == ['0', '1', '2', '3', '4'], lines[0]
  assert lines[1] == '300 600'
  for line in lines[2:]:
    bits = int(re.search(r'[0-9a-f]{16}$', line)[0], 16)
    # Python itself ignores SIGPIPE and SIGXFSZ.
    assert bits & ~(1 << 12 | 1 << 24) == 0, line
