"""Fixtures for every test that needs a server or the binary.

postfix, exim, sink    an Endpoint (.host .port .url .address) of the lab's server
server                 server('postfix', 'postfix-limits') -> another one of its Endpoints
hostile                hostile('banner-554') -> Endpoint of a misbehaving server
quoth                  quoth('run', path, '-t', url) -> .exit .out .err .jsonl
serve                  serve('--maildir', path) -> Endpoint, for one test
embedded               Endpoint of one `quoth serve` for the whole session

What is not there skips the test with the reason; with QUOTH_TESTS_STRICT set it
fails it, so that a machine that must have everything cannot pass by lacking it.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                'peer'))

import binary  # noqa: E402
from lab import Lab, Unavailable  # noqa: E402


def obtain(function, *args):
  try:
    return function(*args)
  except Unavailable as why:
    if os.environ.get('QUOTH_TESTS_STRICT'):
      pytest.fail(str(why), pytrace=False)
    return pytest.skip(str(why))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
  """Who runs side by side (pytest-xdist) shares one lab: tests that want it
  stay in one process."""
  for item in items:
    if 'lab' in item.fixturenames:
      item.add_marker(pytest.mark.xdist_group('lab'))


class Servers(Lab):
  def certificate(self, name):
    return obtain(super().certificate, name)


@pytest.fixture(scope='session')
def lab():
  servers = Servers()
  yield servers
  servers.down()


@pytest.fixture(scope='session')
def server(lab):
  return lambda name, endpoint=None: obtain(lab.endpoint, name, endpoint)


@pytest.fixture(scope='session')
def postfix(server):
  return server('postfix')


@pytest.fixture(scope='session')
def exim(server):
  return server('exim')


@pytest.fixture(scope='session')
def sink(server):
  return server('sink')


@pytest.fixture(scope='session')
def hostile(lab):
  return lambda mode: obtain(lab.hostile, mode)


@pytest.fixture(scope='session')
def quoth():
  return binary.Quoth(obtain(binary.find))


@pytest.fixture
def serve(quoth):
  one = binary.Quoth(quoth.path)
  try:
    yield one.serve
  finally:
    one.stop()


@pytest.fixture(scope='session')
def embedded(quoth):
  one = binary.Quoth(quoth.path)
  try:
    yield one.serve()
  finally:
    one.stop()
