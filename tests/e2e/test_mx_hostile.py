"""Name servers that mean ill: answers as large as TCP takes them, and names and
texts for the terminal of whoever reads the report."""
import struct
import time

import pytest

from dnsd import A, MX, TLSA, TXT, Truncated, a, mx, question, tlsa, txt
from test_mx import FILE, HERE, dial, names, notes

EVIL = '\x1b]0;own\x07\x1b[2J'
assert dial and names


def test_thousands(dial, embedded):
  """Of 64 KiB a zone, ten hosts are tried and a note is a line."""
  many = [mx(1, 'h1.test')] + [mx(2, f'm{i}.test') for i in range(2500)]
  started = time.monotonic()
  done = dial({('d.test', MX): Truncated(many), **HERE,
               ('_mta-sts.d.test', TXT): Truncated(
                 [txt(b'x%d' % i) for i in range(3000)] +
                 [txt(b'v=STSv1; id=1;')]),
               (f'_{embedded.port}._tcp.h1.test', TLSA): Truncated(
                 [tlsa(3, 1, 1)] * 1000)})
  assert done.exit == 0, done.out
  assert time.monotonic() - started < 10
  assert len(notes(done)) < 20
  assert max(map(len, notes(done))) < 4096
  assert any(note.endswith(' more hosts are not tried')
             for note in notes(done))


@pytest.mark.parametrize('report', ['human', 'tap', 'junit', 'json', 'github',
                                    'quiet'])
def test_escapes(quoth, write, names, embedded, report):
  server = names({('d.test', MX): [mx(1, f'{EVIL}.test'),
                                   mx(2, '\n::error::own.test'),
                                   mx(3, '\n::error::own'), mx(4, 'h1.test')],
                  **HERE,
                  ('_mta-sts.d.test', TXT): [
                    txt(b'v=STSv1; id=' + EVIL.encode() + b'\n::error::own')],
                  (f'_{embedded.port}._tcp.h1.test', TLSA): [
                    tlsa(3, 1, 1, EVIL.encode())]})
  done = quoth('run', write('m.yaml', FILE), '-v', '-t',
               f'mx://d.test:{embedded.port}?resolver=127.0.0.1:'
               f'{server.port}', '--format', report)
  shown = done.stdout + done.stderr
  assert done.exit == 0, shown
  assert b'\x1b' not in shown and b'\x07' not in shown, shown
  assert not any(line.startswith(b'::error') for line in shown.splitlines())


def cut(query):
  """TC is set, and nothing is there, however it was asked."""
  end = question(query)[2]
  return query[:2] + struct.pack('>HHHHH', 0x8380, 1, 0, 0, 0) + query[12:end]


def short(query):
  """One record, which ends before its data do."""
  end = question(query)[2]
  return query[:2] + struct.pack('>HHHHH', 0x8180, 1, 1, 0, 0) + \
    query[12:end] + b'\xc0\x0c' + struct.pack('>HHIH', MX, 1, 60, 99) + b'\0'


@pytest.mark.parametrize('answer, why', [
  (cut, 'cut its answer short'), (short, 'answer is malformed')])
def test_unread_is_not_absent(dial, answer, why):
  """The domain itself takes mail where it has no MX, not where its MX cannot
  be read."""
  done = dial({('d.test', MX): answer, ('d.test', A): [a('127.0.0.1')]})
  assert done.exit == 4
  ends = [event for event in done.jsonl if event['kind'] == 'step-end']
  assert why in str(ends[0]), ends[0]
  assert not any('connected' in note for note in notes(done))


def test_one_host_twice(dial):
  """Listed again, a host is tried and reported once."""
  zone = {('d.test', MX): [mx(20, 'h1.test'), mx(10, 'H1.test'),
                           mx(15, 'h2.test'), mx(10, 'h1.test')], **HERE}
  done = dial(zone)
  assert 'MX of d.test: 10 H1.test, 15 h2.test' in notes(done)
  done = dial(zone, '--each-mx')
  assert done.exit == 0
  assert sum(event['kind'] == 'scenario-end' for event in done.jsonl) == 2


def test_tcp_is_no_slower(dial):
  """What changes while libuv's handles run is seen in that turn, not when a
  timer comes: the second query, over TCP, had to wait for 0.1 s."""
  zone = {('d.test', MX): Truncated([mx(1, 'h1.test')]), **HERE}
  took = []
  for _try in range(8):
    done = dial(zone)
    assert done.exit == 0
    ends = [event for event in done.jsonl if event['kind'] == 'step-end']
    took.append(ends[0]['took_us'])
  assert min(took) < 80000, took
