"""The embedded server below its dialogue, met by a client that decides itself
which octets of TLS leave when."""
import os
import signal
import socket
import ssl
import time

import pytest


class Line:
  """TLS by hand: `say` gives the octets, `hear` reads until the end or until
  so many lines are here."""

  def __init__(self, port, version=ssl.TLSVersion.TLSv1_3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = version
    self.socket = socket.create_connection(('127.0.0.1', port), 20)
    self.coming, self.leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
    self.tls = context.wrap_bio(self.coming, self.leaving)
    while True:
      try:
        self.tls.do_handshake()
        break
      except ssl.SSLWantReadError:
        self.socket.sendall(self.leaving.read())
        self.coming.write(self.socket.recv(65536))

  def __enter__(self):
    self.socket.sendall(self.leaving.read())
    assert self.hear(1).startswith(b'220 ')
    return self

  def __exit__(self, *_):
    self.socket.close()

  def say(self, *records, bye=False):
    for record in records:
      self.tls.write(record)
    if bye:
      with pytest.raises(ssl.SSLWantReadError):
        self.tls.unwrap()
    return self.leaving.read()

  def hear(self, lines):
    text = b''
    while text.count(b'\n') < lines:
      try:
        text += self.tls.read(65536)
      except ssl.SSLWantReadError:
        got = self.socket.recv(65536)
        if not got:
          self.coming.write_eof()
        self.coming.write(got)
      except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
        break
    return text


@pytest.fixture(name='secure')
def secure_fixture(quoth):
  started = []

  def start(*faults):
    given = [word for fault in faults for word in ('--fault', fault)]
    one = quoth.start('serve', '--listen', '127.0.0.1:0', '--listen-tls',
                      '127.0.0.1:0', *given)
    started.append(one)
    return one, int(one.wait_line(r'smtps://127\.0\.0\.1:(\d+)')[1])
  yield start
  for one in started:
    assert one.stop() == 0, one.text


@pytest.mark.parametrize('version', [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize('faults', [(), ('delay=200ms@NOOP#1',)])
def test_close_notify_behind_commands(secure, version, faults):
  """What was asked before it is answered, as before a FIN."""
  _, port = secure(*faults)
  with Line(port, version) as line:
    line.socket.sendall(line.say(b'NOOP\r\nRSET\r\nVRFY bob\r\n', bye=True))
    assert line.hear(9) == (b'250 2.0.0 OK\r\n' * 2 +
                            b'250 2.1.5 <bob@example.test>\r\n')


def test_a_record_and_a_full_read_wait(secure):
  """The end of one record and 64 KiB behind it come in one read, while an
  answer waits: nothing of that is lost."""
  server, port = secure('delay=200ms@VRFY')
  noop = b'NOOP ' + b'x' * 57 + b'\r\n'
  first = b'VRFY bob\r\n' + b'NOOP ' + b'x' * 47 + b'\r\n'
  assert len(noop) == len(first) == 64
  whole = first + noop * 255
  records = [whole, noop * 256, noop * 256, noop * 256, noop * 254]
  with Line(port) as line:
    text = line.say(*records)
    line.socket.sendall(text[:16405])
    time.sleep(0.2)
    os.kill(server.child.pid, signal.SIGSTOP)
    try:
      line.socket.sendall(text[16405:])
      time.sleep(0.2)
    finally:
      os.kill(server.child.pid, signal.SIGCONT)
    wanted = sum(record.count(b'\n') for record in records)
    assert line.hear(wanted).count(b'\n') == wanted


def test_a_large_fault(serve):
  """As much as the option takes."""
  with socket.create_connection(
      serve('--fault', 'garbage=1MiB@NOOP').address, 20) as line:
    text = line.makefile('rb')
    assert text.readline().startswith(b'220 ')
    line.sendall(b'NOOP\r\n')
    assert len(text.readline()) == 2 ** 20 + 2
