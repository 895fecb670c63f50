"""Small servers that say what a test wants."""
import socket
import threading


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
