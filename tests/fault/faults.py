"""What the tests of this folder share: the program under test with the n-th
call of a function failing, and reports read back by what they say.

A report is {scenario: word}, the word pass, fail, error or skip. Reading one
that does not parse, or that lacks what its own plan promises, is a failure.
"""
import errno
import json
import os
import re
import signal
import struct
import subprocess
import xml.etree.ElementTree

import pytest

import binary
import lab

FUNCTIONS = '''malloc calloc realloc read write send recv fsync rename unlink
open close stat getrandom socket connect accept4 epoll_create1 epoll_ctl
epoll_wait poll pipe2 eventfd fork opendir readdir'''.split()
REPORTS = {'junit': 'r.xml', 'json': 'r.json', 'tap': 'r.tap',
           'jsonl': 'r.jsonl', 'human': 'r.txt'}
CODES = {0, 1, 2, 3, 4, 5, 6, 70, 130, 143}

PASS = '''quoth: 1
name: passes
timeout: 2s
vars:
  who: alice@example.test
steps:
  - connect:
    expect: 220
  - send: EHLO client.example.test
    expect:
      code: 250
      offers: [PIPELINING]
      text: /quoth/i
      capture: { host: '/(\\S+)/' }
  - pipeline:
      - send: MAIL FROM:<a@example.test>
        expect: 250
      - send: RCPT TO:<${who}>
        expect: 250
      - send: DATA
        expect: 354
  - body: |
      Subject: fault ${host}

      text
    expect: 250
  - send: QUIT
    expect: 221
'''
FAIL = '''quoth: 1
name: fails
timeout: 2s
steps:
  - connect:
    expect: 220
  - send: HELO client.example.test
    expect: 250
  - send: NOOP
    expect: 550
  - send: QUIT
    expect: 221
'''


def program():
  """Also asked while tests are collected: without it all are skipped."""
  if os.environ.get('QUOTH'):
    return os.environ['QUOTH']
  try:
    return binary.find()
  except lab.Unavailable as why:
    if os.environ.get('QUOTH_TESTS_STRICT'):
      raise
    return pytest.skip(str(why), allow_module_level=True)


def build():
  return os.environ.get('QUOTH_BUILD') or os.path.dirname(program())


def shim():
  path = os.path.join(build(), 'tests', 'fault', 'faultshim.so')
  assert os.path.isfile(path), f'{path} is not built'
  return path


def sanitized():
  with open(program(), 'rb') as code:
    return b'__asan_' in code.read()


def number(action):
  """'EIO' -> '5'; the other words of the shim as they are."""
  return str(getattr(errno, action)) if action.startswith('E') else action


class Done:
  """One run: exit, out, err, how often each function was called."""

  def __init__(self, done, counts=None):
    self.exit = done.returncode
    self.out = done.stdout.decode('utf-8', 'backslashreplace')
    self.err = done.stderr.decode('utf-8', 'backslashreplace')
    values = struct.unpack(f'{len(FUNCTIONS) + 1}Q', counts) if counts else ()
    self.calls = dict(zip(FUNCTIONS, values))
    self.fired = values[-1] if values else 0


def run(folder, *args, fault=None, timeout=10, counts=None, env=None, **more):
  """`fault`: (function, n, action); n may be '3+'. Hangs are failures."""
  env = binary.environment(env)
  if fault is not None or counts is not None:
    counts = counts or os.path.join(folder, 'counts')
    with open(counts, 'wb') as empty:
      empty.write(bytes(8 * (len(FUNCTIONS) + 1)))
    env['LD_PRELOAD'] = shim()
    env['QUOTH_FAULT_COUNTS'] = counts
    env['ASAN_OPTIONS'] = ':'.join(
      [env.get('ASAN_OPTIONS', ''), 'verify_asan_link_order=0']).strip(':')
  if fault is not None:
    function, n, action = fault
    env['QUOTH_FAULT'] = f'{function}:{n}:{number(action)}'
  argv = [program(), *map(str, args)]
  more.setdefault('stdin', subprocess.DEVNULL)
  more.setdefault('stdout', subprocess.PIPE)
  more.setdefault('stderr', subprocess.PIPE)
  try:
    done = subprocess.run(argv, cwd=folder, env=env, timeout=timeout,
                          check=False, **more)
  except subprocess.TimeoutExpired:
    raise AssertionError(f'{fault}: {argv} hangs') from None
  done.stdout, done.stderr = done.stdout or b'', done.stderr or b''
  binary.check(f'{fault}: {argv}', done.returncode,
               done.stderr.decode('utf-8', 'backslashreplace'))
  if not counts:
    return Done(done)
  with open(counts, 'rb') as values:
    return Done(done, values.read())


def report_options(**paths):
  return [word for name, path in (paths or REPORTS).items()
          for word in ('--report', f'{name}={path}')]


# ---- reading back -----------------------------------------------------------

def read_junit(text):
  seen = {}
  for case in xml.etree.ElementTree.fromstring(text).iter('testcase'):
    word = 'pass'
    for child in case:
      if child.tag in ('failure', 'error', 'skipped'):
        word = {'failure': 'fail', 'skipped': 'skip'}.get(child.tag, 'error')
    assert case.get('name') not in seen, f'twice: {case.get("name")}'
    seen[case.get('name')] = word
  root = xml.etree.ElementTree.fromstring(text)
  for suite in root.iter('testsuite'):
    assert int(suite.get('tests')) == len(suite.findall('testcase'))
  return seen


def word_of(result):
  return {'warn': 'pass'}.get(result, result)


def read_json(text):
  whole = json.loads(text)
  seen = {one['name']: word_of(one['result']) for one in whole['scenarios']}
  summary = whole['summary']
  assert summary['scenarios'] == len(whole['scenarios'])
  words = [word_of(one['result']) for one in whole['scenarios']]
  assert summary['passed'] == words.count('pass')
  assert summary['failed'] == words.count('fail')
  assert summary['skipped'] == words.count('skip')
  assert summary['errors'] + summary['not_run'] == words.count('error')
  return seen


def read_tap(text):
  lines = text.decode().splitlines()
  assert lines[0] == 'TAP version 14'
  plan = [re.fullmatch(r'1\.\.(\d+).*', line) for line in lines]
  plan = [int(found[1]) for found in plan if found]
  assert len(plan) == 1, 'one plan'
  points = [re.match(r'(not )?ok (\d+) - [^:]*: (.*?)( # SKIP.*)?$', line)
            for line in lines]
  points = [found for found in points if found]
  assert [int(found[2]) for found in points] == \
    list(range(1, plan[0] + 1)), 'the plan is kept'
  return {found[3]: 'fail' if found[1] else 'skip' if found[4] else 'pass'
          for found in points}


def read_jsonl(text, torn=False):
  """`torn`: a kill may leave the last line unfinished. A scenario without an
  end is an error, as any reader has to take it."""
  lines = text.split(b'\n')
  assert torn or lines[-1] == b'', 'the last line is not whole'
  seen = {}
  for line in lines[:-1]:
    event = json.loads(line)
    if event['kind'] == 'scenario-begin':
      seen.setdefault(event['name'], 'error')
    if event['kind'] == 'scenario-end':
      seen[event['name']] = word_of(event['result'])
  return seen


def read_human(text):
  seen = {}
  for line in text.decode().splitlines():
    found = re.match(r'(ok|warn|FAIL|ERROR|skip|-) +\S+  (.*?)  ', line)
    if found:
      seen[found[2]] = {'ok': 'pass', 'warn': 'pass', 'skip': 'skip',
                        'FAIL': 'fail'}.get(found[1], 'error')
  return seen


READERS = {'junit': read_junit, 'json': read_json, 'tap': read_tap,
           'jsonl': read_jsonl, 'human': read_human}


def reports(folder, names=REPORTS):
  """{report: {scenario: word}} of those that are there."""
  there = {}
  for name, path in names.items():
    path = os.path.join(folder, path)
    if os.path.exists(path):
      with open(path, 'rb') as text:
        there[name] = READERS[name](text.read())
  return there


def tap_word(word):
  """TAP knows one word for fail and error."""
  return 'fail' if word == 'error' else word


UNRUN = 'The run does not begin'


def check_reports(there, passing, every, why=''):
  """Documents know every scenario; only `passing` may be green anywhere."""
  for name, seen in there.items():
    if UNRUN in seen:
      assert set(seen.values()) <= {'error', 'fail'}, (why, name, seen)
      continue
    assert name == 'jsonl' or set(seen) == set(every), (why, name, seen)
    green = {one for one, word in seen.items() if word in ('pass', 'skip')}
    assert green <= set(passing), f'{why}: {name}: green by accident: {green}'


def killed(done):
  return done.exit == -signal.SIGKILL
