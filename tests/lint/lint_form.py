"""The form of C files: their length, their opening words, what they call."""
import re

from source import ROOT, code_of, files, name_of, text_of

FILE_LINES = 400
FUNCTION_LINES = 60
COLUMNS = 100
HEAD_LINES = 20
# A file this short says what it is without a comment.
HEAD_FROM = 10

# Below cmd/ nothing prints and nothing ends the process.
LOUD = ('printf vprintf fprintf vfprintf dprintf vdprintf puts fputs putchar '
        'fputc putc fwrite perror exit _exit _Exit quick_exit abort').split()
# Between fork and exec there is nobody to tell.
FORKS = {'src/net/child.c': {'_exit'},
         'src/net/watchdog.c': {'_exit'},
         'src/script/jail/nursery_life.c': {'_exit'}}
# Each of these has a successor in base/ that knows lengths and limits.
UNSAFE = ('strcpy strcat stpcpy strncpy strncat sprintf vsprintf strtok '
          'strtok_r gets scanf sscanf fscanf atoi atol atoll atof alloca '
          'getaddrinfo gethostbyname').split()
ALLOC = 'malloc calloc realloc reallocarray strdup strndup asprintf'.split()


def may_be_loud(name):
    return name.startswith('src/cmd/') or name == 'src/main.c'


def calls(path, words):
    """(line, word) of each call that is no member and no declaration."""
    code = code_of(path)
    pattern = re.compile(r'(?<![\w.])(?<!->)(' + '|'.join(words) + r')\s*\(')
    for match in pattern.finditer(code):
        yield code.count('\n', 0, match.start()) + 1, match.group(1)


def functions(path):
    """(line, name, lines) of each definition: a brace behind a parenthesis
    outside every other brace."""
    code = re.sub(r'^[ \t]*#(?:\\\n|[^\n])*', lambda m: re.sub(
        r'[^\n]', ' ', m.group()), code_of(path), flags=re.M)
    depth, start, name = 0, None, ''
    for match in re.finditer(r'[{}]', code):
        if match.group() == '{':
            if depth == 0:
                before = code[:match.start()].rstrip()
                start = match.start() if before.endswith(')') else None
                head = before[max(before.rfind(';'), before.rfind('}')) + 1:]
                found = re.search(r'(\w+)\s*\(', head)
                name = found.group(1) if found else '?'
            depth += 1
        else:
            depth -= 1
            if depth == 0 and start is not None:
                yield (code.count('\n', 0, start) + 1, name,
                       code.count('\n', start, match.end()) + 1)


def length():
    for path in files('.c', '.h'):
        lines = text_of(path).count('\n')
        if lines > FILE_LINES:
            yield name_of(path), f'{lines} lines, more than {FILE_LINES}'


def function_length():
    for path in files('.c', '.h'):
        for line, name, lines in functions(path):
            if lines > FUNCTION_LINES:
                yield (f'{name_of(path)}:{line}', f'{name}() has {lines} '
                       f'lines, more than {FUNCTION_LINES}')


def head():
    for path in files('.c', '.h'):
        text = text_of(path)
        if text.count('\n') <= HEAD_FROM:
            continue
        if not text.startswith('/*'):
            yield f'{name_of(path)}:1', 'does not open with a comment'
        elif text[:text.find('*/')].count('\n') >= HEAD_LINES:
            yield f'{name_of(path)}:1', 'opens with an essay'


def width():
    for path in files('.c', '.h'):
        for number, line in enumerate(text_of(path).split('\n'), 1):
            place = f'{name_of(path)}:{number}'
            if line != line.rstrip():
                yield place, 'blanks at the end of the line'
            if len(line.expandtabs(8)) > COLUMNS and '"' not in line:
                yield place, f'more than {COLUMNS} columns'
            if line.startswith('        '):
                yield place, 'indented with blanks'


def words():
    for path in files('.c', '.h'):
        name = name_of(path)
        for line, word in calls(path, UNSAFE):
            yield f'{name}:{line}', f'calls {word}()'
        if name == 'src/base/mem.c':
            continue
        for line, word in calls(path, ALLOC):
            yield f'{name}:{line}', f'calls {word}(): see base/mem.h'
        if may_be_loud(name):
            continue
        for line, word in calls(path, LOUD):
            if word not in FORKS.get(name, ()):
                yield f'{name}:{line}', f'calls {word}() below cmd/'


def gotos():
    """`goto` leads to `out:` and nowhere else; structs have no typedef."""
    for path in files('.c', '.h'):
        code = code_of(path)
        for match in re.finditer(
                r'\bgoto\s+(?!out\b)(\w+)|\btypedef\s+struct\b', code):
            line = code.count('\n', 0, match.start()) + 1
            yield f'{name_of(path)}:{line}', ' '.join(match.group().split())


LUA = ('lua', 'scenarios', 'tests/lua', 'tests/twins')


def lua():
    """Lua files: the same columns and tabs, and a comment at the top."""
    for path in sorted(p for folder in LUA for p in
                       (ROOT / folder).rglob('*.lua')):
        text = path.read_text(encoding='utf-8')
        if not text.startswith('--'):
            yield f'{name_of(path)}:1', 'does not open with a comment'
        if text.count('\n') > FILE_LINES and not path.stem.endswith('.d'):
            yield name_of(path), f'more than {FILE_LINES} lines'
        for number, line in enumerate(text.split('\n'), 1):
            place = f'{name_of(path)}:{number}'
            if line != line.rstrip():
                yield place, 'blanks at the end of the line'
            # An annotation is one line by its nature.
            if len(line.expandtabs(4)) > COLUMNS and '---' not in line:
                yield place, f'more than {COLUMNS} columns'
            if line.startswith('  '):
                yield place, 'indented with blanks'


RULES = (lua, length, function_length, head, width, words, gotos)
