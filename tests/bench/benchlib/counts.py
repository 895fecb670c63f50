"""Instructions and system calls a message, free of noise.

Each figure is the difference between a long and a short run over the same
sessions, divided by the messages between them: start-up and the opening of
reused connections cancel out.
"""
import concurrent.futures

from . import table
from .clients import Command

PEERS = ('epoll_client', 'quoth', 'quoth-lua', 'smtp-source')
KINDS = ('each', 'reused', 'pipelined', 'unique')
SESSIONS = 10


def run(bench):
  server = bench.sink()
  short, long = (100, 2100) if bench.full else (100, 600)
  figures = bench.figures['counts'] = {
    'server': server.name, 'sessions': SESSIONS, 'short': short, 'long': long}
  for tool, what in (('valgrind', 'instructions'), ('strace', 'syscalls')):
    if bench.tools[tool].missing:
      print(f'\n{what} a message skipped: {tool} '
            f'{bench.tools[tool].missing}')
      continue
    figures[what] = measure(bench, server, tool, what, short, long)
    show(bench, what, figures[what], short, long)
    for kind, value in figures[what].get('quoth', {}).items():
      if (what, kind) != ('instructions', 'pipelined'):
        bench.goals.figure(f'{what}/{kind}', value)
    for kind, value in figures[what].get('quoth-lua', {}).items():
      if what == 'instructions' and kind != 'unique':
        bench.goals.figure(f'{what}/lua-{kind}', value)


def measure(bench, server, tool, what, short, long):
  """{client: {kind: a message}}; counts do not mind a busy machine, so two
  runs go side by side."""
  # smtp-source under callgrind takes longer than all the others together.
  peers = PEERS if bench.full else PEERS[:3]
  commands = {
    (name, kind, messages): bench.command(name, kind, server.port, messages,
                                          SESSIONS)
    for name in peers for kind in KINDS for messages in (short, long)
    if (name, what) != ('quoth-lua', 'instructions')
    or not bench.tools['unjail'].missing}
  bench.progress(f'counts: {what}')
  with concurrent.futures.ThreadPoolExecutor(2) as pool:
    jobs = {
      key: pool.submit(getattr(bench.measure, what), bench.tools[tool],
                       unjailed(bench, key[0], what, command))
      for key, command in commands.items() if command}
  bench.progress('')
  counts = {}
  for name, kind in dict.fromkeys(key[:2] for key in jobs):
    both = [jobs[name, kind, messages].result() for messages in (short, long)]
    wrong = [result['error'] for result in both if result.get('error')]
    if wrong:
      bench.fail(f'counts: {what}: {name}, {kind}', wrong[0])
      continue
    first, last = (next(iter(result.values())) for result in both)
    counts.setdefault(name, {})[kind] = (last - first) / (long - short)
  return counts


def unjailed(bench, name, what, command):
  """callgrind has no place in the sandbox of a worker."""
  if (name, what) != ('quoth-lua', 'instructions'):
    return command
  return Command(command.argv,
                 {**command.env, **bench.tools['unjail'].env})


def show(bench, what, counts, short, long):
  words = {'instructions': 'Instructions (user space) a message',
           'syscalls': 'System calls a message'}[what]
  digits = 0 if what == 'instructions' else 1
  rows = []
  for name in PEERS:
    if bench.clients[name].tool.missing:
      rows.append([name, 'skipped: ' + bench.clients[name].tool.missing])
    elif name in counts:
      rows.append([name] + [
        f'{counts[name][kind]:,.{digits}f}' if kind in counts[name] else '-'
        for kind in KINDS])
  table.show(words, ['client', 'connection each', 'reused', 'pipelined',
                     'reused, no recipient twice'],
             rows, f'Difference of {long} and {short} messages over '
             f'{SESSIONS} sessions.')
