"""The goals, as shared by the sections that measure them.

A goal is judged by the worst of the figures that speak of it, and each figure
is a median. One without a figure is "not measured", never reached.
"""

# key: (section, what, the most it may be, unit, digits)
GOALS = {
  'process/smtp-source': ('process', 'one transaction: CPU / smtp-source',
                          0.55, '', 2),
  'process/curl': ('process', 'one transaction: CPU / curl', 0.3, '', 2),
  'process/swaks': ('process', 'one transaction: CPU / swaks', 0.04, '', 3),
  'process/syscalls': ('process', 'one transaction: system calls',
                       180, '', 0),
  'process/rss': ('process', 'one transaction: peak RSS', 6.0, ' MiB', 1),
  'process/tls': ('process', 'one transaction: certificate files opened',
                  0, '', 0),
  'load/epoll': ('load', 'load: CPU / raw epoll', 1.20, '', 2),
  'load/each': ('load', 'load, connection each: CPU / smtp-source',
                0.65, '', 2),
  'load/reused': ('load', 'load, reused: CPU / smtp-source', 0.85, '', 2),
  'load/lua-yaml': ('load', 'load, Lua with its worker: CPU / YAML',
                    1.50, '', 2),
  'load/lua-epoll': ('load', 'load, Lua with its worker: CPU / raw epoll',
                     1.40, '', 2),
  'instructions/each': ('counts', 'instructions a message, connection each',
                        12000, '', 0),
  'instructions/reused': ('counts', 'instructions a message, reused',
                          6000, '', 0),
  'instructions/lua-each': ('counts', 'instructions a message, connection '
                            'each, Lua', 35000, '', 0),
  'instructions/lua-reused': ('counts', 'instructions a message, reused, Lua',
                              18000, '', 0),
  'syscalls/each': ('counts', 'system calls a message, connection each',
                    24, '', 1),
  'syscalls/reused': ('counts', 'system calls a message, reused',
                      10, '', 1),
  'syscalls/pipelined': ('counts', 'system calls a message, pipelined',
                         3, '', 1),
  'idle/bytes': ('idle', 'idle session', 2.5, ' KiB', 2),
  'tls/handshake': ('tls', 'TLS dialogue: CPU / bare OpenSSL', 1.10, '', 2),
  'tls/idle': ('tls', 'idle TLS session, above a plain one', 20, ' KiB', 1),
  'idle/lua-bytes': ('idle', 'idle session, Lua', 5.0, ' KiB', 2),
  'loading/one': ('loading', '10,000 scenarios in one file: CPU',
                  150, ' ms', 0),
  'loading/files': ('loading', '10,000 scenarios in 10,000 files: CPU',
                    150, ' ms', 0),
  'loading/lua': ('loading', '10,000 Lua scenarios in one file: CPU',
                  250, ' ms', 0),
}


class Goals:
  def __init__(self):
    self.figures = {}

  def figure(self, key, value, where=''):
    """One figure; `where` names its row when several speak of a goal."""
    assert key in GOALS
    self.figures.setdefault(key, []).append((value, where))

  def rows(self, only):
    return [self.row(key) for key, goal in GOALS.items()
            if not only or goal[0] in only]

  def row(self, key):
    _section, what, most, unit, digits = GOALS[key]
    wanted = f'at most {most:g}{unit}'
    figures = self.figures.get(key)
    if not figures:
      return [what, wanted, '-', 'not measured']
    value, where = max(figures)
    good = sum(1 for figure, _where in figures if figure <= most)
    verdict = 'reached' if good == len(figures) else 'not reached'
    measured = f'{value:.{digits}f}{unit}'
    if len(figures) > 1:
      measured += f' worst ({where})'
      verdict += f', {good} of {len(figures)}'
    return [what, wanted, measured, verdict]
