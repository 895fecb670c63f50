"""Where `quoth serve` cannot listen: one sentence that says what to write."""
import pytest

HERE = ('--listen', '127.0.0.1:0')


@pytest.mark.parametrize('options, status, sentence', [
  (('--listen', 'unix:rel.sock'), 2, 'wants the absolute path of a socket, '
   "such as unix:/tmp/smtp.sock, not 'unix:rel.sock'"),
  (('--listen', 'unix:'), 2, 'wants the absolute path of a socket'),
  (('--listen', 'unix:/' + 'x' * 107), 2,
   "a socket's path of 108 octets is longer than 107"),
  (('--listen', 'unix:/' + 'x' * 300), 2, 'of 301 octets is longer than 107'),
  (('--listen', 'unix:/nowhere/sock'), 4, 'cannot listen on '
   'unix:/nowhere/sock: no such file or directory'),
  (('--listen', 'unix:/tmp'), 4, 'unix:/tmp: address already in use'),
  ((*HERE, '--listen-tls', 'unix:/tmp/sock'), 2,
   "--listen-tls wants HOST:PORT, such as 127.0.0.1:2465, not 'unix:"),
  (('--listen', 'nowhere:25'), 2, "cannot listen on 'nowhere': want an IP"),
  (('--listen', '127.0.0.1'), 2, '--listen wants HOST:PORT or unix:PATH'),
  (('--listen', '192.0.2.1:0'), 4, 'cannot assign requested address'),
])
def test_nowhere_to_listen(quoth, tmp_path, options, status, sentence):
  done = quoth('serve', *options, cwd=tmp_path)
  assert (done.exit, done.out) == (status, '')
  assert done.err.startswith('quoth: ') and done.err.count('\n') == 1
  assert sentence in done.err
  assert not list(tmp_path.iterdir())
