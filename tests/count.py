"""Adds up what a suite left behind: `count.py FILE STATUS` prints
"PASSED FAILED SKIPPED".

FILE is meson's testlog.json (one line a program, cmocka's TAP inside) or
pytest's junit.xml. STATUS is the exit status of the suite: whatever is wrong
with it makes the result worse, never better.
"""
import json
import re
import sys
import xml.etree.ElementTree as ElementTree


def program(entry):
  """Passed, failed, skipped of one cmocka program."""
  text = entry.get('stdout', '') + '\n' + entry.get('stderr', '')
  # cmocka writes "not ok 3 # SKIP name".
  points = re.findall(r'^(not )?ok \d+( # SKIP)?', text, re.M)
  skipped = sum(1 for _, skip in points if skip)
  failed = sum(1 for no, skip in points if no and not skip)
  passed = len(points) - failed - skipped
  planned = sum(int(n) for n in re.findall(r'^1\.\.(\d+)', text, re.M))
  result = entry['result']
  if result == 'SKIP':
    return 0, 0, 1
  if planned == 0:            # not a cmocka program: it is one test
    return (1, 0, 0) if result == 'OK' else (0, 1, 0)
  if failed == 0 and (result != 'OK' or passed + skipped < planned):
    failed = 1              # a crash, a leak, a time limit
  return passed, failed, skipped


def from_meson(text):
  sums = [0, 0, 0]
  for line in text.splitlines():
    for at, number in enumerate(program(json.loads(line))):
      sums[at] += number
  return sums


def from_junit(text):
  sums = [0, 0, 0]
  for suite in ElementTree.fromstring(text).iter('testsuite'):
    failed = int(suite.get('failures')) + int(suite.get('errors'))
    skipped = int(suite.get('skipped'))
    sums[0] += int(suite.get('tests')) - failed - skipped
    sums[1] += failed
    sums[2] += skipped
  return sums


def main(path, status):
  try:
    with open(path, encoding='utf-8', errors='replace') as file:
      text = file.read()
  except FileNotFoundError:
    print(0, 1, 0)
    return
  sums = (from_junit if path.endswith('.xml') else from_meson)(text)
  if sums[1] == 0 and (status != '0' or sum(sums) == 0):
    sums[1] = 1
  print(*sums)


if __name__ == '__main__':
  main(*sys.argv[1:])
