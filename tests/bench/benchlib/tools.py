"""Finds what is measured and what it is measured with.

A tool is what has to stand before its arguments and in its environment, or
the reason why there is none.
"""
import dataclasses
import glob
import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
PEERS = {
  'measure': ['measure.c'],
  'blocking_client': ['blocking_client.c', 'message.c'],
  'epoll_client': ['epoll_client.c', 'message.c'],
  'sink': ['sink.c'],
  'tls_client': ['tls_client.c'],
}
LIBRARIES = {'tls_client': ['-lssl', '-lcrypto']}


@dataclasses.dataclass
class Tool:
  name: str
  argv: list = dataclasses.field(default_factory=list)
  env: dict = dataclasses.field(default_factory=dict)
  missing: str = ''

  def environ(self):
    return {**os.environ, **self.env}


def find_path(name):
  path = shutil.which(name, path=os.environ.get('PATH', '') +
                      ':/usr/sbin:/usr/local/sbin')
  if path:
    return Tool(name, [path])
  return Tool(name, missing='not installed')


def find_quoth(given):
  if given:
    return program('quoth', os.path.abspath(given))
  build = os.path.join(ROOT, 'build', 'quoth')
  found = [os.environ.get('QUOTH_BIN', ''), build]
  found += sorted(glob.glob(os.path.join(ROOT, 'build*', 'quoth')))
  tools = [program('quoth', path) for path in found if os.path.isfile(path)]
  for tool in tools:
    if not tool.missing:
      return tool
  return tools[0] if tools else Tool('quoth', missing='no quoth binary')


def program(name, path):
  """A sanitizer makes a program several times as dear: no figure at all is
  better than that one."""
  if not (os.path.isfile(path) and os.access(path, os.X_OK)):
    return Tool(name, missing=f'{path} is no program')
  with open(path, 'rb') as binary:
    if re.search(rb'__(a|t|m|ub)san_', binary.read()):
      return Tool(name, missing=f'{path} is built with sanitizers')
  return Tool(name, [path])


def find_peers(folder, quoth, temp):
  """The C peers: built by meson, or compiled here and now."""
  places = [folder] if folder else []
  if not quoth.missing:
    places.append(os.path.join(os.path.dirname(quoth.argv[0]),
                               'tests', 'bench'))
  for place in places:
    paths = {name: os.path.join(place, name) for name in PEERS}
    if all(os.access(path, os.X_OK) for path in paths.values()):
      return {name: Tool(name, [path]) for name, path in paths.items()}
  return compile_peers(temp)


def compile_peers(temp):
  compiler = os.environ.get('CC') or shutil.which('cc') or shutil.which('gcc')
  if not compiler:
    raise SystemExit('bench: no C compiler, and no built peers (--peers DIR)')
  tools = {}
  for name, sources in PEERS.items():
    path = os.path.join(temp, name)
    subprocess.run(
      compiler.split() + ['-std=c11', '-D_GNU_SOURCE', '-O2', '-o', path] +
      [os.path.join(HERE, source) for source in sources] +
      LIBRARIES.get(name, []), check=True)
    tools[name] = Tool(name, [path])
  return tools


def compile_unjail(temp):
  """What lets callgrind count in a worker of quoth (unjail.c)."""
  compiler = os.environ.get('CC') or shutil.which('cc') or shutil.which('gcc')
  path = os.path.join(temp, 'unjail.so')
  if not compiler:
    return Tool('unjail', missing='no C compiler')
  done = subprocess.run(
    compiler.split() + ['-O2', '-shared', '-fPIC', '-o', path,
                        os.path.join(HERE, 'unjail.c')],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
  if done.returncode != 0:
    return Tool('unjail', missing='unjail.c does not compile here')
  return Tool('unjail', [path], {'LD_PRELOAD': path})


def lab_roots():
  """Root folders of a lab: Postfix unpacked with the libraries it needs."""
  labs = [os.environ.get('LAB_DIR'),
          os.path.join(os.environ.get('TMPDIR') or '/tmp', 'lab')]
  return [os.path.join(lab, 'root', name) for lab in labs if lab
          for name in ('sink', 'postfix')]


def find_postfix(name):
  """smtp-source or smtp-sink, installed or out of a lab's root folder."""
  installed = find_path(name)
  tried = [installed] if not installed.missing else []
  for root in lab_roots():
    path = os.path.join(root, 'usr/sbin', name)
    if os.access(path, os.X_OK):
      tried += postfix_ways(name, root, path)
  for tool in tried:
    if answers_usage(tool):
      return tool
  return Tool(name, missing='not installed, and none in a lab'
              if not tried else 'found, but does not start')


def postfix_ways(name, root, path):
  """No chroot: it needs root's rights, and its program would be measured."""
  own = os.path.join(root, 'usr/lib/postfix')
  yield Tool(name, [path], {'LD_LIBRARY_PATH': own})
  dirs = [own] + glob.glob(os.path.join(root, 'usr/lib/*-linux-gnu'))
  for loader in glob.glob(os.path.join(root, 'lib*/ld-linux*.so*')):
    yield Tool(name, [loader, '--library-path', ':'.join(dirs), path])


def answers_usage(tool):
  try:
    done = subprocess.run(tool.argv, env=tool.environ(), timeout=10,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
  except (OSError, subprocess.TimeoutExpired):
    return False
  return b'usage' in done.stdout
