"""Who may include whom.

A folder includes itself and lower ranks; folders of rank 2 never see each
other, so that run/ cannot know what SMTP, YAML or JUnit are. The header of a
library stands in one file or folder, so that it can be replaced there.
"""
from source import SRC, files, includes_of, name_of

RANKS = {
    'base': 0,
    'model': 1,
    'load': 2, 'script': 2, 'verb': 2, 'proto': 2, 'report': 2, 'run': 2,
    'net': 2, 'sasl': 2, 'serve': 2, 'pack': 2,
    'cmd': 3,
}

# Within script/, what a room may include of the others. Those of a worker see
# nothing of the parent's but the messages; '' is script/ itself.
ROOMS = {
    'places': {'places'},
    'jail': {'jail'},
    'vm': {'vm', 'places'},
    'bridge': {'bridge', 'vm', 'jail', ''},
    '': {'', 'jail', 'places'},
}
# Of script/ itself in a worker.
MESSAGES = 'script/message.h'

# Library's header: the one place that may include it. A trailing slash is a
# folder, a trailing dot a file with its header.
THIRD_PARTY = {
    'yaml.h': 'src/load/yaml.',
    'uv.h': 'src/net/',
    'ares.h': 'src/net/dns',
    'pcre2.h': 'src/model/regex.',
    'md5.h': 'src/model/digest.',
    'sha1.h': 'src/model/digest.',
    'sha2.h': 'src/model/digest.',
    'jansson.h': None,          # one file, whichever it is
    'openssl/': 'src/net/tls',
    'gsasl.h': 'src/sasl/',
    'lua.h': ('src/script/bridge/', 'src/script/vm/', 'src/script/script.c'),
    'lauxlib.h': ('src/script/bridge/', 'src/script/vm/'),
    'lualib.h': 'src/script/vm/',
}


def folder_of(path):
    """The folder below src/; files beside it are of cmd's rank."""
    parts = path.relative_to(SRC).parts
    return parts[0] if len(parts) > 1 else 'cmd'


def own(path, line, spelling):
    place = f'{name_of(path)}:{line}'
    here, there = folder_of(path), spelling.strip('"').split('/')[0]
    if '/' not in spelling:
        yield place, f'{spelling} does not say its folder'
    elif there not in RANKS:
        yield place, f'{there}/ has no rank in lint_ranks.py'
    elif there != here and RANKS[there] >= RANKS[here]:
        yield place, (f'{here}/ (rank {RANKS[here]}) includes {there}/ '
                      f'(rank {RANKS[there]})')


def ranks():
    for path in files('.c', '.h'):
        if folder_of(path) not in RANKS:
            yield name_of(path), f'{folder_of(path)}/ has no rank'
            continue
        for line, spelling in includes_of(path):
            if spelling[0] == '"':
                yield from own(path, line, spelling)


def room_of(spelling):
    parts = spelling.split('/')
    return parts[1] if len(parts) > 2 else ''


def rooms():
    for path in files('.c', '.h'):
        if folder_of(path) != 'script':
            continue
        here = room_of(path.relative_to(SRC).as_posix())
        for line, spelling in includes_of(path):
            header = spelling[1:-1]
            if spelling[0] != '"' or not header.startswith('script/'):
                continue
            there = room_of(header)
            if there not in ROOMS[here] or (
                    here and not there and header != MESSAGES):
                yield (f'{name_of(path)}:{line}',
                       f'script/{here} does not include {header}')


def third_party():
    seen = {}
    for path in files('.c', '.h'):
        for line, spelling in includes_of(path):
            header = spelling[1:-1]
            if header.startswith('openssl/'):
                header = 'openssl/'
            if header not in THIRD_PARTY:
                continue
            home = THIRD_PARTY[header] or seen.setdefault(
                header, name_of(path))
            if not name_of(path).startswith(home):
                yield (f'{name_of(path)}:{line}',
                       f'<{header}> belongs to {home} alone')


RULES = (ranks, rooms, third_party)
