"""The manual says what the program does: tables in step with the code, every
option of the help text named, mandoc content, links that lead somewhere."""
import os
import re
import shutil
import subprocess
import sys

from source import ROOT, name_of, rows_of

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


RULES = (tables, mandoc, options, links)
