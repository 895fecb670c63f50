"""quoth show: the dialogue as it would be, and nothing is sent."""
import os

from lab import ROOT
from talker import answer


def test_show(quoth):
  done = quoth('show', os.path.join(ROOT, 'scenarios', 'telnet',
                                    'deliver.yaml'))
  assert done.exit == 0
  lines = done.out.splitlines()
  assert '  C: MAIL FROM:<tester@example.test>' in lines
  assert '  S: 354' in lines
  assert '  C: Subject: Test message' in lines and '  C: .' in lines
  assert lines.index('  C: DATA') < lines.index('  C: QUIT')


def test_show_hides_secrets(quoth, write):
  path = write('s.yaml', 'quoth: 1\nname: S\nparams:\n  k: { secret: true }\n'
               'steps:\n  - connect:\n  - send: AUTH PLAIN ${k|base64}\n')
  done = quoth('show', path, env={'QUOTH_SECRET_K': 'hunter22hunter'})
  assert 'hunter22' not in done.out + done.err
  assert 'aHVudGVyMjJodW50ZXI' not in done.out + done.err


def test_show_sends_nothing(quoth, scenario, talker):
  server = talker(answer({}))
  path = scenario('s.yaml', 'S', '- send: NOOP\n  expect: [250, closed]')
  done = quoth('show', path, '-t', server.url)
  assert done.exit == 0
  assert '  S: 250, closed' in done.out.splitlines()
  assert server.clients == 0


def test_show_of_what_does_not_load(quoth, write):
  path = write('s.yaml', 'quoth: 1\nname: S\nsteps: [{ conect: }]\n')
  done = quoth('show', path)
  assert (done.exit, done.out) == (3, '')
  assert "did you mean 'connect'?" in done.err


def test_show_says_what_is_sent_not_its_title(quoth, scenario):
  path = scenario('s.yaml', 'S', '- send: NOOP\n  title: rest a little',
                  "- body: { size: 10MiB }\n  title: much")
  lines = quoth('show', path).out.splitlines()
  assert '  C: NOOP' in lines and '  C: (and more)' in lines
  assert not any('little' in line or 'much' in line for line in lines)
