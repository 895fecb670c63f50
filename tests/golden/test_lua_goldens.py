"""What `check` says of Lua files, and what a run of them looks like: to the
octet, but for times, the seed and what the embedded server picks.

check/NAME.lua and run/NAME.lua have their text in NAME.expected beside them;
QUOTH_GOLDENS=write writes those anew, to be read before they are committed.
"""
import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / 'lua'
CASES = sorted(HERE.glob('check/*.lua')) + sorted(HERE.glob('run/*.lua'))
# A step's time stands at the right, and has as many digits as it has.
PLAIN = [
  (re.compile(r' +\d[\d.]* (ms|s)$', re.M), ' T'),
  # Of a build with a sanitizer.
  (re.compile(r'  note  the sandbox of.*\n(?: {8}\S.*\n)*'), ''),
  (re.compile(r'in \d[\d.]* (ms|s)$', re.M), 'in T'),
  (re.compile(r'--seed \d+'), '--seed N'),
  (re.compile(r'queued as \S+'), 'queued as ID'),
  (re.compile(r'\b[0-9a-f]{8}-[0-9a-f-]{27}\b'), 'UUID'),
]


def said(quoth, path):
  command = ['check'] if path.parent.name == 'check' else \
    ['run', '-t', 'embedded', '--color', 'never']
  done = subprocess.run([quoth.path, *command, path.name],
                        cwd=path.parent, stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                        env=dict(os.environ, COLUMNS='80'), timeout=60,
                        check=False)
  text = done.stdout.decode('utf-8')
  for pattern, words in PLAIN:
    text = pattern.sub(words, text)
  return f'exit {done.returncode}\n{text}'


@pytest.mark.parametrize('path', CASES,
                         ids=lambda path: f'{path.parent.name}-{path.stem}')
def test_golden(quoth, path):
  golden = path.with_suffix('.expected')
  text = said(quoth, path)
  if os.environ.get('QUOTH_GOLDENS') == 'write':
    golden.write_text(text)
  assert text == golden.read_text()
