"""On a terminal: colours and one live region. Elsewhere: neither."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from binary import environment


@pytest.fixture
def slow(write):
  for i in range(1, 25):
    write(f's/{i:02}.yaml', f'quoth: 1\nname: Slow {i}\nsteps:\n'
          f'  - connect:\n  - wait: {i * 30}ms\n'
          f'  - send: NOOP\n    expect: {550 if i == 5 else 250}\n')
  return write('s/00.yaml', 'quoth: 1\nname: "Esc \\u001b[31m"\nsteps:\n'
               '  - connect:\n  - wait: 600ms\n').parent


def on_terminal(quoth, path, *words, env=None, columns=80, stdout=None):
  """Exit status and what the terminal got."""
  ours, theirs = pty.openpty()
  fcntl.ioctl(theirs, termios.TIOCSWINSZ,
              struct.pack('HHHH', 30, columns, 0, 0))
  child = subprocess.Popen(
    [quoth.path, 'run', str(path), '-t', 'embedded', '-j', '20', *words],
    stdin=theirs, stdout=stdout or theirs, stderr=theirs,
    env={**environment(None), 'TERM': 'xterm-256color', **(env or {})})
  os.close(theirs)
  said = b''
  while True:
    try:
      some = os.read(ours, 65536)
    except OSError:             # Linux: the last writer has gone
      break
    if not some:
      break
    said += some
  os.close(ours)
  return child.wait(20), said.decode()


def screen(text, columns):
  """The lines that are left in the end, by the few sequences we may use."""
  lines, row, column = [''], 0, 0
  for part in re.findall(r'\x1b\[[?\d;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+', text):
    if part == '\r':
      column = 0
    elif part == '\n':
      row, column = row + 1, 0
      if row == len(lines):
        lines.append('')
    elif part.startswith('\x1b['):
      count = int(re.sub(r'\D', '', part) or 1)
      if part.endswith('A'):
        row = max(0, row - count)
      elif part.endswith('J'):
        lines[row] = lines[row][:column]
        del lines[row + 1:]
      elif part.endswith('K'):
        lines[row] = lines[row][:column]
      elif not part.endswith(('m', 'h', 'l')):
        raise AssertionError(f'unknown sequence {part!r}')
    else:
      lines[row] = lines[row][:column].ljust(column) + part + \
        lines[row][column + len(part):]
      column += len(part)
      # What is copied may be as long as it is; nothing else wraps.
      assert column <= columns or re.match(' +(again|-->) ', lines[row])
  return lines


@pytest.mark.parametrize('columns', [60, 80, 120])
def test_a_live_region_that_leaves_nothing_behind(quoth, slow, columns):
  status, text = on_terminal(quoth, slow, columns=columns)
  assert status == 1
  assert '\u2501' in text and re.search(r'\d+/25', text)
  lines = screen(text, columns)
  assert not any('\u2501' in line for line in lines)
  assert sum(line.startswith('ok ') for line in lines) == 24
  assert sum(line.startswith('FAIL ') for line in lines) == 1
  assert [line for line in lines if line][-1].startswith('24 passed, 1 failed')
  assert '\\x1b[31m' in ''.join(lines)


@pytest.mark.parametrize('words, env', [
  (['--color', 'never'], {}), ([], {'NO_COLOR': '1'})])
def test_no_colours(quoth, slow, words, env):
  _status, text = on_terminal(quoth, slow, *words, env=env)
  assert not re.search(r'\x1b\[[\d;]*m', text)


def test_a_dumb_terminal(quoth, slow):
  _status, text = on_terminal(quoth, slow, env={'TERM': 'dumb'})
  assert '\x1b' not in text and '\u2501' not in text


def test_results_in_a_file_and_progress_on_the_terminal(
    quoth, slow, tmp_path):
  with open(tmp_path / 'out', 'wb') as out:
    status, text = on_terminal(quoth, slow, stdout=out)
  assert status == 1
  assert re.search(r'\d+/25', text)
  kept = (tmp_path / 'out').read_text()
  assert '\x1b' not in kept and '\r' not in kept
  assert kept.count('\nok ') + kept.startswith('ok ') == 24


def test_no_terminal_at_all(quoth, slow):
  done = quoth('run', slow, '-t', 'embedded', '-j', 20,
               env={'TERM': 'xterm-256color'})
  assert '\x1b' not in done.out + done.err and '\r' not in done.out
  assert done.err == ''
  coloured = quoth('run', slow, '-t', 'embedded', '-j', 20, '--color',
                   'always')
  assert '\x1b[' in coloured.out
