"""A program under watch: how long it took, and the most memory that it and
each process below it held. Whatever is left of its session is an error."""
import os
import resource
import signal
import subprocess
import time

from binary import check, environment

LOOK_S = 0.02


def read(path):
  try:
    with open(path, encoding='utf-8', errors='replace') as text:
      return text.read()
  except OSError:
    return ''


def below(pid):
  """Its children; workers are children too (CLONE_PARENT)."""
  return [int(one) for one in
          read(f'/proc/{pid}/task/{pid}/children').split()]


def name_of(pid):
  return read(f'/proc/{pid}/comm').strip()


def peak_kib(pid):
  for line in read(f'/proc/{pid}/status').splitlines():
    if line.startswith('VmHWM:'):
      return int(line.split()[1])
  return 0


def of_session(session):
  """Processes that live, by /proc/PID/stat: a zombie holds nothing."""
  found = []
  for pid in filter(str.isdigit, os.listdir('/proc')):
    rest = read(f'/proc/{pid}/stat').rpartition(')')[2].split()
    if len(rest) > 3 and int(rest[3]) == session and rest[0] != 'Z':
      found.append(int(pid))
  return found


class Watched:
  """Started at once. `meanwhile(self)` is called at each look."""

  def __init__(self, argv, folder, env=None, meanwhile=None, limits=None):
    self.argv = [str(arg) for arg in argv]
    self.peaks = {}             # name of the process: KiB
    self.meanwhile = meanwhile
    self.paths = [os.path.join(folder, name) for name in ('out', 'err')]
    with open(self.paths[0], 'wb') as out, open(self.paths[1], 'wb') as err:
      self.began = time.monotonic()
      self.process = subprocess.Popen(
        self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        env=environment(env), start_new_session=True,
        preexec_fn=(lambda: [resource.setrlimit(*one) for one in limits])
        if limits else None)

  @property
  def pid(self):
    return self.process.pid

  def workers(self):
    return [one for one in below(self.pid) if name_of(one) == 'quoth-lua']

  def nursery(self):
    return next((one for one in below(self.pid)
                 if name_of(one) == 'quoth-nursery'), None)

  def look(self):
    for pid in [self.pid] + below(self.pid):
      name = 'quoth' if pid == self.pid else name_of(pid)
      kib = peak_kib(pid)
      if kib > self.peaks.get(name, 0):
        self.peaks[name] = kib

  def wait(self, timeout):
    """Exit status; .out, .err, .took and .peaks are set."""
    until = time.monotonic() + timeout
    while self.process.poll() is None:
      if time.monotonic() > until:
        self.kill()
        raise AssertionError(f'{self.argv}: still runs after {timeout} s')
      self.look()
      if self.meanwhile:
        self.meanwhile(self)
      time.sleep(LOOK_S)
    self.took = time.monotonic() - self.began
    self.out, self.err = (open(path, 'rb').read() for path in self.paths)
    left = of_session(self.pid)
    for pid in left:
      os.kill(pid, signal.SIGKILL)
    assert not left, f'{self.argv}: left {left}'
    check(self.argv, self.process.returncode,
          self.err.decode('utf-8', 'replace'))
    return self.process.returncode

  def kill(self):
    for pid in of_session(self.pid):
      os.kill(pid, signal.SIGKILL)
    self.process.wait()
