"""Real servers out of a lab folder, and hostile ones.

The lab is a folder with the programs `up`, `down` and `hostile.py`: $QUOTH_LAB,
else ../shared/lab beside the repository. It works in $LAB_DIR, else where it
does by itself (`lab` in $TMPDIR or /tmp). What runs there already is used as it
is and never stopped; what `up` started for us is stopped at the end.

Whatever is missing is an Unavailable with a sentence that says what; the
fixtures make it a skip, or a failure where QUOTH_TESTS_STRICT is set.
"""
import dataclasses
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import certs
from background import Background, NotReady

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
  os.path.realpath(__file__))))
UP_S = 900       # packages may have to come first
DOWN_S = 120
ENDPOINT = re.compile(r'([a-z0-9-]+) ([a-z0-9]+) (\S+) (\d{1,5})')
STARTED = re.compile(r'lab: (\S+) up in \d+ ms')


class Unavailable(Exception):
  """Why there is no such server here."""


@dataclasses.dataclass(frozen=True)
class Endpoint:
  name: str
  proto: str
  host: str
  port: int

  @property
  def address(self):
    return self.host, self.port

  @property
  def url(self):
    host = f'[{self.host}]' if ':' in self.host else self.host
    return f'{self.proto}://{host}:{self.port}'


def parse_endpoints(text):
  """{name: Endpoint} of "NAME proto host port" lines; others are passed
  over, since `up` prints what its tools say as well."""
  found = {}
  for line in text.splitlines():
    match = ENDPOINT.fullmatch(line.strip())
    if match and int(match[4]) < 65536:
      found[match[1]] = Endpoint(match[1], match[2], match[3], int(match[4]))
  return found


def default_folder():
  return os.environ.get('QUOTH_LAB') or os.path.join(
    os.path.dirname(ROOT), 'shared', 'lab')


class Lab:
  def __init__(self, folder=None, work=None):
    self.folder = folder or default_folder()
    self.work = work or os.environ.get('LAB_DIR')
    self.endpoints = {}
    self.tried = {}             # server: '' or why it is not there
    self.started = []
    self.hostile_modes = None
    self.hostile_running = {}   # mode: (Background, Endpoint)
    self.own_certificates = None        # a folder that goes with us

  def certificate(self, name):
    """A file of the lab's certificates: ca.pem, client.pem ... Without a lab,
    of our own by the same names."""
    work = self.work or os.path.join(os.environ.get('TMPDIR', '/tmp'), 'lab')
    path = os.path.join(work, 'certs', name)
    if os.path.exists(path):
      return path
    if self.own_certificates is None:
      if shutil.which('openssl') is None:
        raise Unavailable('no lab with certificates, and no openssl to make '
                          'our own')
      self.own_certificates = tempfile.mkdtemp(prefix='quoth-certs-')
      certs.make(self.own_certificates)
    return os.path.join(self.own_certificates, name)

  def env(self):
    env = dict(os.environ)
    if self.work:
      env['LAB_DIR'] = self.work
    return env

  def program(self, name):
    path = os.path.join(self.folder, name)
    if not os.path.exists(path):
      raise Unavailable(f'no lab: {path} is missing (QUOTH_LAB names another '
                        'folder)')
    return path

  def up(self, server):
    """Endpoints of a server, started if need be. A failure is remembered, so
    that a hundred tests do not wait for it a hundred times."""
    if server not in self.tried:
      self.tried[server] = self.try_up(server)
    if self.tried[server]:
      raise Unavailable(self.tried[server])
    return self.endpoints

  def try_up(self, server):
    try:
      program = self.program('up')
    except Unavailable as why:
      return str(why)
    if os.geteuid() != 0:
      return f'{server}: the lab wants root'
    try:
      done = subprocess.run(
        [program, server], env=self.env(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=UP_S,
        check=False)
    except (OSError, subprocess.TimeoutExpired) as why:
      return f'{server}: {why}'
    errors = done.stderr.decode('utf-8', 'backslashreplace')
    self.started += STARTED.findall(errors)
    self.endpoints.update(parse_endpoints(done.stdout.decode(
      'utf-8', 'backslashreplace')))
    if done.returncode != 0:
      tail = ' | '.join(errors.strip().splitlines()[-3:])
      return f'{server} did not start (up: {done.returncode}): {tail}'
    return ''

  def endpoint(self, server, name=None):
    name = name or server
    endpoints = self.up(server)
    if name not in endpoints:
      raise Unavailable(f'{server} runs, but has no endpoint {name}')
    return endpoints[name]

  # Hostile servers: one process a mode, on a free port, always our own.

  def hostile(self, mode):
    if mode in self.hostile_running:
      background, endpoint = self.hostile_running[mode]
      if background.child.poll() is None:
        return endpoint
      raise AssertionError(f'hostile {mode} ended: {background.text[-500:]}')
    program = self.program('hostile.py')
    number, proto = self.mode_number(program, mode)
    for last in (False, False, True):
      try:
        return self.hostile_start(program, mode, number, proto)
      except NotReady as why:
        if last:
          raise Unavailable(f'hostile {mode}: {why}') from None

  def mode_number(self, program, mode):
    """A mode's port is base + its number."""
    if self.hostile_modes is None:
      text = subprocess.run(
        [sys.executable, program, '--base', '0', '--list'], check=True,
        stdout=subprocess.PIPE, timeout=30).stdout.decode()
      self.hostile_modes = {
        words[0]: (int(words[1]), words[2])
        for words in (line.split() for line in text.splitlines())}
    if mode not in self.hostile_modes:
      raise AssertionError(f'no hostile mode named {mode}')
    return self.hostile_modes[mode]

  def hostile_start(self, program, mode, number, proto):
    """Another program may take the port first: the caller tries again."""
    argv = [sys.executable, program, '--host', '127.0.0.1',
            '--base', free_port() - number, mode]
    background = Background(argv, self.env())
    try:
      background.wait_line(r'^ready$', 30)
      found = background.wait_line(f'^{re.escape(mode)} (\\d+)$', 1)
    except NotReady:
      background.stop()
      raise
    endpoint = Endpoint(mode, proto, '127.0.0.1', int(found[1]))
    self.hostile_running[mode] = background, endpoint
    return endpoint

  def down(self):
    """Stops what was started here, in the reverse order, and only that."""
    if self.own_certificates is not None:
      shutil.rmtree(self.own_certificates, ignore_errors=True)
      self.own_certificates = None
    for background, _endpoint in self.hostile_running.values():
      background.stop()
    self.hostile_running.clear()
    names, self.started = list(reversed(self.started)), []
    if names:
      subprocess.run([self.program('down')] + names, env=self.env(),
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                     timeout=DOWN_S, check=True)


def free_port():
  with socket.socket() as listener:
    listener.bind(('127.0.0.1', 0))
    return listener.getsockname()[1]
