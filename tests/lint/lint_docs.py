"""The manual says what the program does: tables in step with the code, every
option of the help text named, mandoc content, links that lead somewhere."""
import os
import re
import shutil
import subprocess
import sys

from source import ROOT, SRC, name_of, rows_of

DOCS = ROOT / 'docs'


def run(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          timeout=60, check=False, cwd=ROOT)


def pages():
    return sorted(DOCS.glob('*.[1-8]'))


def plain(path):
    """A man page as text, with mdoc's escapes resolved."""
    text = path.read_text(encoding='utf-8')
    return re.sub(r'\\-', '-', re.sub(r'\\&', '', text))


def tables():
    result = run(sys.executable, str(DOCS / 'generate'), '--check')
    for line in result.stderr.splitlines():
        if result.returncode != 0:
            yield 'docs', line


def annotations():
    """What editors know of the Lua API is in step with the code."""
    result = run(sys.executable, str(ROOT / 'lua' / 'generate'), '--check')
    if result.returncode != 0:
        yield 'lua/quoth.d.lua', result.stderr.strip()


# Words that the code knows and quoth-scenario(5) has to explain: file, and
# what stands before and behind the table.
WORDS = (
    ('load/scenario_file.c', 'scenario_fields[] =', '};'),
    ('load/step.c', 'modifiers[] =', '};'),
    ('load/step.c', 'structures[] =', '};'),
    ('load/expect.c', 'expect_fields[] =', '};'),
    ('load/codes.c', 'words[] =', '};'),
    ('load/params.c', 'param_fields[] =', '};'),
    ('load/loader.c', 'fresh[] =', '};'),
    ('load/loader.c', 'slots[] =', '};'),
    ('load/scenario_keys.c', 'retry_read(struct build', '};'),
    ('load/scenario_keys.c', 'xfail_read(struct maker', '};'),
    ('load/steps.c', 'loop_read(struct maker', '};'),
    ('load/steps.c', 'eventually_expand(struct maker', '};'),
    ('verb/write.c', 'fields[] =', '};'),
    ('verb/body.c', 'fields[] =', '};'),
    ('verb/connect.c', 'fields[] =', '};'),
    ('verb/close.c', 'fields[] =', '};'),
    ('model/match_text.c', 'fields[] =', '};'),
)


def format_words():
    """Every key and word of the format stands in quoth-scenario(5)."""
    page = plain(DOCS / 'quoth-scenario.5')
    for name, begin, end in WORDS:
        text = (SRC / name).read_text(encoding='utf-8')
        at = text.find(begin)
        found = re.findall(r'"([a-z_.]+)"', text[at:text.find(end, at)])
        if at < 0 or not found:
            yield f'src/{name}', f'has no table behind "{begin}"'
        for word in found:
            if not re.search(rf'(?<![\w.]){re.escape(word)}(?![\w])', page):
                yield 'docs/quoth-scenario.5', f'does not explain {word}'


def targets():
    """Every scheme that the program takes stands in quoth(1)."""
    text = (SRC / 'model' / 'endpoint.c').read_text(encoding='utf-8')
    table = text[text.index('schemes[] ='):]
    for scheme in re.findall(r'\{ "([a-z+]+)"', table[:table.index('};')]):
        if f'{scheme}:' not in plain(DOCS / 'quoth.1'):
            yield 'docs/quoth.1', f'does not name the target {scheme}:'


def mandoc():
    if shutil.which('mandoc') is None:
        return
    for path in pages():
        result = run('mandoc', '-T', 'lint', '-W', 'style', str(path))
        for line in result.stdout.splitlines():
            if 'referenced manual not found' not in line:
                yield name_of(path), line


def options():
    """Everything of `quoth COMMAND --help` stands in quoth(1)."""
    quoth = os.environ.get('QUOTH')
    if not quoth or not rows_of('cmd'):
        return
    text = plain(DOCS / 'quoth.1')
    for row in rows_of('cmd'):
        result = run(quoth, row, '--help')
        if result.returncode != 0:
            yield row, f'`quoth {row} --help` ends with {result.returncode}'
        if not re.search(rf'^\.(It )?(Cm|Ic|Ss) .*\b{row}\b', text, re.M):
            yield 'docs/quoth.1', f'does not name the command {row}'
        for option in re.findall(r'(?<![\w-])--([a-z][a-z0-9-]*)',
                                 result.stdout):
            if option != 'help' and not re.search(
                    rf'(Fl -|--){option}\b', text):
                yield 'docs/quoth.1', f'does not mention --{option} ({row})'


def links():
    """Relative links of the Markdown pages lead to files of the tree."""
    for path in sorted(ROOT.glob('*.md')) + sorted(ROOT.glob('*/**/*.md')):
        if name_of(path).startswith('build'):
            continue
        text = path.read_text(encoding='utf-8')
        for target in re.findall(r'\]\(([^)#]+)[^)]*\)', text):
            if '://' not in target and not (path.parent / target).exists():
                yield name_of(path), f'links to {target}, which is not there'


RULES = (tables, annotations, format_words, targets, mandoc, options, links)
