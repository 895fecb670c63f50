"""What the end-to-end tests share: files in the test's own folder, and small
servers that say what the test wants."""
import os
import socket
import threading

import pytest


@pytest.fixture
def write(tmp_path):
  """write('a.yaml', text) -> its path; folders are made."""
  def put(name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
  return put


@pytest.fixture
def scenario(write):
  """scenario('a.yaml', 'Name', '- send: NOOP', ...) -> path of a file with
  these steps behind a `connect`; keywords are keys of the file."""
  def put(name, title, *steps, connect=True, **keys):
    lines = ['quoth: 1', f'name: {title}']
    lines += [f'{key}: {value}' for key, value in keys.items()]
    lines.append('steps:')
    lines += ['  - connect:'] if connect else []
    for step in steps:
      lines += ['  ' + line for line in step.splitlines()]
    return write(name, '\n'.join(lines) + '\n')
  return put


class Talker:
  """A server in a thread: `talk(connection)` for each client, one at a time
  each in its own thread. `talk` may raise what it likes when the client
  goes."""

  def __init__(self, talk, family=socket.AF_INET, address=('127.0.0.1', 0)):
    self.talk = talk
    self.listener = socket.socket(family)
    self.listener.bind(address)
    self.listener.listen(64)
    self.clients = 0
    threading.Thread(target=self.accept, daemon=True).start()

  @property
  def url(self):
    return 'smtp://127.0.0.1:%d' % self.listener.getsockname()[1]

  def accept(self):
    while True:
      try:
        client, _address = self.listener.accept()
      except OSError:
        return
      self.clients += 1
      threading.Thread(target=self.one, args=(client,), daemon=True).start()

  def one(self, client):
    with client:
      try:
        self.talk(client)
      except OSError:
        pass

  def stop(self):
    self.listener.shutdown(socket.SHUT_RDWR)
    self.listener.close()


@pytest.fixture
def talker():
  """talker(function of a connection) -> Talker (.url, .clients)."""
  started = []

  def start(talk):
    started.append(Talker(talk))
    return started[-1]
  yield start
  for one in started:
    one.stop()


def answer(replies, default=b'250 ok\r\n', banner=b'220 ready\r\n'):
  """A talk: {first word: reply}; the reply may be a function of the line.
  DATA takes a message."""
  def talk(client):
    lines = client.makefile('rb')
    client.sendall(banner)
    while True:
      line = lines.readline()
      if not line:
        return
      word = line.split(b' ')[0].strip().upper()
      reply = replies.get(word, b'354 go\r\n' if word == b'DATA' else default)
      client.sendall(reply(line) if callable(reply) else reply)
      if word == b'QUIT':
        return
      if word == b'DATA' and b'DATA' not in replies:
        while lines.readline() not in (b'.\r\n', b''):
          pass
        client.sendall(default)
  return talk


@pytest.fixture
def full():
  """A descriptor on a full disk."""
  with open('/dev/full', 'wb') as device:
    yield device


@pytest.fixture
def nobody():
  """A port where nothing listens while the test runs: bound, not listening."""
  with socket.socket() as taken:
    taken.bind(('127.0.0.1', 0))
    yield taken.getsockname()[1]


def read(path):
  return path.read_text(encoding='utf-8')


def is_root():
  return os.geteuid() == 0
