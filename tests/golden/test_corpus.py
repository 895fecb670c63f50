"""The corpus of hostile YAML that lies beside the project: every row of its INDEX ends as it says.

Its files were written before the format was: each gets `quoth: 1` as its first line (unless the row is about
the beginning of a file), and its placeholders become the real keys. So the expected line is one further down.
Where the corpus is not there, the goldens beside this file hold cases of the same kinds.
"""
import json
import os
import re
import resource
import subprocess
import time

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LAB = os.environ.get('QUOTH_LAB')
PLACES = [os.path.join(ROOT, '..', 'shared', 'corpora', 'hostile-yaml')]
if LAB:
  PLACES.append(os.path.join(LAB, '..', 'corpora', 'hostile-yaml'))
CORPUS = next((place for place in PLACES
               if os.path.isfile(os.path.join(place, 'INDEX.md'))), None)

# What the row is about stands in the first line.
BARE = {103, 105, 121, 123, 163, 87, 91}
CODES = {'E_SYNTAX': 'SYNTAX', 'E_ENCODING': 'ENCODING', 'E_LIMIT': 'LIMIT',
         'E_SCHEMA': 'SCHEMA', 'E_POLICY': 'POLICY'}
ANCHOR = re.compile(r'(?<![\w"])[&*][A-Za-z]\w*|<<(?=:)')
STEP = '  - send: NOOP\n'
HEAD = 'name: t\n'

# Number: (bytes of the corpus -> text of ours, expected class, line, column).
# Placeholders that became something else, with the place of what they became.
SPECIAL = {
  213: (lambda text: text, 'LIMIT', 46, None),
  217: (lambda text: HEAD + 'steps:\n  - use: /proc/self/environ#x\n',
        'SCHEMA', 4, 10),
  219: (lambda text: HEAD + 'define:\n  a:\n    - use: SELF#a\nsteps:\n'
        '  - use: a\n', 'SCHEMA', 5, 12),
  223: (lambda text: HEAD + 'steps:\n' + STEP +
        "    expect: { text: '/^(a+)+(a|a)*(a|aa)+$/' }\n", 'OK', 0, 0),
  225: (lambda text: HEAD + 'steps:\n' + STEP +
        "    expect: { text: '/([a-/' }\n", 'SCHEMA', 5, None),
  229: (lambda text: HEAD + 'params: { pw: { secret: true } }\n' +
        text.split('\n', 1)[1].replace('secret.smtp_password', 'pw'),
        'POLICY', 5, 14),
  191: (lambda text: text.replace('sleep', 'wait'), 'SCHEMA', 4, 11),
  227: (lambda text: text.replace('  - name', '  - title'), 'OK', 0, 0),
}
# An alternative that the row allows, and which of them is ours.
CHOSEN = {13: ('SCHEMA', None), 65: ('OK', None), 143: ('OK', None)}


def large(number):
  """The rows that are no files: (text, expected place or None)."""
  steps = 'steps:\n' + STEP
  return {
    13: HEAD + 'vars:\n' + ''.join(f'  a{i}: &a{i} x\n'
                                   for i in range(30000)) + steps,
    31: '{' * 10000,
    33: '{"":[' * 5000,
    35: '? ' * 10000,
    39: HEAD + 'vars:\n' + ''.join(f'  k{i}: x\n'
                                   for i in range(20000)) + steps,
    41: HEAD + 'steps:\n' + '  - {send: NOOP, expect: 250}\n' * 20000,
    43: HEAD + 'vars:\n  a: "' + '\\x41' * 60000 + '"\n' + steps,
    45: HEAD + 'vars:\n  ' + 'k' * 100000 + ': x\n' + steps,
    47: HEAD + '# ' + 'c' * 500000 + '\n' + steps,
    49: HEAD + 'steps:\n' + ' ' * 100000 + '- send: NOOP\n',
    51: HEAD + '---\n' * 20000,
    53: HEAD + 'vars:\n  a: !' + '%41' * 33000 + ' x\n' + steps,
    231: HEAD + 'steps:\n  - send: ' + 'N' * 200000 + '\n',
  }[number]


# Position of the large ones in our text (with `quoth: 1`): class, line, column.
LARGE = {
  13: ('SCHEMA', 4, 7), 31: ('LIMIT', 1, 65), 33: ('LIMIT', 1, 161),
  35: ('LIMIT', 1, 129), 39: ('LIMIT', 1004, 3), 41: ('LIMIT', 20002, 18),
  43: ('OK', 0, 0), 45: ('SYNTAX', 4, None), 47: ('OK', 0, 0),
  49: ('OK', 0, 0), 51: ('SCHEMA', 3, 1), 53: ('SCHEMA', 4, 6),
  231: ('LIMIT', 4, 11),
}


def classes():
  path = os.path.join(ROOT, 'src', 'model', 'diag_rows.h')
  with open(path, encoding='utf-8') as text:
    return {word: name for name, word in re.findall(
      r'DIAG\(\w+, DIAG_(\w+), "([^"]+)"', text.read())}


CLASS = classes()


def rows():
  if CORPUS is None:
    return []
  with open(os.path.join(CORPUS, 'INDEX.md'), encoding='utf-8') as text:
    lines = [line.split('|') for line in text if re.match(r'\| \d', line)]
  return [(line[1].strip(), line[5].strip()) for line in lines]


def limits():
  resource.setrlimit(resource.RLIMIT_CPU, (20, 20))


def check(quoth, path, text):
  """(class, line, column) of each error, or OK; with cost."""
  with open(path, 'wb') as out:
    out.write(text)
  began = time.perf_counter()
  done = subprocess.run([quoth.path, 'check', '--format', 'json', path],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                        env=dict(os.environ, QUOTH_SECRET_PW='geheim'),
                        preexec_fn=limits, timeout=60, check=False)
  took = time.perf_counter() - began
  assert done.returncode >= 0, f'killed by signal {-done.returncode}'
  assert b'Sanitizer' not in done.stderr, done.stderr
  found = [one for one in json.loads(done.stdout)['diagnostics']
           if one['severity'] == 'error']
  if not found:
    assert done.returncode == 0, done.stderr
    return [('OK', 0, 0)], took, ''
  assert done.returncode == 3, (done.returncode, done.stderr)
  return ([(CLASS[one['id']], one['line'], one['column']) for one in found],
          took, found[0]['text'])


def anchored(text):
  """Where the first anchor, alias or merge key stands in our file."""
  for number, line in enumerate(text.split('\n'), 1):
    hit = ANCHOR.search(line)
    if hit:
      return number, hit.start() + 1
  return None


def wanted(number, expected, text):
  if number in LARGE:
    return LARGE[number]
  if number in SPECIAL:
    return SPECIAL[number][1:]
  shift = 0 if number in BARE else 1
  if number in CHOSEN:
    return CHOSEN[number][0], 0, 0
  # Aliases, anchors and merge keys are refused at the first of them.
  if number < 30 or number == 233:
    return ('SCHEMA',) + anchored(text)
  match = re.match(r'(E_\w+) (\d+):(\d+)', expected)
  if match is None:
    assert expected.startswith('OK'), expected
    return 'OK', 0, 0
  return (CODES[match[1]], int(match[2]) + shift, int(match[3]))


def ours(name, number, path):
  if '(large)' in name:
    head = '' if number in (31, 33, 35) else 'quoth: 1\n'
    return (head + large(number)).encode()
  with open(os.path.join(CORPUS, name + '.yaml'), 'rb') as source:
    text = source.read()
  if number in SPECIAL:
    text = SPECIAL[number][0](text.decode()).replace(
      'SELF', os.path.basename(path)).encode()
  return text if number in BARE else b'quoth: 1\n' + text


@pytest.mark.skipif(CORPUS is None, reason='the corpus is not there: '
                    '../shared/corpora/hostile-yaml')
@pytest.mark.parametrize('name,expected', rows() or [('none', 'OK')])
def test_row(quoth, tmp_path, name, expected):
  number = int(name[:3])
  path = str(tmp_path / 'case.yaml')
  text = ours(name, number, path)
  want = wanted(number, expected, text.decode('utf-8', 'replace'))
  got, took, said = check(quoth, path, text)
  print(f'{name}: {got[0]} in {took * 1000:.0f} ms: {said}')
  # 63: the target beside the duplicate key is none either, and comes first.
  one = got[1] if number == 63 else got[0]
  assert one[0] == want[0], (got, want, said)
  for mine, theirs in zip(one[1:], want[1:]):
    assert theirs is None or mine == theirs, (got, want, said)
