"""A run that is ended from outside: by a signal, kill -9, a full disk, a pipe
whose reader has gone. Reports are whole up to there, and never green."""
import json
import os
import signal
import subprocess
import time
import xml.etree.ElementTree as xml

import pytest

from binary import environment

REPORTS = {'junit': 'r.xml', 'json': 'r.json', 'tap': 'r.tap',
           'jsonl': 'r.jsonl', 'human': 'r.txt'}


@pytest.fixture
def slow(write):
  """Two that pass at once, two that take a minute, one that never starts."""
  for i in range(2):
    write(f's/a{i}.yaml', f'quoth: 1\nname: Quick {i}\nsteps:\n  - connect:\n')
  for i in range(3):
    write(f's/b{i}.yaml', f'quoth: 1\nname: Slow {i}\nsteps:\n  - connect:\n'
          '  - wait: 60s\n  - send: NOOP\n')
  return write('s/c.yaml', 'quoth: 1\nname: Never\nsteps:\n  - connect:\n'
               ).parent


def start(quoth, path, folder, *words):
  argv = [quoth.path, 'run', str(path), '-t', 'embedded', '-j', '3', *words]
  for name, file in REPORTS.items():
    argv += ['--report', f'{name}={folder / file}']
  return subprocess.Popen(argv, env=environment(None), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def wait_for(path, piece, timeout_s=10):
  until = time.monotonic() + timeout_s
  while time.monotonic() < until:
    if path.exists() and piece in path.read_bytes():
      return
    time.sleep(0.02)
  raise AssertionError(f'{path}: no {piece!r} within {timeout_s} s')


def whole(folder):
  """Every report parses and knows every scenario; what json says of each."""
  cases = xml.parse(folder / 'r.xml').getroot().findall('.//testcase')
  bad = [case for case in cases if case.find('error') is not None]
  report = json.loads((folder / 'r.json').read_text())
  lines = (folder / 'r.tap').read_text().splitlines()
  points = [line for line in lines if line.startswith(('ok ', 'not ok '))]
  results = {one['name']: one['result'] for one in report['scenarios']}
  assert len(cases) == len(points) == len(results) == 6
  assert lines[1] == '1..6'
  assert len(bad) == list(results.values()).count('error')
  assert sum(line.startswith('not ok') for line in points) == len(bad)
  return results


def has_quick(folder):
  """Both quick ones stand in all reports: they are written one by one."""
  try:
    results = whole(folder)
  except (AssertionError, OSError):
    return False
  return results['Quick 0'] == results['Quick 1'] == 'pass'


@pytest.mark.parametrize('number, status', [
  (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal(quoth, slow, tmp_path, number, status):
  with start(quoth, slow, tmp_path) as child:
    wait_for(tmp_path / 'r.jsonl', b'Slow 2')
    began = time.monotonic()
    child.send_signal(number)
    out, _err = child.communicate(timeout=10)
  assert time.monotonic() - began < 2
  assert child.returncode == status
  results = whole(tmp_path)
  assert results == {'Quick 0': 'pass', 'Quick 1': 'pass', 'Slow 0': 'error',
                     'Slow 1': 'error', 'Slow 2': 'error', 'Never': 'error'}
  events = [json.loads(line) for line in (tmp_path / 'r.jsonl').open()]
  assert events[-1]['kind'] == 'run-end'
  assert events[-1]['interrupted'] is True
  assert b'interrupted' in out
  assert not list(tmp_path.glob('*.tmp-*'))


def test_a_second_signal_ends_at_once(quoth, slow, tmp_path, scenario):
  """The first one is held up by a server that is slow to end."""
  with start(quoth, slow, tmp_path, '--start', 'trap "" TERM; while :; do '
             'sleep 1; done', '--ready', 'tcp://127.0.0.1:9') as child:
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    time.sleep(0.4)             # not one stroke that came twice
    assert child.poll() is None
    child.send_signal(signal.SIGINT)
    began = time.monotonic()
    child.communicate(timeout=10)
  assert time.monotonic() - began < 1
  assert child.returncode == 130


def test_kill_in_the_middle(quoth, slow, tmp_path):
  for name in REPORTS.values():
    (tmp_path / name).write_text('of yesterday')
  with start(quoth, slow, tmp_path) as child:
    wait_for(tmp_path / 'r.jsonl', b'Slow 2')
    child.kill()
    child.communicate(timeout=10)
  results = whole(tmp_path)
  assert results['Slow 0'] == results['Never'] == 'error'
  for line in (tmp_path / 'r.jsonl').read_bytes().splitlines(True):
    assert line.endswith(b'\n')
    json.loads(line)


def test_kill_later_keeps_what_was_done(quoth, slow, tmp_path):
  with start(quoth, slow, tmp_path) as child:
    until = time.monotonic() + 10
    while not has_quick(tmp_path) and time.monotonic() < until:
      time.sleep(0.05)
    child.kill()
    child.communicate(timeout=10)
  results = whole(tmp_path)
  assert results['Quick 0'] == results['Quick 1'] == 'pass'
  assert list(results.values()).count('error') == 4


def test_the_run_has_a_deadline(quoth, slow, tmp_path):
  began = time.monotonic()
  with start(quoth, slow, tmp_path, '--timeout', '700ms') as child:
    child.communicate(timeout=10)
  assert time.monotonic() - began < 3
  assert child.returncode == 1
  assert list(whole(tmp_path).values()).count('error') == 4


def test_what_was_cut_says_why_and_what_is_left(quoth, scenario):
  path = scenario('a.yaml', 'A', '- wait: 60s', '- send: NOOP',
                  always='[{ send: QUIT }]')
  done = quoth('run', path, '-t', 'embedded', '--timeout', '300ms',
               '--format', 'jsonl')
  assert done.exit == 1
  assert 'the run took longer than its --timeout' in done.out
  assert '"interrupted":true' not in done.out
  ends = [event for event in done.jsonl if event['kind'] == 'step-end']
  assert [(one['label'], one['result']) for one in ends[1:]] == [
    ('wait 60s', 'error'), ('NOOP', 'not-run'), ('QUIT', 'not-run')]


# ---- sinks that fail -------------------------------------------------------

@pytest.fixture
def quick(write):
  for i in range(40):
    write(f'q/{i:02}.yaml', f'quoth: 1\nname: Q{i}\nsteps:\n  - connect:\n')
  return write('q/x.yaml', 'quoth: 1\nname: X\nsteps:\n  - connect:\n').parent


def test_a_report_that_cannot_be_written_spoils_no_other(
    quoth, quick, tmp_path):
  done = quoth('run', quick, '-t', 'embedded', '--report',
               'junit=/nowhere/at/all.xml', '--report', 'tap=/dev/full',
               '--report', f'json={tmp_path}/r.json', '--report',
               f'human={tmp_path}')
  assert done.exit == 4
  for piece in ('junit=/nowhere/at/all.xml', 'tap=/dev/full', 'human='):
    assert done.err.count(f'the report {piece}') == 1
  report = json.loads((tmp_path / 'r.json').read_text())
  assert {one['result'] for one in report['scenarios']} == {'pass'}
  assert len(report['scenarios']) == 41


def test_a_failure_is_worse_than_a_lost_report(quoth, scenario):
  path = scenario('f.yaml', 'F', '- send: NOOP\n  expect: 550')
  assert quoth('run', path, '-t', 'embedded', '--report',
               'junit=/nowhere/r.xml').exit == 1


@pytest.mark.parametrize('words', [
  ['run', '-t', 'embedded'], ['run', '-t', 'embedded', '--format', 'jsonl'],
  ['list'], ['show'], ['check'], ['check', '--format', 'json']])
def test_stdout_on_a_full_disk(quoth, quick, full, words):
  done = subprocess.run(
    [quoth.path, words[0], str(quick), *words[1:]], stdout=full,
    stderr=subprocess.PIPE, env=environment(None), timeout=20, check=False)
  assert done.returncode == 4
  assert b'No space left on device' in done.stderr
  assert done.stderr.count(b'\n') == 1


@pytest.mark.parametrize('words', [
  ['run', '-t', 'embedded'], ['run', '-t', 'embedded', '--format', 'tap'],
  ['list'], ['show'], ['check']])
def test_a_reader_that_goes_changes_no_verdict(quoth, quick, words):
  ours, theirs = os.pipe()
  with subprocess.Popen(
      [quoth.path, words[0], str(quick), *words[1:]], stdout=theirs,
      stderr=subprocess.PIPE, env=environment(None)) as child:
    os.close(theirs)
    os.close(ours)
    _out, err = child.communicate(timeout=20)
  assert (child.returncode, err) == (0, b'')


def test_closed_stdout(quoth, quick):
  for closed in ('>&-', '>&- 2>&-', '<&- >&- 2>&-'):
    done = subprocess.run(f'exec {quoth.path} run {quick} -t embedded '
                          f'{closed}', shell=True, check=False, timeout=20,
                          stderr=subprocess.PIPE, env=environment(None))
    assert (done.returncode, done.stderr) == (0, b'')


def test_a_reader_that_is_slow(quoth, quick):
  """More than a pipe holds, read late: nothing is lost."""
  with subprocess.Popen(
      [quoth.path, 'run', str(quick), '-t', 'embedded', '--repeat', '30',
       '--format', 'jsonl'], stdout=subprocess.PIPE,
      stderr=subprocess.PIPE, env=environment(None)) as child:
    time.sleep(0.7)
    out, err = child.communicate(timeout=20)
  ends = [line for line in out.splitlines() if b'"scenario-end"' in line]
  assert (child.returncode, err, len(ends)) == (0, b'', 41 * 30)


# ---- what a run has started -------------------------------------------------

def alive(pid):
  """A zombie that nobody reaps is not."""
  try:
    with open(f'/proc/{pid}/stat', encoding='utf-8') as stat:
      return stat.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
  except FileNotFoundError:
    return False


def wait_dead(pids, timeout_s=15):
  until = time.monotonic() + timeout_s
  while any(map(alive, pids)) and time.monotonic() < until:
    time.sleep(0.05)
  left = [pid for pid in pids if alive(pid)]
  for pid in left:
    os.kill(pid, signal.SIGKILL)
  assert left == []


def of_session(folder):
  """The processes that work in this folder."""
  found = []
  for entry in os.scandir('/proc'):
    try:
      if entry.name.isdigit() and os.readlink(
          f'/proc/{entry.name}/cwd') == str(folder) and alive(entry.name):
        found.append(int(entry.name))
    except OSError:
      pass
  return found


@pytest.mark.parametrize('trap', ['', 'trap "" TERM; '],
                         ids=['listens', 'deaf'])
@pytest.mark.parametrize('signals', [
  [signal.SIGKILL], [signal.SIGSEGV], [signal.SIGTERM],
  [signal.SIGTERM, signal.SIGTERM]], ids=['kill', 'crash', 'term', 'twice'])
def test_what_was_started_ends_with_the_run(quoth, slow, tmp_path, signals,
                                            trap):
  """Its children and theirs, whatever the run dies of; nobody stays behind to
  see to it, and whoever reads the run's output is not kept waiting."""
  place = tmp_path / 'place'
  place.mkdir()
  inner = f'({trap}sleep 300 & {trap}sleep 300)'
  argv = [quoth.path, 'run', str(slow), '-t', 'embedded', '--start',
          f'{trap}{inner} & {inner} & echo >up; sleep 300', '--ready',
          'tcp://127.0.0.1:9']
  with subprocess.Popen(argv, env=environment(None), cwd=place,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT) as child:
    wait_for(place / 'up', b'\n')
    time.sleep(0.2)
    started = of_session(place)
    assert len(started) >= 6
    for number in signals:
      child.send_signal(number)
      time.sleep(0.4)
    child.communicate(timeout=10)
  wait_dead(started)
  assert of_session(place) == []


def watchdogs(parent):
  """The watchdogs that a process has started."""
  found = []
  for name in filter(str.isdigit, os.listdir('/proc')):
    try:
      with open(f'/proc/{name}/stat', encoding='utf-8') as stat:
        comm, rest = stat.read().split('(', 1)[1].rsplit(')', 1)
      if comm == 'quoth-watchdog' and int(rest.split()[1]) == parent and \
          os.getpgid(int(name)) == int(name):
        found.append(int(name))
    except OSError:
      pass
  return found


def test_a_watchdog_is_nobodys(quoth, slow, tmp_path):
  """It holds nothing of the run, and ends with it."""
  place = tmp_path / 'place'
  place.mkdir()
  argv = [quoth.path, 'run', str(slow), '-t', 'embedded', '--start',
          'echo >up; exec sleep 300', '--ready', 'tcp://127.0.0.1:9']
  with subprocess.Popen(argv, env=environment(None), cwd=place,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT) as child:
    wait_for(place / 'up', b'\n')
    until = time.monotonic() + 10
    while not (mine := watchdogs(child.pid)) and time.monotonic() < until:
      time.sleep(0.01)
    assert len(mine) == 1
    files = {os.readlink(f'/proc/{mine[0]}/fd/{fd}').split(':')[0]
             for fd in os.listdir(f'/proc/{mine[0]}/fd')}
    assert files == {'pipe', '/dev/null'}
    # Whoever ends it by mistake ends nothing else.
    os.kill(mine[0], signal.SIGKILL)
    time.sleep(0.3)
    assert child.poll() is None
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=10)
    assert child.returncode == 143
  wait_dead(mine)
