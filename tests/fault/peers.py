"""Servers that misbehave at an exact octet, each for one connection at a time.

with Peer(talk) as url: ...     talk(client) for every connection, in a thread
"""
import socket
import struct
import threading
import time

# What a well-behaved one says; behind each but the last it hears a command.
REPLIES = [
  b'220 peer.example.test\r\n',
  b'250-peer.example.test\r\n250-PIPELINING\r\n250 SIZE 100\r\n',
  b'250 2.1.0 ok\r\n', b'250 2.1.5 ok\r\n', b'354 go\r\n',
  b'250 2.0.0 queued\r\n', b'221 2.0.0 bye\r\n']
LABELS = ['connect', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'body', 'QUIT']
WHOLE = b''.join(REPLIES)


class Peer:
  def __init__(self, talk, receive=None):
    self.talk, self.errors, self.open = talk, [], []
    self.socket = socket.socket()
    self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if receive:
      self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    self.socket.bind(('127.0.0.1', 0))
    self.socket.listen(64)
    self.url = f'smtp://127.0.0.1:{self.socket.getsockname()[1]}'
    self.over = threading.Event()

  def __enter__(self):
    threading.Thread(target=self.accept, daemon=True).start()
    return self.url

  def accept(self):
    while True:
      try:
        client = self.socket.accept()[0]
      except OSError:
        return
      client.settimeout(20)
      self.open.append(client)
      threading.Thread(target=self.one, args=(client,), daemon=True).start()

  def one(self, client):
    try:
      self.talk(client)
    except OSError:             # the tested one has gone
      pass
    finally:
      client.close()

  def __exit__(self, *_):
    self.over.set()
    self.socket.shutdown(socket.SHUT_RDWR)
    self.socket.close()
    for client in self.open:
      client.close()


def hear(client, end=b'\r\n'):
  """One command, or a body."""
  heard = b''
  while not heard.endswith(end):
    octets = client.recv(65536)
    if not octets:
      raise ConnectionError
    heard += octets
  return heard


def reset(client):
  client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))
  client.close()


def converse(client, upto):
  """The replies before number `upto`, and the command that asks for it."""
  for number in range(upto):
    client.sendall(REPLIES[number])
    hear(client, b'\r\n.\r\n' if LABELS[number] == 'DATA' else b'\r\n')


def cut(at, how):
  """Talks until octet `at` of all its replies is sent, then ends it."""
  def talk(client):
    left = at
    for number, reply in enumerate(REPLIES):
      client.sendall(reply[:left])
      if left <= len(reply):
        break
      left -= len(reply)
      hear(client, b'\r\n.\r\n' if LABELS[number] == 'DATA' else b'\r\n')
    if how == 'RST':
      time.sleep(0.002)         # what was sent is there, then the RST
      reset(client)
  return talk


def slowly(upto, pause):
  """An octet, a pause, an octet ... from reply number `upto` on."""
  def talk(client):
    converse(client, upto)
    for octet in REPLIES[upto] * 100:
      client.sendall(bytes([octet]))
      time.sleep(pause)
  return talk


def endless(upto, octets, read=False):
  """The same octets for ever in place of reply number `upto`."""
  def talk(client):
    converse(client, upto)
    block = octets * (65536 // len(octets))
    client.setblocking(not read)
    while True:
      try:
        client.send(block)
      except BlockingIOError:
        pass
      if read:
        try:
          client.recv(65536)
        except BlockingIOError:
          time.sleep(0.001)
  return talk


def deaf(client):
  """Says 354 and reads nothing any more."""
  for number in range(4):
    client.sendall(REPLIES[number])
    hear(client)
  client.sendall(REPLIES[4])
  time.sleep(15)
