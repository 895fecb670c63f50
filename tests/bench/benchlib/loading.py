"""What it costs to load 10,000 scenarios, sending nothing (`quoth check`)."""
import os
import statistics

from . import table
from .clients import Command

COUNT = 10000
WORDS = {'one': 'one file', 'files': '10,000 files'}


def run(bench):
  quoth = bench.tools['quoth']
  if quoth.missing:
    print(f'\nloading skipped: {quoth.missing}')
    return
  paths = {'one': write_one(bench.temp), 'files': write_files(bench.temp)}
  commands = {
    name: Command(quoth.argv + ['check', path], quoth.environ())
    for name, path in paths.items()}
  broken = os.path.join(bench.temp, 'broken.yaml')
  with open(broken, 'w', encoding='ascii') as out:
    out.write('quoth: 1\nstpes: []\n')
  if not bench.measure.run(Command(quoth.argv + ['check', broken],
                                   quoth.environ())).get('error'):
    bench.fail('loading', 'quoth check accepts a broken file')
    return
  rounds = bench.rounds(5, 15)
  results = bench.interleave(commands, rounds, 'loading')
  rows = [[WORDS[name],
           table.spread([one['cpu_us'] for one in rows], 1e-3, 1),
           table.spread([one['wall_us'] for one in rows], 1e-3, 1),
           f'{statistics.median(one["rss_kib"] for one in rows) / 1024:.1f}']
          for name, rows in results.items()]
  table.show('Loading 10,000 scenarios: quoth check',
             ['in', 'CPU ms', 'wall ms', 'peak RSS MiB'], rows,
             f'{rounds} rounds; start-up included; files are in the page '
             'cache; median (min..max).')
  bench.figures['loading'] = results
  for name, rows in results.items():
    bench.goals.figure('loading/' + name, statistics.median(
      one['cpu_us'] for one in rows) / 1e3)


def write_one(temp):
  """As small as scenarios of one file get: each names a dialogue, because
  10,000 written out are more than a file may hold."""
  path = os.path.join(temp, 'many.yaml')
  with open(path, 'w', encoding='ascii') as out:
    out.write('quoth: 1\nname: Many\ndefine:\n  hello:\n    - connect:\n'
              '      expect: 220\n    - send: QUIT\n      expect: 221\n'
              'scenarios:\n')
    for number in range(COUNT):
      out.write(f'  - {{ name: s{number:05}, steps: [{{ use: hello }}] }}\n')
  return path


def write_files(temp):
  folder = os.path.join(temp, 'many')
  os.mkdir(folder)
  for number in range(COUNT):
    path = os.path.join(folder, f's{number:05}.yaml')
    with open(path, 'w', encoding='ascii') as out:
      out.write(f'quoth: 1\nname: s{number:05}\nsteps:\n  - connect:\n'
                '    expect: 220\n  - send: QUIT\n    expect: 221\n')
  return folder
