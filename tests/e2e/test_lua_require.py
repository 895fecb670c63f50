"""require: where it looks, what it refuses, and what a walk passes over."""
import os

import pytest

HEAD = 'local quoth = require "quoth"\n'
RUN = 'quoth.scenario "x" { run = function(t) %s end }\n'


@pytest.fixture
def tree(write, monkeypatch, tmp_path):
  """tree({ path: text }) makes files, and goes there."""
  def make(files):
    for name, text in files.items():
      write(name, text)
    monkeypatch.chdir(tmp_path)
  return make


FOUND = {
  'beside': ({'m.lua': 'return 1'}, 'm', '1'),
  'below': ({'a/b/m.lua': 'return 2'}, 'a.b.m', '2'),
  'dash and digit': ({'a-1/m_2.lua': 'return 3'}, 'a-1.m_2', '3'),
  'nothing returned': ({'m.lua': 'local x = 1'}, 'm', 'true'),
  'false': ({'m.lua': 'return false'}, 'm', 'false'),
  'its name': ({'a/m.lua': 'return ...'}, 'a.m', 'a.m'),
  'of modules': ({'m.lua': 'return require "n" + 1', 'n.lua': 'return 4'},
                 'm', '5'),
  'ours first': ({'quoth/smtp.lua': 'return 6'}, 'quoth.smtp', 'table'),
}


@pytest.mark.parametrize('name', FOUND)
def test_found(quoth, tree, name):
  files, module, value = FOUND[name]
  show = 'type(m)' if value == 'table' else 'm'
  tree({**files, 'x.lua': HEAD + f'local m = require "{module}"\n' +
        RUN % f't:note({show}, rawequal(m, m))'})
  done = quoth('run', 'x.lua', '-t', 'embedded')
  assert done.exit == 0, done.out + done.err
  assert f'  note  {value} true\n' in done.out


MISSING = {
  'missing': ({}, 'm', 'no file m.lua'),
  'misspelt': ({}, 'quoht', "no file quoht.lua; did you mean 'quoth'?"),
  'up': ({}, '..m', "a module's name is words with dots between them"),
  'path': ({'a/m.lua': ''}, 'a/m', "a module's name is words with dots"),
  'absolute': ({}, '/etc/passwd', "a module's name is words with dots"),
  'empty': ({}, '', "a module's name is words with dots"),
  'last dot': ({}, 'm.', "a module's name is words with dots"),
  'long': ({}, 'm' * 5000, 'too long'),
  'folder': ({'m.lua/x': ''}, 'm', 'm.lua cannot be read'),
  'huge': ({'m.lua': '-' * 1100000}, 'm', 'larger than the limit of 1 MiB'),
  'syntax': ({'m.lua': '\nlocal x = = 1'}, 'm',
             "unexpected symbol near '='"),
  'raises': ({'m.lua': '\n\nerror("mine")'}, 'm', 'mine'),
  'bytecode': ({'m.lua': '\x1bLua'}, 'm', 'binary chunk'),
  'cycle': ({'m.lua': 'return require "n"', 'n.lua': 'local m = require "m"'},
            'm', "module 'm' is loading already: modules require each other"),
  'itself': ({}, 'x', "module 'x' is loading already"),
}
PLACES = {'syntax': 'm.lua:2', 'raises': 'm.lua:3', 'cycle': 'n.lua:1'}


@pytest.mark.parametrize('name', MISSING)
def test_missing(quoth, tree, name):
  files, module, words = MISSING[name]
  tree({**files, 'x.lua': f'local m = require "{module}"\n'})
  done = quoth('check', 'x.lua')
  assert done.exit == 3
  assert words in done.out + done.err
  assert PLACES.get(name, 'x.lua:1') in done.out + done.err


def test_links(quoth, tree, tmp_path, tmp_path_factory):
  """Out of the folder leads nothing; inside of it a link is a file."""
  away = tmp_path_factory.mktemp('away')
  (away / 'm.lua').write_text('return "away"')
  tree({'n.lua': 'return "inside"', 'x.lua': HEAD + RUN %
        't:note(require "link")', 'y.lua': HEAD + 'require "out"',
        'z.lua': HEAD + 'require "folder.m"'})
  os.symlink('n.lua', tmp_path / 'link.lua')
  os.symlink(away / 'm.lua', tmp_path / 'out.lua')
  os.symlink(away, tmp_path / 'folder')
  done = quoth('run', 'x.lua', '-t', 'embedded')
  assert done.exit == 0 and '  note  inside\n' in done.out
  for name in ('y.lua', 'z.lua'):
    done = quoth('check', name)
    assert done.exit == 3
    assert "leads out of the script's folder" in done.out + done.err


def test_pack(quoth, tree, monkeypatch, tmp_path):
  """Beside the script, else from the folder of its pack; not above that."""
  tree({'pack/pack.yaml': 'pack: a/b\n', 'pack/common.lua': 'return "pack"',
        'pack/own.lua': 'return "pack"', 'above.lua': 'return 1',
        'pack/a/own.lua': 'return "own"',
        'pack/a/x.lua': HEAD + RUN % 't:note(require "common", '
                                     'require "own", require "a.own")',
        'pack/a/y.lua': 'require "above"'})
  for folder, path in (('.', 'pack/a/x.lua'), ('pack', 'a/x.lua'),
                       ('pack/a', 'x.lua'), ('pack/a', './x.lua'),
                       ('pack', tmp_path / 'pack/a/x.lua')):
    monkeypatch.chdir(tmp_path / folder)
    done = quoth('run', path, '-t', 'embedded')
    assert done.exit == 0, done.out + done.err
    assert '  note  pack own own\n' in done.out
  monkeypatch.chdir(tmp_path)
  assert quoth('check', 'pack/a/y.lua').exit == 3


def test_walk(quoth, tree):
  """A module is passed over without a word; a file that is neither is not."""
  tree({'x.lua': HEAD + RUN % '', 'm.lua': 'return {}',
        'sub/n.lua': 'return function() end', 'odd.lua': 'local x = 1'})
  done = quoth('check', '.')
  text = done.out + done.err
  assert done.exit == 0
  assert 'm.lua' not in text and 'n.lua' not in text
  assert 'odd.lua' in text and 'registers no scenario' in text
  done = quoth('check', 'm.lua')
  assert done.exit == 5
  assert 'registers no scenario' in done.out + done.err


def test_many(quoth, tree):
  """Up to the limit they load; one more is told of, with its place."""
  files = {f'm{i}.lua': f'return {i}' for i in range(300)}
  load = HEAD + 'local sum = 0\nfor i = 1, %d do sum = sum + ' \
    'require("m" .. i - 1) end\n' + RUN % 't:note(sum)'
  tree({**files, 'x.lua': load % 100, 'y.lua': load % 300})
  done = quoth('run', 'x.lua', '-t', 'embedded')
  assert done.exit == 0, done.out + done.err
  assert '  note  4950\n' in done.out
  done = quoth('check', 'y.lua')
  assert done.exit == 3
  assert 'modules' in done.out + done.err and 'y.lua:3' in done.out + done.err


def test_registering(quoth, tree):
  """A module may register; its places are its own."""
  tree({'x.lua': 'require "m"', 'm.lua': HEAD + 'quoth.scenario "m" { steps = '
        '{ { send = "NOOP", expct = 250 } } }'})
  done = quoth('check', 'x.lua')
  assert done.exit == 3
  assert 'm.lua:2:49' in done.out + done.err


def test_own_to_each_run(quoth, tree):
  """What one run does to a module is not there for the next."""
  tree({'m.lua': 'return { n = 0 }', 'x.lua': HEAD + 'for i = 1, 20 do\n'
        'quoth.scenario("x" .. i) { run = function(t) local m = require "m" '
        'm.n = m.n + 1 if m.n ~= 1 then t:fail("seen") end end }\nend'})
  done = quoth('run', 'x.lua', '-t', 'embedded', '--repeat', '3')
  assert done.exit == 0, done.out
