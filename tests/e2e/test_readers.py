"""Reports as their readers see them: xmllint and an XSD, python's XML and
JSON, prove, a copy of the rule by which CI runners find commands. Servers say
what the corpus of hostile replies has collected."""
import json
import os
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as xml

import pytest

from binary import environment, read_jsonl
from lab import ROOT
from talker import answer

XSD = os.path.join(ROOT, 'tests', 'peer', 'junit.xsd')
FORMATS = {'human': 'r.txt', 'tap': 'r.tap', 'junit': 'r.xml',
           'json': 'r.json', 'jsonl': 'r.jsonl', 'github': 'r.gh',
           'quiet': 'r.quiet'}

# Ids of the corpus (hostile-replies.md); a line end is added.
HOSTILE = {
  'r01': b'250 \x1b]0;pwned\x07 ESMTP',
  'r02': b'250 \x1b[2J\x1b[1;1Hok 1 - all passed',
  'r03': b'250 \x1b]52;c;ZXZpbA==\x07',
  'r04': b'250 \x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\',
  'r05': b'250 \xc2\x9b31m red',
  'r06': b'250 \x9b31m red',
  'r07': b'250 a\x08\x08\x08b',
  'r08': b'250 visible\rhidden',
  'r09': b'250 \x90$q\x1b\\',
  'r10': b'250-x\r\n::error file=a.c,line=1::injected\r\n250 x',
  'r11': b'250-x\r\n   ::add-mask::o\r\n250 x',
  'r12': b'250 text ##[error]injected',
  'r13': b'250 ##vso[task.setvariable variable=PATH]x',
  'r14': b"250 ##teamcity[testFinished name='x']",
  'r15': b'250 section_start:0:x\r\x1b[0K',
  'r16': b'250 %0A::error::x',
  'r17': b'250 # SKIP fine',
  'r18': b'250 # TODO later',
  'r19': b'250 \\# SKIP',
  'r20': b'250-x\r\nBail out!\r\n250 x',
  'r21': b'250-x\r\n1..0\r\nok 1\r\n250 x',
  'r22': b'250 </testcase></testsuite><testsuite>',
  'r23': b'250 ]]></system-out>',
  'r24': b'250 \x00\x01\x0b\x1f',
  'r25': b'250 \xef\xbf\xbe\xef\xbf\xbf',
  'r26': b'250 \xed\xa0\x80 \xc0\xaf \xff',
  'r27': b'250 &amp; &#10; &lt;b&gt;',
  'r28': b'250 <script>alert(1)</script>',
  'r32': b'250 \xe2\x80\xa8\xe2\x80\xa9',
  'r37': b'250 \xe2\x80\xaexcod',
  'r38': b'250 $(touch x) `id` ; rm',
  'r39': b'250 %s%n%x',
  'r44': b'250-first\r\n550 second',
  'r45': b'250-first\r\n250second',
  'r47': b'2500 x',
  'r48': b'250 ok\n250 y',
  'r49': b'250 ok\r\n250 unsolicited',
  'r58': b'250 ' + '\U0001f600'.encode() * 5000,
}


@pytest.fixture
def hostile_run(quoth, write, talker, tmp_path):
  """One run against all of them, with every report; its folder."""
  def talk_of(name):
    said = HOSTILE[name] + b'\r\n'
    return answer({b'NOOP': said, b'RSET': said.replace(b'250', b'550')})
  for name in HOSTILE:
    write(f's/{name}.yaml',
          f'quoth: 1\nname: "{name} ::warning:: # TODO </x> \\u001b[31m"\n'
          f'timeout: 1s\ntarget: {talker(talk_of(name)).url}\n'
          'steps:\n  - connect:\n  - send: RSET\n    expect: 250\n'
          '    on_fail: continue\n'
          '  - send: NOOP\n    expect: { code: 250, text: nosuch }\n')

  def go(*words, env=None):
    argv = [quoth.path, 'run', 's', *words]
    for form, file in FORMATS.items():
      argv += ['--report', f'{form}={tmp_path / file}']
    return subprocess.run(argv, env=environment(env), cwd=tmp_path,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=60)
  return go


def command_lines(text):
  """What GitHub's, Azure's and TeamCity's runners take for a command."""
  for line in text.splitlines():
    if re.match(r'\s*::[a-z]', line) or '##[' in line or \
        '##vso[' in line or '##teamcity[' in line:
      yield line


def control_octets(octets):
  text = octets.decode('utf-8')         # valid, to begin with
  return {char for char in text if char != '\n' and (
    unicodedata.category(char) in ('Cc', 'Cs') or char in
    '\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069')}


def test_hostile_replies_in_every_report(hostile_run, tmp_path):
  done = hostile_run('-v', '--transcript', 'always')
  assert done.returncode == 1, done.stderr
  files = {form: (tmp_path / file).read_bytes()
           for form, file in FORMATS.items()}

  # Nothing that a terminal obeys, anywhere; nothing that CI obeys.
  for form, octets in [*files.items(), ('stdout', done.stdout)]:
    extra = {'\t'} if form in ('junit', 'json') else set()
    assert control_octets(octets) <= extra, form
    if form not in ('github', 'json', 'jsonl'):
      assert list(command_lines(octets.decode())) == [], form

  # Only its own commands.
  for line in command_lines(files['github'].decode()):
    assert re.match(r'::(error|warning|notice) file=s/r\d\d\.yaml,line=\d+'
                    r'|::error title=|::(error|notice)( title=[^:]*)?::',
                    line), line

  # TAP: a point for each scenario and no other line at the margin.
  lines = files['tap'].decode().splitlines()
  assert lines[1] == f'1..{len(HOSTILE)}'
  points = [line for line in lines if re.match(r'(not )?ok ', line)]
  assert len(points) == len(HOSTILE)
  assert all(line.startswith('not ok ') for line in points)
  for line in points:
    assert not re.search(r'(?<!\\)#', line), line
  for line in lines[2:]:
    assert re.match(r'(not )?ok \d+ - |    |  |# ', line), line

  # XML, JSON.
  cases = xml.fromstring(files['junit']).findall('.//testcase')
  assert len(cases) == len(HOSTILE)
  assert all(case.find('failure') is not None for case in cases)
  assert len(json.loads(files['json'])['scenarios']) == len(HOSTILE)
  events = [json.loads(line) for line in files['jsonl'].splitlines()]
  assert sum(event['kind'] == 'scenario-end' for event in events) == \
    len(HOSTILE)


def test_hostile_replies_survive_in_jsonl(hostile_run, tmp_path):
  """The complete record: the octets can be had back."""
  hostile_run('--format', 'quiet')
  found = {}
  for event in read_jsonl(tmp_path / 'r.jsonl'):
    if event['kind'] == 'scenario-begin':
      found[event['scenario']] = [event['name'][:3], b'']
    if event['kind'] == 'received':
      found[event['scenario']][1] += event['bytes'].encode(
        'utf-8', 'surrogateescape')
  for name, octets in found.values():
    assert HOSTILE[name].replace(b'250', b'550')[:60000] in octets, name


@pytest.mark.skipif(shutil.which('xmllint') is None, reason='no xmllint')
def test_junit_is_valid(hostile_run, tmp_path):
  hostile_run('--format', 'quiet')
  done = subprocess.run(['xmllint', '--noout', '--schema', XSD,
                         tmp_path / 'r.xml'], stderr=subprocess.PIPE,
                        check=False)
  assert done.returncode == 0, done.stderr.decode()[-2000:]


@pytest.fixture
def mixed(write):
  """One of each result."""
  rows = {'passes': '', 'fails': '\n    expect: 550',
          'warns': '\n    expect: 550\n    level: should',
          'skipped': '', 'expected': '\n    expect: 550'}
  keys = {'skipped': 'skip: not today\n',
          'expected': 'xfail: { because: a bug, expires: 2999-01-01 }\n'}
  for name, more in rows.items():
    write(f'm/{name}.yaml', f'quoth: 1\nname: {name}\n{keys.get(name, "")}'
          f'steps:\n  - connect:\n  - send: NOOP{more}\n')
  return write('m/gone.yaml', 'quoth: 1\nname: gone\n'
               'target: smtp://127.0.0.1:1\nsteps:\n  - connect:\n').parent


@pytest.fixture
def mixed_reports(quoth, mixed, embedded, tmp_path):
  """Their targets are in the files, so that one of them has another."""
  for path in mixed.glob('*.yaml'):
    text = path.read_text()
    if 'target:' not in text:
      path.write_text(text.replace('steps:',
                                   f'target: {embedded.url}\nsteps:'))
  words = []
  for form, file in FORMATS.items():
    words += ['--report', f'{form}={tmp_path / file}']
  done = quoth('run', mixed, *words)
  assert done.exit == 1
  return tmp_path


RESULTS = {'passes': 'pass', 'fails': 'fail', 'warns': 'warn',
           'skipped': 'skip', 'expected': 'pass', 'gone': 'error'}


def test_json_says_each_result(mixed_reports):
  report = json.loads((mixed_reports / 'r.json').read_text())
  assert {one['name']: one['result'] for one in report['scenarios']} == RESULTS


def test_junit_says_each_result(mixed_reports):
  root = xml.parse(mixed_reports / 'r.xml').getroot()
  found = {}
  for case in root.iter('testcase'):
    assert re.fullmatch(r'\d+\.\d+', case.get('time'))
    found[case.get('name')] = [child.tag for child in case]
  assert found == {'passes': [], 'fails': ['failure'], 'warns': [],
                   'skipped': ['skipped'], 'expected': [],
                   'gone': ['error']}
  for suite in root.iter('testsuite'):
    children = [child.tag for case in suite.iter('testcase')
                for child in case]
    assert int(suite.get('failures')) == children.count('failure')
    assert int(suite.get('errors')) == children.count('error')
    assert int(suite.get('skipped')) == children.count('skipped')
  fails = root.find('.//failure')
  assert 'wanted 550, got 250' in fails.get('message')
  assert 'quoth run ' in fails.text


def test_tap_says_each_result(mixed_reports):
  lines = (mixed_reports / 'r.tap').read_text().splitlines()
  points = dict(re.match(r'((?:not )?ok) \d+ - .*: (.*)', line).group(2, 1)
                for line in lines if re.match(r'(not )?ok', line))
  words = {name.split(' ')[0]: (verdict, name) for name, verdict in
           points.items()}
  assert words['passes'][0] == words['warns'][0] == 'ok'
  assert words['fails'][0] == words['gone'][0] == 'not ok'
  assert '# SKIP not today' in words['skipped'][1]
  assert words['expected'][0] == 'not ok'
  assert '# TODO a bug' in words['expected'][1]


def test_jsonl_is_a_journal(mixed_reports):
  events = read_jsonl(mixed_reports / 'r.jsonl')
  assert events[0]['kind'] == 'run-begin' and events[0]['schema'] == 1
  assert events[-1]['kind'] == 'run-end'
  kinds = {'run-begin', 'scenario-begin', 'step-begin', 'sent', 'received',
           'note', 'step-end', 'scenario-end', 'run-end'}
  assert {event['kind'] for event in events} <= kinds
  for event in events:
    assert isinstance(event['at_us'], int) and event['at_us'] >= 0
    if 'step' in event:
      assert event['scenario'] >= 1 and event['step'] >= 1
  for number in range(1, 7):
    mine = [event for event in events if event.get('scenario') == number]
    assert [event['kind'] for event in mine if event['kind'].startswith(
      'scenario')] == ['scenario-begin', 'scenario-end']
    times = [event['at_us'] for event in mine]
    assert times == sorted(times)
    begun = [event['step'] for event in mine if event['kind'] == 'step-begin']
    ended = [event['step'] for event in mine if event['kind'] == 'step-end']
    assert sorted(begun) == sorted(ended)
    assert all('result' in event for event in mine
               if event['kind'].endswith('-end'))
  end = events[-1]
  assert (end['passed'], end['failed'], end['errors'], end['skipped']) == \
    (3, 1, 1, 1)


needs_prove = pytest.mark.skipif(shutil.which('prove') is None,
                                 reason='no prove')


def prove(path, *words, exec_words):
  return subprocess.run(
    ['prove', *words, '--exec', exec_words, str(path)],
    env=environment(None), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    check=False, timeout=60)


@needs_prove
def test_prove_passes(quoth, scenario):
  path = scenario('ok.yaml', 'Ok', '- send: NOOP')
  done = prove(path, exec_words=f'{quoth.path} run -t embedded')
  text = done.stdout.decode()
  assert done.returncode == 0, text
  assert 'All tests successful.' in text and 'Tests=1' in text
  assert 'Parse errors' not in text


@needs_prove
def test_prove_fails(quoth, scenario, write):
  path = scenario('bad.yaml', 'Bad', '- send: NOOP\n  expect: 550')
  done = prove(path, exec_words=f'{quoth.path} run -t embedded')
  text = done.stdout.decode()
  assert done.returncode == 1
  assert 'Failed 1/1 subtests' in text and 'Parse errors' not in text
  path = write('broken.yaml', 'quoth: 1\nname: X\nsteps: [{ conect: }]\n')
  done = prove(path, exec_words=f'{quoth.path} run -t embedded')
  assert done.returncode == 1
  assert 'Parse errors' not in done.stdout.decode()


@needs_prove
def test_prove_reads_hostile_text(hostile_run, tmp_path):
  hostile_run('--format', 'quiet', env={'HARNESS_ACTIVE': '1'})
  text = (tmp_path / 'r.tap').read_text().replace('TAP version 14',
                                                  'TAP version 13', 1)
  (tmp_path / 'r.tap').write_text(text)
  done = prove(tmp_path / 'r.tap', exec_words='cat')
  said = done.stdout.decode()
  assert f'Failed {len(HOSTILE)}/{len(HOSTILE)} subtests' in said, said
  assert 'Parse errors' not in said


@needs_prove
def test_prove_counts(mixed_reports):
  text = (mixed_reports / 'r.tap').read_text().replace('TAP version 14',
                                                       'TAP version 13', 1)
  (mixed_reports / 'r.tap').write_text(text)
  done = prove(mixed_reports / 'r.tap', exec_words='cat')
  said = done.stdout.decode()
  assert 'Failed 2/6 subtests' in said, said
  assert 'less 1 skipped subtest: 3 okay' in said


@pytest.mark.parametrize('form', sorted(FORMATS))
def test_one_report_on_stdout(quoth, scenario, form):
  path = scenario('ok.yaml', 'Ok', '- send: NOOP')
  flag = quoth('run', path, '-t', 'embedded', '--format', form)
  report = quoth('run', path, '-t', 'embedded', '--report', f'{form}=-')
  assert flag.exit == report.exit == 0
  assert flag.out and report.out
  assert quoth('run', path, '-t', 'embedded', '--report', f'{form}=-',
               '--report', 'tap=-').exit == 2


def test_the_order_is_that_of_the_files(quoth, write):
  """Whatever finishes first."""
  for i in range(8):
    write(f'o/{i}.yaml', f'quoth: 1\nname: O{i}\nsteps:\n  - connect:\n'
          f'  - wait: {(8 - i) * 30}ms\n')
  path = write('o/9.yaml', 'quoth: 1\nname: O9\nsteps:\n  - connect:\n')
  done = quoth('run', path.parent, '-t', 'embedded', '-j', 10, '--format',
               'tap')
  assert re.findall(r'^ok \d+ - .*: (O\d)', done.out, re.M) == [
    'O0', 'O1', 'O2', 'O3', 'O4', 'O5', 'O6', 'O7', 'O9']
