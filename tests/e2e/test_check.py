"""quoth check: what it finds, and that machines can read it."""
import json
import re

import pytest

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
