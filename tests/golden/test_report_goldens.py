"""The goldens of the reports, read by real parsers of their formats.

What hostile replies r01 to r41 said must come back, and nothing else may:
no forged test, no workflow command, no control octet.
"""

import json
import os
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "report"
UNIT = Path(__file__).parent.parent / "unit"
RESULTS = ["fail", "error", "pass", "skip", "pass", "fail", "error"]
STEPS = [5, 1, 2, 0, 1, 41, 0]
NAME = b'::error::x ##[error]<b> "q" # SKIP \x1b[31m\xff\n1..0'


def hostile():
  """The replies of hostile.h, as octets."""
  text = (UNIT / "hostile.h").read_text()
  rows = {}
  for row in re.finditer(
      r'H\("(r\d\d)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"(?:[^"\\]|\\.)*"'
      r"\s*)+)\)", text
  ):
    octets = b""
    for part in re.findall(r'"((?:[^"\\]|\\.)*)"', row.group(2)):
      octets += (
          part.encode().decode("unicode_escape").encode("latin-1")
      )
    rows[row.group(1)] = octets
  assert len(rows) == 41
  return rows


def octets(text):
  """What jsonl's strings stand for."""
  return text.encode("utf-8", "surrogateescape")


def shown(raw):
  """Octets that are no UTF-8 as \\xNN text."""
  return raw.decode("utf-8", "backslashreplace")


ALL = sorted(p.name for p in HERE.iterdir() if p.is_file())


@pytest.mark.parametrize("name", ALL)
def test_no_control(name):
  text = (HERE / name).read_bytes().decode("utf-8")
  if name == "human-colours":
    text = re.sub("\x1b\\[[0-9;]*m", "", text)
  for char in text:
    if char in "\n\t":
      continue
    assert unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp"), char
    assert ord(char) & 0xFFFE != 0xFFFE


@pytest.mark.parametrize("name", ALL)
def test_no_command(name):
  """A copy of the rules of GitHub's and Azure's runners."""
  for line in (HERE / name).read_text().split("\n"):
    assert "##[" not in line and "##vso[" not in line
    assert "##teamcity[" not in line
    if line.lstrip().startswith("::"):
      assert name == "github"
      assert re.match(r"::(error|notice) (file=[^,:]+,line=\d+(,col=\d+)?"
                      r",title=[^,:]+|title=quoth)::", line), line


def test_github_count():
  lines = (HERE / "github").read_text().splitlines()
  assert sum(line.startswith("::error file=") for line in lines) == 4
  assert lines[-1].startswith("::error title=quoth::2 passed")
  # The message decodes to what was meant, percent included.
  assert "%1B" not in "".join(lines)


def test_json():
  document = json.loads((HERE / "json").read_text())
  assert document["schema"] == 1
  assert [s["result"] for s in document["scenarios"]] == RESULTS
  assert [len(s["steps"]) for s in document["scenarios"]] == STEPS
  assert document["summary"]["not_run"] == 1
  assert document["scenarios"][5]["name"] == shown(NAME)
  for step, raw in zip(document["scenarios"][5]["steps"],
                       hostile().values()):
    assert step["found"] == shown(raw)


def no_twins(pairs):
  assert len({key for key, _ in pairs}) == len(pairs), pairs
  return dict(pairs)


def test_jsonl():
  text = (HERE / "jsonl").read_text()
  assert text.endswith("\n")
  lines = [json.loads(line, object_pairs_hook=no_twins)
           for line in text[:-1].split("\n")]
  kinds = [line["kind"] for line in lines]
  assert kinds[0] == "run-begin" and kinds[-1] == "run-end"
  assert lines[0]["schema"] == 1
  ends = [line for line in lines if line["kind"] == "scenario-end"]
  assert [line["result"] for line in ends] == RESULTS
  assert octets(ends[5]["name"]) == NAME
  steps = [line for line in lines
           if line["kind"] == "step-end" and line["scenario"] == 6]
  assert [octets(line["found"]) for line in steps] == \
      list(hostile().values())
  assert "received" in kinds and "sent" in kinds


def test_json_twins():
  json.loads((HERE / "json").read_text(), object_pairs_hook=no_twins)


def test_junit():
  root = ET.parse(HERE / "junit").getroot()
  cases = list(root.iter("testcase"))
  assert len(cases) == 7
  verdicts = [case[0].tag if len(case) else "pass" for case in cases]
  assert verdicts == ["failure", "error", "pass", "skipped", "pass",
                      "failure", "error"]
  keys = [(case.get("classname"), case.get("name")) for case in cases]
  assert len(set(keys)) == 7
  for suite in root:
    assert re.fullmatch(r"\d+\.\d+", suite.get("time"))
    names = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert names["seed"] == "42" and names["shard"] == "1"
    assert names["target"] == "smtp://127.0.0.1:2525"
    tags = [child.tag for child in suite[1]]
    assert suite.get("failures") == str(tags.count("failure"))
    assert suite.get("errors") == str(tags.count("error"))
  out = root[5].find("system-out").text
  assert "</testcase></testsuite><testsuite>" in out
  assert len(out.splitlines()) == 41
  assert "C: RCPT TO:<b@example.net>\\r\\n" in \
      root[0].find("system-out").text


def test_junit_schema():
  result = subprocess.run(
      ["xmllint", "--noout", "--nonet", "--schema", str(HERE.parent /
       "junit.xsd"), str(HERE / "junit")], capture_output=True, text=True)
  assert result.returncode == 0, result.stderr


def test_junit_consumer():
  junitparser = pytest.importorskip("junitparser")
  xml = junitparser.JUnitXml.fromfile(str(HERE / "junit"))
  assert sum(suite.tests for suite in xml) == 7
  assert sum(suite.failures for suite in xml) == 2
  assert sum(suite.errors for suite in xml) == 2
  assert sum(suite.skipped for suite in xml) == 1


def tap_points(text):
  return re.findall(r"^(not ok|ok) (\d+) - ([^\n]*)$", text, re.M)


def test_tap_structure():
  text = (HERE / "tap").read_text()
  assert text.startswith("TAP version 14\n1..7\n")
  points = tap_points(text)
  assert [point[1] for point in points] == [str(n) for n in range(1, 8)]
  assert [point[0] for point in points] == [
      "not ok", "not ok", "ok", "ok", "not ok", "not ok", "not ok"]
  directive = re.compile(r"(?<!\\)(?:\\\\)*\s#\s*(SKIP|TODO)")
  assert [bool(directive.search(point[2])) for point in points] == [
      False, False, False, True, True, False, False]
  assert "Bail out" not in re.sub("(?m)^ .*$", "", text)
  for line in text.splitlines():
    assert re.match(r"TAP version|1\.\.|(not )?ok \d|# |  |$", line), line


def test_tap_yaml():
  # tests/golden/yaml is a folder, so that the name alone proves nothing.
  yaml = pytest.importorskip("yaml")
  if not hasattr(yaml, "safe_load"):
    pytest.skip("PyYAML is not installed")
  text = (HERE / "tap").read_text()
  blocks = re.findall(r"(?m)^      ---\n((?:      .*\n)*?)      \.\.\.$", text)
  rows = hostile()
  found = [yaml.safe_load(block)["found"] for block in blocks
           if "found" in block][-41:]
  assert found == [shown(raw) for raw in rows.values()]


def prove(tmp_path, text):
  script = tmp_path / "tap.sh"
  data = tmp_path / "out"
  data.write_text(text)
  script.write_text(f"cat '{data}'\n")
  return subprocess.run(["prove", "--exec", "sh", str(script)],
                        capture_output=True, text=True,
                        env={**os.environ, "LC_ALL": "C.UTF-8"})


@pytest.mark.skipif(not shutil.which("prove"), reason="no prove (perl)")
def test_tap_prove(tmp_path):
  """As under HARNESS_ACTIVE, where the reporter says version 13."""
  text = (HERE / "tap").read_text().replace("version 14", "version 13")
  result = prove(tmp_path, text)
  assert result.returncode != 0
  assert "Parse errors" not in result.stdout, result.stdout
  assert "Failed tests:  1-2, 6-7" in result.stdout, result.stdout


def test_quiet():
  lines = (HERE / "quiet").read_text().splitlines()
  assert len(lines) == 5
  assert lines[-1].startswith("2 passed")
