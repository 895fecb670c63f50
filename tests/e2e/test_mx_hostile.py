"""Name servers that mean ill: answers as large as TCP takes them, and names and
texts for the terminal of whoever reads the report."""
import time

import pytest

from dnsd import MX, TLSA, TXT, Truncated, mx, tlsa, txt
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
