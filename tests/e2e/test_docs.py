"""The examples of quoth-scenario(5), of README.md, of lua/README.md and of
scenarios/ do what their pages say: each is run against the embedded server.

In the manual a line `.\\" example KIND` stands in front of each block:
  file NAME   a whole file; all of them lie in one folder
  steps       steps behind a greeting and EHLO
  message     steps behind a DATA that was accepted
  chunks      steps behind a recipient that was accepted
  keys        keys of a file that has such steps
In the Markdown pages, a yaml or lua block is a file, and its first line says
its name.
"""
import os
import pathlib
import re
import shlex
import socket
import subprocess
import textwrap

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r'^\.Bd -literal[^\n]*\n(.*?)^\.Ed\n', re.M | re.S)
EXAMPLE = re.compile(r'^\.\\" example (\w+) ?(\S*)\n'
                     r'\.Bd -literal[^\n]*\n(.*?)^\.Ed\n', re.M | re.S)
GENERATED = re.compile(r'^\.\\" begin.*?^\.\\" end', re.M | re.S)

HELLO = '''quoth: 1
steps:
  - connect:
  - send: EHLO ${client}
'''
CHUNKS = HELLO + '''  - send: MAIL FROM:<tester@example.test>
  - send: RCPT TO:<alice@example.test>
'''
MESSAGE = CHUNKS + '''  - send: DATA
'''


def page():
  return GENERATED.sub('', (ROOT / 'docs' / 'quoth-scenario.5').read_text(
      encoding='utf-8'))


def plain(block):
  return block.replace('\\e', '\\').replace('\\&', '').replace('\\-', '-')


def manual():
  """(id, name of the file, its text) of each example of the manual."""
  found = []
  for at, match in enumerate(EXAMPLE.finditer(page())):
    kind, name, text = match.group(1), match.group(2), plain(
        match.group(3))
    if kind == 'steps':
      text = HELLO + textwrap.indent(text, '  ')
    elif kind == 'message':
      text = MESSAGE + textwrap.indent(text, '  ')
    elif kind == 'chunks':
      text = CHUNKS + textwrap.indent(text, '  ')
    elif kind == 'keys':
      text = HELLO.replace('steps:', text + 'steps:', 1)
    else:
      assert kind == 'file', kind
    found.append((f'manual-{at}-{name or kind}',
                  name or f'example{at}.yaml', text))
  return found


def fenced(page):
  """(id, name of the file, its text) of each yaml or lua block."""
  text = (ROOT / page).read_text(encoding='utf-8')
  found = []
  for block in re.findall(r'^```(?:yaml|lua)\n(.*?)^```$', text, re.M | re.S):
    name = re.match(r'(?:#|--) (\S+\.(?:yaml|lua))\n', block)
    assert name, 'the first line of a block names its file'
    found.append((f'{page}-{name.group(1)}', name.group(1), block))
  return found


def readme():
  return fenced('README.md')


def failing():
  """The file whose report README.md shows."""
  text = (ROOT / 'README.md').read_text(encoding='utf-8')
  return re.search(r'^```\n\$ quoth run (\S+)', text, re.M).group(1)


EXAMPLES = manual() + fenced('lua/README.md') + \
    [e for e in readme() if e[1] != failing()]


def test_there_are_examples():
  """And none that nobody looks at."""
  assert len(EXAMPLES) > 20
  assert readme()
  assert len(fenced('lua/README.md')) >= 4
  assert any(name.endswith('.lua') for _, name, _ in manual())
  assert any(name.endswith('.lua') for _, name, _ in readme())
  assert len(EXAMPLE.findall(page())) == len(BLOCK.findall(page()))


@pytest.mark.parametrize('name, text', [e[1:] for e in EXAMPLES],
                         ids=[e[0] for e in EXAMPLES])
def test_example(quoth, tmp_path, name, text):
  (tmp_path / name).write_text(text, encoding='utf-8')
  checked = quoth('check', name, cwd=tmp_path)
  assert checked.exit == 0, checked.out + checked.err
  assert 'error' not in checked.out and 'warning' not in checked.out
  done = quoth('run', name, '-t', 'embedded', cwd=tmp_path)
  assert done.exit == 0, done.out + done.err
  assert ' passed' in done.out and 'skip' not in done.out, done.out


def shipped():
  return sorted(path for path in (ROOT / 'scenarios').glob('**/*')
                if path.suffix in ('.yaml', '.lua'))


# They want another server than the embedded one, and say so.
ELSEWHERE = ['digest-md5', 'implicit-tls', 'not-in-clear', 'oauthbearer',
             'scram-sha-1', 'xoauth2']


@pytest.mark.parametrize('path', shipped(), ids=[p.stem for p in shipped()])
def test_shipped(quoth, path):
  """It opens with a comment that teaches, and passes."""
  head = re.match(r'((?:#|--)[^\n]*\n)+', path.read_text(encoding='utf-8'))
  assert head and head.group().count('\n') >= 2
  done = quoth('run', path, '-t', 'embedded')
  assert done.exit == 0, done.out + done.err
  # What is for servers that lack an extension cannot run here.
  lacks = 'needs: [no ' in path.read_text(encoding='utf-8') or \
    path.stem in ELSEWHERE
  assert ('skip' in done.out) == lacks, done.out


def commands():
  """(exit status, command line) of the faults in quoth(1)."""
  text = (ROOT / 'docs' / 'quoth.1').read_text(encoding='utf-8')
  found = []
  for status, block in re.findall(
          r'^\.\\" example fault (\d)\n((?:\.[^\n]*\n|\$[^\n]*\n)+?)'
          r'(?=\.Pp\n[^.]|\.Ed\n)', text, re.M):
    found += [(int(status), line) for line in re.findall(
        r'^(?:\.Dl )?\$ quoth (run [^\n]*)$', block, re.M)]
  return found


def test_there_are_faults():
  text = (ROOT / 'docs' / 'quoth.1').read_text(encoding='utf-8')
  assert len(commands()) == 4
  assert len(re.findall(r'\$ quoth run [^\n]*--fault', text)) == 4


@pytest.mark.parametrize('status, line', commands(),
                         ids=[line.split()[-1] for _, line in commands()])
def test_fault(quoth, status, line):
  done = quoth(*shlex.split(line), cwd=ROOT)
  assert done.exit == status, done.out + done.err
  assert status == 0 or 'why ' in done.out, done.out


def test_served_faults(serve):
  """The server of the example starts."""
  text = (ROOT / 'docs' / 'quoth.1').read_text(encoding='utf-8')
  block = re.search(r'^\.\\" example serve\n\.Bd[^\n]*\n(.*?)^\.Ed', text,
                    re.M | re.S).group(1)
  words = shlex.split(plain(block).replace('\\\n', ''))
  assert words[:3] == ['$', 'quoth', 'serve'] and len(words) == 9
  with socket.create_connection(serve(*words[3:]).address, 20) as line:
    assert line.recv(1000).startswith(b'421 ')


def test_index():
  """scenarios/README.md names every file that ships."""
  text = (ROOT / 'scenarios' / 'README.md').read_text(encoding='utf-8')
  for path in shipped():
    name = path.relative_to(ROOT / 'scenarios').as_posix()
    assert name in text, f'{name} is not in the index'


def test_report_of_the_readme(quoth, tmp_path):
  """The failing report is what a terminal shows, but for the times."""
  text = (ROOT / 'README.md').read_text(encoding='utf-8')
  shown = re.search(r'^```\n\$ quoth (run [^\n]*)\n(.*?)^```$', text,
                    re.M | re.S)
  files = {name: block for _, name, block in readme()}
  words = shown.group(1).split()
  (tmp_path / words[1]).write_text(files[words[1]], encoding='utf-8')
  done = quoth(*words, cwd=tmp_path)
  assert done.exit == 1, done.err
  times = re.compile(r' +[\d.]+ m?s\b')
  assert times.sub(' T', done.out).rstrip() == \
      times.sub(' T', shown.group(2)).rstrip()


def test_install(tmp_path):
  build = os.environ.get('QUOTH_BUILD')
  if not build:
    pytest.skip('QUOTH_BUILD names no build folder')
  done = subprocess.run(
      ['meson', 'install', '-C', build, '--no-rebuild', '--destdir',
       str(tmp_path)], capture_output=True, text=True, timeout=60,
      check=False)
  assert done.returncode == 0, done.stdout + done.stderr
  names = {path.relative_to(tmp_path).as_posix()
           for path in tmp_path.glob('**/*') if path.is_file()}
  for end in ('bin/quoth', 'share/man/man1/quoth.1',
              'share/man/man5/quoth-scenario.5',
              'share/quoth/scenarios/telnet/deliver.yaml',
              'share/quoth/scenarios/lua/greylisting.lua',
              'share/quoth/lua/README.md', 'share/quoth/lua/quoth.d.lua',
              'share/quoth/lua/quoth/smtp.lua',
              'share/bash-completion/completions/quoth'):
    assert any(name.endswith(end) for name in names), end
  binary = next(p for p in tmp_path.glob('**/bin/quoth'))
  scenario = next(tmp_path.glob('**/telnet/deliver.yaml'))
  done = subprocess.run([binary, 'run', scenario, '-t', 'embedded'],
                        capture_output=True, timeout=60, check=False)
  assert done.returncode == 0, done.stderr


def test_completion(quoth):
  """What the shell would offer."""
  script = quoth('help', '--completion', 'bash')
  assert script.exit == 0

  def offered(*words):
    line = ' '.join(f"'{word}'" for word in words)
    done = subprocess.run(
        ['bash', '-c', f'{script.out}\nCOMP_WORDS=({line})\n'
         f'COMP_CWORD={len(words) - 1}\n_quoth\n'
         'echo "${COMPREPLY[*]}"'], capture_output=True, text=True,
        timeout=20, check=True)
    return done.stdout.split()
  assert offered('quoth', 'se') == ['serve']
  assert set(offered('quoth', 'run', '--ta')) == {'--tag', '--target'}
  assert offered('quoth', 'run', 'scen') == []
  assert '--listen' in offered('quoth', 'serve', '-')
  assert quoth('help', '--completion', 'fish').exit == 2
