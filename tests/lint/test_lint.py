"""Runs every rule on the tree, and the rules that read C on bad examples."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import lint_docs        # noqa: E402
import lint_form        # noqa: E402
import lint_ranks       # noqa: E402
import lint_rows        # noqa: E402
import source           # noqa: E402

RULES = [(module.__name__, rule)
         for module in (lint_ranks, lint_form, lint_rows, lint_docs)
         for rule in module.RULES]


@pytest.mark.parametrize(
    'rule', [rule for _, rule in RULES],
    ids=[f'{module}-{rule.__name__}' for module, rule in RULES])
def test_tree(rule):
    found = [f'{place}: {sentence}' for place, sentence in rule()]
    assert not found, '\n' + '\n'.join(found)


# A rule that never says no proves nothing: one bad tree for each.
LONG = '/* A. */\n' + 'int a;\n' * 400
BODY = '/* A. */\nint\nf(void)\n{\n' + '\ta();\n' * 59 + '}\n'
PAD = '\n' * 10
BAD = [
    (lint_ranks.ranks, 'src/base/a.c', '#include "model/reply.h"\n'),
    (lint_ranks.ranks, 'src/run/a.c', '#include "net/loop.h"\n'),
    (lint_ranks.ranks, 'src/run/a.c', '#  include "cmd/cmd.h"\n'),
    (lint_ranks.ranks, 'src/run/a.c', '#include "session.h"\n'),
    (lint_ranks.ranks, 'src/new/a.c', 'int a;\n'),
    (lint_ranks.rooms, 'src/script/bridge/a.c', '#include "script/host.h"\n'),
    (lint_ranks.rooms, 'src/script/a.c', '#include "script/vm/vm.h"\n'),
    (lint_ranks.rooms, 'src/script/vm/a.c', '#include "script/message.h"\n'),
    (lint_ranks.third_party, 'src/run/a.c', '#include <uv.h>\n'),
    (lint_ranks.third_party, 'src/script/source.c', '#include <lua.h>\n'),
    (lint_ranks.third_party, 'src/net/loop.c', '#include <ares.h>\n'),
    (lint_ranks.third_party, 'src/load/scenario.c', '#include <yaml.h>\n'),
    (lint_form.length, 'src/run/a.c', LONG),
    (lint_form.function_length, 'src/run/a.c', BODY),
    (lint_form.head, 'src/run/a.c', 'int a;\n' * 11),
    (lint_form.width, 'src/run/a.c', '/* ' + 'x' * 98 + '\n'),
    (lint_form.width, 'src/run/a.c', 'int a; \n'),
    (lint_form.width, 'src/run/a.c', '        int a;\n'),
    (lint_form.words, 'src/run/a.c', 'x = printf("");\n'),
    (lint_form.words, 'src/run/a.c', '\texit (1);\n'),
    (lint_form.words, 'src/net/child.c', '\texit(1);\n'),
    (lint_form.words, 'src/net/loop.c', '\t_exit(1);\n'),
    (lint_form.words, 'src/cmd/a.c', '\tstrcpy(a, b);\n'),
    (lint_form.words, 'src/cmd/a.c', '\ta = malloc(1);\n'),
    (lint_form.gotos, 'src/run/a.c', '\tgoto again;\n'),
    (lint_form.lua, 'lua/a.lua', 'return 1\n'),
    (lint_form.lua, 'scenarios/a.lua', '-- A.\n  return 1\n'),
    (lint_form.lua, 'tests/twins/a.lua', '-- ' + 'x' * 98 + '\n'),
    (lint_form.gotos, 'src/run/a.c', 'typedef struct a a;\n'),
    (lint_rows.rows, 'src/verb/rows.h', 'VERB(nothing)\n'),
    (lint_rows.built, 'src/run/a.c', 'int a;\n'),
    (lint_rows.shipped, 'lua/quoth/a.lua', 'return {}\n'),
]
GOOD = [
    (lint_ranks.ranks, 'src/run/a.c', '/*\n#include "net/x.h" */\n'
     '#include "run/bus.h"\n#include "model/reply.h"\n#include <string.h>\n'),
    (lint_ranks.rooms, 'src/script/bridge/a.c',
     '#include "script/message.h"\n#include "script/vm/vm.h"\n'),
    (lint_ranks.third_party, 'src/net/dns.c', '#include <ares.h>\n'),
    (lint_ranks.third_party, 'src/script/vm/vm.c', '#include <lua.h>\n'),
    (lint_form.function_length, 'src/run/a.c', BODY.replace('\ta();\n', '', 1)),
    (lint_form.function_length, 'src/run/a.c',
     'static const struct a b[] = {\n' + '\t{ 1 },\n' * 90 + '};\n'),
    (lint_form.words, 'src/run/a.c', '/* printf( */\nx = "exit(1)";\n'
     'a->abort(b); c.exit(d); vsnprintf(e, f, g, h); my_exit();\n'),
    (lint_form.words, 'src/cmd/a.c', '\texit(1);\n'),
    (lint_form.words, 'src/net/child.c', '\t_exit(1);\n'),
    (lint_form.head, 'src/run/a.c', '/* Why. */\n' + 'int a;\n' * 11),
    (lint_form.gotos, 'src/run/a.c', '\tgoto out;\n'),
]


def in_small_tree(monkeypatch, tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding='utf-8')
    for folder in source.PLUGINS + ('run', 'net', 'script', 'script/bridge'):
        (tmp_path / 'src' / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / 'src' / folder / 'meson.build').touch()
        if folder in source.PLUGINS:
            (tmp_path / 'src' / folder / 'rows.h').touch()
    for module in (source, lint_rows, lint_form):
        monkeypatch.setattr(module, 'ROOT', tmp_path)
    for module in (source, lint_rows, lint_ranks):
        monkeypatch.setattr(module, 'SRC', tmp_path / 'src')
    monkeypatch.setattr(lint_rows, 'UNIT', tmp_path / 'tests' / 'unit')


def ids(cases):
    return [f'{rule.__name__}-{at}' for at, (rule, _, _) in enumerate(cases)]


@pytest.mark.parametrize('rule, name, text', BAD, ids=ids(BAD))
def test_bad(monkeypatch, tmp_path, rule, name, text):
    in_small_tree(monkeypatch, tmp_path, name, text)
    found = list(rule())
    assert found and found[0][0].startswith(name.rsplit('/', 1)[0]), found


@pytest.mark.parametrize('rule, name, text', GOOD, ids=ids(GOOD))
def test_good(monkeypatch, tmp_path, rule, name, text):
    in_small_tree(monkeypatch, tmp_path, name, text)
    assert not list(rule())
