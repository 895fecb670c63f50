"""One new file and one row: no row without its file and its test, no file
that nothing builds, no test that nothing runs."""
import re

from source import PLUGINS, ROOT, SRC, name_of, rows_of

UNIT = ROOT / 'tests' / 'unit'
FUZZ = ROOT / 'tests' / 'fuzz'


def names_in(path):
    """Every quoted word of a meson.build."""
    text = re.sub(r'#.*', '', path.read_text(encoding='utf-8'))
    return set(re.findall(r"'([^']*)'", text))


def tests_of(folder, row):
    """A test of the row's own name, or the folder's family test."""
    word = re.sub(r'_act$', '', row)
    for stem in (word, folder, f'{folder}_{word}'):
        yield from UNIT.glob(f'test_{stem}.c')
        yield from UNIT.glob(f'test_{stem}_*.c')
        yield from (ROOT / 'tests').glob(f'*/test_{stem}.py')
        yield from (ROOT / 'tests').glob(f'*/test_{stem}_*.py')


def rows():
    for folder in PLUGINS:
        place = f'src/{folder}/rows.h'
        seen = rows_of(folder)
        for row in seen:
            if not (SRC / folder / f'{row}.c').exists():
                yield place, f'{row} has no file src/{folder}/{row}.c'
            if not any(tests_of(folder, row)):
                yield place, f'{row} has no test'
            if seen.count(row) > 1:
                yield place, f'{row} stands twice'


def built():
    """A .c file is a row or stands in its folder's meson.build."""
    for path in sorted(SRC.glob('*/**/*.c')):
        folder = path.parent
        listed = names_in(folder / 'meson.build')
        if folder.name in PLUGINS and path.stem in rows_of(folder.name):
            if path.name in listed:
                yield name_of(path), 'is a row and in meson.build as well'
        elif path.name not in listed:
            yield name_of(path), 'is not built'


def shipped():
    """A Lua module that comes with the program is built into it."""
    listed = names_in(SRC / 'script' / 'bridge' / 'meson.build')
    for path in sorted((ROOT / 'lua' / 'quoth').glob('*.lua')):
        if path.stem not in listed:
            yield name_of(path), 'is not in src/script/bridge/meson.build'


def run():
    """A test or a fuzz target is named in its folder's meson.build."""
    for folder, prefix in ((UNIT, 'test_'), (FUZZ, 'fuzz_')):
        listed = names_in(folder / 'meson.build')
        for path in sorted(folder.glob(f'{prefix}*.c')):
            if path.stem[len(prefix):] not in listed:
                yield name_of(path), 'is not in meson.build: nothing runs it'


RULES = (rows, built, shipped, run)
