"""What the scenarios of scenarios/lua decide when servers differ: the embedded
one and the real ones of test_shipped.py show only one side each."""
import pathlib
import re

import pytest

from binary import read_jsonl
from talker import answer

LUA = pathlib.Path(__file__).resolve().parents[2] / 'scenarios' / 'lua'


def greylist(visits):
  """A server that lets a client in at that visit."""
  seen = []

  def rcpt(line):
    seen.append(line)
    return b'250 ok\r\n' if len(seen) >= visits else \
      b'450 4.2.0 Greylisted, come again\r\n'
  return seen, answer({b'RCPT': rcpt, b'QUIT': b'221 bye\r\n'})


@pytest.mark.parametrize('visits', [1, 2, 4])
def test_greylisting(quoth, talker, visits):
  seen, talk = greylist(visits)
  server = talker(talk)
  done = quoth('run', LUA / 'greylisting.lua', '-t', server.url, '--transcript', 'always',
               '-D', 'visits=4', '-D', 'pause=20ms')
  assert done.exit == 0, done.out + done.err
  assert len(seen) == server.clients == visits
  assert f'accepted at visit {visits}' in done.out


def test_greylisting_for_ever(quoth, talker):
  seen, talk = greylist(99)
  server = talker(talk)
  done = quoth('run', LUA / 'greylisting.lua', '-t', server.url,
               '-D', 'visits=3', '-D', 'pause=20ms')
  assert done.exit == 1
  assert 'not accepted in 3 visits' in done.out
  assert len(seen) == 3


def test_greylisting_refused(quoth, talker):
  """A 550 is no greylisting: nobody comes again."""
  server = talker(answer({b'RCPT': b'550 no\r\n', b'QUIT': b'221 bye\r\n'}))
  done = quoth('run', LUA / 'greylisting.lua', '-t', server.url)
  assert done.exit == 1
  assert server.clients == 1


def limited(limit):
  counts = []

  def mail(_line):
    counts.append(0)
    return b'250 ok\r\n'

  def rcpt(_line):
    counts[-1] += 1
    return b'250 ok\r\n' if counts[-1] <= limit else \
      b'452 4.5.3 Too many recipients\r\n'
  return counts, answer({b'MAIL': mail, b'RCPT': rcpt,
                         b'QUIT': b'221 bye\r\n'})


@pytest.mark.parametrize('limit, status, note, sent', [
  (100, 0, 'the limit is 100', [102, 1]),
  (99, 1, 'the limit is 99, below the 100', [100]),
  (999, 0, 'no limit up to 150', [150, 1]),
])
def test_recipients(quoth, talker, limit, status, note, sent):
  counts, talk = limited(limit)
  done = quoth('run', LUA / 'recipients-until-452.lua', '-t',
               talker(talk).url, '--transcript', 'always', '-D', 'most=150')
  assert done.exit == status, done.out + done.err
  assert note in done.out
  assert counts == sent


def test_embedded_limit(quoth):
  """LIMIT_SERVE_RECIPIENTS."""
  done = quoth('run', LUA / 'recipients-until-452.lua', '-t', 'embedded', '--transcript', 'always')
  assert done.exit == 0, done.out
  assert 'the limit is 1000' in done.out


def test_abuses(quoth):
  """Each pair is a scenario of its own, that can be run alone."""
  text = (LUA / 'command-abuse.lua').read_text(encoding='utf-8')
  listed = quoth('list', LUA / 'command-abuse.lua').out.splitlines()
  pairs = len(re.findall(r'^\t\{ "', text, re.M)) * 8
  assert len(listed) == pairs == 64
  done = quoth('run', LUA / 'command-abuse.lua', '-t', 'embedded', '--only',
               'A command that has a hyphen: DATA')
  assert done.exit == 0 and '1 passed' in done.out


def test_a_server_that_guesses(quoth, talker):
  """One that takes the abused commands is found out."""
  server = talker(answer({b'QUIT': b'221 bye\r\n'}))
  done = quoth('run', LUA / 'command-abuse.lua', '-t', server.url)
  assert done.exit == 1 and ' 0 passed' in ' ' + done.out.splitlines()[-1]


def orders(quoth, tmp_path, seed):
  report = tmp_path / f'{seed}.jsonl'
  done = quoth('run', LUA / 'interleaved.lua', '-t', 'embedded', '--seed',
               seed, '--report', f'jsonl={report}')
  assert done.exit == 0, done.out
  return [event['conn'] for event in read_jsonl(report)
          if event['kind'] == 'sent']


def test_interleaved(quoth, tmp_path):
  """The seed decides who speaks, and both do."""
  first = orders(quoth, tmp_path, 1)
  assert first == orders(quoth, tmp_path, 1)
  assert sorted(first) == ['first'] * 8 + ['second'] * 8
  assert any(orders(quoth, tmp_path, seed) != first for seed in range(2, 6))
