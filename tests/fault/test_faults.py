"""Every call that can fail, failing: for every n the verdict stays, or the
run ends with one clean error; what is on disk parses and is never green by
accident."""
import os
import shutil

import pytest

import faults
import peers

# What the kernel may answer. `same`: nothing happened that a caller has to
# tell anybody about.
SAME = {
  'read': ['EINTR', 'short'], 'write': ['EINTR', 'short'],
  'send': ['EINTR', 'short'], 'recv': ['EINTR', 'short'],
  'fsync': ['EINTR', 'EINVAL'], 'open': ['EINTR'], 'close': ['EINTR'],
  'accept4': ['EINTR', 'ECONNABORTED'], 'epoll_wait': ['EINTR', 'short'],
  'poll': ['EINTR'], 'getrandom': ['EINTR', 'short'],
}
WORSE = {
  'malloc': ['ENOMEM'], 'calloc': ['ENOMEM'], 'realloc': ['ENOMEM'],
  'read': ['EIO'], 'write': ['ENOSPC', 'EIO'], 'send': ['ECONNRESET'],
  'recv': ['ECONNRESET', 'ENOMEM'], 'fsync': ['EIO', 'ENOSPC'],
  'rename': ['EIO', 'EACCES'], 'unlink': ['EACCES'],
  'open': ['EMFILE', 'EACCES'], 'close': ['EIO'], 'stat': ['EIO'],
  'getrandom': ['ENOSYS'], 'socket': ['EACCES', 'ENOMEM', 'EMFILE'],
  'connect': ['ECONNREFUSED', 'ENETUNREACH', 'EADDRNOTAVAIL'],
  'accept4': ['EMFILE', 'ENOMEM'], 'epoll_create1': ['EMFILE'],
  'epoll_ctl': ['ENOMEM', 'ENOSPC'], 'epoll_wait': ['EBADF'],
  'pipe2': ['EMFILE'], 'eventfd': ['EMFILE'], 'opendir': ['EMFILE'],
  'readdir': ['EIO'],
}
# From the n-th call on: a disk that is full stays so.
LASTING = {'write': ['ENOSPC'], 'fsync': ['EIO'], 'rename': ['EROFS'],
           'open': ['EMFILE'], 'malloc': ['ENOMEM'], 'calloc': ['ENOMEM'],
           'realloc': ['ENOMEM'], 'socket': ['EACCES']}
# Every n; sanitizers are slow, there long rows are sampled.
MOST = 15 if faults.sanitized() else 10 ** 9
NAMES = ['passes', 'fails']
ALL_GREEN = {'passes': 'pass'}
STALE = {
  'r.xml': '<testsuites><testsuite tests="2"><testcase name="passes"/>'
           '<testcase name="fails"/></testsuite></testsuites>',
  'r.json': '{"summary":{"scenarios":2,"passed":2,"failed":0,"skipped":0,'
            '"errors":0,"not_run":0},"scenarios":[{"name":"passes","result":'
            '"pass"},{"name":"fails","result":"pass"}]}',
  'r.tap': 'TAP version 14\n1..2\nok 1 - x: passes\nok 2 - x: fails\n',
  'r.jsonl': '{"kind":"scenario-end","name":"fails","result":"pass"}\n',
  'r.txt': 'ok    x  passes   1 ms\nok    x  fails    1 ms\n',
}
OPTIONS = ['--seed', '1', *faults.report_options()]


@pytest.fixture(name='place')
def place_fixture(tmp_path):
  """On tmpfs where there is one: a sweep does thousands of fsync()."""
  base = '/dev/shm' if os.access('/dev/shm', os.W_OK) else str(tmp_path)
  folder = os.path.join(base, f'quoth-fault-{os.getpid()}')
  os.makedirs(os.path.join(folder, 's', 'sub'))
  for name, text in (('a.yaml', faults.PASS), ('sub/b.yaml', faults.FAIL)):
    with open(os.path.join(folder, 's', name), 'w', encoding='ascii') as file:
      file.write(text)
  yield folder
  shutil.rmtree(folder)


def lay_out(folder, stale=True):
  """Green reports of an earlier run: nobody may mistake them for ours."""
  for name in os.listdir(folder):
    if name != 's':
      os.unlink(os.path.join(folder, name))
  for name, text in STALE.items() if stale else ():
    with open(os.path.join(folder, name), 'w', encoding='ascii') as file:
      file.write(text)


def attempt(folder, what, target, fault):
  # What cannot be looked at is not removed: it might be a device.
  lay_out(folder, stale=fault[0] != 'stat')
  return faults.run(folder, 'run', what, '-t', target, *OPTIONS, fault=fault)


def sample(function, count):
  if function == 'pipe2':       # the others are libuv's, just looked at
    count = 1
  if count <= MOST:
    return list(range(1, count + 1))
  return sorted({1 + i * (count - 1) // (MOST - 1) for i in range(MOST)})


def baseline(folder, what, target):
  lay_out(folder)
  done = faults.run(folder, 'run', what, '-t', target, *OPTIONS,
                    counts=os.path.join(folder, 'counts'))
  want = {'passes': 'pass', 'fails': 'fail'} if what == 's' else ALL_GREEN
  assert (done.exit, done.err) == (want != ALL_GREEN, '')
  seen = faults.reports(folder)
  assert set(seen) == set(faults.REPORTS)
  for name, words in seen.items():
    assert words == want, name
  return done, seen


def sentences(text):
  return [line for line in text.splitlines() if line.startswith('quoth: ')]


def explained(done, seen):
  """A sentence on stderr, or a report of what went wrong."""
  return sentences(done.err) or 'error' in done.err or any(
    word in ('fail', 'error') for words in seen.values()
    for word in words.values())


def is_stale(folder, name):
  try:
    with open(os.path.join(folder, name), encoding='utf-8') as file:
      return file.read() == STALE[name]
  except FileNotFoundError:
    return False


def untouched(folder):
  """It ended before it looked at any report."""
  return all(is_stale(folder, name) for name in STALE)


def drop_untouched(folder):
  """It was killed before it began: while it looked at the reports' paths."""
  stale = [name for name in STALE if is_stale(folder, name)]
  rest = [name for name in STALE if name not in stale]
  paths = [os.path.join(folder, name) for name in rest]
  if not any(os.path.exists(path) and os.path.getsize(path)
             for path in paths):
    for name in stale:
      os.unlink(os.path.join(folder, name))


def check_worse(folder, fault, done, names=tuple(NAMES)):
  seen = {}
  if not untouched(folder):
    seen = faults.reports(folder)
    faults.check_reports(seen, ['passes'], names, fault)
  else:
    assert done.exit in (2, 4, 70), fault
  assert done.exit in faults.CODES - {0}, (fault, done.exit, done.err)
  if fault[0] != 'write':
    assert explained(done, seen), (fault, done.exit, done.err)
  assert len(sentences(done.err)) <= len(faults.REPORTS), done.err
  if done.exit == 70:
    assert 'out of memory' in done.err or 'internal' in done.err
  elif fault[0] != 'unlink':
    assert not [name for name in os.listdir(folder) if 'tmp-' in name], fault


def sweep(folder, rows, check, lasting=False, what='s', target='embedded'):
  done, seen = baseline(folder, what, target)
  tried = 0
  for function, actions in rows.items():
    for action in actions:
      for n in sample(function, done.calls[function]):
        fault = (function, f'{n}+' if lasting else n, action)
        result = attempt(folder, what, target, fault)
        # Some calls depend on what arrives together: the last may not come.
        assert result.fired > 0 or n * 10 > done.calls[function] * 9, fault
        check(folder, fault, result, seen)
        tried += 1
  return tried


def test_interruptions_and_short_counts_change_nothing(place):
  def check(folder, fault, done, want):
    assert (done.exit, done.err) == (1, ''), (fault, done.err)
    assert faults.reports(folder) == want, fault
  assert sweep(place, SAME, check) > 100


@pytest.mark.parametrize('functions', [
  ['malloc'], ['calloc'], ['realloc'],
  [name for name in WORSE if not name.endswith('alloc')]])
def test_errors_are_clean(place, functions):
  rows = {name: WORSE[name] for name in functions}
  assert sweep(place, rows, lambda folder, fault, done, _:
               check_worse(folder, fault, done)) > 10


def test_a_passing_run_is_green_or_not_at_all(place):
  """Exit 0 is a promise about every report."""
  def check(folder, fault, done, want):
    if done.exit == 0:
      assert faults.reports(folder) == want, fault
    else:
      check_worse(folder, fault, done, ['passes'])
  assert sweep(place, WORSE, check, what='s/a.yaml') > 100


def test_errors_that_last_are_clean(place):
  assert sweep(place, LASTING, lambda folder, fault, done, _:
               check_worse(folder, fault, done), lasting=True) > 20


def test_a_kill_leaves_whole_reports(place):
  def check(folder, fault, done, _):
    assert faults.killed(done), (fault, done.exit)
    drop_untouched(folder)
    faults.check_reports(faults.reports(folder), ['passes'], NAMES, fault)
  rows = {name: ['kill', 'kill-after'] for name in
          ('write', 'fsync', 'rename', 'open', 'close')}
  rows.update({name: ['kill'] for name in ('recv', 'send', 'epoll_wait')})
  assert sweep(place, rows, check) > 100


NAMED = '''quoth: 1
name: passes
timeout: 2s
steps:
  - connect:
    expect: 220
  - send: QUIT
    expect: 221
'''


def test_a_target_by_name(place):
  """The same while c-ares looks a name up."""
  def talk(client):
    client.sendall(b'220 x\r\n')
    peers.hear(client)
    client.sendall(b'221 x\r\n')
  with open(os.path.join(place, 's', 'a.yaml'), 'w', encoding='ascii') as file:
    file.write(NAMED)
  def check(folder, fault, done, want):
    if done.exit == 0:
      assert faults.reports(folder) == want, fault
    else:
      check_worse(folder, fault, done, ['passes'])
  rows = {name: WORSE[name] for name in
          ('malloc', 'calloc', 'realloc', 'socket', 'connect', 'epoll_ctl',
           'send', 'recv', 'close', 'open')}
  with peers.Peer(talk) as url:
    target = url.replace('127.0.0.1', 'localhost')
    assert sweep(place, rows, check, what='s/a.yaml', target=target) > 100
