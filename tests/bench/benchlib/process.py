"""One classical transaction as a whole process."""
import re
import statistics

from . import table

PEERS = ('blocking_client', 'quoth', 'quoth-lua', 'smtp-source', 'curl',
         'swaks')


def run(bench):
  server = bench.sink()
  commands, skipped = {}, []
  for name in PEERS:
    command = bench.command(name, 'once', server.port)
    if command:
      commands[name] = command
    else:
      missing = bench.clients[name].tool.missing
      skipped.append((name, 'skipped: ' + missing if missing else 'failed'))
  rounds = bench.rounds(11, 41)
  results = bench.interleave(commands, rounds, 'process')
  calls = count_calls(bench, {name: commands[name] for name in results})
  rows = [row(name, results, calls) for name in PEERS if name in results]
  rows += [list(pair) for pair in skipped]
  table.show('One classical transaction as a process',
             ['client', 'CPU ms', 'wall ms', 'system calls', 'peak RSS MiB',
              'quoth CPU / it'],
             rows, f'Against {server.name}; {rounds} rounds, interleaved; '
             'median (min..max).')
  bench.figures['process'] = {'server': server.name, 'results': results,
                              'syscalls': calls}
  judge(bench, results, calls, commands)


def count_calls(bench, commands):
  strace = bench.tools['strace']
  calls = {}
  for name, command in commands.items():
    if strace.missing:
      break
    bench.progress(f'process: system calls of {name}')
    counted = bench.measure.syscalls(strace, command)
    if counted.get('error'):
      bench.fail(f'process: strace {name}', counted['error'])
    else:
      calls[name] = counted['calls']
  bench.progress('')
  return calls


def column(rows, key):
  return [row[key] for row in rows]


def row(name, results, calls):
  rows = results[name]
  cells = [name, table.spread(column(rows, 'cpu_us'), 1e-3),
           table.spread(column(rows, 'wall_us'), 1e-3),
           calls.get(name, '-'),
           f'{statistics.median(column(rows, "rss_kib")) / 1024:.1f}', '']
  if name != 'quoth' and 'quoth' in results:
    cells[-1] = table.spread(table.ratios(
      column(results['quoth'], 'cpu_us'), column(rows, 'cpu_us')))
  return cells


def judge(bench, results, calls, commands):
  ours = results.get('quoth')
  if not ours:
    return
  for name in ('smtp-source', 'curl', 'swaks'):
    if name in results:
      ratios = table.ratios(column(ours, 'cpu_us'),
                            column(results[name], 'cpu_us'))
      bench.goals.figure('process/' + name, statistics.median(ratios))
  bench.goals.figure('process/rss',
                     statistics.median(column(ours, 'rss_kib')) / 1024)
  if 'quoth' in calls:
    bench.goals.figure('process/syscalls', calls['quoth'])
    opened = bench.measure.opened(bench.tools['strace'], commands['quoth'])
    if opened.get('error'):
      bench.fail('process: files opened', opened['error'])
      return
    files = [path for path in opened['files']
             if re.search(r'/certs?/|\.(pem|crt|cer)$|openssl\.cnf', path)]
    bench.figures['process']['certificates'] = files
    bench.goals.figure('process/tls', len(files))
