"""The clients as commands, each told to do the same.

Kinds: `once` (one classical transaction), `each` (a connection a message),
`reused` (messages share connections), `pipelined` (reused, and RFC 2920), `unique`
(reused, and no recipient twice: a scenario that only Lua can write).
A client that cannot do a kind has no command for it.
"""
import dataclasses
import os

from .tools import HERE

MESSAGE = os.path.join(HERE, 'message.eml')
SENDER, RECIPIENT = 'tester@example.test', 'devnull@example.test'
HELLO = 'client.example.test'


@dataclasses.dataclass
class Command:
  argv: list
  env: dict


def scenario(name):
  return os.path.join(HERE, 'scenarios',
                      name if '.' in name else name + '.yaml')


def payload():
  """Octets of the message after its headers, for smtp-source -l."""
  with open(MESSAGE, encoding='ascii') as text:
    return len(text.read().split('\n\n', 1)[1].replace('\n', '\r\n'))


def quoth_lua(kind, port, messages, sessions):
  if kind == 'pipelined':
    return None
  return quoth(kind, port, messages, sessions, '.lua')


def quoth(kind, port, messages, sessions, suffix='.yaml'):
  share = messages // sessions
  if kind == 'unique' and suffix != '.lua':
    return None
  more = {
    'once': ['each'],
    'each': ['each', '--repeat', messages, '-j', sessions],
    'reused': ['reused', '-D', f'messages={share}',
               '--repeat', sessions, '-j', sessions],
    'unique': ['unique', '-D', f'messages={share}',
               '--repeat', sessions, '-j', sessions],
    'pipelined': ['pipelined', '-D', f'more={share - 1}',
                  '--repeat', sessions, '-j', sessions],
  }[kind]
  return ['run', scenario(more[0] + suffix), '-t', f'smtp://127.0.0.1:{port}',
          '--format', 'quiet'] + more[1:]


def epoll_client(kind, port, messages, sessions):
  flags = {'once': [], 'each': [], 'reused': ['-r'], 'pipelined': ['-rp']}
  if kind not in flags:
    return None
  return ['-n', messages, '-s', sessions] + flags[kind] + [
    '-b', MESSAGE, '127.0.0.1', port]


def smtp_source(kind, port, messages, sessions):
  flags = {'once': [], 'each': [], 'reused': ['-d']}.get(kind)
  if flags is None:
    return None
  return ['-m', messages, '-s', sessions] + flags + [
    '-M', HELLO, '-f', SENDER, '-t', RECIPIENT, '-l', payload(),
    f'127.0.0.1:{port}']


def blocking_client(kind, port, _messages, _sessions):
  return ['127.0.0.1', port, MESSAGE] if kind == 'once' else None


def curl(kind, port, _messages, _sessions):
  if kind != 'once':
    return None
  return ['--silent', '--show-error', '--crlf', '--upload-file', MESSAGE,
          '--mail-from', SENDER, '--mail-rcpt', RECIPIENT,
          f'smtp://127.0.0.1:{port}/{HELLO}']


def swaks(kind, port, _messages, _sessions):
  if kind != 'once':
    return None
  return ['--server', '127.0.0.1', '--port', port, '--helo', HELLO,
          '--from', SENDER, '--to', RECIPIENT, '--data', '@' + MESSAGE]


class Client:
  def __init__(self, name, tool, arguments):
    self.name = name
    self.tool = tool
    self.arguments = arguments

  def command(self, kind, port, messages=1, sessions=1):
    if self.tool.missing:
      return None
    args = self.arguments(kind, port, messages, sessions)
    if args is None:
      return None
    return Command(self.tool.argv + [str(arg) for arg in args],
                   self.tool.environ())


def table(tools):
  """`quoth-lua` is quoth with the Lua twin of the scenario; its worker
  process is in every figure."""
  found = {**tools, 'quoth-lua': tools['quoth']}
  return {name: Client(name, found[name], arguments) for name, arguments in (
    ('quoth', quoth), ('quoth-lua', quoth_lua), ('blocking_client', blocking_client),
    ('epoll_client', epoll_client), ('smtp-source', smtp_source),
    ('curl', curl), ('swaks', swaks))}
