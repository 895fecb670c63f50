"""quoth run: what goes wrong before anything is sent, what is selected, how
a scenario is repeated, and whether the exit code says so."""
import json
import resource
import socket
import subprocess
import time
import xml.etree.ElementTree as xml

import pytest

from binary import environment, read_jsonl
from talker import answer


@pytest.fixture
def ok(scenario):
  return scenario('ok.yaml', 'Ok', '- send: NOOP', tags='[smoke]')


@pytest.fixture
def fails(scenario):
  return scenario('fails.yaml', 'Fails', '- send: NOOP\n  expect: 550',
                  tags='[slow]')


@pytest.fixture
def broken(write):
  return write('broken.yaml', 'quoth: 1\nname: Broken\nsteps:\n  - conect:\n')


def names(done, kind='scenario-end'):
  return [event['name'] for event in done.jsonl if event['kind'] == kind]


def results(done):
  return {event['name']: event['result'] for event in done.jsonl
          if event['kind'] == 'scenario-end'}


# ---- before anything is sent ----------------------------------------------

@pytest.mark.parametrize('words, status, piece', [
  (['--bogus'], 2, "quoth: run has no option '--bogus'\n"),
  (['--taget', 'x'], 2, "did you mean '--target'?"),
  (['ok.yaml', '-target', 'embedded'], 2, "did you mean '--target'?"),
  (['-t'], 2, '--target needs a value: --target URL'),
  (['-t', 'embedded', 'none.yaml'], 3, 'none.yaml: cannot be read'),
  (['-t', 'embedded', 'none/'], 3, 'none/: cannot be read'),
  (['-t', 'embedded', 'empty'], 5, 'no scenario found in empty'),
  (['-t', 'embedded', 'broken.yaml'], 3, 'broken.yaml:4:5'),
  (['-t', 'embedded'], 2, 'name a scenario file or a folder'),
  (['ok.yaml'], 2, 'no target: say where to connect with -t: smtp://'),
  (['ok.yaml', '-t', 'ftp://x'], 2, "'ftp' is not supported by this version"),
  (['ok.yaml', '-t', 'http://x'], 2, "unknown scheme 'http'"),
  (['ok.yaml', '-t', 'smtp://'], 2, '--target: '),
  (['ok.yaml', '-t', '127.0.0.1:99999'], 2, "'99999' is no port"),
  (['ok.yaml', '-t', 'a b'], 2, '--target: '),
  (['ok.yaml', '-t', 'embedded', '-j', '0'], 2, '--jobs wants a number'),
  (['ok.yaml', '-t', 'embedded', '-j', '-1'], 2, '--jobs wants a number'),
  (['ok.yaml', '-t', 'embedded', '--seed', 'x'], 2, '--seed wants a number'),
  (['ok.yaml', '-t', 'embedded', '--timeout', '5 min'], 2, '--timeout wants'),
  (['ok.yaml', '-t', 'embedded', '--timeout', '0s'], 2, '--timeout wants'),
  (['ok.yaml', '-t', 'embedded', '--repeat', '0'], 2, '--repeat wants'),
  (['ok.yaml', '-t', 'embedded', '--shard', '3/2'], 2, '--shard wants i/n'),
  (['ok.yaml', '-t', 'embedded', '--shard', '0/2'], 2, '--shard wants i/n'),
  (['ok.yaml', '-t', 'embedded', '--tag', 'a and'], 2, '--tag wants'),
  (['ok.yaml', '-t', 'embedded', '--tag', 'none'], 5, 'none of the 1'),
  (['ok.yaml', '-t', 'embedded', '--only', 'No'], 5, 'none of the 1'),
  (['ok.yaml', '-t', 'embedded', '-D', 'x'], 2, '-D wants NAME=VALUE'),
  (['ok.yaml', '-t', 'embedded', '--vars', 'none.yaml'], 3, 'none.yaml'),
  (['ok.yaml', '-t', 'embedded', '--format', 'hman'], 2, "mean 'human'"),
  (['ok.yaml', '-t', 'embedded', '--report', 'junit'], 2, 'NAME=FILE'),
  (['ok.yaml', '-t', 'embedded', '--report', 'junt=x'], 2, "mean 'junit'"),
  (['ok.yaml', '-t', 'embedded', '--color', 'red'], 2, '--color wants'),
  (['ok.yaml', '-t', 'embedded', '--transcript', 'x'], 2, '--transcript'),
  (['ok.yaml', '-t', 'embedded', '-4', '-6'], 2, 'leave no address'),
  (['ok.yaml', '-t', 'x:25', '--maildir', 'm'], 2, 'embedded server'),
  (['ok.yaml', '-t', 'x:25', '--ready', 'x:25'], 2, '--start'),
])
def test_one_sentence_and_the_right_exit_code(
    quoth, ok, broken, tmp_path, words, status, piece):
  (tmp_path / 'empty').mkdir()
  done = quoth('run', *words, cwd=tmp_path)
  assert (done.exit, done.out) == (status, ''), done.err
  assert piece in done.err
  assert 'quoth: quoth' not in done.err and '--report: --report' not in done.err


def test_a_file_in_place_of_a_command(quoth, ok, tmp_path):
  done = quoth('ok.yaml', cwd=tmp_path)
  assert done.exit == 2
  assert 'quoth run ok.yaml' in done.err


@pytest.mark.parametrize('words', [
  ['.'], ['./'], ['.', 'ok.yaml', './ok.yaml'], ['.//ok.yaml', 'ok.yaml']])
def test_a_file_has_one_name(quoth, ok, tmp_path, words):
  done = quoth('list', *words, cwd=tmp_path)
  assert done.out == 'ok.yaml#Ok  [smoke]  ok.yaml:1\n'


def test_nothing_is_sent_when_one_file_is_broken(quoth, ok, broken, talker):
  server = talker(answer({}))
  assert quoth('run', ok, broken, '-t', server.url).exit == 3
  assert server.clients == 0


def test_an_empty_selection_may_be_allowed(quoth, tmp_path):
  (tmp_path / 'empty').mkdir()
  done = quoth('run', tmp_path / 'empty', '-t', 'embedded', '--allow-empty')
  assert done.exit == 0


@pytest.mark.parametrize('words', [
  ['broken.yaml'], ['empty'], ['ok.yaml', '-D', 'nosuch=1'],
  ['ok.yaml', '-t', 'smtp://'], ['ok.yaml', '--start', 'exit 1', '-t',
                                 '127.0.0.1:9'], ['ok.yaml', '-j', 'x']])
def test_a_report_of_a_run_that_did_not_begin_is_not_green(
    quoth, ok, broken, tmp_path, words):
  """Nor is the one of the day before left in its place."""
  (tmp_path / 'empty').mkdir()
  for name in ('r.xml', 'r.json', 'r.tap', 'r.jsonl'):
    (tmp_path / name).write_text('ok')
  if '-t' not in words:
    words = words + ['-t', 'embedded']
  done = quoth('run', *words, '--report', 'junit=r.xml', '--report',
               'json=r.json', '--report', 'tap=r.tap', '--report',
               'jsonl=r.jsonl', cwd=tmp_path)
  assert done.exit in (2, 3, 4, 5)
  assert done.out == '' or '--start' in words
  suites = xml.parse(tmp_path / 'r.xml').getroot()
  assert suites.find('.//error') is not None
  report = json.loads((tmp_path / 'r.json').read_text())
  assert [one['result'] for one in report['scenarios']][0] == 'error'
  assert 'pass' not in [one['result'] for one in report['scenarios']]
  assert '\nnot ok 1 ' in (tmp_path / 'r.tap').read_text()
  assert read_jsonl(tmp_path / 'r.jsonl')[-1]['kind'] == 'run-end'


# ---- parameters ------------------------------------------------------------

@pytest.fixture
def wanting(write):
  write('a.yaml', 'quoth: 1\nname: A\nparams:\n'
        '  mailbox: { type: email, about: who gets it }\n'
        '  count: { type: int, min: 1 }\n'
        '  key: { secret: true }\n'
        'steps:\n  - connect:\n  - send: NOOP ${mailbox} ${count} ${key}\n')
  return write('b.yaml', 'quoth: 1\nname: B\nparams:\n'
               '  place: { type: host }\n'
               'steps:\n  - connect:\n  - send: NOOP ${place}\n').parent


def test_missing_parameters_are_all_listed(quoth, wanting):
  done = quoth('run', wanting, '-t', 'embedded')
  assert done.exit == 3
  for name in ('mailbox', 'count', 'key', 'place'):
    assert f"'{name}' has no value" in done.err
  assert 'QUOTH_SECRET_KEY' in done.err
  assert 'who gets it' in done.err


@pytest.mark.parametrize('given, status, piece', [
  ('mailbx=a@example.test', 2, "did you mean 'mailbox'?"),
  ('mailbox=nonsense', 3, "'nonsense' is not an address"),
  ('count=0', 3, 'count'),
  ('key=hunter22', 3, "the secret 'key' cannot come from -D"),
])
def test_a_bad_definition(quoth, wanting, given, status, piece):
  done = quoth('run', wanting, '-t', 'embedded', '-D', given)
  assert done.exit == status
  assert piece in done.err
  assert 'hunter22' not in done.err


def test_the_order_of_values(quoth, write, tmp_path):
  path = write('a.yaml', 'quoth: 1\nname: A\nparams:\n  x: { default: four }\n'
               'steps:\n  - connect:\n  - send: NOOP ${x}\n')
  write('v.yaml', 'x: three\n')

  def said(*words, env=None):
    done = quoth('run', path, '-t', 'embedded', '--format', 'jsonl', *words,
                 env=env)
    return [event['label'] for event in done.jsonl
            if event['kind'] == 'step-end'][1]
  assert said() == 'NOOP four'
  variables = ['--vars', tmp_path / 'v.yaml']
  assert said(*variables) == 'NOOP three'
  assert said(*variables, env={'QUOTH_VAR_X': 'two'}) == 'NOOP two'
  assert said(*variables, '-D', 'x=one', env={'QUOTH_VAR_X': 'two'}) == \
    'NOOP one'


# ---- the environment -------------------------------------------------------

def test_a_refused_connection(quoth, ok, nobody):
  done = quoth('run', ok, '-t', f'127.0.0.1:{nobody}')
  assert done.exit == 4
  assert f'127.0.0.1:{nobody}: connection refused' in done.out


def test_a_name_that_does_not_exist(quoth, ok):
  done = quoth('run', ok, '-t', 'smtp://no.such.host.invalid')
  assert done.exit == 4
  assert 'cannot resolve no.such.host.invalid' in done.out


def test_a_failure_is_worse_than_a_target_that_is_not_there(
    quoth, ok, fails, embedded, nobody):
  other = ok.parent / 'other.yaml'
  other.write_text(ok.read_text().replace('name: Ok', 'name: Other').replace(
    'tags:', f'target: smtp://127.0.0.1:{nobody}\ntags:'))
  fails.write_text(fails.read_text().replace(
    'tags:', f'target: {embedded.url}\ntags:'))
  assert quoth('run', other).exit == 4
  assert quoth('run', fails, other).exit == 1


def test_only_errors_that_were_expected(quoth, scenario, nobody):
  """A server that is not there proves nothing about the scenario."""
  path = scenario('x.yaml', 'X', '- send: NOOP\n  expect: 550',
                  xfail='{ because: a bug, expires: 2999-01-01 }')
  assert quoth('run', path, '-t', 'embedded').exit == 0
  assert quoth('run', path, '-t', f'127.0.0.1:{nobody}').exit == 4


def test_addresses_of_one_family(quoth, ok, talker):
  server = talker(answer({}))
  port = server.url.rsplit(':', 1)[1]
  assert quoth('run', ok, '-t', f'localhost:{port}', '-4').exit == 0
  assert quoth('run', ok, '-t', f'localhost:{port}', '--ipv4').exit == 0
  done = quoth('run', ok, '-t', f'127.0.0.1:{port}', '--ipv6')
  assert done.exit in (2, 4)
  assert quoth('run', ok, '-t', f'localhost:{port}', '--ipv6').exit == 4


def test_ipv6(quoth, ok):
  if not socket.has_ipv6:
    pytest.skip('no IPv6 here')
  server = quoth.start('serve', '--listen', '[::1]:0')
  try:
    url = server.wait_line(r'listening on (smtp://\[::1\]:\d+)')[1]
    assert quoth('run', ok, '-t', url).exit == 0
    assert quoth('run', ok, '-t', url, '-4').exit in (2, 4)
  finally:
    server.stop()


def test_a_unix_socket(quoth, ok, tmp_path):
  server = quoth.start('serve', '--listen', f'unix:{tmp_path}/sock')
  try:
    url = server.wait_line(r'listening on (\S+)')[1]
    assert url == f'smtp+unix:{tmp_path}/sock'
    assert quoth('run', ok, '-t', url).exit == 0
  finally:
    server.stop()
  assert quoth('run', ok, '-t', url).exit == 4


def test_maildir(quoth, scenario, tmp_path):
  path = scenario(
    'a.yaml', 'A', '- send: EHLO c', '- send: MAIL FROM:<a@example.test>',
    '- send: RCPT TO:<alice@example.test>', '- send: DATA\n  expect: 354',
    '- body: |\n    Subject: kept\n\n    .dot\n', '- send: QUIT')
  done = quoth('run', path, '-t', 'embedded', '--maildir', tmp_path / 'm')
  assert done.exit == 0, done.out
  kept = [name for name in (tmp_path / 'm').rglob('*') if name.is_file()]
  assert len(kept) == 1
  assert b'Subject: kept' in kept[0].read_bytes()
  assert b'\n.dot' in kept[0].read_bytes()


@pytest.mark.parametrize('words', [[], ['-D', 'where=embedded']])
def test_the_embedded_server_as_the_target_of_a_file(quoth, scenario, words):
  path = scenario('a.yaml', 'A', '- send: EHLO ${target.host}',
                  target='embedded' if words == [] else '${where}',
                  params='{ where: { default: x:25 } }')
  done = quoth('run', path, path.parent, *words)
  assert done.exit == 0, done.out + done.err
  assert 'EHLO 127.0.0.1' in done.out


# ---- started servers -------------------------------------------------------

def test_a_server_that_is_started(quoth, ok):
  with socket.socket() as free:
    free.bind(('127.0.0.1', 0))
    url = 'smtp://127.0.0.1:%d' % free.getsockname()[1]
  listen = url[len('smtp://'):]
  done = quoth('run', ok, '-t', url, '--start',
               f'sleep 0.3; exec {quoth.path} serve --listen {listen}')
  assert done.exit == 0, done.err
  with pytest.raises(OSError):
    host, port = listen.split(':')
    socket.create_connection((host, int(port)), 1)


def test_a_server_that_does_not_start(quoth, ok, nobody):
  done = quoth('run', ok, '-t', f'127.0.0.1:{nobody}', '--start',
               'echo no licence found; exit 7')
  assert done.exit == 4
  assert 'exit status 7' in done.err
  assert 'no licence found' in done.err


def test_the_words_of_a_started_server_may_hold_a_secret(
    quoth, write, nobody):
  path = write('s.yaml', 'quoth: 1\nname: S\nparams:\n  k: { secret: true }\n'
               'steps:\n  - connect:\n  - send: NOOP ${k}\n')
  done = quoth('run', path, '-t', f'127.0.0.1:{nobody}', '--start',
               'echo my key is $QUOTH_SECRET_K; exit 7',
               env={'QUOTH_SECRET_K': 'hunter2222'})
  assert 'my key is <redacted k>' in done.err
  assert 'hunter' not in done.err + done.out


def alive(pid):
  try:
    with open(f'/proc/{pid}/stat', encoding='utf-8') as state:
      return state.read().rsplit(')', 1)[1].split()[0] != 'Z'
  except FileNotFoundError:
    return False


def test_what_it_started_is_ended_with_it(quoth, ok, tmp_path):
  with socket.socket() as free:
    free.bind(('127.0.0.1', 0))
    listen = '127.0.0.1:%d' % free.getsockname()[1]
  done = quoth('run', ok, '-t', listen, '--start', f'sleep 300 & '
               f'echo $! >{tmp_path}/pid; exec {quoth.path} serve -l {listen}')
  assert done.exit == 0, done.err
  pid = (tmp_path / 'pid').read_text().strip()
  # Killed it is, but a busy machine may let it die a moment later.
  until = time.monotonic() + 10
  while alive(pid):
    assert time.monotonic() < until
    time.sleep(0.01)


# ---- selection -------------------------------------------------------------

@pytest.fixture
def many(write):
  for i in range(11):
    write(f'many/{i:02}.yaml', f'quoth: 1\nname: S{i}\n'
          f'tags: [{"even" if i % 2 == 0 else "odd"}, all]\n'
          'steps:\n  - connect:\n')
  return write('many/rows.yaml', 'quoth: 1\nname: Rows\ntags: [rows]\neach:\n'
               '  - { x: one }\n  - { x: two }\n'
               'steps:\n  - connect:\n  - send: NOOP ${x}\n').parent


@pytest.mark.parametrize('expression, count', [
  ('even', 6), ('odd', 5), ('all', 11), ('not all', 2), ('rows or odd', 7),
  ('all and not even', 5), ('(even or odd) and all', 11), ('not not rows', 2),
])
def test_tags(quoth, many, expression, count):
  done = quoth('run', many, '-t', 'embedded', '--tag', expression,
               '--format', 'jsonl')
  assert done.exit == 0
  assert len(names(done)) == count
  listed = quoth('list', many, '--tag', expression)
  assert len(listed.out.splitlines()) == count


@pytest.mark.parametrize('words, wanted', [
  (['--only', 'S3'], ['S3']), (['--only', 'Rows'], ['Rows [one]',
                                                    'Rows [two]']),
  (['--only', 'Rows [two]'], ['Rows [two]']),
  (['--only', 'S1', '--only', 'S10'], ['S1', 'S10']),
])
def test_only(quoth, many, words, wanted):
  done = quoth('run', many, '-t', 'embedded', '--format', 'jsonl', *words)
  assert sorted(names(done)) == sorted(wanted)


# A typo must not make less run than was asked for.
@pytest.mark.parametrize('words, wanted', [
  (['--only', 'Row'], (5, "no scenario is called 'Row'; did you mean 'Rows'?")),
  (['--only', 'S1', '--only', 'Row'], (2, "did you mean 'Rows'?")),
  (['--only', 'S1', '--only', 'zzzzzz'], (2, "is called 'zzzzzz'\n")),
  (['--only', 'S1', '--only', 'Row', '--allow-empty'], (0, '')),
])
def test_only_nobody(quoth, many, words, wanted):
  done = quoth('run', many, '-t', 'embedded', *words)
  assert done.exit == wanted[0]
  assert wanted[1] in done.err


@pytest.mark.parametrize('shards', [1, 2, 3, 5, 13, 20])
def test_shards_are_disjoint_and_complete(quoth, many, shards):
  seen = []
  digests = set()
  for i in range(1, shards + 1):
    done = quoth('run', many, '-t', 'embedded', '--format', 'jsonl',
                 '--shard', f'{i}/{shards}', '--allow-empty')
    assert done.exit == 0
    seen += names(done)
    digests.add(done.jsonl[0]['selection'])
  assert len(seen) == len(set(seen)) == 13
  assert len(digests) == 1


def test_repeat(quoth, ok):
  done = quoth('run', ok, '-t', 'embedded', '--repeat', '7', '--format',
               'jsonl')
  assert (done.exit, len(names(done))) == (0, 7)


def test_fail_fast(quoth, fails, many):
  done = quoth('run', fails, many, '-t', 'embedded', '--fail-fast', '-j', '1',
               '--format', 'jsonl')
  assert done.exit == 1
  assert results(done)['Fails'] == 'fail'
  assert set(results(done).values()) == {'fail', 'error'}
  whole = quoth('run', fails, many, '-t', 'embedded', '--format', 'jsonl')
  assert list(results(whole).values()).count('pass') == 13


def test_a_seed_makes_random_the_same_again(quoth, scenario):
  path = scenario('r.yaml', 'R', '- send: NOOP ${random}')

  def said(*words):
    done = quoth('run', path, '-t', 'embedded', '--format', 'jsonl', *words)
    return [event['label'] for event in done.jsonl
            if event['kind'] == 'step-end'][1]
  assert said('--seed', '7') == said('--seed', '7')
  assert said('--seed', '7') != said('--seed', '8')
  assert said() != said()


def test_only_of_an_author_is_red_in_ci(quoth, ok, scenario):
  path = scenario('marked.yaml', 'Marked', only='true')
  plain = quoth('run', ok, path, '-t', 'embedded', '--format', 'jsonl')
  assert (plain.exit, names(plain)) == (0, ['Marked'])
  red = quoth('run', ok, path, '-t', 'embedded', env={'CI': 'true'})
  assert red.exit == 1
  assert 'only: true' in red.err


# ---- results ---------------------------------------------------------------

@pytest.mark.parametrize('keys, steps, status, result', [
  ({'skip': 'not today'}, '- send: NOOP\n  expect: 550', 0, 'skip'),
  ({'needs': '[XNOSUCH]'}, '- send: EHLO c\n- send: NOOP', 0, 'skip'),
  ({'xfail': '{ because: a bug, expires: 2999-01-01 }'},
   '- send: NOOP\n  expect: 550', 0, 'pass'),
  ({'xfail': '{ because: a bug, expires: 2999-01-01 }'}, '- send: NOOP', 1,
   'fail'),
  ({'xfail': '{ because: a bug, expires: 2020-01-01 }'},
   '- send: NOOP\n  expect: 550', 1, 'fail'),
  ({}, '- send: NOOP\n  expect: 550\n  level: should', 0, 'warn'),
  ({'on_fail': 'continue'}, '- send: NOOP\n  expect: 550\n- send: RSET', 1,
   'fail'),
])
def test_verdicts(quoth, scenario, keys, steps, status, result):
  path = scenario('v.yaml', 'V', steps, **keys)
  done = quoth('run', path, '-t', 'embedded', '--format', 'jsonl')
  assert (done.exit, results(done)) == (status, {'V': result})


def test_an_xfail_that_has_expired_says_so(quoth, scenario):
  path = scenario('a.yaml', 'A', '- send: NOOP\n  expect: 550',
                  xfail='{ because: x, expires: 2020-01-31 }')
  done = quoth('run', path, '-t', 'embedded')
  assert done.exit == 1
  assert 'want  550' in done.out
  assert 'failed, and its xfail has expired' in done.out


def test_several_connections(quoth, scenario):
  path = scenario(
    'two.yaml', 'Two', '- connect:\n  on: second', '- send: EHLO a',
    '- send: EHLO b\n  on: second',
    '- send: MAIL FROM:<a@example.test>\n  on: second',
    '- send: RCPT TO:<alice@example.test>\n  expect: 503',
    '- send: RCPT TO:<alice@example.test>\n  on: second\n  expect: 250',
    '- send: QUIT', '- send: QUIT\n  on: second')
  done = quoth('run', path, '-t', 'embedded', '-v')
  assert done.exit == 0, done.out


def test_retry(quoth, scenario, talker):
  seen = []

  def rcpt(line):
    seen.append(line)
    return b'250 ok\r\n' if len(seen) > 2 else b'451 later\r\n'
  server = talker(answer({b'RCPT': rcpt}))
  path = scenario('r.yaml', 'R', '- send: RCPT TO:<a@example.test>',
                  retry='{ times: 5, every: 50ms, on: [4xx] }')
  done = quoth('run', path, '-t', server.url, '--format', 'jsonl')
  assert done.exit == 0
  assert done.jsonl[-2]['attempts'] == 3
  seen.clear()
  path = scenario('r.yaml', 'R', '- send: RCPT TO:<a@example.test>',
                  retry='{ times: 1, every: 50ms, on: [4xx] }')
  assert quoth('run', path, '-t', server.url).exit == 1
  assert len(seen) == 2


def test_eventually(quoth, scenario, talker):
  seen = []

  def noop(line):
    seen.append(line)
    return b'250 ok\r\n' if len(seen) > 3 else b'450 later\r\n'
  server = talker(answer({b'NOOP': noop}))
  path = scenario('e.yaml', 'E', '- eventually:\n    within: 5s\n'
                  '    every: 50ms\n    steps:\n      - send: NOOP')
  assert quoth('run', path, '-t', server.url).exit == 0
  assert len(seen) == 4
  path.write_text(path.read_text().replace('within: 5s', 'within: 200ms'))
  server = talker(answer({b'NOOP': b'450 later\r\n'}))
  done = quoth('run', path, '-t', server.url)
  assert done.exit == 1


@pytest.mark.parametrize('keys', ['lock: mailbox', 'serial: true'])
def test_holders_of_a_lock_are_apart(quoth, write, keys, talker):
  """One file: serial keeps its scenarios in order, lock apart."""
  busy = []

  def talk(client):
    busy.append(1)
    assert len(busy) == 1
    client.sendall(b'220 hi\r\n' if len(busy) == 1 else b'554 busy\r\n')
    while client.recv(100):
      pass
    busy.pop()
  server = talker(talk)
  path = write('l.yaml', 'quoth: 1\nscenarios:\n' + ''.join(
    f'  - name: L{i}\n    {keys if keys[0] == "l" else ""}\n    steps:\n'
    '      - connect:\n      - wait: 30ms\n      - close:\n'
    '      - wait: 30ms\n' for i in range(8)))
  if keys[0] == 's':
    path.write_text(path.read_text().replace('quoth: 1\n',
                                             'quoth: 1\nserial: true\n'))
  done = quoth('run', path, '-t', server.url, '-j', '8', '--format', 'jsonl')
  assert done.exit == 0, results(done)


def test_the_options_come_from_the_environment_too(quoth, ok):
  done = quoth('run', ok, env={'QUOTH_OPT_TARGET': 'embedded',
                               'QUOTH_OPT_FORMAT': 'tap'})
  assert (done.exit, done.out.splitlines()[1]) == (0, '1..1')


@pytest.mark.parametrize('env, piece', [
  ({'GITHUB_ACTIONS': 'true'}, '::error file='),
  ({'HARNESS_ACTIVE': '1'}, 'not ok 1 - '),
  ({}, 'FAIL  '),
])
def test_the_format_suits_the_place(quoth, fails, env, piece):
  done = subprocess.run(
    [quoth.path, 'run', str(fails), '-t', 'embedded'], env=environment(env),
    stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=20)
  assert piece in done.stdout.decode()


@pytest.mark.parametrize('descriptors', [16, 64, 512])
def test_few_descriptors(quoth, scenario, descriptors):
  """Fewer at a time, and a word about it; nothing fails for it."""
  path = scenario('m.yaml', 'M', '- send: EHLO c', '- send: QUIT')

  def limit():
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
  done = subprocess.run(
    [quoth.path, 'run', str(path), '-t', 'embedded', '--repeat', '1500',
     '-j', '1000'], env=environment(None), stdout=subprocess.PIPE,
    stderr=subprocess.PIPE, check=False, timeout=60, preexec_fn=limit)
  assert done.stdout.splitlines()[-1].startswith(b'1500 passed in '), \
    done.stdout[-300:]
  assert done.returncode == 0
  assert b'the limit of open files allows' in done.stderr
