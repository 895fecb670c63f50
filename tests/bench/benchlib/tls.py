"""CPU of a TLS dialogue (connect, handshake, greeting, QUIT, close_notify),
full and resumed, beside a bare OpenSSL client that keeps one SSL_CTX, and the
memory of an idle TLS session.

Both talk to one `quoth serve --listen-tls` and verify its certificate. The
figure is the difference of a long and a short run, so that start-up and the
reading of CAs cancel out.
"""
import os
import re
import statistics
import subprocess
import time

from . import clients, idle, table
from .clients import Command

SHORT, LONG = 50, 450
FEW, MANY = 100, 2000


def run(bench):
  quoth, bare = bench.tools['quoth'], bench.tools['tls_client']
  if quoth.missing or bare.missing:
    print(f'\nTLS skipped: {quoth.missing or bare.missing}')
    return
  ca = os.path.join(bench.temp, 'ca.pem')
  server = subprocess.Popen(
    quoth.argv + ['serve', '--listen', '127.0.0.1:0', '--listen-tls',
                  '127.0.0.1:0', '--save-ca', ca],
    stdout=subprocess.PIPE, env=quoth.environ(), text=True)
  try:
    plain, port = (int(re.search(r'://127\.0\.0\.1:(\d+)',
                                 server.stdout.readline())[1])
                   for _each in range(2))
    measure(bench, quoth, bare, port, ca)
    idle_cost(bench, quoth, {'plain': f'smtp://127.0.0.1:{plain}',
                             'TLS': f'smtps://127.0.0.1:{port}'}, ca)
  finally:
    server.terminate()
    server.wait()


def commands(quoth, bare, port, ca):
  found = {}
  for kind in ('full', 'resumed'):
    for count in (SHORT, LONG):
      found['bare', kind, count] = Command(
        bare.argv + [str(port), str(count), ca, kind], bare.environ())
      found['quoth', kind, count] = Command(
        quoth.argv + ['run', clients.scenario('tls'), '-t',
                      f'smtps://127.0.0.1:{port}', '--ca', ca, '-D',
                      f'resume={str(kind == "resumed").lower()}', '-D',
                      f'times={count}', '--format', 'quiet'],
        quoth.environ())
  return found


def measure(bench, quoth, bare, port, ca):
  rounds = bench.rounds(5, 15)
  results = bench.interleave(commands(quoth, bare, port, ca), rounds, 'TLS')
  rows, figures = [], bench.figures.setdefault('tls', {})
  for kind in ('full', 'resumed'):
    both = {}
    for name in ('bare', 'quoth'):
      short, long = (results.get((name, kind, count))
                     for count in (SHORT, LONG))
      if not short or not long:
        return
      both[name] = [(b['cpu_us'] - a['cpu_us']) / (LONG - SHORT)
                    for a, b in zip(short, long)]
    ratios = table.ratios(both['quoth'], both['bare'])
    figures[kind] = {**both, 'ratio': ratios}
    rows.append([kind] + [table.spread(both[name], 1, 0)
                          for name in ('bare', 'quoth')]
                + [table.spread(ratios)])
    bench.goals.figure('tls/handshake', statistics.median(ratios), kind)
  table.show('TLS dialogues: CPU, us', ['handshake', 'bare OpenSSL', 'quoth',
                                        'ratio'], rows,
             'Connect, handshake with the certificate verified, greeting, '
             'QUIT, close_notify.')


def idle_cost(bench, quoth, targets, ca):
  """What a session that waits holds with TLS and without."""
  rows, each = [], {}
  for name, target in targets.items():
    seen = []
    for sessions in (FEW, MANY):
      bench.progress(f'TLS: {sessions} idle sessions, {name}')
      memory = idle.hold(quoth, target, sessions, 'idle.yaml', '--ca', ca)
      bench.progress('')
      if isinstance(memory, str):
        bench.fail(f'idle TLS: {name}, {sessions} sessions', memory)
        return
      seen.append(memory['VmRSS'])
    each[name] = (seen[1] - seen[0]) / (MANY - FEW)
    rows.append([name] + [f'{one / 1024:.1f}' for one in seen]
                + [f'{each[name]:.2f}'])
  table.show('Idle sessions with TLS 1.3 and without',
             ['', f'{FEW}: RSS MiB', f'{MANY:,}: RSS MiB', 'a session, KiB'],
             rows, 'Verified, EHLO said, waiting.')
  bench.figures['tls']['idle_kib'] = each
  bench.goals.figure('tls/idle', each['TLS'] - each['plain'])
