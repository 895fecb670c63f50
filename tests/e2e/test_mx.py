"""mx:// targets, against a name server of the test's own."""
import time

import pytest

import dnsd
from dnsd import (A, AAAA, MX, REFUSED, SERVFAIL, TLSA, TXT, Server, Slow,
                  Truncated, a, aaaa, cname, mx, tlsa, txt)
from lab import free_port

FILE = 'quoth: 1\nname: m\nsteps:\n  - connect:\n  - send: NOOP\n'


@pytest.fixture
def names():
  started = []

  def start(zone, **options):
    server = Server(zone, **options)
    started.append(server)
    return server
  yield start
  for server in started:
    server.stop()


@pytest.fixture
def dial(quoth, write, names, embedded):
  """dial(zone) -> the events of a run with that name server; `port` is that
  of the mail hosts."""
  def run(zone, *options, domain='d.test', port=None, text=FILE, **more):
    server = zone if isinstance(zone, Server) else names(zone, **more)
    done = quoth('run', write('m.yaml', text), '-t',
                 f'mx://{domain}:{port or embedded.port}'
                 f'?resolver=127.0.0.1:{server.port}', '--format', 'jsonl',
                 *options)
    assert done.err == ''
    return done
  return run


def notes(done):
  return [event['bytes'] for event in done.jsonl if event['kind'] == 'note']


def connect(done):
  ends = [event for event in done.jsonl if event['kind'] == 'step-end' and
          event['act'] == 'connect']
  return ends[0]


HERE = {('h1.test', A): [a('127.0.0.1')], ('h2.test', A): [a('127.0.0.1')]}


def test_preferences_decide(dial):
  done = dial({('d.test', MX): [mx(20, 'h2.test'), mx(10, 'h1.test')], **HERE})
  assert done.exit == 0
  assert notes(done) == ['MX of d.test: 10 h1.test, 20 h2.test',
                         'connected to h1.test']


def test_the_next_host_is_tried(dial, names, embedded):
  """Nothing listens on 127.0.0.2 (nor on ::1, where the family is there)."""
  server = names({
    ('d.test', MX): [mx(1, 'gone.test'), mx(2, 'h0.test'), mx(3, 'h1.test')],
    ('h0.test', A): [a('127.0.0.2')], **HERE})
  done = dial(server)
  assert done.exit == 0
  assert notes(done) == [
    'MX of d.test: 1 gone.test, 2 h0.test, 3 h1.test',
    'cannot resolve gone.test: no such host name (DNS: NXDOMAIN)',
    f'cannot connect to h0.test (127.0.0.2:{embedded.port}: connection '
    'refused)', 'connected to h1.test']


def test_no_host_takes_a_connection(dial):
  done = dial({('d.test', MX): [mx(1, 'h1.test'), mx(2, 'gone.test')], **HERE},
              port=free_port())
  assert done.exit == 4
  assert 'no mail host of d.test took a connection; the last of 2: cannot ' \
    'resolve gone.test' in connect(done)['message']
  assert any('h1.test' in note and 'refused' in note for note in notes(done))


@pytest.mark.parametrize('answer, why', [
  (dnsd.NXDOMAIN, 'no such domain (DNS: NXDOMAIN)'),
  (SERVFAIL, 'the name server failed (DNS: SERVFAIL)'),
  (REFUSED, 'the name server refused (DNS: REFUSED)'),
  ([mx(0, '')], 'the domain takes no mail: null MX (RFC 7505)'),
  ([mx(10, '127.0.0.1')], 'none of its MX records names a host'),
])
def test_no_mail_host(dial, answer, why):
  done = dial({('d.test', MX): answer, ('d.test', A): [a('127.0.0.1')]})
  assert done.exit == 4
  assert connect(done)['message'] == f'cannot find a mail host of d.test: {why}'


def test_refused_may_be_expected(dial):
  text = FILE.replace('  - connect:\n  - send: NOOP',
                      '  - connect:\n    expect: refused')
  assert dial({('d.test', MX): [mx(0, '')]}, text=text).exit == 0


def test_implicit_mx(dial):
  done = dial({('d.test', A): [a('127.0.0.1')]})
  assert done.exit == 0
  assert 'd.test has no MX: its own address stands in (RFC 5321 5.1)' in \
    notes(done)


def test_implicit_mx_without_an_address(dial):
  done = dial({('d.test', TXT): [txt(b'x')]})
  assert done.exit == 4
  assert 'the name has no address' in connect(done)['message']


def test_null_mx_beside_others(dial):
  done = dial({('d.test', MX): [mx(0, ''), mx(1, 'h1.test')], **HERE})
  assert done.exit == 0
  assert 'a null MX beside others means nothing (RFC 7505 3)' in notes(done)


def test_aliases(dial):
  """Of the domain: fine. Of a host: noted. In a circle: it ends."""
  done = dial({('d.test', MX): [cname('e.test'),
                                (*mx(1, 'h1.test'), 'e.test')],
               ('h1.test', A): [cname('h2.test'),
                                (*a('127.0.0.1'), 'h2.test')]})
  assert done.exit == 0
  assert 'd.test is an alias of e.test' in notes(done)
  assert any('h1.test is an alias, which' in note for note in notes(done))
  loop = [cname('d.test')]
  done = dial({('d.test', MX): loop, ('d.test', A): loop,
               ('d.test', AAAA): loop})
  assert done.exit == 4
  assert 'its aliases (CNAME) go round in a circle' in \
    connect(done)['message']


def test_truncated(dial):
  """TC: the same again over TCP; and where that is not there, a sentence."""
  many = [mx(i, f'h{i}.test') for i in range(1, 60)]
  zone = {('d.test', MX): Truncated(many), **HERE}
  done = dial(zone)
  assert done.exit == 0
  assert '49 more hosts are not tried' in notes(done)
  done = dial(zone, tcp=False)
  assert done.exit == 4
  assert 'cannot find a mail host of d.test: no' in connect(done)['message']


def test_a_silent_name_server(dial):
  began = time.monotonic()
  done = dial({('d.test', MX): None})
  assert done.exit == 4
  assert 'no answer from the name server' in connect(done)['message']
  assert time.monotonic() - began < 8


def test_a_slow_name_server(dial):
  done = dial({('d.test', MX): Slow(0.7, [mx(1, 'h1.test')]), **HERE})
  assert done.exit == 0


def test_the_connect_timeout_counts(dial):
  text = FILE.replace('  - connect:', '  - connect: { timeout: 300ms }')
  began = time.monotonic()
  done = dial({('d.test', MX): None}, text=text)
  assert done.exit == 4
  assert 'within 0.3 s' in connect(done)['message']
  assert time.monotonic() - began < 3


def test_notes_do_not_hold_it_up(dial):
  """TLSA and MTA-STS that never come cost a second, and nothing else."""
  began = time.monotonic()
  done = dial({('d.test', MX): [mx(1, 'h1.test')], **HERE,
               ('_mta-sts.d.test', TXT): None})
  assert done.exit == 0
  assert time.monotonic() - began < 4


def test_tlsa_and_mta_sts(dial, embedded):
  done = dial({('d.test', MX): [mx(1, 'h1.test')], **HERE,
               ('_mta-sts.d.test', TXT): [txt(b'v=spf'),
                                          txt(b'v=STSv1; ', b'id=1;')],
               (f'_{embedded.port}._tcp.h1.test', TLSA): [tlsa(3, 1, 1),
                                                          tlsa(2, 0, 1)]})
  assert done.exit == 0
  assert 'MTA-STS of d.test: v=STSv1; id=1;' in notes(done)
  assert any(note.startswith('TLSA of h1.test: 3 1 1, 2 0 1')
             for note in notes(done))


@pytest.mark.parametrize('garbage', [
  b'', b'\0' * 12, b'\xff' * 400, b'\xc0\x0c' * 200])
def test_garbage(dial, garbage):
  done = dial({('d.test', MX): lambda query: query[:2] + b'\x81\x80' +
               query[4:6] + b'\0\xff\0\0\0\0' + query[12:] + garbage})
  assert done.exit == 4
  assert 'cannot find a mail host' in connect(done)['message'] or \
    'no mail host of d.test' in connect(done)['message']


def test_asked_once(dial, names):
  """Side by side and again and again: one question for all of them."""
  server = names({('d.test', MX): [mx(1, 'h1.test')], **HERE})
  done = dial(server, '--repeat', 50, '-j', 20)
  assert done.exit == 0
  assert server.asked.count(('d.test', MX)) == 1
  assert server.asked.count(('h1.test', A)) == 1


def test_families(dial):
  zone = {('d.test', MX): [mx(1, 'h6.test'), mx(2, 'h1.test')],
          ('h6.test', AAAA): [aaaa('::1')], **HERE}
  done = dial(zone, '-4')
  assert done.exit == 0
  assert 'connected to h1.test' in notes(done)


EACH = FILE.replace('steps:', 'each: [{ n: one }, { n: two }]\nsteps:')


def test_families_of_a_target_in_the_file(quoth, write, names, embedded):
  """--ipv6 holds for every connection, also where there is no --target."""
  zone = names({('d.test', MX): [mx(1, 'h1.test')], **HERE})
  url = f'mx://d.test:{embedded.port}?resolver=127.0.0.1:{zone.port}'
  path = write('m.yaml', FILE.replace('connect:', f'connect: {url}'))
  assert quoth('run', path, '--ipv4').exit == 0
  done = quoth('run', path, '--ipv6')
  assert done.exit == 4
  assert 'the name has no address' in ' '.join(done.out.split())
  path = write('e.yaml', FILE.replace('steps:', 'target: embedded\nsteps:'))
  assert quoth('run', path, '--ipv6').exit == 0


def test_each_mx(dial):
  done = dial({('d.test', MX): [mx(2, 'h2.test'), mx(1, 'h1.test')], **HERE},
              '--each-mx', text=EACH)
  assert done.exit == 0
  ends = [event['id'].split('#')[1] for event in done.jsonl
          if event['kind'] == 'scenario-end']
  assert sorted(ends) == ['m [one, h1.test]', 'm [one, h2.test]',
                          'm [two, h1.test]', 'm [two, h2.test]']


def test_each_mx_says_the_same(dial, embedded):
  """What DNS knows of the domain and of the host, at each of them."""
  done = dial({('d.test', MX): [mx(20, 'h2.test'), mx(10, 'h1.test')], **HERE,
               ('_mta-sts.d.test', TXT): [txt(b'v=STSv1; id=1;')],
               (f'_{embedded.port}._tcp.h2.test', TLSA): [tlsa(3, 1, 1)]},
              '--each-mx')
  assert done.exit == 0
  both = ['MTA-STS of d.test: v=STSv1; id=1;',
          'MX of d.test: 10 h1.test, 20 h2.test']
  assert notes(done) == both + both + [
    'TLSA of h2.test: 3 1 1 (whether it is signed was not asked)']


def test_each_mx_knows_aliases(dial):
  """Of a host that a record names; who has none may be one."""
  alias = {('h1.test', A): [cname('h2.test'), (*a('127.0.0.1'), 'h2.test')]}
  note = 'h1.test is an alias, which a mail host must not be (RFC 2181 10.3)'
  done = dial({('d.test', MX): [mx(1, 'h1.test')], **alias}, '--each-mx')
  assert done.exit == 0 and note in notes(done)
  done = dial(alias, '--each-mx', domain='h1.test')
  assert done.exit == 0 and note not in notes(done)


def test_each_mx_one_is_down(dial):
  done = dial({('d.test', MX): [mx(1, 'h1.test'), mx(2, 'h0.test')], **HERE,
               ('h0.test', A): [a('127.0.0.2')]}, '--each-mx')
  assert done.exit == 4
  ends = {event['id'].split('#')[1]: event['result'] for event in done.jsonl
          if event['kind'] == 'scenario-end'}
  assert ends == {'m [h1.test]': 'pass', 'm [h0.test]': 'error'}


def test_each_mx_of_none(dial):
  done = dial({('d.test', MX): [mx(0, '')]}, '--each-mx')
  assert done.exit == 4
  assert 'null MX' in connect(done)['message']


def test_a_bad_resolver(quoth, write):
  done = quoth('run', write('m.yaml', FILE), '-t', 'mx://d.test?resolver=x')
  assert done.exit == 2
  assert '?resolver=ADDRESS[:PORT]' in done.err


def test_the_lab(quoth, write, server):
  """The same with a real name server and a real mail server."""
  port, dns = server('postfix').port, server('dns').port
  done = quoth('run', write('m.yaml', FILE), '-t',
               f'mx://example.test:{port}?resolver=127.0.0.1:{dns}',
               '--format', 'jsonl')
  assert done.exit == 0
  assert 'connected to mx2.example.test' in notes(done)


LAB = [
  ('nullmx', 'the domain takes no mail: null MX (RFC 7505)', None),
  ('nullandmx', None, 'a null MX beside others means nothing (RFC 7505 3)'),
  ('aonly', None, 'aonly.example.test has no MX: its own address stands in '
   '(RFC 5321 5.1)'),
  ('nodata', 'no mail host of nodata.example.test took a connection', None),
  ('badmx', None, 'cannot resolve missing.example.test: no such host name '
   '(DNS: NXDOMAIN)'),
  ('allbad', 'no mail host of allbad.example.test took a connection; the last '
   'of 1: cannot resolve missing.example.test', None),
  ('cnamemx', None, 'alias.example.test is an alias, which a mail host must '
   'not be (RFC 2181 10.3)'),
  ('mxcname', None, 'mxcname.example.test is an alias of aonly.example.test'),
  ('domcname', None, 'domcname.example.test is an alias of '
   'equal.example.test'),
  ('loopa', 'its aliases (CNAME) go round in a circle', None),
  ('ipmx', 'none of its MX records names a host', None),
  ('equal', None, 'connected to mx2.example.test'),
  ('zeropref', None, 'MX of zeropref.example.test: 0 mx2.example.test'),
  ('maxpref', None, 'MX of maxpref.example.test: 65535 mx2.example.test'),
  ('many', None, '70 more hosts are not tried'),
  ('x.wild', None, 'MX of x.wild.example.test: 10 mx2.example.test'),
  ('b\u00fccher', None, 'MX of xn--bcher-kva.example.test: 10 '
   'mx2.example.test'),
  ('nosuch', 'no such domain (DNS: NXDOMAIN)', None),
]


@pytest.mark.parametrize('name, why, note', LAB)
def test_names_of_the_lab(quoth, write, server, name, why, note):
  port, dns = server('sink').port, server('dns').port
  done = quoth('run', write('m.yaml', FILE), '-t',
               f'mx://{name}.example.test:{port}?resolver=127.0.0.1:{dns}',
               '--format', 'jsonl')
  if why:
    assert done.exit == 4 and why in connect(done)['message']
  else:
    assert done.exit == 0
  assert note is None or note in notes(done)


@pytest.mark.parametrize('host, why', [
  ('servfail.test', 'the name server failed (DNS: SERVFAIL)'),
  ('other.invalid', 'the name server refused (DNS: REFUSED)')])
def test_other_domains_of_the_lab(quoth, write, server, host, why):
  done = quoth('run', write('m.yaml', FILE), '-t',
               f'mx://{host}?resolver=127.0.0.1:{server("dns").port}')
  assert done.exit == 4 and why in ' '.join(done.out.split())


def test_a_resolver_that_is_down(quoth, write):
  done = quoth('run', write('m.yaml', FILE), '-t',
               f'mx://d.test?resolver=127.0.0.1:{free_port()}')
  assert done.exit == 4
  assert 'no name server answers' in ' '.join(done.out.split())


def test_a_domain_that_is_none(quoth, write):
  """Another name than a reader sees would be looked up."""
  done = quoth('run', write('m.yaml', FILE), '-t', 'mx://exa\u200bmple.test')
  assert done.exit == 2
  assert 'it has a character that no domain may have' in done.err


def test_every_report_has_the_hosts(quoth, dial, tmp_path):
  """Which hosts were tried, and why one did not take the connection."""
  reports = [part for name in ('junit', 'json', 'tap', 'github')
             for part in ('--report', f'{name}={tmp_path / name}')]
  done = dial({('d.test', MX): [mx(1, 'h1.test'), mx(2, 'h2.test')],
               ('h2.test', A): [a('127.0.0.1')]}, *reports)
  assert done.exit == 0
  for name in ('junit', 'json', 'tap'):
    text = (tmp_path / name).read_text()
    assert 'cannot resolve h1.test: no such host name' in text, name
    assert 'connected to h2.test' in text, name
  done = dial({('d.test', MX): [mx(1, 'h1.test')]}, *reports)
  assert done.exit == 4
  assert '%0AMX of d.test: 1 h1.test%0A' in (tmp_path / 'github').read_text()


def test_people_see_the_hosts(quoth, write, names, embedded):
  zone = names({('d.test', MX): [mx(1, 'h1.test')], **HERE})
  url = f'mx://d.test:{embedded.port}?resolver=127.0.0.1:{zone.port}'
  path = write('m.yaml', FILE)
  done = quoth('run', path, '-t', url)
  assert '  note  connected to h1.test\n' in done.out
  done = quoth('run', path, '-t', url, '--transcript', 'always')
  assert done.out.count('connected to h1.test') == 1
