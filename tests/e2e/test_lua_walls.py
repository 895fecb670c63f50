"""The process wall, through the real program: workers that make forbidden
calls, that are killed or stopped from outside, a nursery that is gone, limits
that are tight, a kernel without seccomp, and signals to the program itself.
The others of the run never notice, and no process is left (watched.py)."""
import ctypes
import fcntl
import json
import os
import pathlib
import platform
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import time

import pytest

from test_hostile_lua import DIALOGUE, FORMATS, INNOCENTS, folder, reports, \
  whole
from watched import Watched

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What a worker does for ever, with an act now and then.
BUSY = '''
local quoth = require "quoth"
for i = 1, 3 do
  quoth.scenario("busy " .. i, { run = function(t)
    local c <close> = t:connect()
    c:expect(220)
    for round = 1, 2000 do c:send("NOOP " .. round):expect(250)
      for _ = 1, 100000 do end
    end
  end })
end
'''
ENDLESS = 'while true do end\n'
# The limit of instructions ends that one in a quarter of a second; not this.
LASTING = 'while true do local s = ("a"):rep(2000) end\n'
IN_C = 'local s = ("a"):rep(40) while true do s:rep(1000):find(' \
       '(".-"):rep(30) .. "b") end\n'


def hostile(act):
  return ('local quoth = require "quoth"\nquoth.scenario "hostile" { run = '
          f'function(t)\n  local c = t:connect()\n  c:expect(220)\n  {act}\n'
          '  c:send("QUIT"):expect(221)\nend }\n')


@pytest.fixture
def start(quoth, tmp_path, monkeypatch):
  """start('run', 'f', ...) in the test's folder -> Watched."""
  started = []

  def run(*args, **more):
    monkeypatch.chdir(tmp_path)
    started.append(Watched([more.pop('program', quoth.path), *args],
                           tmp_path, **more))
    return started[-1]
  yield run
  for one in started:
    if one.process.poll() is None:
      one.kill()


def others_passed(found):
  for name in INNOCENTS:
    assert found[name]['result'] == 'pass', found[name]


def message(scenario):
  return ' '.join(step.get('message', '') for step in scenario['steps'])


# ---- forbidden calls -----------------------------------------------------------

def backdoors():
  text = (ROOT / 'src' / 'script' / 'jail' / 'backdoor.c').read_text()
  names = re.findall(r'\bROW\((\w+)\)', text)
  return [name for name in names if name != 'name']


@pytest.fixture(scope='session')
def backdoor(quoth):
  """The program with quoth.backdoor(): QUOTH_BACKDOOR is its build folder, or
  it is built beside the one under test."""
  given = os.environ.get('QUOTH_BACKDOOR')
  place = pathlib.Path(given or os.path.join(os.environ.get(
    'QUOTH_BUILD', ROOT / 'build'), 'backdoor'))
  if not given:
    if not shutil.which('meson') or not shutil.which('ninja'):
      pytest.skip('meson builds the program with a backdoor; or give its '
                  'folder as QUOTH_BACKDOOR')
    # Tests run side by side, and the others want it too.
    with open(f'{place}.lock', 'w', encoding='ascii') as lock:
      fcntl.flock(lock, fcntl.LOCK_EX)
      if not (place / 'build.ninja').exists():
        subprocess.run(['meson', 'setup', place, ROOT, '-Dbackdoor=true',
                        '-Dtests=false'], check=True, capture_output=True)
      subprocess.run(['ninja', '-C', place, 'quoth'], check=True,
                     capture_output=True)
  return place / 'quoth'


def test_no_backdoor_by_default(quoth, tmp_path):
  (tmp_path / 'x.lua').write_text(hostile('quoth.backdoor "openat"'))
  done = quoth('run', tmp_path / 'x.lua', '-t', 'embedded')
  assert done.exit == 1 and 'backdoor' in done.out


def test_forbidden_calls(start, backdoor, tmp_path):
  names = backdoors()
  assert len(names) > 50
  folder(tmp_path, {f'h-{name}.lua': hostile(
    f'quoth.backdoor "{name}"').replace('"hostile"', f'"{name}"')
                    for name in names})
  done = start('run', 'f', '-t', 'embedded', *reports(), program=backdoor)
  assert done.wait(120) == 1
  found = whole(tmp_path)
  others_passed(found)
  assert set(found) == INNOCENTS | set(names)
  for name in names:
    assert found[name]['result'] == 'error', name
    assert f'h-{name}.lua was killed by the sandbox: it made a forbidden ' \
      'system call' in message(found[name]), message(found[name])


@pytest.mark.parametrize('name', [
  'openat', 'socket', 'execve', 'clone', 'kill', 'ptrace', 'mmap_code'])
def test_forbidden_while_loading(start, backdoor, tmp_path, name):
  (tmp_path / 'x.lua').write_text(
    f'require "quoth".backdoor "{name}"\n')
  done = start('check', 'x.lua', program=backdoor)
  assert done.wait(30) == 3
  assert b'x.lua was killed by the sandbox' in done.out


# ---- from outside ---------------------------------------------------------------

def once(act, after_s, wanted=1):
  """To be called at each look: does it once, that late."""
  began = time.monotonic()
  state = {'done': False}

  def meanwhile(watched):
    workers = watched.workers()
    if not state['done'] and time.monotonic() - began > after_s and \
       len(workers) >= wanted:
      state['done'] = True
      act(watched, workers)
  return meanwhile


def kill_all(number):
  def act(_, workers):
    for pid in workers:
      try:
        os.kill(pid, number)
      except ProcessLookupError:
        pass
  return act


@pytest.mark.parametrize('seed', range(6))
def test_killed_at_any_moment(start, tmp_path, seed):
  """Whatever moment: the run ends, every report is whole, nobody is green
  who was not finished."""
  folder(tmp_path, {'h.lua': BUSY})
  late = random.Random(seed).random() * 0.6
  done = start('run', 'f', '-t', 'embedded', *reports(),
               meanwhile=once(kill_all(signal.SIGKILL), late))
  assert done.wait(60) in (1, 3)
  if done.process.returncode == 3:        # it was still loading
    assert b'signal 9' in done.err
    return
  found = whole(tmp_path)
  for number in (1, 2, 3):
    one = found[f'busy {number}']
    # What had not begun yet begins again in another worker.
    assert one['result'] == 'pass' or 'signal 9' in message(one), one
  assert found['innocent m']['result'] == 'pass'


def test_stopped_from_outside(start, tmp_path):
  """A worker that is stopped answers nothing: somebody has to end it."""
  folder(tmp_path, {'h.lua': BUSY.replace('1, 3 do', '1, 1 do')})
  done = start('run', 'f', '-t', 'embedded', *reports(),
               meanwhile=once(kill_all(signal.SIGSTOP), 0.4))
  assert done.wait(90) == 1
  assert done.took < 40
  found = whole(tmp_path)
  assert 'was killed' in message(found['busy 1'])
  others_passed(found)


def test_stopped_while_loading(start, tmp_path):
  (tmp_path / 'x.lua').write_text(ENDLESS)
  done = start('check', 'x.lua', meanwhile=once(
    kill_all(signal.SIGSTOP), 0))
  assert done.wait(90) == 3
  assert done.took < 40


def test_nursery_gone(start, tmp_path):
  """Workers that live go on; a file that needs a new one is told why."""
  folder(tmp_path, {'h.lua': BUSY.replace('1000000', '20')})
  done = start('run', 'f', '-t', 'embedded', *reports(), meanwhile=once(
    lambda watched, _: os.kill(watched.nursery(), signal.SIGKILL)
    if watched.nursery() else None, 0))
  assert done.wait(60) in (0, 1, 3)
  if done.process.returncode == 3:
    assert b'process that forks their workers' in done.err


@pytest.mark.parametrize('what,soft', [
  (resource.RLIMIT_NOFILE, 12), (resource.RLIMIT_NOFILE, 20),
  (resource.RLIMIT_NOFILE, 40), (resource.RLIMIT_AS, 200 << 20)])
def test_tight(start, tmp_path, quoth, what, soft):
  if what == resource.RLIMIT_AS and 'sanitizer' in quoth('--version').out:
    pytest.skip('a sanitizer maps terabytes')
  folder(tmp_path, {})
  done = start('run', 'f', '-t', 'embedded', *reports(),
               limits=[(what, (soft, soft))])
  status = done.wait(60)
  assert status in (0, 1, 3, 4), done.err
  if status == 0:
    others_passed(whole(tmp_path))
  else:
    assert done.err or done.out


# ---- without seccomp ------------------------------------------------------------

LD, JEQ, RET = 0x20, 0x15, 0x06
NO_SECCOMP = {'x86_64': 317, 'aarch64': 277}.get(platform.machine())


class Program(ctypes.Structure):
  _fields_ = [('count', ctypes.c_ushort), ('code', ctypes.c_void_p)]


def without_seccomp():
  """In the child: as on a kernel that never heard of it."""
  code = b''.join(struct.pack('HBBI', *one) for one in (
    (LD, 0, 0, 0), (JEQ, 0, 1, NO_SECCOMP),
    (RET, 0, 0, 0x00050000 | 38), (RET, 0, 0, 0x7fff0000)))
  room = ctypes.create_string_buffer(code, len(code))
  libc = ctypes.CDLL(None, use_errno=True)
  program = Program(len(code) // 8, ctypes.addressof(room))
  assert libc.prctl(38, 1, 0, 0, 0) == 0        # no new privileges
  assert libc.prctl(22, 2, ctypes.byref(program)) == 0


@pytest.mark.skipif(NO_SECCOMP is None, reason='not for this processor')
def test_without_seccomp(quoth, tmp_path):
  """It runs, and every report says that the wall is not whole."""
  (tmp_path / 'x.lua').write_text(
    'local quoth = require "quoth"\nquoth.scenario "x" { run = function(t)\n'
    + DIALOGUE + 'end }\n')
  done = subprocess.run(
    [quoth.path, 'run', 'x.lua', '-t', 'embedded', '--format', 'jsonl'],
    cwd=tmp_path, preexec_fn=without_seccomp, capture_output=True,
    timeout=60, check=False)
  assert done.returncode == 0, done.stderr
  notes = [json.loads(line)['bytes'] for line in done.stdout.splitlines()
           if b'"kind":"note"' in line or b'"kind":"said"' in line]
  assert any('sandbox of Lua files is weaker' in one for one in notes)


def test_whole_wall_needs_no_words(quoth, tmp_path):
  (tmp_path / 'x.lua').write_text(
    'local quoth = require "quoth"\nquoth.scenario "x" { run = function(t)\n'
    + DIALOGUE + 'end }\n')
  done = quoth('run', tmp_path / 'x.lua', '-t', 'embedded', '--format',
               'jsonl')
  wide = 'sanitizer' in quoth('--version').out
  assert done.exit == 0
  assert ('sandbox of Lua files' in done.out) == wide


# ---- signals ----------------------------------------------------------------------

@pytest.mark.parametrize('number,status', [
  (signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize('what', ['loading', 'loading in C', 'running',
                                  'running in C', 'acting'])
def test_interrupted(start, tmp_path, number, status, what):
  """Within two seconds, with whole reports and no process left."""
  body = {'loading': LASTING, 'loading in C': IN_C,
          'running': hostile(LASTING), 'running in C': hostile(IN_C),
          'acting': BUSY}[what]
  folder(tmp_path, {'h.lua': body})
  at = {}

  def act(watched, _):
    at['s'] = time.monotonic()
    os.kill(watched.pid, number)
  done = start('run', 'f', '-t', 'embedded', *reports(),
               meanwhile=once(act, 0.25))
  got = done.wait(30)
  if 's' not in at:
    pytest.skip('it was over before it could be interrupted')
  assert got == status, (got, done.err)
  assert time.monotonic() - at['s'] < 2 + 2 * os.getloadavg()[0] / 4
  for name in FORMATS:
    assert (tmp_path / f'r.{name}').stat().st_size > 0
  if not what.startswith('loading'):
    found = whole(tmp_path)
    for name, one in found.items():
      assert name in INNOCENTS or one['result'] != 'pass', one
