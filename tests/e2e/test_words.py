"""explain, help and the version; the exit codes that the manual names."""
import glob
import os
import re
import subprocess

import pytest

from lab import ROOT


def test_explain_knows_every_word_of_the_format(quoth):
  """Keys and words as the loader spells them, out of its own tables."""
  words = set()
  for name in glob.glob(os.path.join(ROOT, 'src', '*', '*.c')):
    with open(name, encoding='utf-8') as text:
      source = text.read()
    for table in re.findall(r'struct field \w+\[\] = \{(.*?)\{ NULL',
                            source, re.S):
      words |= set(re.findall(r'\{ "([a-z_]+)"', table))
  for pattern, name in [(r'DIAG\(\w+, \w+, "([^"]+)"', 'model/diag_rows.h'),
                        (r'\] = \{ "([a-z-]+)",', 'model/reply.c'),
                        (r'^\t\{ "(\w+)", "', 'model/filter.c'),
                        (r'^\t\{ "(\w+)", "', 'model/param_type.c'),
                        (r'^MATCHER\((\w+)\)', 'model/matchers.h'),
                        (r'^VERB\((\w+)\)', 'verb/rows.h'),
                        (r'\{ "([a-z.]+)", (?:FRESH|SLOT)_',
                         'load/loader.c')]:
    with open(os.path.join(ROOT, 'src', name), encoding='utf-8') as text:
      found = set(re.findall(pattern, text.read(), re.M))
    assert found, name
    words |= found
  words -= {'none'}
  assert len(words) > 150
  unknown = [word for word in sorted(words)
             if quoth('explain', word).exit != 0]
  assert unknown == []


@pytest.mark.parametrize('word, piece', [
  ('550', '550 - '), ('5.7.1', '5.7.1 - '), ('4xx', '4xx - '),
  ('25x', '25'), ('550..554', '553 - '), ('421 4.7.0', '4.7.0 - '),
  ('550 5.1.1 <x>... User unknown', '5.1.1 - '), ('STARTTLS', 'STARTTLS'),
  ('mixed-codes', 'RFC 5321 4.2.1'), ('connect', 'greeting'),
  ('sha256', 'digest'), ('reply.code', 'last reply'),
  ('duplicate-key', 'twice'), ('embedded', 'postmaster'),
])
def test_explain(quoth, word, piece):
  done = quoth('explain', word)
  assert (done.exit, done.err) == (0, '')
  assert piece in done.out
  assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize('word, piece', [
  ('unknwon-key', "did you mean 'unknown-key'?"),
  ('basse64', "did you mean 'base64'?"),
  ('offerss', "did you mean 'offers'?"),
  ('\x1b[31m', '\\x1b[31m'), ('', 'not an empty one')])
def test_explain_of_nothing_known(quoth, word, piece):
  done = quoth('explain', word)
  assert (done.exit, done.out) == (2, '')
  assert piece in done.err


def commands(quoth):
  return re.findall(r'^  ([a-z]+) ', quoth('--help').out, re.M)


def test_help_of_every_command(quoth):
  names = commands(quoth)
  assert {'run', 'check', 'list', 'show', 'explain', 'serve'} <= set(names)
  for name in names:
    page = quoth('help', name)
    assert (page.exit, page.err) == (0, '')
    assert max(map(len, page.out.splitlines())) <= 80
    if name != 'help':
      assert page.out == quoth(name, '--help').out
      assert page.out.startswith(f'usage: quoth {name}') or \
        f'quoth {name}' in page.out.splitlines()[0]


def test_version(quoth):
  done = quoth('--version')
  assert re.match(r'quoth \d+\.\d+\.\d+', done.out)


def test_exit_codes_of_the_manual_are_those_of_the_program():
  """The one table in three places, and the enum."""
  with open(os.path.join(ROOT, 'src', 'cmd', 'cmd.h'), encoding='utf-8') as \
      text:
    known = set(re.findall(r'EXIT_\w+ = (\d+)', text.read()))
  with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as text:
    rows = re.findall(r'^\| ([\d, ]+) \|', text.read(), re.M)
  assert {code for row in rows for code in row.split(', ')} == known
  page = subprocess.run(['mandoc', '-T', 'utf8',
                         os.path.join(ROOT, 'docs', 'quoth.1')],
                        check=True, stdout=subprocess.PIPE).stdout.decode()
  for code in known:
    assert re.search(rf'\b{code}\b', page)
