"""Reports on disks that are full, read-only or no disks at all, and closed or
broken outputs: the other reports are written, the verdict is not changed, and
what is on disk is never green by accident."""
import os
import resource
import subprocess

import pytest

import faults

NAMES = ['passes', 'fails']


@pytest.fixture(name='place')
def place_fixture(tmp_path):
  (tmp_path / 's').mkdir()
  (tmp_path / 's' / 'a.yaml').write_text(faults.PASS)
  (tmp_path / 's' / 'b.yaml').write_text(faults.FAIL)
  return tmp_path


def run(place, *words, what='s/a.yaml', **more):
  return faults.run(place, 'run', what, '-t', 'embedded', *words, **more)


def file_limit(octets):
  return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))


@pytest.mark.parametrize('octets', [0, 1, 100, 700, 1500, 2500, 4000])
def test_a_file_that_may_not_grow(place, octets):
  done = run(place, *faults.report_options(), what='s',
             preexec_fn=file_limit(octets))
  assert done.exit == 1, done.err       # 1 wins over 4
  seen = faults.reports(place)
  faults.check_reports(seen, ['passes'], NAMES, octets)
  assert done.err.count('File too large') >= 1
  assert not [name for name in os.listdir(place) if 'tmp-' in name]
  done = run(place, *faults.report_options(), preexec_fn=file_limit(octets))
  assert done.exit == 4, done.err
  assert 'File too large' in done.err


@pytest.fixture(name='small')
def small_fixture(tmp_path):
  """A disk of 16 KiB."""
  folder = tmp_path / 'small'
  folder.mkdir()
  done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=16k', 'quoth',
                         folder], check=False, capture_output=True)
  if done.returncode != 0:
    pytest.skip('cannot mount a tmpfs here')
  yield folder
  subprocess.run(['umount', folder], check=True)


@pytest.mark.parametrize('left', [0, 1, 2, 3, 4])
def test_a_disk_that_is_full(place, small, left):
  (small / 'filler').write_bytes(bytes((4 - left) * 4096 - 4096
                                       if left < 4 else 0))
  paths = {name: os.path.join('small', path)
           for name, path in faults.REPORTS.items()}
  done = run(place, *faults.report_options(**paths), what='s')
  assert done.exit == 1
  seen = faults.reports(place, paths)
  faults.check_reports(seen, ['passes'], NAMES, left)
  assert len(seen) == len(paths) or 'No space left' in done.err
  assert not [name for name in os.listdir(small) if 'tmp-' in name]


def test_a_disk_that_is_read_only(place, small):
  (small / 'old.xml').write_text('<testsuites/>')
  subprocess.run(['mount', '-o', 'remount,ro', small], check=True)
  done = run(place, '--report', 'junit=small/old.xml', '--report',
             'jsonl=small/new.jsonl', '--report', 'json=good.json')
  assert done.exit == 4
  assert done.err.count('Read-only file system') == 2
  assert faults.read_json((place / 'good.json').read_bytes()) == \
    {'passes': 'pass'}


@pytest.mark.parametrize('name, path, why', [
  ('junit', 'folder', 'Is a directory'),
  ('jsonl', 'folder', 'Is a directory'),
  ('json', 'missing/r.json', 'No such file or directory'),
  ('jsonl', 'missing/r.jsonl', 'No such file or directory'),
  ('tap', 's/a.yaml/r.tap', 'Not a directory'),
  ('junit', '/dev/full', 'No space left on device'),
  ('jsonl', '/dev/full', 'No space left on device'),
  ('human', '/dev/full', 'No space left on device'),
  ('json', 'fifo', 'No such device or address'),
  ('jsonl', 'fifo', 'No such device or address'),
])
def test_a_path_that_is_no_file(place, name, path, why):
  """One sentence, exit 4, and the other report is whole."""
  (place / 'folder').mkdir()
  os.mkfifo(place / 'fifo')
  done = run(place, '--report', f'{name}={path}', '--report', 'tap=good.tap')
  assert done.exit == 4
  assert done.err.splitlines() == \
    [f'quoth: the report {name}={path} cannot be written: {why}']
  assert faults.read_tap((place / 'good.tap').read_bytes()) == \
    {'passes': 'pass'}


@pytest.mark.parametrize('name', sorted(faults.REPORTS))
def test_a_report_nobody_wants(place, name):
  done = run(place, '--report', f'{name}=/dev/null')
  assert (done.exit, done.err) == (0, '')


@pytest.mark.parametrize('closed', ['0', '1', '2', '01', '12', '012'])
@pytest.mark.parametrize('what, status', [('s/a.yaml', 0), ('s', 1)])
def test_closed_descriptors(place, closed, what, status):
  """No report's octets in a socket, no verdict changed."""
  def close():
    for fd in closed:
      os.close(int(fd))
  done = run(place, *faults.report_options(), what=what, preexec_fn=close)
  assert done.exit == status
  want = {'passes': 'pass'} if status == 0 else \
    {'passes': 'pass', 'fails': 'fail'}
  assert all(words == want for words in faults.reports(place).values())
  assert len(faults.reports(place)) == len(faults.REPORTS)


@pytest.mark.parametrize('form', ['human', 'tap', 'jsonl', 'github', 'quiet'])
@pytest.mark.parametrize('what, status', [('s/a.yaml', 0), ('s', 1)])
def test_a_reader_that_has_gone(place, form, what, status):
  ours, theirs = os.pipe()
  os.close(ours)
  done = run(place, '--format', form, *faults.report_options(), what=what,
             stdout=theirs)
  os.close(theirs)
  assert (done.exit, done.err) == (status, '')
  assert len(faults.reports(place)) == len(faults.REPORTS)


@pytest.mark.parametrize('form', ['human', 'tap', 'jsonl'])
def test_results_on_a_full_disk(place, form):
  with open('/dev/full', 'wb') as full:
    done = run(place, '--format', form, '--report', 'json=r.json',
               stdout=full)
    assert done.exit == 4
    assert done.err == f'quoth: the report {form}=- cannot be written: ' \
      'No space left on device\n'
    assert run(place, stdout=full, stderr=full).exit == 4
  assert faults.read_json((place / 'r.json').read_bytes()) == \
    {'passes': 'pass'}


def test_reports_of_an_earlier_run_go(place):
  """Whatever ends it: a scenario that does not load, a bad server."""
  (place / 'bad.yaml').write_text('quoth: 1\nname: x\nsteps: 7\n')
  for words, status in ((['bad.yaml', '-t', 'embedded'], 3),
                        (['s', '-t', 'embedded', '--tag', 'none'], 5),
                        (['s'], 2)):
    assert run(place, *faults.report_options()).exit == 0
    done = faults.run(place, 'run', *words, *faults.report_options())
    assert done.exit == status, done.err
    for seen in faults.reports(place).values():
      assert faults.UNRUN in seen and 'pass' not in seen.values(), words


def test_a_server_that_does_not_start_is_in_the_reports(place):
  done = faults.run(place, 'run', 's', '-t', 'smtp://127.0.0.1:1', '--start',
                    'echo no luck; exit 3', *faults.report_options())
  assert done.exit == 4
  assert 'exit status 3' in done.err and 'no luck' in done.err
  for words in faults.reports(place).values():
    assert set(words.values()) <= {'error', 'fail'} and len(words) in (0, 2)
