"""The program itself: what it says to a bad command line, and that closed
descriptors and full disks do not confuse it. QUOTH names the binary."""
import os
import resource
import subprocess

import pytest

QUOTH = os.environ['QUOTH']


def run(*words, **more):
  return subprocess.run([QUOTH, *words], capture_output=True, text=True,
                        timeout=20, check=False, **more)


def test_version_names_the_program():
  done = run('--version')
  assert done.returncode == 0
  assert done.stdout.startswith('quoth ')
  assert 'libc' in done.stdout
  assert done.stderr == ''


@pytest.mark.parametrize('words', [['--help'], ['-h'], ['help']])
def test_help_lists_the_commands(words):
  done = run(*words)
  assert done.returncode == 0
  assert '  explain ' in done.stdout
  assert done.stderr == ''
  assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_help_of_a_command_is_its_own():
  assert run('help', 'explain').stdout == run('explain', '--help').stdout


@pytest.mark.parametrize('words, said', [
    ([], 'quoth: no command given (quoth --help lists them)\n'),
    (['explian'], "quoth: there is no command 'explian'; did you mean "
                  "'explain'? (quoth --help lists them)\n"),
    (['hepl'], "quoth: there is no command 'hepl'; did you mean 'help'? "
               '(quoth --help lists them)\n'),
    (['help', 'explian'], "quoth: there is no command 'explian'; did you "
                          "mean 'explain'? (quoth --help lists them)\n"),
    (['--verison'], "quoth: there is no command '--verison' "
                    '(quoth --help lists them)\n'),
    (['\x1b]0;x\x07'], "quoth: there is no command '\\x1b]0;x\\x07' "
                       '(quoth --help lists them)\n'),
    (['explain', '--x'], "quoth: explain has no option '--x'\n"),
])
def test_a_bad_command_line_gets_one_sentence(words, said):
  done = run(*words)
  assert done.returncode == 2
  assert done.stdout == ''
  assert done.stderr == said


def test_a_full_disk_is_an_error():
  with open('/dev/full', 'w', encoding='utf-8') as full:
    done = subprocess.run([QUOTH, 'explain'], stdout=full, timeout=20,
                          stderr=subprocess.PIPE, text=True, check=False)
  assert done.returncode == 4
  assert done.stderr == \
      'quoth: cannot write to stdout: No space left on device\n'


def test_a_reader_that_went_away_is_none():
  ours, theirs = os.pipe()
  os.close(ours)
  done = subprocess.run([QUOTH, 'explain', '550'], stdout=theirs,
                        stderr=subprocess.PIPE, timeout=20, check=False)
  os.close(theirs)
  assert done.returncode == 0
  assert done.stderr == b''


@pytest.mark.parametrize('closed, status', [
    ('<&-', 0), ('>&-', 0), ('2>&-', 0), ('<&- >&- 2>&-', 0)])
def test_closed_descriptors_do_no_harm(closed, status):
  done = subprocess.run(f'exec "$QUOTH" explain 550 {closed}', shell=True,
                        timeout=20, check=False, capture_output=True)
  assert done.returncode == status
  assert done.stderr == b''
  assert done.stdout.startswith(b'550 - ') == ('>&- ' not in closed + ' ' or
                                               closed == '2>&-')


def starved(size):
  def limit():
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
  # The words are kept (half a megabyte) before help is reached.
  return run('explain', *['x'] * 60000, '--help', preexec_fn=limit)


def sanitized():
  with open(QUOTH, 'rb') as program:
    return b'__asan_' in program.read()


@pytest.mark.skipif(sanitized(), reason='sanitizers have a malloc of their own')
def test_no_memory_has_its_own_exit_code():
  """At every limit: it cannot start, or it says so, or it is enough."""
  seen = set()
  for kib in range(2048, 16384, 128):
    done = starved(kib * 1024)
    seen.add(done.returncode)
    if done.returncode == 70:
      assert done.stderr == 'quoth: out of memory\n'
      assert done.stdout == ''
  assert seen >= {0, 70}
  assert seen.isdisjoint({1, 2, 3, 4, 5, 6})


def test_many_words_are_all_explained():
  done = run('explain', *['550'] * 5000)
  assert done.returncode == 0
  assert done.stdout.count('550 - ') == 5000
