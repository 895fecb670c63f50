"""AUTH as a client, against real servers: every mechanism that each offers,
with the right credentials and with wrong ones."""
import base64
import os
import smtplib
import socket
import ssl
import subprocess
import threading
import time

import pytest

from lab import free_port

# server, endpoint, how TLS starts.
CLEAR, STARTTLS, IMPLICIT = 'clear', 'starttls', 'implicit'
ENDPOINTS = [
  ('postfix', 'postfix-plainauth', CLEAR),
  ('postfix', 'postfix-submission', STARTTLS),
  ('postfix', 'postfix-smtps', IMPLICIT),
  ('exim', 'exim', CLEAR),
  ('exim', 'exim-submission', STARTTLS),
  ('exim', 'exim-smtps', IMPLICIT),
  ('opensmtpd', 'opensmtpd-submission', STARTTLS),
  ('opensmtpd', 'opensmtpd-smtps', IMPLICIT),
  ('dovecot', 'dovecot-submission', CLEAR),
  ('dovecot', 'dovecot-submission', STARTTLS),
  ('dovecot', 'dovecot-submissions', IMPLICIT),
  ('haraka', 'haraka', CLEAR),
  ('haraka', 'haraka-submission', STARTTLS),
  ('aiosmtpd', 'aiosmtpd', CLEAR),
  ('aiosmtpd', 'aiosmtpd-submission', STARTTLS),
  ('smtp-server', 'smtp-server', CLEAR),
  ('smtp-server', 'smtp-server-smtps', IMPLICIT),
]
NAMES = [f'{name}-{tls}' for _server, name, tls in ENDPOINTS]
PASSWORDS = {'PLAIN', 'LOGIN', 'CRAM-MD5', 'DIGEST-MD5', 'SCRAM-SHA-1',
             'SCRAM-SHA-256'}
TOKENS = {'OAUTHBEARER', 'XOAUTH2'}


def offered(endpoint, tls):
  """What EHLO lists where the scenario will stand."""
  context = ssl._create_unverified_context()
  kind = smtplib.SMTP_SSL if tls == IMPLICIT else smtplib.SMTP
  more = {'context': context} if tls == IMPLICIT else {}
  with kind(endpoint.host, endpoint.port, timeout=20, **more) as client:
    client.ehlo()
    if tls == STARTTLS:
      client.starttls(context=context)
      client.ehlo()
    return client.esmtp_features['auth'].split()


def dialogue(tls, *steps, keys=''):
  lines = ['quoth: 1', 'timeout: 20s', keys, 'steps:']
  lines += ['  - connect:', '  - send: EHLO ${client}']
  if tls == STARTTLS:
    lines += ['  - starttls:', '  - send: EHLO ${client}']
  lines += ['  ' + line for step in steps for line in step.splitlines()]
  return '\n'.join(line for line in lines if line) + '\n'


def auth(mechanism, value, *more):
  key = 'token' if mechanism in TOKENS else 'password'
  keys = [f'mechanism: {mechanism}', 'user: alice', f'{key}: "{value}"', *more]
  return '- auth: { ' + ', '.join(keys) + ' }'


def token(lab, name):
  path = os.path.join(os.path.dirname(os.path.dirname(
    lab.certificate('ca.pem'))), name)
  with open(path, encoding='ascii') as text:
    return text.read().strip()


def run(quoth, lab, url, write, text, *options):
  path = write('auth.yaml', text)
  return quoth('run', path, '-t', url, '--format', 'jsonl', '--ca',
               lab.certificate('ca.pem'), *options)


def steps(done):
  return [event for event in done.jsonl if event['kind'] == 'step-end']


def failed(done):
  found = [event for event in steps(done)
           if event['result'] in ('fail', 'error')]
  assert len(found) == 1, done.out + done.err
  return found[0]


@pytest.mark.parametrize('server_name, name, tls', ENDPOINTS, ids=NAMES)
def test_every_mechanism_that_is_offered(quoth, lab, server, write,
                                         server_name, name, tls):
  endpoint = server(server_name, name)
  mechanisms = offered(endpoint, tls)
  assert 'PLAIN' in mechanisms or name == 'smtp-server-min'
  for mechanism in mechanisms:
    assert mechanism in PASSWORDS | TOKENS, f'no test of {mechanism}'
    is_token = mechanism in TOKENS
    good = token(lab, 'alice.jwt') if is_token else 'secret-a'
    bad = token(lab, 'alice-expired.jwt') if is_token else 'wrong-pass'
    # That server of the lab knows no token.
    code = 535 if is_token and server_name == 'smtp-server' else 235
    for initial in ('', 'initial: false'):
      more = [initial] if initial else []
      text = dialogue(tls, auth(mechanism, good, *more) +
                      f'\n  expect: {code}', '- send: NOOP', '- send: QUIT',
                      keys='name: good')
      done = run(quoth, lab, endpoint.url, write, text)
      assert done.exit == 0, f'{mechanism} {initial}: {done.out}'
    # A refusal leaves the connection as it was.
    text = dialogue(tls, auth(mechanism, bad) + '\n  expect: 5xx',
                    '- send: NOOP', '- send: QUIT', keys='name: bad')
    done = run(quoth, lab, endpoint.url, write, text)
    assert done.exit == 0, f'{mechanism}: {done.out}'
    done = run(quoth, lab, endpoint.url, write,
               dialogue(tls, auth(mechanism, bad), keys='name: bad'))
    assert done.exit == 1
    step = failed(done)
    assert (step['act'], step['cause']) == ('auth', 'code')
    assert bad not in done.out + done.err


def test_expect_judges_the_last_reply(quoth, lab, server, write):
  endpoint = server('postfix', 'postfix-plainauth')
  done = run(quoth, lab, endpoint.url, write, dialogue(
    CLEAR, auth('SCRAM-SHA-256', 'wrong-pass') +
    '\n  expect: { code: 535, enhanced: 5.7.8, text: failed, within: 20s, '
    "capture: { why: '/authentication (failed)/' } }",
    '- send: NOOP ${why}', keys='name: last'))
  assert done.exit == 0, done.out
  assert steps(done)[3]['sent'] == 'NOOP failed\r\n'


def test_a_user_acts_for_himself_and_for_nobody_else(quoth, lab, server,
                                                     write):
  endpoint = server('postfix', 'postfix-plainauth')
  for authzid, code in (('alice', 235), ('bob', '5xx')):
    done = run(quoth, lab, endpoint.url, write, dialogue(
      CLEAR, auth('PLAIN', 'secret-a', f'authzid: {authzid}') +
      f'\n  expect: {code}', keys='name: authzid'))
    assert done.exit == 0, done.out


def test_the_certificate_is_the_credential(quoth, lab, server, write):
  endpoint = server('exim', 'exim-submission')
  for name in ('client.pem', 'client.key'):
    with open(lab.certificate(name), encoding='ascii') as pem:
      write(name, pem.read())
  text = ('quoth: 1\nname: external\ntimeout: 20s\nsteps:\n  - connect:\n'
          '  - send: EHLO ${client}\n  - starttls: { cert: client.pem, key: client.key }\n'
          '  - send: EHLO ${client}\n    expect: { offers: AUTH EXTERNAL }\n'
          '  - auth: { mechanism: EXTERNAL%s }\n    expect: %s\n')
  # Who it is, exim wants to hear, and finds in the certificate.
  alice = ', authzid: alice@example.test'
  for more, code in ((alice, '235'), (alice + ', initial: false', '235'),
                     ('', '535'), (', authzid: bob@example.test', '535')):
    done = run(quoth, lab, endpoint.url, write,
               text % (more, code))
    assert done.exit == 0, done.out


def test_what_is_not_offered_is_sent_and_told(quoth, lab, server, write):
  endpoint = server('exim', 'exim')
  done = run(quoth, lab, endpoint.url, write, dialogue(
    CLEAR, auth('SCRAM-SHA-256', 'secret-a'), keys='name: none'))
  step = failed(done)
  assert step['cause'] == 'code' and step['found'].startswith('504')
  assert 'The server offers AUTH PLAIN LOGIN CRAM-MD5, not SCRAM-SHA-256' in \
    step['note']


def test_before_tls_there_is_none(quoth, lab, server, write):
  endpoint = server('postfix', 'postfix-submission')
  done = run(quoth, lab, endpoint.url, write, dialogue(
    CLEAR, auth('PLAIN', 'secret-a'), keys='name: none'))
  assert 'has no AUTH' in failed(done)['note']


def test_without_ehlo(quoth, lab, server, write):
  endpoint = server('exim', 'exim')
  done = run(quoth, lab, endpoint.url, write,
             'quoth: 1\nname: none\nsteps:\n  - connect:\n  ' +
             auth('PLAIN', 'secret-a') + '\n')
  step = failed(done)
  assert step['found'].startswith('503')
  assert 'AUTH comes behind EHLO' in step['note']


def test_what_binds_needs_tls(quoth, lab, server, write):
  endpoint = server('postfix', 'postfix-plainauth')
  done = run(quoth, lab, endpoint.url, write, dialogue(
    CLEAR, auth('SCRAM-SHA-256-PLUS', 'secret-a'), keys='name: plus'))
  step = failed(done)
  assert (step['result'], step['cause']) == ('error', 'plan')
  assert 'binds to the TLS connection, and this one is in the clear' in \
    step['message']
  # Over TLS it is sent; this server has no such mechanism.
  endpoint = server('postfix', 'postfix-submission')
  done = run(quoth, lab, endpoint.url, write, dialogue(
    STARTTLS, auth('SCRAM-SHA-256-PLUS', 'secret-a'), keys='name: plus'))
  assert failed(done)['cause'] == 'code'


@pytest.mark.parametrize('mechanism', ['OAUTHBEARER', 'XOAUTH2'])
def test_why_a_token_is_refused(quoth, lab, server, write, mechanism):
  endpoint = server('postfix', 'postfix-plainauth')
  done = run(quoth, lab, endpoint.url, write, dialogue(
    CLEAR, auth(mechanism, token(lab, 'alice-expired.jwt')),
    keys='name: expired'))
  assert 'refuses the token' in failed(done)['note']


# ---- channel binding --------------------------------------------------------

PLUS = '''quoth: 1
name: plus
timeout: 10s
steps:
  - connect:%s
  - send: EHLO me
  - auth: { mechanism: SCRAM-SHA-256-PLUS, user: alice, password: secret-a }
    expect: 535
'''


def bound_to(line):
  """What a client's last message of SCRAM binds to: (header, octets)."""
  fields = dict(field.split(b'=', 1)
                for field in base64.b64decode(line).split(b','))
  header, octets = base64.b64decode(fields[b'c']).split(b',,', 1)
  return header, octets


def server_first(line):
  nonce = base64.b64decode(line.split(b' ')[2]).split(b',r=')[1]
  return base64.b64encode(b'r=' + nonce + b'more,s=c2FsdA==,i=4096')


def test_tls_unique_is_that_of_the_server(quoth, lab, write):
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  context.load_cert_chain(lab.certificate('server-chain.pem'),
                          lab.certificate('server.key'))
  context.maximum_version = ssl.TLSVersion.TLSv1_2
  found = []

  def serve(listener):
    with context.wrap_socket(listener.accept()[0], server_side=True) as client:
      lines = client.makefile('rb')
      client.sendall(b'220 hi\r\n')
      lines.readline()
      client.sendall(b'250-hi\r\n250 AUTH SCRAM-SHA-256-PLUS\r\n')
      client.sendall(b'334 ' + server_first(lines.readline()) + b'\r\n')
      found.append((bound_to(lines.readline()),
                    client.get_channel_binding('tls-unique')))
      client.sendall(b'535 no\r\n')

  with socket.create_server(('127.0.0.1', 0)) as listener:
    thread = threading.Thread(target=serve, args=(listener,))
    thread.start()
    done = run(quoth, lab, f'smtps://127.0.0.1:{listener.getsockname()[1]}',
               write, PLUS % '')
    thread.join()
  assert done.exit == 0, done.out
  (header, octets), theirs = found[0]
  assert header == b'p=tls-unique'
  assert octets == theirs and len(octets) == 12


def test_tls_exporter_is_that_of_the_server(quoth, lab, write):
  """openssl(1) tells what it exports; its input is what the server says."""
  port = free_port()
  server = subprocess.Popen(
    ['openssl', 's_server', '-accept', f'127.0.0.1:{port}', '-naccept', '1',
     '-cert', lab.certificate('server-chain.pem'), '-key',
     lab.certificate('server.key'), '-tls1_3', '-keymatexport',
     'EXPORTER-Channel-Binding', '-keymatexportlen', '32'],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
  said = []

  def talk():
    for line in server.stdout:
      said.append(line)
      line = line.strip()
      if line.startswith(b'Keying material:'):
        say = b'220 hi'
      elif line.startswith(b'EHLO'):
        say = b'250-hi\r\n250 AUTH SCRAM-SHA-256-PLUS'
      elif line.startswith(b'AUTH '):
        say = b'334 ' + server_first(line)
      elif line.startswith(b'Yz') and len(line) > 40:
        say = b'535 no'
      else:
        continue
      server.stdin.write(say + b'\r\n')
      server.stdin.flush()

  thread = threading.Thread(target=talk)
  thread.start()
  try:
    time.sleep(0.5)
    done = run(quoth, lab, f'smtps://127.0.0.1:{port}', write, PLUS % '')
  finally:
    server.terminate()
    thread.join(10)
    server.wait(10)
  assert done.exit == 0, (done.out, said)
  header, octets = bound_to(
    [line for line in said if line.startswith(b'Yz')][-1].strip())
  exported = [line.split(b':')[1].strip() for line in said
              if line.strip().startswith(b'Keying material:')][0]
  assert header == b'p=tls-exporter'
  assert octets.hex().upper().encode() == exported


@pytest.mark.parametrize('version', ['TLSv1.2', 'TLSv1.3'])
def test_the_embedded_server_agrees(quoth, lab, write, version):
  for resume in ('', ', resume: true'):
    text = ('quoth: 1\nname: plus\ndefine:\n  sign_in:\n    - connect:\n'
            '    - send: EHLO me\n'
            f'    - starttls: {{ max: {version}{resume} }}\n'
            '    - send: EHLO me\n      expect: '
            '{ offers: AUTH SCRAM-SHA-256-PLUS }\n'
            '    - auth: { mechanism: SCRAM-SHA-256-PLUS, user: alice, '
            'password: secret-a }\n      expect: 235\n'
            '    - send: QUIT\n    - expect: closed\n'
            'steps:\n  - use: sign_in\n  - use: sign_in\n')
    path = write('plus.yaml', text)
    done = quoth('run', path, '-t', 'embedded', '--format', 'jsonl')
    assert done.exit == 0, done.out + done.err
    if resume:
      assert '"resumed":true' in done.out


# ---- wherever a step may stand ------------------------------------------------

GOOD = "{ mechanism: '${mech}', user: alice, password: secret-a }"
BAD = GOOD.replace('secret-a', 'secret-b')
FORMS = {
  'on another connection': (0, f'''steps:
  - connect:
  - connect:
    on: b
  - send: EHLO me
  - send: EHLO me
    on: b
  - auth: {GOOD}
    on: b
    expect: 235
  - auth: {BAD}
    expect: 535
  - send: MAIL FROM:<alice@example.test>
    on: b
'''),
  'loop': (0, f'''steps:
  - loop:
      times: 3
      steps:
        - connect:
        - send: EHLO me
        - auth: {BAD}
          expect: 535
        - auth: {GOOD}
          expect: 235
        - close:
'''),
  'eventually': (1, f'''steps:
  - eventually:
      within: 300ms
      every: 100ms
      steps:
        - connect:
        - send: EHLO me
        - auth: {BAD}
          expect: 235
'''),
  'retry': (1, f'''retry: {{ times: 2, every: 10ms }}
steps:
  - connect:
  - send: EHLO me
  - auth: {BAD}
    expect: 235
'''),
  'use': (0, f'''define:
  login:
    - auth: {GOOD.replace('secret-a', "'${word}'")}
      expect: {{ code: 235, enhanced: 2.7.0, text: /./, capture: {{ said: '/^(.+)$/' }} }}
steps:
  - connect:
  - send: EHLO me
  - use: login
    with: {{ word: secret-a }}
'''),
  'captured': (0, f'''steps:
  - connect:
  - send: EHLO me
  - auth: {BAD}
    expect: {{ code: 535, enhanced: 5.7.8, capture: {{ why: '/^(.+)$/' }} }}
  - send: NOOP ${{why}}
  - auth: {GOOD}
    expect: 235
'''),
  'should': (0, f'''steps:
  - connect:
  - send: EHLO me
  - auth: {BAD}
    level: should
    expect: 235
  - auth: {GOOD}
    expect: 235
'''),
  'goes on': (1, f'''on_fail: continue
steps:
  - connect:
  - send: EHLO me
  - auth: {BAD}
    expect: 235
  - auth: {GOOD}
    expect: 235
'''),
}
MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256']


@pytest.mark.parametrize('form', FORMS)
def test_wherever_it_stands(quoth, embedded, write, form):
  """With a mechanism that a table's row names."""
  status, text = FORMS[form]
  path = write('s.yaml', 'quoth: 1\neach: [' + ', '.join(
    f'{{ mech: {name} }}' for name in MECHANISMS) + ']\n' + text)
  done = quoth('run', path, '-t', embedded.url, '--format', 'jsonl')
  assert done.exit == status, done.out
  ends = [event['result'] for event in done.jsonl
          if event['kind'] == 'scenario-end']
  assert ends == [('warn' if form == 'should' else 'fail' if status else
                   'pass')] * len(MECHANISMS)
  auths = [event for event in done.jsonl if event['kind'] == 'step-end' and
           event['act'] == 'auth']
  assert auths and {event['result'] for event in auths} <= {
    'pass', 'fail', 'warn', 'again'}
  if form in ('should', 'goes on'):
    auths.sort(key=lambda event: (event['scenario'], event['step']))
    assert [event['result'] for event in auths] == \
      ['warn' if form == 'should' else 'fail', 'pass'] * len(MECHANISMS)


def test_a_mechanism_that_the_server_names(quoth, embedded, write):
  def run(pattern):
    return quoth('run', write('s.yaml', f"""quoth: 1
steps:
  - connect:
  - send: EHLO me
    expect: {{ code: 250, capture: {{ mech: '{pattern}' }} }}
  - auth: {GOOD}
    expect: 235
"""), '-t', embedded.url)
  assert run(r'/AUTH.* (\S+)$/').exit == 0
  done = run(r'/^(\S+)/')
  assert done.exit == 1
  assert 'is no mechanism that quoth computes' in done.out


def test_in_a_script(quoth, embedded, write):
  path = write('s.lua', '''local quoth = require "quoth"
for _, name in ipairs { "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256" } do
	local function auth(word)
		return { mechanism = name, user = "alice", password = word }
	end
	quoth.scenario(name, { on_fail = "continue", run = function(t)
		local a = t:connect()
		a:expect(220)
		local b = t:connect()
		b:expect(220)
		a:send("EHLO a"):expect(250)
		b:send("EHLO b"):expect(250)
		local reply = b:auth(auth "secret-b"):check(535)
		if reply.enhanced ~= "5.7.8" then t:fail "another code" end
		b:auth(auth "secret-a"):expect { code = 235, text = "/./",
			enhanced = "2.7.0", capture = { said = "/^(.+)$/" } }
		a:auth(auth "secret-b", { level = "should" }):expect(235)
		a:auth(auth "secret-a"):expect(235)
		b:send("NOOP"):expect(250)
	end })
end
''')
  done = quoth('run', path, '-t', embedded.url, '--format', 'jsonl')
  assert done.exit == 0, done.out
  assert [event['result'] for event in done.jsonl
          if event['kind'] == 'scenario-end'] == ['warn'] * 4


def test_no_pipeline_takes_it(quoth, write):
  """Not even PLAIN as the last of one (RFC 4954 4): its lines are written with
  send. One clear sentence, in both languages."""
  path = write('s.yaml', 'quoth: 1\nsteps:\n  - connect:\n  - pipeline:\n'
               '      - send: NOOP\n      - auth: { mechanism: PLAIN, user: a, '
               'password: bcde }\n')
  done = quoth('check', path)
  assert done.exit == 3
  assert "'auth' cannot stand in a pipeline" in done.err + done.out
  path = write('s.lua', 'local quoth = require "quoth"\nquoth.scenario("one", {'
               ' run = function(t)\nlocal c = t:connect()\nc:expect(220)\n'
               't:pipeline(function()\nc:send("NOOP"):expect(250)\nc:auth { mechanism = '
               '"PLAIN", user = "a", password = "bcde" }:expect(235)\nend)\nend })\n')
  done = quoth('run', path, '-t', 'embedded')
  assert done.exit == 1
  assert "'auth' cannot stand in a pipeline" in ' '.join(done.out.split())
