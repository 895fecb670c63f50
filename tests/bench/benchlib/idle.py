"""Memory of many sessions that wait: user space, by the difference of a run
with many and a run with few."""
import os
import subprocess
import tempfile
import time

from . import clients, table

FEW, MANY, SPARE = 100, 10000, 200
SETTLE_S = 40


def run(bench):
  quoth = bench.tools['quoth']
  many = min(MANY, bench.files_max - SPARE)
  if quoth.missing:
    print(f'\nidle sessions skipped: {quoth.missing}')
    return
  if many < 10 * FEW:
    print(f'\nidle sessions skipped: the hard limit of open files is '
          f'{bench.files_max} (ulimit -Hn)')
    return
  server = bench.sink(own=True)
  for name, words, goal in (('idle.yaml', 'YAML', 'idle/bytes'),
                            ('idle.lua', 'Lua, with its worker',
                             'idle/lua-bytes')):
    compare(bench, server, many, name, words, goal)


def compare(bench, server, many, name, words, goal):
  seen = []
  for sessions in (FEW, many):
    bench.progress(f'idle: {name}, {sessions} sessions')
    memory = hold(bench.tools['quoth'], f'smtp://127.0.0.1:{server.port}',
                  sessions, name)
    bench.progress('')
    if isinstance(memory, str):
      bench.fail(f'idle: {name}, {sessions} sessions', memory)
      return
    seen.append(memory)
  each = {key: (seen[1][key] - seen[0][key]) / (many - FEW) for key in seen[0]}
  table.show(f'Idle sessions (connected, EHLO said, waiting): {words}',
             ['sessions', 'RSS MiB', 'anonymous MiB'],
             [[f'{count:,}', f'{one["VmRSS"] / 1024:.1f}',
               f'{one["RssAnon"] / 1024:.1f}']
              for count, one in zip((FEW, many), seen)]
             + [['a session, KiB', f'{each["VmRSS"]:.2f}',
                 f'{each["RssAnon"]:.2f}']],
             'Kernel memory (socket buffers) is not in it; what the run keeps '
             'for its report is.')
  bench.figures.setdefault('idle', {})[name] = {
    'few': FEW, 'many': many, 'rss_kib': seen, 'a_session_kib': each}
  bench.goals.figure(goal, each['VmRSS'])


def hold(quoth, target, sessions, name, *options):
  """{'VmRSS', 'RssAnon'} in KiB once all sessions wait, or why not."""
  argv = quoth.argv + [
    'run', clients.scenario(name), '-t', target, '--repeat', str(sessions),
    '-j', str(sessions), '--format', 'quiet', *options]
  with tempfile.TemporaryFile() as errors:
    child = subprocess.Popen(argv, env=quoth.environ(), stderr=errors,
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL)
    try:
      why = settle(child, sessions)
      if child.poll() is not None:
        errors.seek(0)
        text = errors.read().decode('utf-8', 'backslashreplace')
        return (f'ended with {child.returncode}: '
                + (text.strip().splitlines()[-1:] or [''])[0][:200])
      return why or memory(child.pid)
    finally:
      end(child)


def settle(child, sessions):
  """Waits until every session has its socket, and half a second passed with
  less than a tenth of a CPU used (a sweep of timers may go on)."""
  until = time.monotonic() + SETTLE_S
  quiet, last, count = 0, -10, 0
  while time.monotonic() < until and child.poll() is None:
    time.sleep(0.1)
    count = sockets(child.pid)
    now = ticks(child.pid)
    quiet = quiet + 1 if 0 <= now - last <= 1 and count >= sessions else 0
    last = now
    if quiet == 5:
      return ''
  return f'only {count} sockets after {SETTLE_S} s, or still busy'


def sockets(pid):
  """Open files; all but some ten are sockets, and none is missing."""
  try:
    return len(os.listdir(f'/proc/{pid}/fd'))
  except OSError:
    return 0


def ticks(pid):
  try:
    with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as text:
      words = text.read().rpartition(')')[2].split()
  except OSError:
    return -2
  return int(words[11]) + int(words[12])


def memory(pid):
  """Of the process and its children: what they share is counted once for
  each, and cancels in the difference."""
  total = dict.fromkeys(('VmRSS', 'RssAnon'), 0)
  for one in [pid] + children(pid):
    with open(f'/proc/{one}/status', encoding='ascii') as text:
      pairs = dict(line.split(':', 1) for line in text)
    for key in total:
      total[key] += int(pairs[key].split()[0])
  return total


def children(pid):
  found = []
  for name in filter(str.isdigit, os.listdir('/proc')):
    try:
      with open(f'/proc/{name}/stat', encoding='ascii',
                errors='replace') as text:
        if int(text.read().rpartition(')')[2].split()[1]) == pid:
          found.append(int(name))
    except OSError:
      continue
  return found


def end(child):
  if child.poll() is None:
    child.terminate()
    try:
      child.wait(10)
    except subprocess.TimeoutExpired:
      child.kill()
      child.wait()
