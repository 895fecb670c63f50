"""The tree as the lint rules see it: C files without comments and strings.

Rules are functions that yield (place, sentence); test_lint.py runs them all.
"""
import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / 'src'
# Plug-in folders: a row in rows.h is a file.
PLUGINS = ('proto', 'verb', 'report', 'cmd')

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(*suffixes):
    return sorted(p for p in SRC.rglob('*') if p.suffix in suffixes)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@functools.lru_cache(maxsize=None)
def text_of(path):
    return path.read_text(encoding='utf-8')


def blank(match):
    """As many line ends as before, so that line numbers stay."""
    token = match.group()
    if token[0] in '"\'':
        return token[0] + '_' * (len(token) - 2) + token[0]
    return re.sub(r'[^\n]', ' ', token)


@functools.lru_cache(maxsize=None)
def code_of(path):
    """The text with comments blanked and the insides of literals masked."""
    return TOKEN.sub(blank, text_of(path))


def includes_of(path):
    """(line, spelling) of each include: '"base/span.h"', '<uv.h>'."""
    pattern = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<][^">]+[">])', re.M)
    text = TOKEN.sub(
        lambda m: m.group() if m.group()[0] == '"' else blank(m),
        text_of(path))
    for match in pattern.finditer(text):
        yield text.count('\n', 0, match.start()) + 1, match.group(1)


def rows_of(folder):
    """The rows of a plug-in folder, as meson reads them."""
    path = SRC / folder / 'rows.h'
    code = re.sub(r'^[ \t]*#.*$', '', code_of(path), flags=re.M)
    return re.findall(r'^[A-Z]+\((\w+)\)', code, re.M)
