"""Every scenario that comes with quoth, on the embedded server and on real
ones: the same result everywhere. A skip has its reason."""
import os

import pytest

from lab import ROOT

SCENARIOS = os.path.join(ROOT, 'scenarios')
# What a server does not offer is skipped, and nothing else is.
SKIPS = {
  'postfix': {},
  'exim': {},
}


def folders():
  return sorted(name for name in os.listdir(SCENARIOS)
                if os.path.isdir(os.path.join(SCENARIOS, name)))


def ends(done):
  return [event for event in done.jsonl if event['kind'] == 'scenario-end']


def complaint(end):
  return f"{end['id']}: {end['result']}: {end.get('reason')}"


def test_there_are_some():
  assert 'telnet' in folders()


# What the embedded server is not, and scenarios ask for.
ABSENT = ['the server does not offer AUTH DIGEST-MD5',
          'the server does not offer AUTH OAUTHBEARER',
          'the server does not offer AUTH SCRAM-SHA-1',
          'the server does not offer AUTH XOAUTH2',
          'the server offers AUTH', 'the server offers STARTTLS']


@pytest.mark.parametrize('folder', folders())
def test_embedded(quoth, folder):
  done = quoth('run', os.path.join(SCENARIOS, folder), '-t', 'embedded',
               '--format', 'jsonl')
  bad = [complaint(end) for end in ends(done)
         if end['result'] != 'pass' and end.get('reason') not in ABSENT]
  assert (done.exit, bad) == (0, [])
  assert any(end['result'] == 'pass' for end in ends(done))
  assert done.err == ''


@pytest.mark.parametrize('folder', folders())
@pytest.mark.parametrize('name', ['postfix', 'exim'])
def test_real_servers(quoth, server, lab, name, folder):
  url = server(name).url
  done = quoth('run', os.path.join(SCENARIOS, folder), '-t', url, '-j', 2,
               '--ca', lab.certificate('ca.pem'), '--format', 'jsonl')
  bad = [complaint(end) for end in ends(done)
         if end['result'] not in ('pass', 'warn', 'skip')]
  assert (done.exit, bad) == (0, [])
  for end in ends(done):
    if end['result'] == 'skip':
      assert 'the server does not offer ' in end['reason'] or \
        'the server offers ' in end['reason'] or \
        end['reason'] == 'the scenario speaks lmtp, the target smtp', \
        complaint(end)


@pytest.mark.parametrize('options, foreign', [
  ([], 'the scenario speaks lmtp, the target smtp'),
  (['--lmtp'], 'the scenario speaks smtp, the target lmtp')])
def test_one_that_serves(quoth, serve, tmp_path, options, foreign):
  ca = tmp_path / 'ca.pem'
  folders = [SCENARIOS] if not options else [
    os.path.join(SCENARIOS, name) for name in ('lmtp', 'proxy')]
  one = serve('--save-ca', ca, *options)
  done = quoth('run', *folders, '-t', one.url, '--ca', ca, '--format', 'jsonl')
  assert done.exit == 0
  assert {end.get('reason') for end in ends(done)
          if end['result'] != 'pass'} - set(ABSENT) == {foreign}
  assert any(end['result'] == 'pass' for end in ends(done))


def test_many_times_at_once(quoth, embedded):
  """The dialogues do not disturb each other."""
  done = quoth('run', os.path.join(SCENARIOS, 'telnet'), '-t', embedded.url,
               '--repeat', 60, '-j', 200, '--format', 'jsonl')
  assert done.exit == 0
  assert len(ends(done)) == 60 * len(
    [name for name in os.listdir(os.path.join(SCENARIOS, 'telnet'))
     if name.endswith('.yaml')])


@pytest.mark.parametrize('folder', folders())
def test_nothing_to_complain_about(quoth, folder):
  done = quoth('check', os.path.join(SCENARIOS, folder))
  assert done.exit == 0
  assert done.out.count('\n') == 1, done.out


@pytest.mark.parametrize('folder', folders())
def test_a_broken_server_fails_every_one(quoth, hostile, folder):
  """A scenario that passes on this one would check nothing."""
  host, port = hostile('banner-554').address    # of whatever protocol
  done = quoth('run', os.path.join(SCENARIOS, folder), '-t',
               f'{host}:{port}', '--format', 'jsonl')
  green = [end['id'] for end in ends(done) if end['result'] == 'pass']
  assert (done.exit, green) == (1, [])
