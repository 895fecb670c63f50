"""What it costs to load many scenarios, sending nothing (`quoth check`)."""
import os
import statistics

from . import table
from .clients import Command

COUNT = 10000
LUA_FILES = 1000                # a process each
WORDS = {'one': '10,000 in one file', 'files': '10,000 in 10,000 files',
         'lua': '10,000 in one Lua file',
         'lua-files': f'{LUA_FILES:,} in {LUA_FILES:,} Lua files'}


def run(bench):
  quoth = bench.tools['quoth']
  if quoth.missing:
    print(f'\nloading skipped: {quoth.missing}')
    return
  paths = {'one': write_one(bench.temp), 'files': write_files(bench.temp),
           'lua': write_lua(bench.temp),
           'lua-files': write_lua_files(bench.temp)}
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
  table.show('Loading: quoth check',
             ['scenarios', 'CPU ms', 'wall ms', 'peak RSS MiB'], rows,
             f'{rounds} rounds; start-up included; files are in the page '
             'cache; median (min..max).')
  bench.figures['loading'] = results
  for name, rows in results.items():
    if name == 'lua-files':
      continue
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


def write_lua(temp):
  path = os.path.join(temp, 'many.lua')
  with open(path, 'w', encoding='ascii') as out:
    out.write('local quoth = require "quoth"\n'
              'for number = 1, %d do\n'
              '  quoth.scenario(("s%%05d"):format(number), {\n'
              '    run = function(t)\n      local c = t:connect()\n'
              '      c:expect(220)\n      c:send("QUIT")\n'
              '      c:expect(221)\n    end,\n  })\nend\n' % COUNT)
  return path


def write_lua_files(temp):
  folder = os.path.join(temp, 'many-lua')
  os.mkdir(folder)
  for number in range(LUA_FILES):
    path = os.path.join(folder, f's{number:05}.lua')
    with open(path, 'w', encoding='ascii') as out:
      out.write('local quoth = require "quoth"\n'
                f'quoth.scenario("s{number:05}", {{\n'
                '  run = function(t)\n    local c = t:connect()\n'
                '    c:expect(220)\n    c:send("QUIT")\n'
                '    c:expect(221)\n  end,\n})\n')
  return folder
