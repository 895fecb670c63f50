"""What the end-to-end tests share: files in the test's own folder, and small
servers that say what the test wants."""
import socket

import pytest

from talker import Talker


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
