"""The modules that ship, tests/lua/*.lua: what they send, and that the
messages they build say to another MIME library what they were made of."""
import base64
import email
import email.policy
import email.utils
import hmac
import pathlib
import re

import pytest

LUA = pathlib.Path(__file__).resolve().parents[1] / 'lua'
LONG = 'word ' * 60 + 'x' * 200


@pytest.mark.parametrize('name', ['smtp', 'gen'])
def test_module(quoth, name):
  done = quoth('run', LUA / f'{name}.lua', '-t', 'embedded')
  assert done.exit == 0, done.out + done.err


@pytest.fixture(scope='module')
def messages(quoth, tmp_path_factory):
  """The message of each scenario by its name: octets as they arrived."""
  folder = tmp_path_factory.mktemp('mail')
  done = quoth('run', LUA / 'messages.lua', '-t', 'embedded',
               '--maildir', folder)
  assert done.exit == 0, done.out + done.err
  found = {}
  for path in folder.glob('**/new/*'):
    octets = path.read_bytes().replace(b'\r\n', b'\n')
    case, text = octets.split(b'X-Case: ', 1)[1].split(b'\n', 1)
    found[case.decode()] = text
  return found


@pytest.fixture
def message(messages):
  return lambda name: email.message_from_bytes(
    messages[name], policy=email.policy.default)


def text(part):
  return part.get_content()


def test_lines(messages):
  """78 columns where there are blanks, 998 octets in any case."""
  assert len(messages) == 24
  for name, octets in messages.items():
    head = octets.split(b'\n\n', 1)[0]
    limit = 300 if name in ('long_subject', 'extra') else 78
    for line in head.split(b'\n'):
      assert len(line) <= limit, (name, line)
      assert line.strip(), name
    for line in octets.split(b'\n'):
      assert len(line) <= 998, (name, line)
    assert not octets.replace(b'\r\n', b'').count(b'\r'), name


def test_plain(message):
  found = message('plain')
  assert found['subject'] == 'Hello'
  assert found['from'] == 'tester@example.test'
  assert text(found) == 'Hello\nworld\n'
  assert found['message-id'].endswith('@example.test>')
  assert email.utils.parsedate_to_datetime(found['date'])
  assert text(message('empty')).strip() == ''


@pytest.mark.parametrize('name, subject', [
  ('subject', 'Grüße aus Łódź, 東京 und Ελλάδα: ' + 'ä' * 90),
  ('mixed_subject', 'plain words  and ünd then plain words'),
  ('literal_word', 'not =?utf-8?q?encoded?='),
  ('long_subject', LONG),
  ('endless_subject', 'y' * 2000),
])
def test_subject(message, name, subject):
  assert message(name)['subject'] == subject


def test_names(message):
  found = message('names')
  assert [(a.display_name, a.addr_spec) for a in found['from'].addresses] == \
    [('Łódź Office', 'office@example.test')]
  assert [(a.display_name, a.addr_spec) for a in found['to'].addresses] == \
    [('Smith, Alice', 'alice@example.test'), ('Bob "B" B.', 'bob@example.test')]
  assert found['cc'] == 'plain name <alice@example.test>'
  many = message('many')['to'].addresses
  assert [a.username for a in many] == [f'u{n}' for n in range(1, 61)]


def test_headers(message, messages):
  found = message('extra')
  assert found.get_all('X-Two') == ['b', 'a']
  assert found['X-One'] == 'Ünd'
  assert found['A-Zero'] == LONG
  assert messages['extra'].index(b'A-Zero') < messages['extra'].index(b'X-One')
  dated = message('dates')
  assert email.utils.parsedate_to_datetime(dated['date']).timestamp() == 0
  assert dated['message-id'] == '<one@example.test>'
  bare = message('bare')
  assert bare['date'] is None and bare['message-id'] is None


@pytest.mark.parametrize('name, encoding, body', [
  ('utf8', 'quoted-printable',
   'Grüße\n.\n..\nFrom here \ntab\t\n=\n' + 'ü und ' * 60 + '\n'),
  ('japanese', 'base64', '東京' * 100),
  ('long_line', 'quoted-printable', 'z' * 999 + '\nend'),
  ('crlf', '7bit', 'one\ntwo\n'),
  ('bare_cr', 'quoted-printable', 'one\rtwo'),
  ('eight', '8bit', 'Grüße'),
  ('latin', 'base64', 'Grüße'),
  ('forced', 'base64', 'a=b'),
  ('html', 'quoted-printable', '<p>Hé</p>'),
])
def test_text(message, name, encoding, body):
  found = message(name)
  assert found['content-transfer-encoding'] == encoding
  decoded = found.get_payload(decode=True).decode(found.get_content_charset())
  decoded = decoded.replace('\r\n', '\n')
  # The end of the message is a line end in any case.
  assert decoded.removesuffix('\n') == body.removesuffix('\n')


def test_alternative(message):
  found = message('alternative')
  assert found.get_content_type() == 'multipart/alternative'
  assert [p.get_content_type() for p in found.iter_parts()] == \
    ['text/plain', 'text/html']
  assert [text(p) for p in found.iter_parts()] == ['hi', '<p>hi</p>']


def test_attachments(message):
  found = message('attached')
  assert not found.defects
  assert found.get_content_type() == 'multipart/mixed'
  assert found.get_body(('html',)).get_content() == '<p>see there</p>'
  files = [p for p in found.iter_parts() if p.is_attachment()]
  assert [f.get_filename() for f in files] == [
    'all octets.bin', 'Grüße aus Łódź.txt', 'ß' * 80, None,
    'a "quoted" \\ name; x']
  assert files[0].get_content() == bytes(range(256))
  assert files[3].get_content()['subject'] == 'inner'
  assert [f.get_content_type() for f in files[1:4]] == \
    ['text/plain', 'image/png', 'message/rfc822']
  alone = message('only_attached')
  assert [p.get_filename() for p in alone.iter_parts()] == ['a.txt']


PASSWORD = 'correct horse battery staple'
PROMPT = b'<1896.697170952@postoffice.example.test>'


def sasl_server(client):
  """Checks user and password as the RFCs say; anything else is a 535."""
  lines = client.makefile('rb')

  def ask(reply):
    client.sendall(reply + b'\r\n')
    return lines.readline().strip()

  def proof():
    word = line.split(b' ')[1]
    if word == b'PLAIN':
      return base64.b64decode(line.split(b' ')[2]) == \
        b'\0tim\0' + PASSWORD.encode()
    if word == b'LOGIN':
      return [base64.b64decode(ask(b'334 ' + base64.b64encode(prompt)))
              for prompt in (b'Username:', b'Password:')] == \
        [b'tim', PASSWORD.encode()]
    digest = hmac.new(PASSWORD.encode(), PROMPT, 'md5').hexdigest()
    return base64.b64decode(ask(b'334 ' + base64.b64encode(PROMPT))) == \
      b'tim ' + digest.encode()
  line = ask(b'220 ready')
  while line != b'QUIT':
    reply = b'250 ok'
    if line.startswith(b'AUTH'):
      reply = b'235 welcome' if proof() else b'535 no'
    line = ask(reply)
  client.sendall(b'221 bye\r\n')


def test_auth(quoth, talker, tmp_path):
  """The proof arrives, and nobody else sees it."""
  server = talker(sasl_server)
  env = {'QUOTH_SECRET_PASSWORD': PASSWORD}
  done = quoth('run', LUA / 'auth.lua', '-t', server.url, '-v',
               '--transcript', 'always', '--report',
               f'jsonl={tmp_path / "events"}', env=env)
  assert done.exit == 0, done.out + done.err
  assert '3 passed' in done.out
  seen = done.stdout + done.stderr + (tmp_path / 'events').read_bytes()
  digest = hmac.new(PASSWORD.encode(), PROMPT, 'md5').hexdigest()
  for secret in (PASSWORD.encode(), base64.b64encode(PASSWORD.encode()),
                 base64.b64encode(b'\0tim\0' + PASSWORD.encode()),
                 digest.encode(),
                 base64.b64encode(b'tim ' + digest.encode())):
    assert secret not in seen, secret
  wrong = quoth('run', LUA / 'auth.lua', '-t', server.url,
                env={'QUOTH_SECRET_PASSWORD': 'something else'})
  assert wrong.exit == 1 and '3 failed' in wrong.out, wrong.out


# Every name that quoth.d.lua tells editors about is there when a run looks.
CHECK = '''local quoth = require "quoth"
local function there(what, thing, name, kind)
	local value = thing[name]
	if kind == "function" and type(value) ~= "function" then
		error(what .. ":" .. name .. " is " .. type(value))
	end
	return value
end
assert(type(quoth.version) == "string" and quoth.lua:find("^Lua 5%%.4"))
quoth.scenario "names" {
	run = function(t)
		local c <close> = t:connect()
		local reply = c:expect(220)
%s
	end,
}
'''


def test_annotations(quoth, tmp_path):
  text = (LUA.parents[1] / 'lua' / 'quoth.d.lua').read_text(encoding='utf-8')
  lines = [f'\t\tthere("t", t, "{name}", "function")'
           for name in re.findall(r'^function Run:(\w+)', text, re.M)]
  lines += [f'\t\tthere("c", c, "{name}", "function")'
            for name in re.findall(r'^function Connection:(\w+)', text, re.M)]
  assert len(lines) > 20
  for owner, kind in (('t', 'Run'), ('reply', 'Reply')):
    body = re.search(rf'^---@class quoth\.{kind}\n((?:---@field.*\n)+)', text,
                     re.M).group(1)
    for name, optional in re.findall(r'@field (\w+)(\??)', body):
      lines.append(f'\t\tassert({owner}.{name} ~= nil or "{optional}" == "?",'
                   f' "{owner}.{name}")')
  path = tmp_path / 'names.lua'
  path.write_text(CHECK % '\n'.join(lines))
  done = quoth('run', path, '-t', 'embedded')
  assert done.exit == 0, done.out + done.err
