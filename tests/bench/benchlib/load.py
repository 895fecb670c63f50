"""Many messages over concurrent sessions."""
import statistics

from . import table

PEERS = ('epoll_client', 'quoth', 'quoth-lua', 'smtp-source')
KINDS = {'each': 'a connection each', 'reused': 'reused connections'}


def plan(bench):
  """(messages, sessions, rounds) of every comparison. Start-up is in them:
  the fewer the messages, the more it counts."""
  for sessions in (1, 8, 100, 1000):
    yield 1000, sessions, bench.rounds(3, 7)
  if not bench.full:
    yield 3000, 100, bench.rounds(3, 3)
    return
  for sessions in (1, 8, 100, 1000):
    yield 10000, sessions, bench.rounds(5, 5)


def run(bench):
  server = bench.sink()
  figures = bench.figures['load'] = {'server': server.name, 'runs': []}
  for kind, words in KINDS.items():
    rows = []
    for messages, sessions, rounds in plan(bench):
      results = compare(bench, server, kind, messages, sessions, rounds)
      figures['runs'].append({'kind': kind, 'messages': messages,
                              'sessions': sessions, 'results': results})
      rows.append(row(results, messages, sessions))
      judge(bench, kind, results, messages, sessions)
    table.show(
      f'Load, {words}: client CPU a message',
      ['messages', 'sessions', 'epoll us', 'quoth us', 'lua us',
       'smtp-source us', 'quoth / epoll', 'lua / epoll', 'lua / quoth',
       'quoth / smtp-source', 'smtp-source / epoll',
       'messages/s epoll', 'quoth', 'lua', 'smtp-source'],
      rows, f'Against {server.name}; interleaved; CPU: median, ratios: '
      'median (min..max) of one a round.')
  for name in PEERS:
    missing = bench.clients[name].tool.missing
    if missing:
      print(f'{name} skipped: {missing}')


def compare(bench, server, kind, messages, sessions, rounds):
  commands = {}
  for name in PEERS:
    command = bench.command(name, kind, server.port, messages,
                            sessions)
    if command:
      commands[name] = command
  return bench.interleave(
    commands, rounds, f'load: {kind}, {messages} over {sessions}')


def cpu(results, name):
  return [result['cpu_us'] for result in results.get(name, [])]


def row(results, messages, sessions):
  cells = [f'{messages:,}', f'{sessions:,}']
  for name in PEERS:
    values = cpu(results, name)
    cells.append(f'{statistics.median(values) / messages:.1f}'
                 if values else '-')
  for ours, theirs in (('quoth', 'epoll_client'),
                       ('quoth-lua', 'epoll_client'), ('quoth-lua', 'quoth'),
                       ('quoth', 'smtp-source'),
                       ('smtp-source', 'epoll_client')):
    ratios = table.ratios(cpu(results, ours), cpu(results, theirs))
    cells.append(table.spread(ratios) if ratios else '-')
  for name in PEERS:
    walls = [result['wall_us'] for result in results.get(name, [])]
    cells.append(f'{messages / statistics.median(walls) * 1e6:,.0f}'
                 if walls else '-')
  return cells


def judge(bench, kind, results, messages, sessions):
  """Beside a ratio to smtp-source stands that of the raw epoll client: where
  the floor is above a goal, no client can reach it on this machine."""
  where = f'{kind}, {messages:,} over {sessions:,}'
  for name, key in (('epoll_client', 'load/epoll'),
                    ('smtp-source', 'load/' + kind)):
    ratios = table.ratios(cpu(results, 'quoth'), cpu(results, name))
    floors = table.ratios(cpu(results, 'epoll_client'), cpu(results, name))
    floor = (f'; raw epoll {statistics.median(floors):.2f}'
             if floors and name != 'epoll_client' else '')
    if ratios:
      bench.goals.figure(key, statistics.median(ratios), where + floor)
  for name, key in (('quoth', 'load/lua-yaml'),
                    ('epoll_client', 'load/lua-epoll')):
    ratios = table.ratios(cpu(results, 'quoth-lua'), cpu(results, name))
    if ratios:
      bench.goals.figure(key, statistics.median(ratios), where)
