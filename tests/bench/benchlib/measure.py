"""Runs commands and says what they cost."""
import itertools
import json
import os
import re
import signal
import subprocess

TIMEOUT_S = 180


class Measure:
  def __init__(self, tool, temp):
    self.tool = tool
    self.temp = temp
    self.numbers = itertools.count(1)

  def path(self, suffix):
    return os.path.join(self.temp, f'{next(self.numbers)}{suffix}')

  def run(self, command):
    """CPU, wall and peak RSS by way of measure.c; {'error': why} if the
    command failed: the cost of a failed run is no figure."""
    path = self.path('.json')
    done = self.finish(self.tool.argv + [path] + command.argv, command.env)
    if done.get('error'):
      return done
    with open(path, encoding='ascii') as text:
      result = json.load(text)
    os.unlink(path)
    result['cpu_us'] = result['user_us'] + result['sys_us']
    return result

  def finish(self, argv, env):
    """Its stderr and {'error'}; a group of its own, so that a hanging command
    ends with what it started."""
    child = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, start_new_session=True)
    try:
      text = child.communicate(timeout=TIMEOUT_S)[1]
    except subprocess.TimeoutExpired:
      os.killpg(child.pid, signal.SIGKILL)
      child.communicate()
      return {'error': f'killed after {TIMEOUT_S} s'}
    except BaseException:
      os.killpg(child.pid, signal.SIGKILL)
      child.communicate()
      raise
    text = text.decode('utf-8', 'backslashreplace')
    if child.returncode != 0:
      last = text.strip().splitlines()[-1:] or ['']
      return {'error': f'exit {child.returncode}: {last[0][:200]}'}
    return {'stderr': text}

  def syscalls(self, strace, command):
    """Number of system calls of the command and all its children."""
    path = self.path('.strace')
    done = self.finish(strace.argv + ['-f', '-c', '-o', path] + command.argv,
                       command.env)
    if done.get('error'):
      return done
    calls = 0
    with open(path, encoding='utf-8', errors='replace') as text:
      for line in text:
        words = line.split()
        if len(words) >= 5 and words[3].isdigit() and words[-1] != 'total':
          calls += int(words[3])
    return {'calls': calls} if calls else {'error': 'strace counted nothing'}

  def opened(self, strace, command):
    """The files that the command opened."""
    path = self.path('.strace')
    done = self.finish(strace.argv + ['-f', '-e', 'trace=open,openat', '-o',
                                      path] + command.argv, command.env)
    if done.get('error'):
      return done
    with open(path, encoding='utf-8', errors='replace') as text:
      return {'files': re.findall(r'open(?:at)?\([^"]*"([^"]*)"[^=]*= \d',
                                  text.read())}

  def instructions(self, valgrind, command):
    """Instructions in user space, counted by callgrind: of the command and,
    where its environment has unjail.c, of its children."""
    out = self.path('.callgrind')
    done = self.finish(
      valgrind.argv + ['--tool=callgrind', f'--callgrind-out-file={out}.%p']
      + command.argv, command.env)
    if done.get('error'):
      return done
    found = re.findall(r'Collected\s*:\s*(\d+)', done['stderr'])
    if not found:
      return {'error': 'callgrind printed no count'}
    return {'instructions': sum(map(int, found))}
