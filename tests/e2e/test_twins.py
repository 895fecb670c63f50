"""Every YAML scenario that ships has a Lua twin in tests/twins, and both give
the same events: byte for byte, but for where they were written and when."""
import pathlib
import re

import pytest

from binary import read_jsonl

ROOT = pathlib.Path(__file__).resolve().parents[2]
YAML, LUA = ROOT / 'scenarios', ROOT / 'tests' / 'twins'

# Places and times, and what is made of paths.
APART = {'at_us', 'began_us', 'took_us', 'began_unix_us', 'at', 'file',
         'line', 'column', 'command', 'selection'}


def shipped():
  return sorted(path.relative_to(YAML).with_suffix('').as_posix()
                for path in YAML.glob('**/*.yaml') if path.name != 'pack.yaml')


def test_every_one_has_a_twin():
  twins = sorted(path.relative_to(LUA).with_suffix('').as_posix()
                 for path in LUA.glob('**/*.lua'))
  assert shipped() == twins
  assert len(twins) >= 27


@pytest.mark.parametrize('name', shipped())
def test_it_computes(name):
  """A twin that only lists steps would prove nothing."""
  text = (LUA / f'{name}.lua').read_text(encoding='utf-8')
  assert 'run = function(t)' in text
  assert not re.search(r'\bsteps\s*=', text)


def plain(event):
  kept = {key: value for key, value in event.items() if key not in APART}
  if 'tls' in kept:             # made for each run
    kept['tls'] = {key: value for key, value in kept['tls'].items()
                   if key in ('version', 'verified', 'resumed', 'names')}
  if kept.get('skipped'):       # nor how many steps those were
    kept.pop('steps', None)
  if 'id' in kept:
    kept['id'] = kept['id'].split('#', 1)[1]
  return kept


def run_or_skipped(events):
  """What would have come behind a skip, a script does not know."""
  skipped = False
  for event in events:
    skipped = (skipped or event.get('result') == 'skip') and \
      event['kind'] != 'scenario-end'
    if not skipped or event.get('result') == 'skip':
      yield event


def joined(events):
  """A reply that came in two segments is the same reply."""
  out = []
  for event in map(plain, run_or_skipped(events)):
    # Of a build with a sanitizer; YAML needs no sandbox.
    if event['kind'] == 'said' and \
       event['bytes'].startswith('the sandbox of Lua files is '):
      continue
    last = out[-1] if out else {}
    if event['kind'] == 'received' and \
       {**last, 'bytes': ''} == {**event, 'bytes': ''}:
      last['bytes'] += event['bytes']
    else:
      out.append(event)
  return out


def until_skipped(events):
  """What a skipped scenario did not do any more, steps or QUIT, is left out:
  a script ends its connection by itself."""
  over = set()
  for event in events:
    if event.get('scenario') in over and event['kind'] != 'scenario-end':
      continue
    if event['kind'] == 'step-end' and event['result'] == 'skip':
      over.add(event['scenario'])
    if event['kind'] == 'run-end' and over:
      event = {**event, 'steps': 0}
    yield event


def events(quoth, tmp_path, path, *options):
  report = tmp_path / 'events.jsonl'
  done = quoth('run', path, '-t', 'embedded', '--seed', 1, '--report',
               f'jsonl={report}', *options)
  assert done.exit == 0, done.out + done.err
  return list(until_skipped(joined(read_jsonl(report))))


@pytest.mark.parametrize('name', shipped())
def test_same_events(quoth, tmp_path, name):
  """One at a time, so that the order is that of the dialogue."""
  ours = events(quoth, tmp_path, YAML / f'{name}.yaml', '-j', 1)
  twin = events(quoth, tmp_path, LUA / f'{name}.lua', '-j', 1)
  assert sum(event['kind'] == 'step-end' for event in ours) >= 2
  for number, (one, other) in enumerate(zip(ours, twin)):
    assert other == one, f'event {number}'
  assert len(twin) == len(ours)


def test_same_events_side_by_side(quoth, tmp_path):
  """All of them at once: the same for each scenario, in its own order. Who
  comes first to the server decides the ids of its queue."""
  def by_scenario(path):
    found = {}
    for event in events(quoth, tmp_path, path):
      if 'scenario' in event:
        for key in ('bytes', 'found'):
          if key in event:
            event[key] = re.sub(r'queued as \w+', 'queued', event[key])
        found.setdefault(event['scenario'], []).append(event)
    return found
  ours, twins = by_scenario(YAML / 'smtp'), by_scenario(LUA / 'smtp')
  assert len(ours) == len(twins) > 30
  for number, one in ours.items():
    assert twins[number] == one
