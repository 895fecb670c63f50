"""Every scenario that comes with quoth, on the embedded server and on real
ones: the same result everywhere. A skip has its reason."""
import os

import pytest

from lab import ROOT

SCENARIOS = os.path.join(ROOT, 'scenarios')
# The one scenario for servers that lack what the embedded one has.
WITHOUT = 'the server offers SMTPUTF8'


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
  bad = [complaint(end) for end in ends(done) if end['result'] != 'pass' and
         end.get('reason') not in [WITHOUT, *ABSENT]]
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


POSTMASTER = 'Recipients [Postmaster]'  # without a domain, RFC 5321 4.5.1
UNKNOWN = 'Syntax errors [an unknown parameter]'
# What these servers do that no RFC allows; a new one is a bug of the scenario.
FINDINGS = {
  'opensmtpd': {
    POSTMASTER,
    'Reports are asked for',            # NOTIFY of the recipient before
    'A bad value at MAIL',
    'A bad value at RCPT [NOTIFY=SOMETIMES]',
    'Enhanced status codes',            # 550 without one
    'A second EHLO starts over',
    'VRFY [postmaster@example.test]',   # 500
    'VRFY [nobody@example.test]',
  },
  'haraka': {
    POSTMASTER, UNKNOWN,
    'A body of nine bits',
    'REQUIRETLS in the clear',
    'The parameter has no value',
    'MAIL inside a transaction',
    'Syntax errors [MAIL alone]',
    'Syntax errors [MAIL without a path]',
  },
  'aiosmtpd': {
    POSTMASTER,
    'Syntax errors [an open bracket]',
    'Syntax errors [a blank in the address]',
  },
  'smtp-server': {POSTMASTER, UNKNOWN},
}


@pytest.mark.parametrize('name', sorted(FINDINGS))
def test_what_others_do(quoth, server, name):
  """Only what no RFC allows fails, and in words that name both sides."""
  done = quoth('run', os.path.join(SCENARIOS, 'smtp'),
               os.path.join(SCENARIOS, 'extensions'), '-t', server(name).url,
               '-j', 2, '--format', 'jsonl')
  bad = {end['id'].split('#')[1] for end in ends(done)
         if end['result'] not in ('pass', 'warn', 'skip')}
  assert bad == FINDINGS[name]
  for event in done.jsonl:
    if event['kind'] == 'step-end' and event['result'] in ('fail', 'warn'):
      assert event['message'] not in ('', 'another reply than expected')


@pytest.mark.parametrize('program, fails', [
  ('dovecot', set()),
  ('aiosmtpd', {'LHLO is answered'})])  # no PIPELINING, RFC 2033 5
def test_another_protocol_skips(quoth, server, program, fails):
  """All that ships, at once: what speaks SMTP is skipped, nothing fails."""
  done = quoth('run', SCENARIOS, '-t', server(program, f'{program}-lmtp').url, '-j', 2,
               '-D', 'full=full@example.test', '--format', 'jsonl')
  assert {end['id'].split('#')[1] for end in ends(done)
          if end['result'] not in ('pass', 'skip')} == fails
  assert done.exit == (1 if fails else 0)


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
          if end['result'] != 'pass'} - set(ABSENT) == \
    {foreign} | ({WITHOUT} if not options else set())
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
