"""AUTH of the embedded server, with clients that are not ours, and the
scenarios of scenarios/auth and scenarios/submission on servers of all kinds."""
import os
import smtplib
import ssl

import pytest

from lab import ROOT

AUTH = os.path.join(ROOT, 'scenarios', 'auth')
SUBMISSION = os.path.join(ROOT, 'scenarios', 'submission')


def results(done):
  """Name: result; the reasons of those that were skipped."""
  ends = [event for event in done.jsonl if event['kind'] == 'scenario-end']
  return ({end['name']: end['result'] for end in ends},
          {end['reason'] for end in ends if end['result'] == 'skip'})


# ---- the embedded server and smtplib ----------------------------------------

@pytest.fixture
def submission(quoth, tmp_path):
  """A submission server: both its ports, its CA, its mail."""
  ca, mail = tmp_path / 'ca.pem', tmp_path / 'mail'
  one = quoth.start('serve', '--listen', '127.0.0.1:0', '--listen-tls',
                    '127.0.0.1:0', '--require-auth', '--auth-needs-tls',
                    '--save-ca', ca, '--maildir', mail)
  try:
    plain = one.wait_line(r'listening on smtp://127\.0\.0\.1:(\d+)')[1]
    secure = one.wait_line(r'listening on smtps://127\.0\.0\.1:(\d+)')[1]
    yield int(plain), int(secure), ca, mail
  finally:
    assert one.stop() == 0


def mechanisms(client):
  return client.esmtp_features.get('auth', '').split()


@pytest.mark.parametrize('mechanism, call', [
  ('PLAIN', 'auth_plain'), ('LOGIN', 'auth_login'),
  ('CRAM-MD5', 'auth_cram_md5')])
@pytest.mark.parametrize('initial', [True, False])
@pytest.mark.parametrize('user, password', [
  ('alice', 'secret-a'), ('bob@example.test', 'secret-b')])
def test_smtplib(embedded, mechanism, call, initial, user, password):
  with smtplib.SMTP(*embedded.address, timeout=20) as client:
    client.ehlo()
    assert mechanism in mechanisms(client)
    client.user, client.password = user, 'wrong-' + password
    for _again in range(2):
      with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        client.auth(mechanism, getattr(client, call),
                    initial_response_ok=initial)
      assert refused.value.smtp_code == 535
    client.password = password
    assert client.auth(mechanism, getattr(client, call),
                       initial_response_ok=initial)[0] == 235
    client.mail('alice@example.test')
    assert client.rcpt('friend@partner.test')[0] == 250


def test_a_submission_server(submission):
  plain, secure, ca, mail = submission
  context = ssl.create_default_context(cafile=str(ca))
  text = 'Subject: x\r\n\r\nSubmitted.\r\n'
  with smtplib.SMTP('127.0.0.1', plain, timeout=20) as client:
    client.ehlo()
    assert mechanisms(client) == []
    assert client.docmd('AUTH', 'PLAIN')[0] == 538
    assert client.mail('alice@example.test')[0] == 530
    client.starttls(context=context)
    client.ehlo()
    assert 'SCRAM-SHA-256-PLUS' in mechanisms(client)
    assert client.mail('alice@example.test')[0] == 530
    client.login('alice', 'secret-a')
    client.sendmail('alice@example.test', ['friend@partner.test'], text)
  with smtplib.SMTP_SSL('127.0.0.1', secure, timeout=20,
                        context=context) as client:
    client.login('bob', 'secret-b')
    client.sendmail('bob@example.test', ['bob@example.test'], text)
  letters = [path.read_text() for path in (mail / 'new').iterdir()]
  assert len(letters) == 2
  assert all(' with ESMTPSA id ' in letter for letter in letters)


def test_lmtp(serve, tmp_path):
  """RFC 2033 4.1 has the extensions of SMTP."""
  mail = tmp_path / 'mail'
  one = serve('--lmtp', '--maildir', mail)
  with smtplib.LMTP(one.host, one.port) as client:
    client.ehlo()
    client.login('alice', 'secret-a')
    client.sendmail('a@b.test', ['bob@example.test'], 'Subject: x\r\n\r\n')
  letter, = (mail / 'new').iterdir()
  assert ' with LMTPA id ' in letter.read_text()


@pytest.mark.parametrize('words', [['--require-auth=yes'], ['--auth'],
                                   ['--auth-needs-tls', 'x']])
def test_bad_options(quoth, words):
  assert quoth('serve', *words).exit == 2


# ---- and the scenarios that ship --------------------------------------------

@pytest.mark.parametrize('secure', [False, True])
def test_shipped_on_a_submission_server(quoth, submission, secure):
  port, ca = submission[secure], submission[2]
  url = f'{"smtps" if secure else "smtp"}://127.0.0.1:{port}'
  done = quoth('run', SUBMISSION, '-t', url, '--ca', ca, '--format', 'jsonl')
  found, reasons = results(done)
  assert done.exit == 0, found
  assert found == {
    'A stranger may not send to others': 'pass',
    'STARTTLS, AUTH, a message': 'skip' if secure else 'pass',
    'TLS at once, AUTH, a message': 'pass' if secure else 'skip',
    'No AUTH before TLS': 'skip' if secure else 'pass',
    'TLS forgets who it was': 'skip'}
  assert reasons == ({'the server does not offer STARTTLS'} if secure else {
    'the server offers STARTTLS', 'the server does not offer AUTH PLAIN'})


@pytest.mark.parametrize('newest, binding', [
  ('TLSv1.3', 'tls-exporter'), ('TLSv1.2', 'tls-unique')])
def test_bound_to_either_version(quoth, write, newest, binding):
  path = write('s.yaml', f"""quoth: 1
name: {binding}
steps:
  - connect:
  - send: EHLO ${{client}}
  - starttls: {{ max: {newest} }}
    expect: {{ code: 220, tls: {{ version: {newest} }} }}
  - send: EHLO ${{client}}
    expect: {{ code: 250, offers: AUTH SCRAM-SHA-256-PLUS }}
  - auth: {{ mechanism: SCRAM-SHA-256-PLUS, user: alice, password: secret-a }}
    expect: 235
  - send: QUIT
""")
  done = quoth('run', path, '-t', 'embedded')
  assert done.exit == 0, done.out


# What each server of the lab does otherwise than the RFC has it.
NO_TLS = 'TLS at once, AUTH, a message'
FAILS = {
  'postfix-plainauth': {NO_TLS},
  'aiosmtpd': {'MAIL with AUTH='},
  'haraka': {'A star cancels PLAIN', 'A star cancels LOGIN behind the user',
             'AUTH twice', 'AUTH in a mail transaction'},
}


@pytest.mark.parametrize('name, folder, least', [
  ('postfix-plainauth', AUTH, 20), ('postfix-plainauth', SUBMISSION, 1),
  ('postfix-submission', SUBMISSION, 3), ('postfix-smtps', SUBMISSION, 2),
  ('postfix-smtps', AUTH, 20), ('exim', AUTH, 15), ('exim', SUBMISSION, 3),
  ('exim-submission', SUBMISSION, 3), ('opensmtpd-submission', SUBMISSION, 3),
  ('aiosmtpd', AUTH, 10), ('aiosmtpd-submission', SUBMISSION, 3),
  ('haraka', AUTH, 8), ('smtp-server', AUTH, 15),
  ('dovecot-submission', AUTH, 20), ('dovecot-submission', SUBMISSION, 2),
  ('dovecot-submissions', AUTH, 20)])
def test_shipped_on_real_servers(quoth, lab, server, name, folder, least):
  family = 'smtp-server' if name == 'smtp-server' else name.split('-')[0]
  endpoint = server(family, name)
  done = quoth('run', folder, '-t', endpoint.url, '-j', 2, '--ca',
               lab.certificate('ca.pem'), '--format', 'jsonl', timeout=120)
  found, _reasons = results(done)
  failed = {key for key, value in found.items() if value in ('fail', 'error')}
  assert failed <= FAILS.get(name, set()), done.out
  assert sum(value in ('pass', 'warn') for value in found.values()) >= least


def test_a_password_from_the_environment(quoth):
  """What is given comes before the password that everybody knows."""
  path = os.path.join(AUTH, 'plain.yaml')
  options = ['--only', 'PLAIN lets in who has the password', '-t', 'embedded']
  good = quoth('run', path, *options, '-D', 'user=bob',
               env={'QUOTH_SECRET_PASSWORD': 'secret-b'})
  assert good.exit == 0, good.out
  bad = quoth('run', path, *options, '-D', 'user=bob')
  assert bad.exit == 1
  assert 'secret-a' not in bad.out + bad.err


# ---- what a run without AUTH does not do ------------------------------------

def loaded(quoth, tmp_path, path):
  """The libraries that the run looked for, by the dynamic linker's log."""
  done = quoth('run', path, '-t', 'embedded', env={
    'LD_DEBUG': 'libs', 'LD_DEBUG_OUTPUT': str(tmp_path / 'linker')})
  assert done.exit == 0, done.out + done.err
  text = ''.join(log.read_text(errors='replace')
                 for log in tmp_path.glob('linker*'))
  assert 'libyaml' in text
  return text


def test_libgsasl_is_found_when_it_is_wanted(quoth, tmp_path):
  (tmp_path / 'with').mkdir()
  plain = os.path.join(ROOT, 'scenarios', 'telnet', 'deliver.yaml')
  assert 'libgsasl' not in loaded(quoth, tmp_path, plain)
  auth = os.path.join(AUTH, 'plain.yaml')
  assert 'libgsasl' in loaded(quoth, tmp_path / 'with', auth)


def test_a_machine_without_it_says_so(quoth, tmp_path):
  """Both sides: the client's step is an error, the server says 454."""
  (tmp_path / 'libgsasl.so.18').touch()
  env = {'LD_LIBRARY_PATH': str(tmp_path)}
  done = quoth('run', os.path.join(AUTH, 'plain.yaml'), '-t', 'embedded',
               '--format', 'jsonl', env=env)
  assert done.exit == 4
  assert 'AUTH needs GNU SASL 2, which is not here: ' in done.out
  path = tmp_path / 's.yaml'
  path.write_text('quoth: 1\nsteps:\n  - connect:\n  - send: EHLO ${client}\n'
                  '  - send: AUTH PLAIN\n    expect: 454\n  - send: QUIT\n')
  done = quoth('run', path, '-t', 'embedded', env=env)
  assert done.exit == 0, done.out
