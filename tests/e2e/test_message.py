"""Messages as `body` and `bdat` make them, read again by Python's parser; and
BDAT against servers that answer each chunk in their own way."""
import base64
import email
import email.policy

import pytest

from talker import answer

ENVELOPE = ('- send: EHLO ${client}', '- send: MAIL FROM:<a@example.test>',
            '- send: RCPT TO:<bob@example.test>')
OCTETS = bytes(range(256)) * 3


def ends(done):
  return [event for event in done.jsonl if event['kind'] == 'step-end']


def act_of(done):
  """The end of the step after connect and envelope."""
  return ends(done)[1 + len(ENVELOPE)]


def sentence(done):
  """What the report says of the step, in one line."""
  return ' '.join(done.out.split())


class Stored:
  """Sends one message to a server that keeps it."""

  def __init__(self, quoth, serve, scenario, tmp_path):
    self.quoth, self.scenario, self.tmp_path = quoth, scenario, tmp_path
    self.folder = tmp_path / 'mail'
    self.url = serve('--maildir', self.folder).url

  def run(self, verb, keys, *options, mail=''):
    body = '- %s: %s\n  expect: 250' % (verb, keys)
    steps = list(ENVELOPE)
    steps[1] += mail
    if verb == 'body':
      steps.append('- send: DATA')
    path = self.scenario('m.yaml', 'Message', *steps, body)
    done = self.quoth('run', path, '-t', self.url, *options)
    assert done.exit == 0, done.out + done.err
    found = list((self.folder / 'new').iterdir())
    assert len(found) == 1
    octets = found[0].read_bytes()
    found[0].unlink()
    # Return-Path, X-Envelope-To, and Received of three lines.
    return octets.split(b'\r\n', 5)[5]

  def parsed(self, *args, **more):
    return email.message_from_bytes(self.run(*args, **more),
                                    policy=email.policy.default)


@pytest.fixture
def stored(quoth, serve, scenario, tmp_path):
  return Stored(quoth, serve, scenario, tmp_path)


# ---- what is made ----------------------------------------------------------

@pytest.mark.parametrize('verb', ['body', 'bdat'])
def test_as_written(stored, verb):
  """No header is added that is not there."""
  made = stored.run(verb, '{ headers: { Subject: x }, text: ".a\\n\\nb" }')
  assert made == b'Subject: x\r\n\r\n.a\r\n\r\nb\r\n'
  assert stored.run(verb, '"a\\n"') == b'a\r\n'
  assert stored.run(verb, '""') == b''


HEADERS = [
  ('Subject', 'Grüße aus Łódź, 東京 und Ελλάδα, und zwar so viele, dass eine '
   'Zeile nicht reicht und auch zwei nicht'),
  ('Subject', 'word ' * 60 + 'end'),
  ('From', '"Müller, Jürgen" <j@example.test>'),
  ('To', 'Łódź Office <office@example.test>, "a, b" <b@example.test>, '
   '東京 <tokyo@example.test>'),
  ('X-Emoji', '📧' * 40),
]


@pytest.mark.parametrize('name, value', HEADERS)
def test_headers(stored, name, value):
  keys = "{ headers: { %s: '%s' } }" % (name, value)
  made = stored.run('bdat', keys, '--seed', 1)
  head = made.split(b'\r\n\r\n')[0]
  assert head.isascii()
  assert all(len(line) <= 78 for line in head.split(b'\r\n'))
  parsed = email.message_from_bytes(made, policy=email.policy.default)
  if name in ('From', 'To'):
    wanted = email.message_from_string(
      '%s: %s\n\n' % (name, value), policy=email.policy.default)
    assert [(a.display_name, a.addr_spec) for a in parsed[name].addresses] == \
      [(a.display_name, a.addr_spec) for a in wanted[name].addresses]
  else:
    assert str(parsed[name]) == value
  assert stored.run('body', keys) == made
  kept = stored.run('bdat', keys[:-1] + ', utf8: true }', mail=' SMTPUTF8')
  # Folding puts CRLF in front of a blank that stays.
  assert kept.split(b'\r\n\r\n')[0].replace(b'\r\n', b'') == \
    f'{name}: {value}'.encode()
  raw = stored.run('bdat', keys[:-1] + ', raw: true }')
  assert raw == f'{name}: {value}\r\n\r\n'.encode()


def test_attachments(stored, tmp_path):
  (tmp_path / 'files').mkdir()
  (tmp_path / 'files' / 'octets.bin').write_bytes(OCTETS)
  keys = '''
    headers: { Subject: Attached }
    text: |
      .hello
    attach:
      - { file: files/octets.bin }
      - { data: "one\\ntwo\\n", name: grün.txt, encoding: 8bit }
      - { file: files/octets.bin, name: b.bin, type: image/x-test, encoding: binary }
    chunk: 500'''
  made = stored.parsed('bdat', keys, mail=' BODY=BINARYMIME')
  assert made['Subject'] == 'Attached'
  assert made['MIME-Version'] == '1.0'
  assert made.get_content_type() == 'multipart/mixed'
  text, first, second, third = made.iter_parts()
  assert text.get_content().splitlines() == ['.hello']
  assert first.get_content() == OCTETS
  assert first.get_filename() == 'octets.bin'
  assert first.get_content_type() == 'application/octet-stream'
  assert second.get_filename() == 'grün.txt'
  assert second.get_content().splitlines() == ['one', 'two']
  assert third.get_content_type() == 'image/x-test'
  assert third['Content-Transfer-Encoding'] == 'binary'
  # Python's parser takes CR for a line end: look at the octets.
  again = stored.run('bdat', keys, mail=' BODY=BINARYMIME')
  assert again.count(OCTETS) == 1
  assert base64.b64encode(OCTETS[:57]) in again


def test_attachment_of_a_sized_message(stored):
  keys = ('{ headers: { Subject: x }, text: a, attach: [{ data: b }], '
          'size: 10000 }')
  made = stored.run('body', keys)
  assert len(made) == 10000
  text, part = email.message_from_bytes(
    made, policy=email.policy.default).iter_parts()
  assert len(text.get_content()) > 9000
  assert part.get_content() == 'b'
  assert stored.run('bdat', keys[:-1] + ', chunk: 333 }') == made


def test_date_and_message_id(stored):
  keys = '{ headers: { Subject: x }, date: true, message_id: true, text: y }'
  one = stored.parsed('body', keys, '--seed', 1)
  other = stored.parsed('body', keys, '--seed', 1)
  third = stored.parsed('body', keys, '--seed', 2)
  assert one['Date'].datetime.year >= 2024
  assert one.keys() == ['Subject', 'Date', 'Message-ID']
  assert one['Message-ID'] == other['Message-ID']
  assert one['Message-ID'] != third['Message-ID']
  assert one['Message-ID'].startswith('<') and '@' in one['Message-ID']


@pytest.mark.parametrize('client, right', [
  ('a_b-c.test', 'a_b-c.test'), ('[127.0.0.1]', '[127.0.0.1]'),
  ('[IPv6:::1]', '[IPv6:::1]'), ('b\u00fccher.test', 'xn--bcher-kva.test'),
  ('a>b', 'localhost'), ('a..b', 'localhost'), ('.a', 'localhost'),
  ('[a]b]', 'localhost')])
def test_message_id_is_one(quoth, scenario, talker, client, right):
  """Whatever a client calls itself in EHLO, the id is one (RFC 5322 3.6.4)."""
  server = talker(answer({}))
  path = scenario('m.yaml', 'Message', '- bdat: { message_id: true, text: y }')
  done = quoth('run', path, '-t', server.url, '--client', client,
               '--transcript', 'always', '--format', 'jsonl')
  sent = ''.join(event['bytes'] for event in done.jsonl
                 if event['kind'] == 'sent')
  assert f'@{right}>\r\n' in sent, sent


def test_on_purpose(stored):
  """Bare LF, CR, NUL and long lines go out where the author says so."""
  text = '"${\'YQpiDQoADWM=\'|unbase64}"'
  assert stored.run('bdat', '{ text: %s, raw: true }' % text) == \
    b'a\nb\r\n\0\rc'
  assert stored.run('body', '{ text: %s, raw: true }' % text) == \
    b'a\nb\r\n\0\rc\r\n'
  assert stored.run('bdat', '"${\'x\'|repeat 3000}"') == b'x' * 3000 + b'\r\n'


def test_beyond_the_folder(quoth, scenario, tmp_path):
  (tmp_path / 'secret').write_text('x')
  path = scenario('sub/a.yaml', 'A', '- body: { attach: [{ file: ../secret }] '
                  '}')
  done = quoth('check', path)
  assert done.exit == 3
  assert "'../secret' leads out of the scenario's folder" in done.out + done.err


# ---- BDAT and its replies --------------------------------------------------

def chunked(replies, after=None):
  """A talk that reads chunks and answers them from the list; `after` is done
  with the connection when the list is at its end."""
  def talk(client):
    lines = client.makefile('rb')
    client.sendall(b'220 ready\r\n')
    left = list(replies)
    while True:
      words = lines.readline().split()
      if not words:
        return
      if words[0] != b'BDAT':
        client.sendall(b'221 bye\r\n' if words[0] == b'QUIT' else b'250 ok\r\n')
        continue
      lines.read(int(words[1]))
      client.sendall(left.pop(0))
      if not left and after:
        after(client)
        return
  return talk


THREE = '- bdat: { text: abcdefgh, chunk: 4 }'
OK, NO = b'250 ok\r\n', b'552 too much\r\n'

CHUNKS = [
  # replies, expectation, result, cause, a piece of the report
  ([OK, OK, OK], 'expect: 250', 'pass', '', ''),
  ([OK, NO], 'expect: 250', 'fail', 'code', 'got 552 too much'),
  ([NO], 'expect: 552', 'pass', '', ''),
  ([OK, NO], 'expect_each: [250, 552]', 'pass', '', ''),
  ([OK, NO, b'503 begin again\r\n'], 'expect_each: [250, 552, 503]', 'pass',
   '', ''),
  ([OK, OK, OK], 'expect_each: [250, 250]', 'error', 'plan',
   'why expect_each lists 2 replies, and there are more'),
  ([OK, OK, OK], 'expect_each: [250, 250, 250, 250]', 'error', 'plan',
   'why expect_each lists 4 replies, and there were only 3'),
  ([OK + OK], 'expect: 250', 'fail', 'noise', 'nobody had asked for'),
  ([b'250-ok\r\n', b''], 'expect: 250', 'fail', 'timeout',
   'no whole reply within'),
  ([b'25'], 'expect: 250', 'fail', 'timeout', 'no whole reply within'),
]


@pytest.mark.parametrize('replies, expect, result, cause, piece', CHUNKS)
def test_replies(quoth, scenario, talker, replies, expect, result, cause,
                 piece):
  path = scenario('a.yaml', 'A', *ENVELOPE, THREE + '\n  ' + expect,
                  timeout='500ms')
  done = quoth('run', path, '-t', talker(chunked(replies)).url, '--format',
               'jsonl')
  end = act_of(done)
  assert end['result'] == result
  if result != 'pass':
    assert end['cause'] == cause
    shown = quoth('run', path, '-t', talker(chunked(replies)).url)
    assert piece in sentence(shown), shown.out


def test_it_goes_in_the_middle(quoth, scenario, talker):
  path = scenario('a.yaml', 'A', *ENVELOPE, THREE)
  peer = talker(chunked([OK, OK], after=lambda client: None))
  done = quoth('run', path, '-t', peer.url, '--format', 'jsonl')
  assert act_of(done)['cause'] == 'closed'


def test_early_reply(quoth, scenario, talker):
  """A server that refuses at the command, and reads the chunk only then."""
  def talk(client):
    lines = client.makefile('rb')
    client.sendall(b'220 ready\r\n')
    while words := lines.readline().split():
      client.sendall(NO if words[0] == b'BDAT' else OK)
      if words[0] == b'BDAT':
        lines.read(int(words[1]))
  path = scenario('a.yaml', 'A', *ENVELOPE,
                  '- bdat: { size: 8MiB, chunk: 4MiB }\n  expect: 552',
                  '- send: RSET\n  expect: 250')
  done = quoth('run', path, '-t', talker(talk).url, '--format', 'jsonl')
  assert [end['result'] for end in ends(done)] == ['pass'] * 6


def test_refused_and_closed(quoth, scenario, talker):
  """The reply beats the broken write."""
  def talk(client):
    lines = client.makefile('rb')
    client.sendall(b'220 ready\r\n')
    while words := lines.readline().split():
      client.sendall(NO if words[0] == b'BDAT' else OK)
      if words[0] == b'BDAT':
        return
  path = scenario('a.yaml', 'A', *ENVELOPE,
                  '- bdat: { size: 16MiB }\n  expect: 552')
  done = quoth('run', path, '-t', talker(talk).url, '--format', 'jsonl')
  end = act_of(done)
  assert (end['result'], end.get('cause')) in (('pass', 'none'), ('fail', 'closed'))


def test_a_server_without_it(quoth, scenario, talker):
  path = scenario('a.yaml', 'A', *ENVELOPE, '- bdat: x')
  done = quoth('run', path, '-t', talker(answer(
    {b'BDAT': b'502 no\r\n'})).url, '--format', 'jsonl')
  assert act_of(done)['cause'] == 'code'


def test_hostile(quoth, scenario, hostile):
  """Refused, and refused without reading: then the octets are commands."""
  steps = ENVELOPE[:1] + ('- send: MAIL FROM:<a@example.test>',
                          '- send: RCPT TO:<b@example.test>',
                          '- bdat: "BOGUS\\n"\n  expect: 503',
                          '- send: RSET\n  expect: 250')
  path = scenario('a.yaml', 'A', *steps, timeout='1s')
  done = quoth('run', path, '-t', hostile('bdat-503').url, '--format', 'jsonl')
  assert (done.exit, ends(done)[-1]['result']) == (0, 'pass')
  done = quoth('run', path, '-t', hostile('bdat-no-read').url, '--format',
               'jsonl')
  assert done.exit == 1
  bad = [end for end in ends(done) if end['result'] == 'fail']
  # Whether it is there before we write, or comes while we do.
  assert bad[0]['cause'] in ('noise', 'code')


# ---- real servers ----------------------------------------------------------

def test_submission(quoth, server, scenario):
  """Dovecot's, behind a login: chunks one by one and at once, and bad ones."""
  token = base64.b64encode(b'\0alice\0secret-a').decode()
  path = scenario(
    'a.yaml', 'A', ENVELOPE[0] + '\n  expect: { code: 250, offers: CHUNKING }',
    f'- send: AUTH PLAIN {token}\n  expect: 235',
    '- send: MAIL FROM:<alice@example.test> BODY=8BITMIME',
    '- send: RCPT TO:<bob@example.test>',
    '- bdat: { headers: { Subject: Grüße }, text: "grüße", '
    'attach: [{ data: x }], chunk: 50 }\n  expect: 250',
    '- pipeline:\n'
    '    - send: MAIL FROM:<alice@example.test>\n'
    '    - send: RCPT TO:<bob@example.test>\n'
    '    - bdat: { size: 5000, chunk: 1000 }\n'
    '      expect: 250\n'
    '    - send: NOOP\n',
    '- send: MAIL FROM:<alice@example.test> SIZE=99999999\n  expect: 552',
    '- send: BDAT 5x LAST\n  expect: 5xx',
    '- send: QUIT\n  expect: 221')
  done = quoth('run', path, '-t', server('dovecot', 'dovecot-submission').url)
  assert done.exit == 0, done.out


@pytest.mark.parametrize('name', ['postfix', 'exim'])
def test_real_servers(quoth, server, scenario, name):
  made = scenario(
    'a.yaml', 'A', ENVELOPE[0],
    '- send: MAIL FROM:<a@example.test>',
    '- send: RCPT TO:<devnull@example.test>',
    '''- bdat:
    headers: { From: Jürgen <a@example.test>, Subject: Grüße }
    date: true
    message_id: true
    text: |
      .
      hello
    attach: [{ data: "${'x'|repeat 5000}", name: grün.txt }]
    chunk: 1KiB
  expect: 250''',
    '- send: MAIL FROM:<a@example.test>',
    '- pipeline:\n'
    '    - send: RCPT TO:<devnull@example.test>\n'
    '    - bdat: { headers: { Subject: x }, size: 3000, chunk: 1000 }\n'
    '      expect: 250\n'
    '    - send: NOOP\n',
    '- send: MAIL FROM:<a@example.test>',
    '- send: RCPT TO:<nobody@example.test>\n  expect: 550',
    '- bdat: { text: "QUIT\\nQUIT\\n", chunk: 6 }\n'
    '  expect_each: [5xx, 5xx]',
    '- send: QUIT\n  expect: 221')
  done = quoth('run', made, '-t', server(name).url)
  assert done.exit == 0, done.out


@pytest.mark.parametrize('name', ['""', '"Sub ject"', '"Subject:"', 'Übung',
                                  '"A\\tb"'])
def test_a_name_that_is_none(quoth, scenario, name):
  path = scenario('a.yaml', 'A', '- body: { headers: { %s: x } }' % name)
  done = quoth('check', path)
  assert done.exit == 3
  assert 'is no name of a header field' in done.out + done.err


@pytest.mark.parametrize('octets', [b'a\r\nBcc: x@y', b'a\nB: c', b'a\rB: c'])
@pytest.mark.parametrize('place', ['headers', 'name', 'type', 'late'])
def test_nothing_is_smuggled_into_the_head(stored, scenario, place, octets):
  """A value from elsewhere cannot end a header field, wherever it stands."""
  value = "${'%s'|unbase64}" % base64.b64encode(octets).decode()
  keys = {'headers': '{ headers: { Subject: "%s" }, text: a }',
          'name': '{ text: a, attach: [{ data: b, name: "%s" }] }',
          'type': '{ text: a, attach: [{ data: b, name: n, type: "%s" }] }',
          'late': '{ headers: { Subject: "${caught}" }, text: a }'}[place]
  steps = [*ENVELOPE, '- send: DATA', '- body: ' +
           (keys if place == 'late' else keys % value)]
  if place == 'late':
    steps.insert(1, '- set: { caught: "%s" }' % value)
  path = scenario('m.yaml', 'A', *steps)
  done = stored.quoth('run', path, '-t', stored.url)
  assert done.exit in (1, 3, 4), done.out
  said = ' '.join((done.out + done.err).split())
  assert 'line break' in said or 'control character' in said
  assert not list((stored.folder / 'new').iterdir())


def test_a_large_one(stored, tmp_path):
  """The octets, and the size, whatever the way."""
  (tmp_path / 'big').write_bytes(OCTETS * 14000)
  keys = '{ headers: { Subject: x }, attach: [{ file: big }] }'
  part, = stored.parsed('body', keys).iter_attachments()
  assert part.get_content() == OCTETS * 14000
  made = stored.run('bdat', '{ headers: { Subject: x }, size: 30MiB, '
                    'chunk: 1MiB }')
  assert len(made) == 30 * 1024 * 1024
  assert max(map(len, made.split(b'\r\n'))) <= 78


@pytest.mark.parametrize('name', ['ä' * 120 + '.txt', 'a"b\\c; d.txt',
                                  "it's *100%*.txt", 'a blank .txt'])
def test_names_of_files(stored, name):
  """RFC 2231 where ASCII does not do, quoted-string where it does."""
  quoted = name.replace('\\', '\\\\').replace('"', '\\"')
  made = stored.run('bdat', '{ text: a, attach: [{ data: b, name: "%s" }] }'
                    % quoted)
  part, = email.message_from_bytes(
    made, policy=email.policy.default).iter_attachments()
  assert part.get_filename() == name
  assert max(map(len, made.split(b'\r\n'))) <= 998
