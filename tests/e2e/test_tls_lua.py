"""What a handshake has by default, in Lua as in YAML: no session resumption, a
deadline of the step's own, and an end that is seen. Then the shipped injection
scenario, which fails a server that was injected into and no other."""
import os
import time

import pytest

from lab import ROOT
from test_tls import Server, failed, steps

HELLO = 'local c <close> = t:connect()\nc:expect(220)\n' \
        'c:send("EHLO me"):expect(250)\n'
YAML = 'quoth: 1\nsteps:\n  - connect:\n  - send: EHLO me\n    expect: 250\n'


def lua(body):
  return ('local quoth = require "quoth"\nquoth.scenario("one", { run = '
          f'function(t)\n{body}\nend }})\n')


@pytest.fixture
def run(quoth, write, lab):
  def go(name, text, url):
    return quoth('run', write(name, text), '-t', url, '--format', 'jsonl',
                 '--ca', lab.certificate('ca.pem'))
  return go


def test_no_session_is_resumed_unless_asked(run, postfix):
  for ask, again in (('', 'false'), ('{ resume = true }', 'true')):
    body = ''.join(
      'do ' + HELLO + f'c:starttls({ask}):expect {{ code = 220, tls = {{ '
      'version = "TLSv1.3", verified = true, name = "localhost", resumed = '
      f'{resumed} }} }}\nc:send("NOOP"):expect(250)\nc:send("QUIT"):expect(221)'
      '\nc:expect { code = "closed", tls = { close_notify = true } } end\n'
      for resumed in ('false', again))
    done = run('s.lua', lua(body), postfix.url)
    assert done.exit == 0, done.out
    assert [event['tls']['resumed'] for event in steps(done)
            if event['act'] == 'starttls'] == [False, again == 'true']


STALLED = {
  's.lua': lua(HELLO + 'c:starttls({}, { timeout = "300ms" }):expect { code = '
               '220, tls = { verified = true } }'),
  'tls.lua': lua(HELLO + 'c:send("STARTTLS"):expect(220)\nc:tls({}, { timeout ='
                 ' "300ms" }):expect { tls = { verified = true } }'),
  's.yaml': YAML + '  - starttls:\n    timeout: 300ms\n',
  'tls.yaml': YAML + '  - send: STARTTLS\n    expect: 220\n  - tls:\n'
  '    timeout: 300ms\n',
}


@pytest.mark.parametrize('name', STALLED)
@pytest.mark.parametrize('mode', ['starttls-stall', 'starttls-half-record'])
def test_its_timeout_bounds_the_handshake(run, hostile, mode, name):
  began = time.monotonic()
  done = run(name, STALLED[name], 'smtp://%s:%d' % hostile(mode).address)
  assert time.monotonic() - began < 5
  act, cause, message = failed(done)
  assert (act, cause) == (
    'tls' if 'tls' in name else 'starttls', 'timeout')
  assert message.startswith('the TLS handshake was not over within 300 ms')


@pytest.mark.parametrize('mode, seen', [
  ('tls-no-close-notify', 'false'), ('tls-close-notify-stay', 'true')])
def test_how_tls_ends_is_seen(run, hostile, mode, seen):
  for said in ('true', 'false'):
    done = run('s.lua', lua(
      HELLO + 'c:starttls()\nc:send("QUIT"):expect(221)\nc:expect { code = '
      f'"closed", tls = {{ close_notify = {said} }} }}'),
      'smtp://%s:%d' % hostile(mode).address)
    assert done.exit == (0 if said == seen else 1), done.out


# ---- scenarios/tls/injection.yaml -------------------------------------------

def injected(clear=b'', inside=b'', closes=False):
  """Answers what stood behind STARTTLS: in the clear, inside TLS, by a close."""
  def talk(peer, context):
    lines = peer.makefile('rb')
    peer.sendall(b'220 me\r\n')
    lines.readline()
    peer.sendall(b'250-me\r\n250 STARTTLS\r\n')
    lines.readline()
    lines.readline()
    peer.sendall(b'220 go\r\n' + clear)
    if closes:
      return
    lines.close()
    with context.wrap_socket(peer, server_side=True) as secure:
      secure.sendall(inside)
      lines = secure.makefile('rb')
      while (line := lines.readline()):
        secure.sendall(b'221 bye\r\n' if line[:4] == b'QUIT' else
                       b'250 me\r\n')
  return talk


@pytest.mark.parametrize('habit, passes', [
  ({}, True), ({'closes': True}, True),
  ({'inside': b'250 reset\r\n'}, False), ({'clear': b'250 reset\r\n'}, False)],
  ids=['forgets', 'closes', 'inside', 'clear'])
@pytest.mark.parametrize('path', ['scenarios/tls/injection.yaml',
                                  'tests/twins/tls/injection.lua'])
def test_only_an_injection_fails(quoth, lab, path, habit, passes):
  server = Server(lab, injected(**habit))
  done = quoth('run', os.path.join(ROOT, path), '-t', f'smtp://{server.url}',
               '--ca', lab.certificate('ca.pem'), '--format', 'jsonl')
  assert done.exit == (0 if passes else 1), done.out
  server.join(20)


def test_a_handshake_that_had_to_fail(quoth, write):
  """The connection is over then: nothing is closed, and its name is free."""
  done = quoth('run', write('s.lua', """local quoth = require "quoth"
quoth.scenario "x" { run = function(t)
  for round = 1, 2 do
    local c <close> = t:connect()
    c:expect(220)
    c:send("EHLO x"):expect(250)
    c:starttls { name = "other.test" }:expect { code = 220, tls = "failed" }
  end
  local c <close> = t:connect()
  c:expect(220)
  c:send("EHLO x"):expect(250)
  c:starttls { max = "TLSv1.1" }:check { code = 220, tls = "failed" }
  local d <close> = t:connect { on = "d" }
  d:expect(220)
end }
"""), '-t', 'embedded', '--format', 'jsonl')
  assert done.exit == 0, done.out
  ends = [(event['act'], event['conn']) for event in done.jsonl
          if event['kind'] == 'step-end' and event['act'] != 'send']
  assert ends == [('connect', 'main'), ('starttls', 'main')] * 3 + [
    ('connect', 'd'), ('close', 'd')]
