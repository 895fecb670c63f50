"""Servers that stop, drip, never read or never end, in every state: each run
ends by its deadline and says at which step and why."""
import json
import resource
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import faults
import peers

LIMIT = 1.0             # of a reply
MARGIN = 2 + 2 * faults.sanitized()   # a busy machine; the design says 0.1
DIALOGUE = '''quoth: 1
name: dialogue
timeout: 1s
steps:
  - connect:
    expect: 220
  - send: EHLO client.example.test
    expect: 250
  - send: MAIL FROM:<a@example.test>
    expect: 250
  - send: RCPT TO:<alice@example.test>
    expect: 250
  - send: DATA
    expect: 354
  - body: {body}
    expect: 250
  - send: QUIT
    expect: 221
'''


class Outcome:
  """`at`: the first step that did not pass, None: all did."""

  def __init__(self, folder, done, took):
    self.exit, self.err, self.took = done.exit, done.err, took
    report = json.loads((folder / 'r.json').read_bytes())
    steps = report['scenarios'][0]['steps']
    bad = [i for i, step in enumerate(steps)
           if step['result'] not in ('pass', 'warn')]
    self.result = report['scenarios'][0]['result']
    self.at = bad[0] if bad else None
    self.cause = steps[self.at]['cause'] if bad else None
    self.says = steps[self.at].get('message', '') if bad else \
      report['scenarios'][0].get('reason', '')

  def __repr__(self):
    return repr(vars(self))


def little_memory():
  if not faults.sanitized():
    resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))


def play(folder, url, text=None, timeout=10):
  folder.mkdir(exist_ok=True)
  (folder / 'd.yaml').write_text(text or DIALOGUE.format(body='text'))
  began = time.monotonic()
  done = faults.run(folder, 'run', 'd.yaml', '-t', url, '--report',
                    'json=r.json', timeout=timeout, preexec_fn=little_memory)
  return Outcome(folder, done, time.monotonic() - began)


def place_of(octet):
  """(number of the reply, octets of it) at that octet of all replies."""
  for number, reply in enumerate(peers.REPLIES):
    if octet < len(reply):
      return number, octet
    octet -= len(reply)
  return len(peers.REPLIES), 0


@pytest.mark.parametrize('how', ['FIN', 'RST'])
def test_the_end_at_every_octet(tmp_path, how):
  def one(octet):
    with peers.Peer(peers.cut(octet, how)) as url:
      return play(tmp_path / str(octet), url)
  with ThreadPoolExecutor(4) as pool:
    outcomes = list(pool.map(one, range(len(peers.WHOLE) + 1)))
  for octet, outcome in enumerate(outcomes):
    number, inside = place_of(octet)
    if number == len(peers.REPLIES):
      assert (outcome.exit, outcome.at) == (0, None), (octet, outcome)
      continue
    assert outcome.exit == 1 and outcome.at == number, (octet, outcome)
    assert outcome.took < 1.0 + faults.sanitized(), (octet, outcome)
    assert outcome.cause in ('closed', 'flaw', 'cut', 'match'), outcome
    # It knows a reply that was begun from none at all.
    assert ('closed' in outcome.says or 'reset' in outcome.says or
            'cut' in outcome.says), (octet, outcome)
    if inside == 0:
      assert 'cut' not in outcome.says, (octet, outcome)


def test_an_octet_a_second_in_every_state(tmp_path):
  """The deadline is the reply's, not the octet's."""
  def one(number):
    with peers.Peer(peers.slowly(number, 0.3)) as url:
      return play(tmp_path / str(number), url)
  with ThreadPoolExecutor(7) as pool:
    outcomes = list(pool.map(one, range(len(peers.REPLIES))))
  for number, outcome in enumerate(outcomes):
    assert outcome.exit == 1 and outcome.at == number, outcome
    assert outcome.cause == 'timeout', outcome
    assert LIMIT <= outcome.took < LIMIT + MARGIN, outcome
    assert 'within 1 s' in outcome.says, outcome


@pytest.mark.parametrize('mib', [1, 16])
def test_it_never_reads_our_body(tmp_path, mib):
  tmp_path.joinpath('big').write_bytes(b'x' * 70 + b'\r\n' +
                                       (b'y' * 70 + b'\r\n') *
                                       (mib * 1048576 // 72))
  text = DIALOGUE.format(body='{ file: big }')
  with peers.Peer(peers.deaf, receive=4096) as url:
    outcome = play(tmp_path, url, text)
  assert outcome.exit == 1 and outcome.at == 5, outcome
  assert outcome.cause == 'timeout', outcome
  assert LIMIT <= outcome.took < LIMIT + MARGIN + mib / 16, outcome
  assert 'within 1 s' in outcome.says, outcome
  if mib == 16:
    assert 'take the octets' in outcome.says, outcome


@pytest.mark.parametrize('octets', [b'250-x\r\n', b'250 x\r\n', b'2', b'\r\n',
                                    b'\0', b'250-' + b'y' * 5000 + b'\r\n'])
@pytest.mark.parametrize('number', [0, 1, 4, 5, 6])
def test_a_reply_without_an_end(tmp_path, number, octets):
  with peers.Peer(peers.endless(number, octets)) as url:
    outcome = play(tmp_path, url)
  # `250 x` is a reply, and every one behind it is a next one, unasked for.
  assert outcome.exit == 1, outcome
  assert outcome.took < LIMIT + MARGIN, outcome
  assert outcome.result in ('fail', 'error')
  if octets == b'250 x\r\n' and number in (1, 5):
    assert outcome.at in (number, number + 1), outcome
  else:
    assert outcome.at == number, outcome
  assert outcome.says, outcome


WAITS = '''quoth: 1
name: waits
timeout: 1s
steps:
  - connect:
    expect: 220
  - wait: 500ms
  - send: QUIT
    expect: 221
'''


def test_endless_talk_during_a_wait(tmp_path):
  def talk(client):
    client.sendall(peers.REPLIES[0])
    while True:
      client.sendall(b'250 x\r\n' * 9000)
  with peers.Peer(talk) as url:
    outcome = play(tmp_path, url, WAITS)
  assert outcome.exit == 1 and outcome.at in (1, 2), outcome
  assert 0.5 <= outcome.took < 0.5 + LIMIT + MARGIN, outcome


def test_endless_talk_during_our_body(tmp_path):
  """It talks for ever while we write, and reads what we write."""
  tmp_path.joinpath('big').write_bytes((b'y' * 70 + b'\r\n') * 200000)
  text = DIALOGUE.format(body='{ file: big }')
  def while_writing(client):
    for number in range(4):
      client.sendall(peers.REPLIES[number])
      peers.hear(client)
    client.sendall(peers.REPLIES[4])
    peers.hear(client, b'')
    peers.endless(0, b'250 x\r\n', read=True)(client)
  with peers.Peer(while_writing) as url:
    outcome = play(tmp_path, url, text)
  assert outcome.exit == 1 and outcome.at >= 5, outcome
  assert outcome.took < LIMIT + MARGIN + 3, outcome


def test_endless_talk_at_the_end(tmp_path):
  """Behind the last reply: nobody waits for an end of it."""
  def talk(client):
    peers.converse(client, 6)
    client.sendall(peers.REPLIES[6])
    while True:
      client.sendall(b'250 x\r\n' * 9000)
  with peers.Peer(talk) as url:
    outcome = play(tmp_path, url)
  assert outcome.exit in (0, 1) and outcome.took < LIMIT + MARGIN, outcome
