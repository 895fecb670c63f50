"""LMTP: the shipped scenarios on real servers, UNIX sockets, and servers that
cannot count."""
import os
import re
import socket

import pytest

from lab import ROOT, default_folder

SCENARIOS = os.path.join(ROOT, 'scenarios', 'lmtp')
HEAD = '''quoth: 1
name: n
protocol: lmtp
timeout: 2s
steps:
  - connect:
  - send: LHLO x
  - pipeline:
      - send: MAIL FROM:<a@example.test>
      - send: RCPT TO:<alice@example.test>
      - send: RCPT TO:<bob@example.test>
      - send: RCPT TO:<alice@example.test>
      - send: DATA
  - body: hello
'''


def ends(done):
  return {event['id'].split('#')[1]: event for event in done.jsonl
          if event['kind'] == 'scenario-end'}


def failed(done):
  steps = [event for event in done.jsonl if event['kind'] == 'step-end' and
           event['result'] in ('fail', 'error')]
  return (steps[0]['act'], steps[0]['message']) if steps else None


@pytest.mark.parametrize('program, name, options, skips, fails', [
  ('dovecot', 'dovecot-lmtp', ['-D', 'full=full@example.test'], set(), set()),
  ('aiosmtpd', 'aiosmtpd-lmtp', ['-D', 'full=full@example.test'],
   {'Pipelined LMTP envelope', 'Two chunks for two mailboxes',
    'Chunks in one write', 'A size that is none'},
   {'LHLO is answered'}),               # no PIPELINING, RFC 2033 5
])
def test_real_servers(quoth, server, program, name, options, skips, fails):
  done = quoth('run', SCENARIOS, '-t', server(program, name).url, *options,
               '--format', 'jsonl')
  results = ends(done)
  bad = {key for key, end in results.items()
         if end['result'] not in ('pass', 'skip')}
  assert (done.exit, bad) == (1 if fails else 0, fails)
  skipped = {key for key, end in results.items() if end['result'] == 'skip'}
  assert skipped == skips
  assert results['LMTP delivery']['result'] == 'pass'


def test_the_sink_takes_everyone(quoth, server):
  """It counts as it should, and refuses nobody."""
  done = quoth('run', SCENARIOS, '-t', server('sink', 'sink-lmtp').url,
               '--format', 'jsonl')
  results = {key: end['result'] for key, end in ends(done).items()}
  assert results['LMTP delivery'] == 'pass'
  assert results['A reply for each recipient'] == 'fail'


def test_another_protocol_is_skipped(quoth, embedded):
  done = quoth('run', SCENARIOS, '-t', embedded.url, '--format', 'jsonl')
  assert done.exit == 0
  assert {(end['result'], end['reason']) for end in ends(done).values()} == {
    ('skip', 'the scenario speaks lmtp, the target smtp')}


def test_serve(quoth, serve):
  endpoint = serve('--lmtp')
  assert endpoint.proto == 'lmtp'
  done = quoth('run', SCENARIOS, '-t', endpoint.url, '--format', 'quiet')
  assert (done.exit, done.err) == (0, '')


def test_unix_socket(quoth, tmp_path):
  path = tmp_path / 'lmtp'
  one = quoth.start('serve', '--lmtp', '--listen', f'unix:{path}')
  try:
    one.wait_line(re.escape(f'listening on lmtp+unix:{path}'))
    done = quoth('run', SCENARIOS, '-t', f'lmtp+unix:{path}')
    assert (done.exit, done.err) == (0, '')
    done = quoth('run', SCENARIOS, '-t', 'lmtp+unix:lmtp', cwd=tmp_path)
    assert done.exit == 2
    assert 'an absolute path' in done.err
  finally:
    one.stop()


def test_dovecots_unix_socket(quoth, server):
  server('dovecot', 'dovecot-lmtp')
  path = os.path.join(os.environ.get('LAB_DIR') or '/tmp/lab',
                      'root/dovecot/run/dovecot/lmtp')
  if not os.path.exists(path):
    pytest.skip(f'{default_folder()} keeps its sockets elsewhere')
  done = quoth('run', os.path.join(SCENARIOS, 'deliver.yaml'), '-t',
               f'lmtp+unix:{path}')
  assert (done.exit, done.err) == (0, '')


def test_a_path_that_is_not_there(quoth, write, tmp_path):
  done = quoth('run', write('n.yaml', HEAD), '-t',
               f'lmtp+unix:{tmp_path}/none', '--format', 'jsonl')
  assert done.exit == 4
  assert 'no such file or directory' in failed(done)[1]


def test_a_path_that_is_no_socket(quoth, write, tmp_path):
  """The same refusal for the kernel, two sentences for people."""
  (tmp_path / 'plain').write_text('')
  left = socket.socket(socket.AF_UNIX)
  left.bind(str(tmp_path / 'left'))     # and nobody listens
  left.close()
  for name, why in (('plain', 'it is no socket'), ('', 'it is no socket'),
                    ('left', 'nobody listens on it'),
                    ('plain/x', 'not a directory')):
    done = quoth('run', write('n.yaml', HEAD), '-t',
                 f'lmtp+unix:{tmp_path}/{name}', '--format', 'jsonl')
    assert done.exit == 4
    assert failed(done)[1].endswith(why)
  done = quoth('run', write('n.yaml', HEAD), '-t', 'lmtp+unix:/' + 'x' * 107)
  assert done.exit == 2 and 'at most 107 octets' in done.err


def test_maildir(quoth, write, tmp_path):
  """Kept for those that got it."""
  text = HEAD.replace('bob@', 'after-550@') + '    expect_each: [250, 550, 250]\n'
  done = quoth('run', write('n.yaml', text), '-t', 'embedded', '--maildir',
               tmp_path / 'mail')
  assert done.exit == 0, done.out
  kept = list((tmp_path / 'mail' / 'new').iterdir())
  assert len(kept) == 1
  head = kept[0].read_text()
  assert head.count('X-Envelope-To: <alice@example.test>') == 2
  assert 'after-550' not in head and 'with LMTP id' in head


@pytest.mark.parametrize('mode, act, sentence', [
  ('lmtp-good', None, None),
  ('lmtp-too-few', 'body', 'reply 3 of 3: no reply within'),
  ('lmtp-one-reply', 'body', 'reply 2 of 3: no reply within'),
  ('lmtp-mixed', 'body', r'reply 2 of 3: wanted a positive reply \(2xx\), got 450'),
  ('lmtp-pause', 'body', 'reply . of 3: no reply within'),
])
def test_hostile(quoth, hostile, write, mode, act, sentence):
  done = quoth('run', write('n.yaml', HEAD), '-t', hostile(mode).url,
               '--format', 'jsonl')
  if act is None:
    assert done.exit == 0
    return
  assert done.exit == 1
  assert failed(done)[0] == act
  assert re.search(sentence, failed(done)[1])


def test_too_many(quoth, hostile, write):
  url = hostile('lmtp-too-many').url
  done = quoth('run', write('n.yaml', HEAD + '  - send: QUIT\n'), '-t', url,
               '--format', 'jsonl')
  assert done.exit == 1
  assert failed(done)[0] == 'send'
  assert 'nobody had asked for' in failed(done)[1]


def test_mixed_as_expected(quoth, hostile, write):
  done = quoth('run', write('n.yaml', HEAD +
                            '    expect_each: [250, 450, 550]\n'), '-t',
               hostile('lmtp-mixed').url)
  assert done.exit == 0, done.out


def lmtp(after):
  """A server whose end of data is the test's own business."""
  def talk(client):
    lines = client.makefile('rb')
    client.sendall(b'220 lmtp\r\n')
    for line in lines:
      word = line.split()[0].upper() if line.split() else b''
      client.sendall(b'354 go\r\n' if word == b'DATA' else b'250 ok\r\n')
      if word == b'DATA':
        while lines.readline() not in (b'.\r\n', b''):
          pass
        after(client)
  return talk


def reset(client):
  client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
  client.close()


@pytest.mark.parametrize('after, sentence', [
  (lambda c: (c.sendall(b'250 a\r\n'), c.shutdown(socket.SHUT_RDWR)),
   'reply 2 of 3: the server closed the connection without a reply'),
  (lambda c: (c.sendall(b'250 a\r\n250-b\r\n'), c.shutdown(socket.SHUT_RDWR)),
   'reply 2 of 3: the server closed the connection in the middle'),
  (lambda c: (c.sendall(b'250 a\r\n250 b\n250 c\r\n')),
   'reply 2 of 3: flawed reply: a line ends in LF'),
  (lambda c: (c.sendall(b'250 a\r\n' + b'250-x\r\n' * 20000)),
   'reply 2 of 3: flawed reply: more lines'),
  (lambda c: (c.sendall(b'421 a\r\n'), c.shutdown(socket.SHUT_RDWR)),
   'reply 1 of 3: wanted a positive reply'),
  (lambda c: c.shutdown(socket.SHUT_RDWR),
   'reply 1 of 3: the server closed the connection without a reply'),
])
def test_half_way(quoth, write, talker, after, sentence):
  url = talker(lmtp(after)).url.replace('smtp:', 'lmtp:')
  done = quoth('run', write('n.yaml', HEAD), '-t', url, '--format', 'jsonl')
  assert done.exit == 1
  assert failed(done)[0] == 'body'
  assert sentence in failed(done)[1]


def test_one_after_the_other(quoth, write, talker):
  """Octet by octet, a warning in the first: nothing is lost."""
  def after(client):
    for octet in b'250 \xc3\xa4\r\n250-b\r\n250 b\r\n452 c\r\n':
      client.sendall(bytes([octet]))
  url = talker(lmtp(after)).url.replace('smtp:', 'lmtp:')
  done = quoth('run', write('n.yaml', HEAD), '-t', url, '--format', 'jsonl')
  assert failed(done) == ('body', 'reply 3 of 3: wanted a positive reply (2xx), got 452 c')


@pytest.mark.parametrize('each, count', [('[250]', 1), ('[250, 250]', 2),
                                         ('[250, 250, 250, 250]', 4)])
def test_each_has_their_number(quoth, write, each, count):
  done = quoth('run', write('n.yaml', HEAD + f'    expect_each: {each}\n'),
               '-t', 'embedded', '--format', 'jsonl')
  assert done.exit == 1
  assert failed(done)[1].endswith(
    '3 replies are due, one for each accepted recipient, and expect_each '
    f'has {count}')


def test_the_human_report_says_which(quoth, write):
  text = HEAD.replace('bob@', 'after-452@') + '    expect: 250\n'
  done = quoth('run', write('n.yaml', text), '-t', 'embedded')
  assert 'why   reply 2 of 3: wanted 250, got 452' in done.out


CHUNKS = '''quoth: 1
name: n
protocol: lmtp
timeout: 2s
steps:
  - connect:
  - send: LHLO x
    expect: { code: 250, offers: [STARTTLS, CHUNKING] }
  - starttls: { name: localhost }
    expect: { code: 220, tls: { verified: true } }
  - send: LHLO x
    expect: { code: 250, lacks: STARTTLS }
  - send: MAIL FROM:<a@example.test>
  - send: RCPT TO:<alice@example.test>
  - send: RCPT TO:<after-452@example.test>
  - bdat: { text: "Subject: x\\n", chunk: 6 }
    expect_each: %s
  - pipeline:
      - send: MAIL FROM:<a@example.test>
      - send: RCPT TO:<alice@example.test>
      - send: RCPT TO:<bob@example.test>
      - bdat: { text: "Subject: x\\n", chunk: 6 }
      - send: NOOP
  - send: QUIT
'''


@pytest.mark.parametrize('each, why', [
  ('[250, 250, 452]', None),
  ('[250, 250, 452, 250]', 'expect_each lists 4 replies, and there were only 3'),
  ('[250, 250]', 'expect_each lists 2 replies, and there are more'),
  ('[250, 452, 250]', 'reply 2 of 3: wanted 452, got 250 2.0.0 '
   '<alice@example.test>')])
def test_chunks_over_tls(quoth, serve, tmp_path, each, why):
  """Only the last chunk has a reply for each recipient."""
  ca = tmp_path / 'ca.pem'
  one = serve('--lmtp', '--save-ca', ca)
  path = tmp_path / 'n.yaml'
  path.write_text(CHUNKS % each)
  done = quoth('run', path, '-t', one.url, '--ca', ca, '--format', 'jsonl')
  if why is None:
    assert (done.exit, failed(done)) == (0, None)
  else:
    assert failed(done)[0] == 'bdat' and failed(done)[1].startswith(why)


def test_no_implicit_tls(quoth):
  done = quoth('serve', '--lmtp', '--listen-tls', '127.0.0.1:0')
  assert (done.exit, done.out) == (2, '')
  assert 'LMTP has STARTTLS only' in done.err


REFUSED = '''quoth: 1
name: n
protocol: lmtp
timeout: 5s
steps:
  - connect:
  - send: LHLO x
    expect: { code: 250, needs: [CHUNKING] }
  - pipeline:
      - send: MAIL FROM:<a@example.test>
      - send: RCPT TO:<alice@example.test>
      - send: RCPT TO:<bob@example.test>
      - send: BDAT five
        expect: 501
      - bdat: x
        expect: [503, 250]
      - send: RSET
  - send: MAIL FROM:<a@example.test>
  - send: RCPT TO:<alice@example.test>
  - send: RCPT TO:<bob@example.test>
  - send: BDAT many LAST
    expect: 501
  - send: RSET
  - send: QUIT
'''


@pytest.mark.parametrize('program', ['dovecot', None])
def test_refused_chunks(quoth, server, write, program):
  """A chunk that is none has one reply, and so has what is refused behind it;
  the embedded server forgets about it instead."""
  url = server(program, 'dovecot-lmtp').url if program else 'embedded'
  done = quoth('run', write('n.yaml', REFUSED), '-t', url)
  assert (done.exit, done.err) == (0, ''), done.out
  assert '1 passed' in done.out


def test_an_unknown_bdat(quoth, server, write):
  """One reply says so, however many recipients there are."""
  text = HEAD.replace('- send: DATA', '- { bdat: x, expect: 500 }')
  done = quoth('run', write('n.yaml', text.replace('  - body: hello\n', '')),
               '-t', server('smtp-server', 'smtp-server-lmtp').url,
               '--format', 'jsonl')
  # The octets of the message are a command then: nobody looks at its reply.
  assert [event['result'] for event in done.jsonl
          if event['kind'] == 'step-end' and event['act'] == 'bdat'] == ['pass']
