"""Signals and kills at any moment of a run of 200 scenarios, 20 at a time:
reports parse, the counts add up, nothing that did not pass is green, and the
end comes soon. QUOTH_FAULTS=all takes more moments."""
import json
import os
import random
import signal
import subprocess
import time

import pytest

import binary
import faults

COUNT = 200
EVERY = [f'number {i}' for i in range(1, COUNT + 1)]
MOMENTS = 60 if os.environ.get('QUOTH_FAULTS') == 'all' else 8
ONE = '''quoth: 1
name: number {number}
steps:
  - connect:
    expect: 220
  - send: EHLO client.example.test
    expect: 250
  - wait: {pause}ms
  - send: NOOP
    expect: {code}
  - send: QUIT
    expect: 221
'''


@pytest.fixture(name='place', scope='module')
def place_fixture(tmp_path_factory):
  """Every tenth scenario fails."""
  folder = tmp_path_factory.mktemp('signals')
  (folder / 's').mkdir()
  for number in range(1, COUNT + 1):
    text = ONE.format(number=number, pause=number * 7 % 60,
                      code=250 if number % 10 else 550)
    (folder / 's' / f'{number:03}.yaml').write_text(text)
  return folder


def clean(folder):
  for name in os.listdir(folder):
    if name != 's':
      os.unlink(os.path.join(folder, name))


def start(folder, *more, stdout=subprocess.DEVNULL, **options):
  clean(folder)
  return subprocess.Popen(
    [faults.program(), 'run', 's', '-t', 'embedded', '-j', '20', '--seed',
     '7', *faults.report_options(), *more], cwd=folder,
    env=binary.environment({}), stdin=subprocess.DEVNULL, stdout=stdout,
    stderr=subprocess.PIPE, **options)


def end_within(process, seconds):
  try:
    _, err = process.communicate(timeout=seconds)
  except subprocess.TimeoutExpired:
    process.kill()
    process.communicate()
    raise AssertionError(f'still runs after {seconds} s') from None
  text = err.decode('utf-8', 'backslashreplace')
  binary.check('run', process.returncode, text)
  return text


PASSING = [name for i, name in enumerate(EVERY, 1) if i % 10]


def look(folder, moment, torn=False):
  there = {name: path for name, path in faults.REPORTS.items()
           if name != 'jsonl'}
  seen = faults.reports(folder, there)
  faults.check_reports(seen, PASSING, EVERY, moment)
  journal = folder / 'r.jsonl'
  if journal.exists():
    words = faults.read_jsonl(journal.read_bytes(), torn)
    faults.check_reports({'jsonl': words}, PASSING, EVERY, moment)
    seen['jsonl'] = words
  return seen


def moments(seed, most):
  chance = random.Random(seed)
  return [chance.uniform(0.0, most) for _ in range(MOMENTS)]


@pytest.mark.parametrize('signum, status',
                         [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_with_whole_reports(place, signum, status):
  interrupted = 0
  for moment in moments(int(signum), 0.25):
    process = start(place)
    time.sleep(0.05 + moment)
    process.send_signal(signum)
    began = time.monotonic()
    err = end_within(process, 10)
    took = time.monotonic() - began
    # It was through already, or not yet where it hears of signals.
    if process.returncode in (1, -int(signum)):
      continue
    interrupted += 1
    assert process.returncode == status, (moment, err)
    assert took < 2 + faults.sanitized() * 2, (moment, took)
    seen = look(place, moment)
    assert set(seen) == set(faults.REPORTS)
    whole = json.loads((place / 'r.json').read_bytes())
    assert whole['summary']['interrupted'] is True
    assert set(seen['json']) == set(EVERY)
    last = (place / 'r.jsonl').read_bytes().splitlines()[-1]
    assert json.loads(last)['kind'] == 'run-end'
    # What one report calls passed passed in all of them.
    green = [{one for one, word in words.items() if word == 'pass'}
             for words in seen.values()]
    assert all(names == green[0] for names in green), moment
    assert len(green[0]) < len(PASSING)
  assert interrupted >= MOMENTS // 2


def test_a_kill_leaves_reports_that_are_not_green(place):
  for moment in moments(9, 0.35):
    process = start(place)
    time.sleep(moment)
    process.kill()
    process.communicate()
    if process.returncode == 1:
      continue
    assert process.returncode == -signal.SIGKILL
    seen = look(place, moment, torn=True)
    for name, words in seen.items():
      assert name == 'jsonl' or 'error' in map(
        lambda word: 'error' if word == 'fail' else word,
        words.values()), (name, moment)


def test_a_second_signal_ends_it_at_once(place):
  ours, theirs = os.pipe()
  process = start(place, '--format', 'jsonl', stdout=theirs)
  os.close(theirs)
  try:
    time.sleep(0.3)                     # the pipe is full by now
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    end_within(process, 5)
    assert time.monotonic() - began < 2
    assert process.returncode in (130, 143)
  finally:
    os.close(ours)


@pytest.mark.parametrize('signum, status',
                         [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_reader_that_does_not_read_keeps_nobody(place, signum, status):
  """stdout is a full pipe: the write that is blocked ends with the signal."""
  ours, theirs = os.pipe()
  process = start(place, '--format', 'jsonl', stdout=theirs)
  os.close(theirs)
  try:
    time.sleep(0.5)
    assert process.poll() is None, 'the pipe is not full'
    process.send_signal(signum)
    end_within(process, 3)
    assert process.returncode == status
    seen = look(place, 'full pipe')
    assert set(seen['junit']) == set(EVERY)
  finally:
    os.close(ours)


def test_a_stroke_that_comes_twice_is_one(place):
  """timeout(1) signals its child and then the group of both."""
  process = start(place)
  time.sleep(0.3)
  process.send_signal(signal.SIGTERM)
  time.sleep(0.01)
  process.send_signal(signal.SIGTERM)
  end_within(process, 3)
  assert process.returncode == 143
  assert set(look(place, 'twice')['json']) == set(EVERY)


def test_a_signal_while_the_server_is_awaited(place, tmp_path):
  """The server's whole group ends, and reports say that nothing was run."""
  mark = tmp_path / 'pid'
  process = subprocess.Popen(
    [faults.program(), 'run', 's', '-t', 'smtp://127.0.0.1:1', '--start',
     f'sleep 300 & echo $! >{mark}; wait', *faults.report_options()],
    cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    env=binary.environment({}), stderr=subprocess.PIPE)
  while not mark.exists() or not mark.read_text().strip():
    time.sleep(0.02)
  seen = look(place, 'awaited')
  assert set(seen['junit'].values()) == {'error'}
  process.send_signal(signal.SIGTERM)
  end_within(process, 5)
  assert process.returncode == 143
  assert set(look(place, 'awaited')['json'].values()) == {'error'}
  sleeper = mark.read_text().strip()
  try:
    with open(f'/proc/{sleeper}/stat', encoding='ascii') as stat:
      assert stat.read().split()[2] == 'Z'
  except FileNotFoundError:
    pass
