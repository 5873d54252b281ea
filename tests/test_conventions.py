"""What ruff finds, in trueup's reports: on and off, in every format, repaired, never twice, and never in the way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trueup.conventions import SELECTION, known_rules, without_doubles
from trueup.index.cache import Cache
from trueup.model import RUFF, Finding, Rule, Safety, Severity, Span
from trueup.selectors import strength

from .plugin import Plugged

MIXED = "import os\nimport re  # noqa: F401\n\n\ndef f():\n    old()\n    print(1)\n"
SETTINGS = '[tool.trueup]\nruff = ["F4", "T201"]\n'


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({"pyproject.toml": SETTINGS, "a.py": MIXED, "b.py": "import sys\n"})
    return plugged


def codes(out: str) -> list[str]:
    """`path:line CODE` of each finding of the concise format."""
    return [" ".join(line.split()[:2]).replace(": ", " ") for line in out.splitlines() if ".py:" in line]


def test_its_findings_stand_among_the_others(project: Plugged) -> None:
    ran = project.run("check")
    assert codes(ran.out) == ["a.py:1:8 F401", "a.py:6:5 TUX101", "a.py:7:5 T201", "b.py:1:8 F401"]
    assert "[*] `os` imported but unused" in ran.out
    assert "Found 1 error, 3 warnings." in ran.out
    assert ran.code == 1
    project.write({"a.py": "import os\n"})
    assert project.run("check").code == 0
    assert project.run("check", "--error-on-warning").code == 1
    assert project.run("check", "--config", "severity.F401 = 'error'").code == 1
    # A second run on the same files tells the same, though trueup itself does not look again.
    assert codes(project.run("check").out) == ["a.py:1:8 F401", "b.py:1:8 F401"]


@pytest.mark.parametrize(
    ("settings", "arguments", "expected"),
    [
        ('select = ["TU"]\nruff = ["F4", "T201"]', [], ["F401", "TUX101", "T201", "F401"]),
        ('select = ["TUX102"]\nruff = ["F4"]\nignore = ["F4"]', [], []),
        ('ruff = ["F401"]\nignore = ["F"]', [], ["TUX101"]),
        ('ruff = ["F4"]', ["--select", "TUX101"], ["TUX101"]),
        ('ruff = ["F4"]', ["--select", "unused-import"], ["F401", "F401"]),
        ('ruff = ["F4"]\n[tool.trueup.per-file-ignores]\n"b.py" = ["F401"]', [], ["F401", "TUX101"]),
        ("ruff = []", [], ["TUX101"]),
        ('ruff = ["T20"]', ["--isolated"], ["TUX101"]),
        ('ruff = "conventions"', ["--ignore", "D,ANN,I,F8"], ["F401", "TUX101", "T201", "F401"]),
    ],
)
def test_selectors_choose_among_them(
    project: Plugged, settings: str, arguments: list[str], expected: list[str]
) -> None:
    project.write({"pyproject.toml": f"[tool.trueup]\n{settings}\n"})
    assert [line.split()[1] for line in codes(project.run("check", *arguments).out)] == expected


def test_a_letter_of_ruff_is_taken_whole() -> None:
    rule = Rule("DTZ003", "utcnow", Severity.WARNING, Safety.MANUAL, module=RUFF)
    assert not strength("D", rule)
    assert strength("DTZ", rule) == 4
    assert strength("DTZ0", rule) == 5
    assert strength("PL", Rule("PLC0415", "x", Severity.WARNING, Safety.MANUAL, module=RUFF))


def test_every_code_of_the_conventions_is_one_of_ruffs(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path))
    rules = known_rules(cache, str(tmp_path))
    assert known_rules(cache, str(tmp_path)) == rules
    assert all(any(strength(code, rule) for rule in rules.values()) for code in SELECTION)


def test_unknown_codes_end_the_run(project: Plugged) -> None:
    project.write({"pyproject.toml": '[tool.trueup]\nruff = ["F4011"]\n'})
    ran = project.run("check")
    assert (ran.code, ran.out) == (2, "")
    assert "pyproject.toml: `ruff` names no rule of ruff: `F4011`; did you mean `F401`?" in ran.err
    project.write({"pyproject.toml": '[tool.trueup]\nruff = "convention"\n'})
    assert '`ruff` must be "conventions" or a list of ruff\'s codes' in project.run("check").err


FORMATS = ("full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "rdjson", "azure")


def test_every_format_has_them(project: Plugged, tmp_path: Path) -> None:
    wanted = [part for name in FORMATS for part in ("-o", f"{name}:{tmp_path}/{name}")]
    project.run("check", *wanted)
    texts = {name: (tmp_path / name).read_text(encoding="utf-8") for name in FORMATS}
    assert all("F401" in text and "T201" in text and "TUX101" in text for text in texts.values())
    first = json.loads(texts["json"])[0]
    assert (first["code"], first["name"], first["severity"]) == ("F401", "unused-import", "warning")
    assert first["url"] == "https://docs.astral.sh/ruff/rules/unused-import/"
    assert first["fix"]["edits"] == [
        {"content": "", "location": {"row": 1, "column": 1}, "end_location": {"row": 2, "column": 1}}
    ]
    described = json.loads(texts["sarif"])["runs"][0]["tool"]["driver"]["rules"][0]
    assert (described["id"], described["helpUri"]) == ("F401", first["url"])
    assert "- import os" in texts["full"]
    again = [part for name in FORMATS for part in ("-o", f"{name}:{tmp_path}/again-{name}")]
    project.run("check", *again, "-j", "2")
    assert all((tmp_path / f"again-{name}").read_text(encoding="utf-8") == texts[name] for name in FORMATS)


def test_its_repairs_follow_trueups(project: Plugged) -> None:
    shown = project.run("check", "--diff")
    assert "-import os\n" in shown.out
    assert "+    new()\n" in shown.out
    assert "-    print(1)" not in shown.out
    assert project.read()["a.py"] == MIXED
    ran = project.run("check", "--fix")
    assert project.read()["a.py"] == "import re  # noqa: F401\n\n\ndef f():\n    new()\n    print(1)\n"
    assert project.read()["b.py"] == ""
    assert codes(ran.out) == ["a.py:6:5 T201"]
    assert "  b.py: 1 x F401 (unused-import)" in ran.err
    assert project.run("check", "--fix").err == ""
    project.run("check", "--fix", "--unsafe-fixes")
    assert "print" not in project.read()["a.py"]


def test_what_may_not_be_repaired_stays(project: Plugged) -> None:
    project.write({"pyproject.toml": SETTINGS + 'unfixable = ["F"]\nextend-safe-fixes = ["T201"]\n'})
    ran = project.run("check", "--fix")
    assert [line.split()[1] for line in codes(ran.out)] == ["F401", "F401"]
    assert "import os" in project.read()["a.py"]
    assert "print" not in project.read()["a.py"]


def test_a_buffer_stands_for_its_file(project: Plugged) -> None:
    ran = project.run("check", "-", "--stdin-filename", "a.py", "--fix", stdin=b"import os\nold()\n")
    assert (ran.out, project.read()["a.py"]) == ("new()\n", MIXED)
    assert codes(project.run("check", "-", "--stdin-filename", "b.py", stdin=b"import re\n").out) == ["b.py:1:8 F401"]


def test_the_projects_own_configuration_of_ruff_holds(project: Plugged) -> None:
    own = '[tool.ruff]\nexclude = ["b.py"]\nfix = true\noutput-format = "grouped"\n'
    project.write({"pyproject.toml": SETTINGS + own + '[tool.ruff.lint.per-file-ignores]\n"a.py" = ["T201"]\n'})
    assert codes(project.run("check").out) == ["a.py:1:8 F401", "a.py:6:5 TUX101"]
    assert project.read()["a.py"] == MIXED
    project.write({"pyproject.toml": SETTINGS + "[tool.ruff]\nnonsense = 1\n"})
    ran = project.run("check")
    assert ran.code == 2
    assert ran.err.startswith("trueup: TU005 ruff-failed: ruff failed: Failed to parse ")
    assert codes(ran.out) == ["a.py:6:5 TUX101"]


def test_a_file_that_neither_can_read_is_told_once(project: Plugged) -> None:
    project.write({"a.py": "def f(:\n", "b.py": "def g(\n"})
    assert codes(project.run("check").out) == ["a.py:1:7 TU000", "b.py:1:6 TU000"]


def test_the_baseline_and_since_know_them(project: Plugged) -> None:
    project.run("check", "--update-baseline")
    (project.folder / "a.py").write_text(MIXED + "    print(2)\n")
    known = project.run("check", "--baseline", ".trueup-baseline.json")
    assert codes(known.out) == ["a.py:8:5 T201"]
    assert codes(project.run("check", "--since", "HEAD").out) == ["a.py:8:5 T201"]


def test_without_ruff_the_run_fails_and_tells_the_rest(project: Plugged, tmp_path: Path) -> None:
    environment = project.environment | {"PATH": str(tmp_path)}
    script = (
        "import sys, sysconfig, trueup.ruff; trueup.ruff.program = lambda: None\n"
        "import trueup.conventions; trueup.conventions.program = lambda: None\n"
        "from trueup.__main__ import program; sys.argv = ['trueup', 'check', '--no-cache']; program()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=project.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "TU005 ruff-failed: ruff is not installed" in ran.stderr
    assert codes(ran.stdout) == ["a.py:6:5 TUX101"]


def test_no_process_and_no_module_where_it_is_not_asked(project: Plugged) -> None:
    project.write({"pyproject.toml": "[tool.trueup]\n"})
    script = (
        "import subprocess, sys\n"
        "class Watched(subprocess.Popen):\n"
        "    def __init__(self, command, *rest, **more):\n"
        "        assert 'ruff' not in command[0]\n"
        "        super().__init__(command, *rest, **more)\n"
        "subprocess.Popen = Watched\n"
        "from trueup.__main__ import main\n"
        "sys.argv = ['trueup', 'check']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "loaded = {'trueup.ruff', 'trueup.conventions', 'trueup.cli.conventions'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=project.folder, env=project.environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_comment_that_hides_trueups_word_hides_ruffs_too(project: Plugged) -> None:
    route = (
        "import time\n\nfrom fastapi import FastAPI\n\napp = FastAPI(openapi_url=None)\n\n\n"
        '@app.get("/", include_in_schema=False)\nasync def wait() -> None:\n    time.sleep(1)%s\n'
    )
    project.write({"pyproject.toml": '[tool.trueup]\nruff = ["ASYNC"]\n', "a.py": route % "", "b.py": ""})
    assert codes(project.run("check").out) == ["a.py:10:5 TUA101"]
    project.write({"a.py": route % "  # trueup: ignore[TUA101] it is short"})
    assert codes(project.run("check").out) == []
    assert codes(project.run("check", "--ignore-suppressions").out) == ["a.py:10:5 TUA101"]
    project.write({"a.py": route % "  # trueup: ignore[TUA103] another"})
    assert [line.split()[1] for line in codes(project.run("check").out)] == ["TUA101", "TU001"]
    assert codes(project.run("check", "--ignore", "TUA101,TU001").out) == ["a.py:10:5 ASYNC251"]


def test_comments_are_not_written_for_them(project: Plugged) -> None:
    ran = project.run("check", "--add-ignore=old")
    assert "old()  # trueup: ignore[TUX101] old" in project.read()["a.py"]
    assert codes(ran.out) == ["a.py:1:8 F401", "a.py:7:5 T201", "b.py:1:8 F401"]
    assert "3 findings of ruff stay: `ruff check --add-noqa` hides them" in ran.err


def test_a_file_only_ruff_cannot_read_has_ruffs_word(project: Plugged) -> None:
    project.write({"pyproject.toml": '[tool.trueup]\nruff = ["E9"]\n', "b.py": b"# coding: latin-1\nx = '\xe9'\n"})
    assert codes(project.run("check", "b.py").out) == ["b.py:1:1 E902"]


def test_of_two_that_say_the_same_trueups_is_told() -> None:
    def at(code: str, line: int, kind: str = "Call") -> Finding:
        span = Span(0, 0, line, 1, line, 9)
        return Finding("a.py", code, "x", Severity.WARNING, Safety.MANUAL, "m", span, span, kind)

    rules = {"TUX1": Rule("TUX1", "x", Severity.WARNING, Safety.MANUAL, ruff=("ASYNC2",))}
    ruffs = [at("ASYNC210", 3, RUFF), at("ASYNC251", 4, RUFF), at("F401", 3, RUFF)]
    assert [one.code for one in without_doubles(ruffs, [at("TUX1", 3)], rules)] == ["F401", "ASYNC251"]
