"""A program in the background: its lines as they come, and its end.

Ended by its process id, with what it started: it has a group of its own.
"""
import os
import re
import signal
import subprocess
import threading
import time

# A sanitizer that found something makes the result worse, whatever the exit
# status was.
SANITIZER = re.compile(
  r'(ERROR: (Address|Leak|Thread|Memory)Sanitizer|'
  r'SUMMARY: \w+Sanitizer|runtime error: )')


class NotReady(Exception):
  """It ended, or did not say what was waited for."""


class Background:
  def __init__(self, argv, env=None, cwd=None):
    self.argv = [str(arg) for arg in argv]
    self.lines = []
    self.news = threading.Condition()
    self.over = False
    self.child = subprocess.Popen(
      self.argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
      start_new_session=True)
    self.reader = threading.Thread(target=self.read, daemon=True)
    self.reader.start()

  def read(self):
    for line in self.child.stdout:
      with self.news:
        self.lines.append(line.decode('utf-8', 'backslashreplace').rstrip())
        self.news.notify_all()
    with self.news:
      self.over = True
      self.news.notify_all()

  @property
  def text(self):
    with self.news:
      return '\n'.join(self.lines)

  def wait_line(self, pattern, timeout_s=10):
    """The match of the first line in which `pattern` is found."""
    until = time.monotonic() + timeout_s
    seen = 0
    with self.news:
      while True:
        for line in self.lines[seen:]:
          found = re.search(pattern, line)
          if found:
            return found
        seen = len(self.lines)
        if self.over:
          raise NotReady(f'{self.argv[0]} ended: ' + ' | '.join(
            self.lines[-5:]))
        if not self.news.wait(until - time.monotonic()):
          raise NotReady(f'{self.argv[0]}: no line like {pattern!r} within '
                         f'{timeout_s} s: ' + ' | '.join(self.lines[-5:]))

  def stop(self, timeout_s=5):
    """SIGTERM, then SIGKILL to the group; the exit status."""
    if self.child.poll() is None:
      self.child.terminate()
      try:
        self.child.wait(timeout_s)
      except subprocess.TimeoutExpired:
        pass
    try:
      os.killpg(self.child.pid, signal.SIGKILL)
    except ProcessLookupError:
      pass
    self.child.wait()
    self.reader.join(timeout_s)
    return self.child.returncode
