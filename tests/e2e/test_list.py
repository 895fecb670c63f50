"""quoth list: a line for each scenario that a run would select."""


def test_list(quoth, write):
  path = write('l.yaml', 'quoth: 1\nscenarios:\n'
               '  - name: One\n    tags: [a, b]\n    steps: [{ connect: }]\n'
               '  - name: "T\\twò"\n    skip: later\n'
               '    steps: [{ connect: }]\n')
  done = quoth('list', path.name, cwd=path.parent)
  assert (done.exit, done.err) == (0, '')
  assert done.out.splitlines() == [
    'l.yaml#One  [a, b]  l.yaml:3',
    'l.yaml#T\\twò  l.yaml:6  skip: later']


def test_list_selects_as_run_does(quoth, write):
  path = write('l.yaml', 'quoth: 1\nscenarios:\n' + ''.join(
    f'  - name: S{i}\n    tags: [t{i % 2}]\n    steps: [{{ connect: }}]\n'
    for i in range(6)))
  done = quoth('list', path, '--tag', 't1', '--shard', '1/3')
  assert [line.split('#')[1].split(' ')[0] for line in
          done.out.splitlines()] == ['S1']
  assert quoth('list', path, '--tag', 'none').exit == 5
  assert quoth('list').exit == 2
