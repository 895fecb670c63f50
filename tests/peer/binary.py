"""The built binary: one run of it, and `quoth serve` in the background."""
import json
import os
import re
import signal
import subprocess

from background import SANITIZER, Background, NotReady
from lab import ROOT, Endpoint, Unavailable

LISTENING = r'listening on (smtp|lmtp)://(127\.0\.0\.1):(\d+)'
CRASHES = {-getattr(signal, name) for name in (
  'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGSYS')}
# What changes the output where the tests happen to run.
OUTSIDE = re.compile(r'QUOTH_|CI$|GITHUB_|GITLAB_|HARNESS_|NO_COLOR$|TERM$|'
                     r'CIRCLE|BUILDKITE|SYSTEM_|JOB_COMPLETION_INDEX$')


def find():
  given = os.environ.get('QUOTH_BIN')
  path = os.path.abspath(given or os.path.join(ROOT, 'build', 'quoth'))
  if os.path.isfile(path) and os.access(path, os.X_OK):
    return path
  if given:
    raise AssertionError(f'QUOTH_BIN: {given} is no program')
  raise Unavailable(f'no quoth binary: build it, or set QUOTH_BIN ({path})')


def environment(more):
  env = {name: value for name, value in os.environ.items()
         if not OUTSIDE.match(name)}
  env['TERM'] = 'dumb'
  env['LSAN_OPTIONS'] = 'print_suppressions=0:suppressions=' + os.path.join(
    os.path.dirname(os.path.realpath(__file__)), 'lsan.supp')
  env.update(more or {})
  return env


class Result(subprocess.CompletedProcess):
  """stdout and stderr are bytes; `out` and `err` are they as text."""

  @property
  def exit(self):
    return self.returncode

  @property
  def out(self):
    return self.stdout.decode('utf-8', 'backslashreplace')

  @property
  def err(self):
    return self.stderr.decode('utf-8', 'backslashreplace')

  @property
  def jsonl(self):
    """The events of --format jsonl; a line that is no JSON is an error."""
    return [json.loads(line) for line in self.stdout.splitlines()]


def read_jsonl(path):
  """The events of a --report jsonl=FILE."""
  with open(path, 'rb') as text:
    return [json.loads(line) for line in text]


def check(what, status, text):
  found = SANITIZER.search(text)
  if found:
    raise AssertionError(f'{what}: {text[found.start():][:2000]}')
  if status in CRASHES:
    raise AssertionError(f'{what}: killed by {signal.Signals(-status).name}')


class Quoth:
  """quoth('run', path, '-t', url) -> Result. A crash, a sanitizer's report
  and a run longer than `timeout` seconds fail the test by themselves."""

  def __init__(self, path):
    self.path = path
    self.serving = []

  def __call__(self, *args, timeout=60, env=None, cwd=None, stdin=b''):
    argv = [self.path] + [str(arg) for arg in args]
    try:
      done = subprocess.run(argv, env=environment(env), cwd=cwd, input=stdin,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
      raise AssertionError(f'{argv}: still runs after {timeout} s') from None
    result = Result(done.args, done.returncode, done.stdout, done.stderr)
    check(argv, result.exit, result.err)
    return result

  def start(self, *args, env=None, cwd=None):
    """The same in the background (signals, watching it work)."""
    return Background([self.path, *args], environment(env), cwd)

  def serve(self, *options):
    """`quoth serve` on a free port: its Endpoint."""
    background = self.start('serve', '--listen', '127.0.0.1:0', *options)
    self.serving.append(background)
    try:
      found = background.wait_line(LISTENING)
    except NotReady as why:
      raise AssertionError(str(why)) from None
    return Endpoint('embedded', found[1], found[2], int(found[3]))

  def stop(self):
    """All servers end, and every one is looked at, before any complaint."""
    ended = [(one, one.stop()) for one in self.serving]
    self.serving = []
    for background, status in ended:
      check(background.argv, status, background.text)
      if status == -signal.SIGKILL:
        raise AssertionError(f'{background.argv}: did not end at SIGTERM')
