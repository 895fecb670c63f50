"""Servers that misbehave on purpose, each met twice: by an author who is
strict, where the fault has to be found and named, and by one who wrote down
that it is to be expected, where the scenario passes.

All scenarios run at once, in one process, so that a mode that hangs, floods or
lies has to leave the others alone; each must end by its own deadline. A few
run alone afterwards, with their memory measured.
"""
import json
import os
import re
import resource
import subprocess
import sys
import time

import pytest

from background import Background, NotReady
from binary import environment
from hostile_table import (BIG, DIALOGUE, END, EXPECTED, FINE, LEFT_OVER, STEPS,
                           STRICT)
from lab import Unavailable, default_folder, free_port

TIMEOUT_S = 1.0         # of every reply
MARGIN_S = 2.5          # this machine is shared


def scenario(name, port, steps=None, large=False):
  steps = steps or {}
  lines = ['quoth: 1', f'name: {name}', f'target: smtp://127.0.0.1:{port}']
  head = steps.get('head', '')
  if not head.startswith('timeout'):
    lines.append(f'timeout: {TIMEOUT_S:g}s')
  lines += [head, 'steps:']
  for step, act, expect in DIALOGUE:
    if step in steps and steps[step] is END:
      break
    lines.append(BIG if large and step == 'body' else act)
    lines.append(f'    expect: {steps.get(step, expect)}')
  lines.append(steps.get('more', ''))
  return '\n'.join(lines) + '\n'


MODES = sorted({row[0] for row in STRICT + FINE + EXPECTED})


@pytest.fixture(scope='session')
def ports():
  """One process of the lab with all modes, on free ports: {mode: port}."""
  program = os.path.join(default_folder(), 'hostile.py')
  if not os.path.exists(program):
    if os.environ.get('QUOTH_TESTS_STRICT'):
      pytest.fail(f'no lab: {program} is missing')
    pytest.skip(f'no lab: {program} is missing')
  for attempt in range(8):
    base = 10000 + (free_port() + 977 * attempt) % 20000
    server = Background([sys.executable, program, '--base', base, *MODES],
                        dict(os.environ))
    try:
      server.wait_line(r'^ready$', 30)
    except NotReady:
      server.stop()
      continue
    found = dict(line.split() for line in server.lines
                 if re.fullmatch(r'\S+ \d+', line))
    yield {mode: int(found[mode]) for mode in MODES}
    server.stop()
    return
  raise Unavailable('no free ports for the hostile servers')


@pytest.fixture(scope='session')
def results(quoth, ports, tmp_path_factory):
  """{scenario: (its end, its steps)} of one run of all of them."""
  folder = tmp_path_factory.mktemp('hostile')
  rows = [('strict ' + mode, mode, None) for mode, *_rest in STRICT + FINE]
  rows += [('expected ' + mode, mode, steps) for mode, steps in EXPECTED]
  rows += [(f'large {mode}', mode, None) for mode in (
    'never-read-data', 'data-552-mid', 'slow-read-data', 'fin-after-354',
    'rst-after-354')]
  for name, mode, steps in rows:
    (folder / f'{name.replace(" ", "-")}.yaml').write_text(
      scenario(name, ports[mode], steps, name.startswith('large')))
  began = time.monotonic()
  done = quoth('run', folder, '-j', 100, '--format', 'jsonl', timeout=80)
  assert done.exit == 1, done.err[-2000:]
  assert time.monotonic() - began < 45
  found = {}
  steps = {}
  for event in done.jsonl:
    if event['kind'] == 'step-end':
      steps.setdefault(event['scenario'], []).append(event)
    elif event['kind'] == 'scenario-end':
      found[event['name']] = event, steps.get(event['scenario'], [])
  assert len(found) == len(rows)
  return found


def bad_steps(steps):
  return [step for step in steps if step['result'] in ('fail', 'error')]


@pytest.mark.parametrize('mode, step, cause, piece', STRICT,
                         ids=[row[0] for row in STRICT])
def test_a_strict_author_finds_it(results, mode, step, cause, piece):
  end, steps = results['strict ' + mode]
  assert end['result'] == 'fail', end.get('reason')
  bad = bad_steps(steps)
  assert len(bad) == 1
  assert STEPS[bad[0]['step'] - 1] == step
  assert end['cause'] == bad[0]['cause'] and end['cause'] in cause.split('|')
  assert any(word in bad[0]['message'] for word in piece.split('|'))
  assert end['took_us'] / 1e6 < TIMEOUT_S * bad[0]['step'] + MARGIN_S
  assert all(later['result'] == 'not-run' for later in steps[
    bad[0]['step']:])


@pytest.mark.parametrize('mode, result', FINE, ids=[row[0] for row in FINE])
def test_oddities_pass(results, mode, result):
  end, steps = results['strict ' + mode]
  assert end['result'] == result, bad_steps(steps)
  assert len(steps) == len(DIALOGUE)


@pytest.mark.parametrize('mode', [row[0] for row in EXPECTED])
def test_an_author_who_knows_it_passes(results, mode):
  end, steps = results['expected ' + mode]
  if mode in LEFT_OVER:
    # What nobody read is told at the end.
    assert (end['result'], end['cause']) == ('fail', 'noise')
    assert [step['result'] for step in steps] == ['pass']
    return
  assert end['result'] == 'pass', (end.get('reason'), bad_steps(steps))


@pytest.mark.parametrize('mode, cause', [
  ('never-read-data', 'timeout'), ('data-552-mid', 'code'),
  ('slow-read-data', 'timeout'), ('fin-after-354', 'closed'),
  ('rst-after-354', 'closed')])
def test_a_large_message_that_is_not_taken(results, mode, cause):
  end, steps = results['large ' + mode]
  bad = bad_steps(steps)
  assert (end['result'], end['cause']) == ('fail', cause), end.get('reason')
  assert STEPS[bad[0]['step'] - 1] == 'body'
  assert end['took_us'] / 1e6 < 20


def test_greylisting_took_two_attempts(results):
  assert results['expected greylist'][0]['attempts'] == 2


def within(quoth, mib, *args):
  """Exit status and seconds of a run that may have so much memory."""
  def limit():
    resource.setrlimit(resource.RLIMIT_AS, (mib << 20, mib << 20))
  began = time.monotonic()
  done = subprocess.run(
    [quoth.path, *args], stdin=subprocess.DEVNULL, env=environment(None),
    stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, check=False,
    preexec_fn=None if sanitized(quoth.path) else limit)
  return done.returncode, time.monotonic() - began


def sanitized(path):
  with open(path, 'rb') as program:
    return b'__asan_' in program.read()


@pytest.mark.parametrize('mode, mib', [
  ('huge-line', 48), ('endless-250', 48), ('ehlo-10k', 48), ('line-64k', 48),
  ('never-read', 48), ('never-read-data', 128), ('slow-read-data', 128)])
def test_memory_is_bounded(quoth, ports, tmp_path, mode, mib):
  """What the server says is up to 100 MB, the message is of 24 MiB."""
  path = tmp_path / 'one.yaml'
  path.write_text(scenario(mode, ports[mode], None, mib > 48))
  status, seconds = within(quoth, mib, 'run', str(path), '--format', 'quiet')
  assert status == (0 if mode == 'line-64k' else 1)
  assert seconds < 12


def test_a_run_of_hangs_ends_at_its_own_deadline(quoth, ports, tmp_path):
  for i in range(20):
    (tmp_path / f'{i}.yaml').write_text(
      f'quoth: 1\nname: hang {i}\ntimeout: 30s\n'
      f'target: smtp://127.0.0.1:{ports["accept-hang"]}\n'
      'steps:\n  - connect:\n')
  began = time.monotonic()
  done = quoth('run', tmp_path, '-j', 5, '--timeout', '1s', '--report',
               f'json={tmp_path}/r.json', timeout=20)
  assert time.monotonic() - began < 4
  assert done.exit == 1
  report = json.loads((tmp_path / 'r.json').read_text())
  assert all(one['result'] != 'pass' for one in report['scenarios'])
  assert len(report['scenarios']) == 20
