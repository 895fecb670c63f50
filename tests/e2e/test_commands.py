"""check, list, show, explain, help: what they print, and that machines can
read what is meant for them."""
import glob
import json
import os
import re
import subprocess

import pytest

from lab import ROOT

BROKEN = '''quoth: 1
name: "Broken \\x1b[31m <b>"
steps:
  - conect:
  - send: NOOP
    expect: { cod: 250 }
  - send: X
  - expect: 550
'''
FORMATS = ['human', 'json', 'sarif', 'github', 'gitlab']


@pytest.fixture
def broken(write):
  return write('x,y:z.yaml', BROKEN)


def check(quoth, path, form):
  return quoth('check', '--format', form, path.name, cwd=path.parent)


def test_json(quoth, broken):
  done = check(quoth, broken, 'json')
  assert done.exit == 3
  found = json.loads(done.out)
  text = json.dumps(found)
  assert 'unknown-key' in text and 'x,y:z.yaml' in text


def test_sarif(quoth, broken):
  done = check(quoth, broken, 'sarif')
  found = json.loads(done.out)
  assert found['version'] == '2.1.0'
  run = found['runs'][0]
  rules = {rule['id'] for rule in run['tool']['driver']['rules']}
  assert run['results']
  for result in run['results']:
    assert result['ruleId'] in rules
    place = result['locations'][0]['physicalLocation']
    assert place['region']['startLine'] >= 1
    assert '%' in place['artifactLocation']['uri'] or \
      place['artifactLocation']['uri'] == 'x,y:z.yaml'


def test_gitlab(quoth, broken):
  found = json.loads(check(quoth, broken, 'gitlab').out)
  prints = [one['fingerprint'] for one in found]
  assert len(prints) == len(set(prints)) == len(found) >= 2
  for one in found:
    assert one['severity'] in ('info', 'minor', 'major', 'critical',
                               'blocker')
    assert one['location']['lines']['begin'] >= 1


def test_github(quoth, broken):
  lines = check(quoth, broken, 'github').out.splitlines()
  assert lines
  for line in lines:
    assert re.match(r'::(error|warning) file=x%2Cy%3Az\.yaml,line=\d+', line)


def test_human(quoth, broken):
  done = check(quoth, broken, 'human')
  assert "did you mean 'connect'?" in done.out
  assert "did you mean 'code'?" in done.out
  assert 'x,y:z.yaml:4:5' in done.out and 'x,y:z.yaml:6:15' in done.out
  assert '\x1b' not in done.out


@pytest.mark.parametrize('form', FORMATS)
def test_nothing_found(quoth, scenario, form):
  path = scenario('ok.yaml', 'Ok', '- send: NOOP')
  done = check(quoth, path, form)
  assert (done.exit, done.err) == (0, '')
  if form in ('json', 'sarif', 'gitlab'):
    json.loads(done.out)
  if form == 'human':
    assert done.out == '1 scenario in 1 file checked\n'


@pytest.mark.parametrize('form', FORMATS)
def test_a_file_that_is_not_there(quoth, tmp_path, form):
  done = quoth('check', '--format', form, 'none.yaml', cwd=tmp_path)
  assert done.exit == 3
  assert 'none.yaml' in done.out
  if form in ('json', 'sarif', 'gitlab'):
    json.loads(done.out)


def test_check_needs_no_target_and_no_parameters(quoth, write):
  path = write('p.yaml', 'quoth: 1\nname: P\nparams:\n  a: { type: int }\n'
               'steps:\n  - connect:\n  - send: NOOP ${a}\n')
  assert quoth('check', path).exit == 0


def test_check_of_nothing(quoth, tmp_path):
  assert quoth('check', tmp_path).exit == 5
  assert quoth('check').exit == 2
  assert quoth('check', '--format', 'xml', tmp_path).exit == 2


def test_list(quoth, write):
  path = write('l.yaml', 'quoth: 1\nscenarios:\n'
               '  - name: One\n    tags: [a, b]\n    steps: [{ connect: }]\n'
               '  - name: "T\\twò"\n    skip: later\n'
               '    steps: [{ connect: }]\n')
  done = quoth('list', path.name, cwd=path.parent)
  assert (done.exit, done.err) == (0, '')
  assert done.out.splitlines() == [
    'l.yaml#One  [a, b]  l.yaml:3',
    'l.yaml#T\\twò  l.yaml:6  skip: later']


def test_show(quoth):
  done = quoth('show', os.path.join(ROOT, 'scenarios', 'telnet',
                                    'deliver.yaml'))
  assert done.exit == 0
  lines = done.out.splitlines()
  assert '  C: MAIL FROM:<tester@example.test>' in lines
  assert '  S: 354' in lines
  assert lines.index('  C: DATA') < lines.index('  C: QUIT')


def test_show_hides_secrets(quoth, write):
  path = write('s.yaml', 'quoth: 1\nname: S\nparams:\n  k: { secret: true }\n'
               'steps:\n  - connect:\n  - send: AUTH PLAIN ${k|base64}\n')
  done = quoth('show', path, env={'QUOTH_SECRET_K': 'hunter22hunter'})
  assert 'hunter22' not in done.out + done.err
  assert 'aHVudGVyMjJodW50ZXI' not in done.out + done.err


# ---- explain ---------------------------------------------------------------

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
  page = subprocess.run(['man', '-l', os.path.join(ROOT, 'docs', 'quoth.1')],
                        check=False, stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL,
                        env={'PATH': os.environ['PATH'], 'MANWIDTH': '80'})
  if page.returncode == 0:
    for code in known:
      assert re.search(rf'\b{code}\b', page.stdout.decode())
