"""One run of the benchmark: its tools, its figures, its goals."""
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from . import clients, goals, servers, table, tools
from .measure import Measure


class Bench:
  def __init__(self, args):
    self.args = args
    self.full = args.full
    self.temp = None
    self.figures = {}
    self.goals = goals.Goals()
    self.failures = []
    self.servers = []
    self.shown = {}
    self.started = time.monotonic()

  def __enter__(self):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    self.files_max = hard
    quoth = tools.find_quoth(self.args.quoth)
    if self.args.quoth and quoth.missing:
      raise SystemExit(f'bench: {quoth.missing}')
    self.temp = tempfile.mkdtemp(prefix='quoth-bench-')
    try:
      peers = tools.find_peers(self.args.peers, quoth, self.temp)
    except BaseException as why:
      shutil.rmtree(self.temp, ignore_errors=True)
      if isinstance(why, subprocess.CalledProcessError):
        raise SystemExit('bench: the peers do not compile') from None
      raise
    self.tools = {
      'quoth': quoth, **peers,
      **{name: tools.find_postfix(name)
         for name in ('smtp-source', 'smtp-sink')},
      **{name: tools.find_path(name)
         for name in ('swaks', 'curl', 'strace', 'valgrind')},
    }
    self.clients = clients.table(self.tools)
    self.tools['unjail'] = tools.compile_unjail(self.temp)
    self.measure = Measure(self.tools['measure'], self.temp)
    return self

  def __exit__(self, *_):
    for server in self.servers:
      server.stop()
    shutil.rmtree(self.temp, ignore_errors=True)

  def sink(self, own=False):
    """A server that is started once a run and takes everything."""
    wanted = 'own' if own else self.args.sink
    if wanted == 'auto':
      wanted = 'own' if self.tools['smtp-sink'].missing else 'smtp-sink'
    if wanted == 'smtp-sink' and self.tools['smtp-sink'].missing:
      raise SystemExit('bench: smtp-sink: ' + self.tools['smtp-sink'].missing)
    tool = self.tools['sink' if wanted == 'own' else 'smtp-sink']
    for server in self.servers:
      if server.name == tool.name:
        return server
    server = servers.start(tool)
    self.servers.append(server)
    return server

  def command(self, name, kind, port, messages=1, sessions=1):
    """What a client is started with; None where it is missing, cannot do
    this, or did not show that it does what it says."""
    command = self.clients[name].command(kind, port, messages, sessions)
    if command and self.shows(name, kind):
      return command
    return None

  def shows(self, name, kind):
    """Once for each client and kind: do the messages arrive, and over as many
    connections as they should? A program that did nothing would be fast."""
    if (name, kind) not in self.shown:
      self.progress(f'{name}: does it send what it says ({kind})?')
      want = {'once': (1, 1), 'each': (40, 40)}.get(kind, (40, 4))
      sink = self.sink(own=True)
      before = sink.counts()
      done = self.measure.run(self.clients[name].command(
        kind, sink.port, want[0], 1 if kind == 'once' else 4))
      got = tuple(b - a for a, b in zip(before, sink.counts()))
      # Each asking for the counts is a connection too.
      got = got[0], got[1] - 1
      why = done.get('error') or ('' if got == want else (
        f'{got[0]} messages over {got[1]} connections arrived, '
        f'not {want[0]} over {want[1]}'))
      if why:
        self.fail(f'{name}: {kind}', why)
      self.shown[name, kind] = not why
    return self.shown[name, kind]

  def progress(self, text):
    if sys.stderr.isatty():
      sys.stderr.write(f'\r\x1b[K{text}')
      sys.stderr.flush()

  def rounds(self, quick, full):
    return self.args.rounds or (full if self.full else quick)

  def fail(self, what, why):
    self.progress('')
    self.failures.append(f'{what}: {why}')
    print(f'bench: {what}: {why}', file=sys.stderr)

  def interleave(self, commands, rounds, what):
    """{name: [result, ...]}, one result a round, A B C A B C; a command that
    fails is told, left out, and not run again."""
    results = {name: [] for name in commands}
    for number in range(rounds):
      for name, command in commands.items():
        if results[name] is None:
          continue
        self.progress(f'{what}: {name}, round {number + 1} of {rounds}')
        result = self.measure.run(command)
        if result.get('error'):
          self.fail(f'{what}: {name}', result['error'])
          results[name] = None
        else:
          results[name].append(result)
    self.progress('')
    return {name: rows for name, rows in results.items() if rows}

  def head(self):
    self.figures['machine'] = machine = describe_machine()
    self.figures['tools'] = {
      name: tool.missing or ' '.join(tool.argv)
      for name, tool in self.tools.items()}
    for key, value in machine.items():
      print(f'{key}: {value}')
    for tool in self.tools.values():
      if tool.missing and tool.name != 'unjail':
        print(f'skipped: {tool.name}: {tool.missing}')
    sys.stdout.flush()

  def tail(self):
    rows = self.goals.rows(self.args.only)
    table.show('Goals', ['what', 'wanted', 'measured', ''], rows)
    for failure in self.failures:
      print(f'FAILED  {failure}')
    print(f'\n{time.monotonic() - self.started:.0f} s; load average now '
          + ' '.join(f'{x:.2f}' for x in os.getloadavg()))
    self.figures['goals'] = [dict(zip(
      ('what', 'wanted', 'measured', 'verdict'), row)) for row in rows]
    self.figures['failures'] = self.failures
    if self.args.json:
      with open(self.args.json, 'w', encoding='utf-8') as out:
        json.dump(self.figures, out, indent=1)
        out.write('\n')


def describe_machine():
  model = ''
  with open('/proc/cpuinfo', encoding='utf-8', errors='replace') as info:
    for text in info:
      if text.startswith('model name'):
        model = text.split(':', 1)[1].strip()
        break
  return {
    'machine': f'{os.cpu_count()} cpus, {model or platform.machine()}, '
               f'Linux {platform.release()}',
    'load average before': ' '.join(f'{x:.2f}' for x in os.getloadavg()),
    'date': time.strftime('%Y-%m-%d %H:%M:%S %z'),
  }
