"""Sinks on free loopback ports, ended by their process id."""
import os
import re
import select
import socket
import subprocess
import time

WAIT_S = 10


class Server:
  def __init__(self, name, child, port):
    self.name = name
    self.child = child
    self.port = port

  def counts(self):
    """(messages, connections) that our own sink has seen, this one too."""
    with socket.create_connection(('127.0.0.1', self.port), WAIT_S) as talk:
      text = talk.makefile('rwb')
      text.readline()
      text.write(b'XCOUNT\r\n')
      text.flush()
      words = text.readline().split()
    return int(words[1]), int(words[2])

  def stop(self):
    self.child.terminate()
    try:
      self.child.wait(5)
    except subprocess.TimeoutExpired:
      self.child.kill()
      self.child.wait()


def start(tool):
  return start_own(tool) if tool.name == 'sink' else start_smtp_sink(tool)


def start_own(tool):
  child = subprocess.Popen(tool.argv, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE)
  ready = select.select([child.stdout], [], [], WAIT_S)[0]
  text = child.stdout.readline() if ready else b''
  found = re.fullmatch(rb'listening on 127\.0\.0\.1:(\d+)\n', text)
  if not found:
    child.kill()
    child.wait()
    raise SystemExit('bench: the sink did not start')
  return Server(tool.name, child, int(found.group(1)))


def start_smtp_sink(tool):
  """As root it wants a user (-u); by default it takes 256 sessions (-m)."""
  port = free_port()
  argv = tool.argv + (['-u', 'nobody'] if os.geteuid() == 0 else [])
  argv += ['-m', '20000', '-h', 'sink.example.test', f'127.0.0.1:{port}',
           '4096']
  child = subprocess.Popen(argv, env=tool.environ(),
                           stdin=subprocess.DEVNULL)
  until = time.monotonic() + WAIT_S
  while time.monotonic() < until and child.poll() is None:
    try:
      with socket.create_connection(('127.0.0.1', port), 1) as talk:
        talk.settimeout(5)
        if talk.recv(512).startswith(b'220'):
          return Server(tool.name, child, port)
    except OSError:
      time.sleep(0.02)
  child.kill()
  child.wait()
  raise SystemExit('bench: smtp-sink did not start')


def free_port():
  with socket.socket() as listener:
    listener.bind(('127.0.0.1', 0))
    return listener.getsockname()[1]
