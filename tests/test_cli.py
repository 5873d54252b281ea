"""The commands as a user runs them: what they print where, what they write, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from trueup.__main__ import main
from trueup.cli.options import Color
from trueup.cli.terminal import knows_links, wants_colour


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


class Project:
    """A folder of files to run commands in."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[bytes]) -> None:
        self.folder = folder
        self._capture = capture

    def write(self, files: dict[str, str | bytes]) -> None:
        """Create files by path."""
        for name, content in files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)

    def run(self, *arguments: str) -> Ran:
        """Run one command in this process."""
        self._capture.readouterr()
        code = main(arguments)
        out, err = self._capture.readouterr()
        return Ran(code, out.decode(), err.decode())

    def text(self, name: str) -> str:
        """A file's content, newlines as they are."""
        return (self.folder / name).read_bytes().decode()

    def everything(self) -> dict[str, bytes]:
        """Every file but the cache."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and ".trueup_cache" not in path.parts and ".git" not in path.parts
        }


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Project:
    """An empty project, which is the working directory."""
    for name in [name for name in os.environ if name.startswith("TRUEUP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    return Project(tmp_path, capfdbinary)


def process(arguments: Sequence[str], cwd: Path, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "trueup", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **settings)  # type: ignore[call-overload,no-any-return]


BROKEN = "def f(:\n"
UNKNOWN = "x = 1  # trueup: ignore[TUX999]\n"


# How a command ends --------------------------------------------------------------------------------------------------


def test_exit_codes_of_check(project: Project) -> None:
    project.write({"good.py": "x = 1\n"})
    assert project.run("check").code == 0
    project.write({"warned.py": UNKNOWN})
    assert project.run("check").code == 0
    assert project.run("check", "--error-on-warning").code == 1
    project.write({"broken.py": BROKEN})
    assert project.run("check").code == 1
    assert project.run("check", "good.py").code == 0
    assert project.run("check", "--exit-zero").code == 0
    assert project.run("check", "--exit-zero", "missing.py").code == 2


def test_a_syntax_error_is_a_finding_and_the_others_go_on(project: Project) -> None:
    project.write({"a/broken.py": BROKEN, "b/unknown.py": UNKNOWN})
    ran = project.run("check")
    assert ran.code == 1
    assert ran.err == ""
    first, second, *closing = ran.out.splitlines()
    assert first.startswith("a/broken.py:1:7: TU000 ")
    assert second.startswith("b/unknown.py:1:8: TU002 ")
    assert closing == ["Found 1 error, 1 warning.", "[*] 1 fixable with `--fix`, 1 by hand."]


def test_results_go_to_stdout_and_faults_to_stderr(project: Project) -> None:
    project.write({"broken.py": BROKEN})
    ran = project.run("check", "broken.py", "missing.py")
    assert ran.code == 2
    assert ran.out.startswith("broken.py:1:7: TU000 ")
    assert ran.err == "trueup: missing.py: does not exist\n"


def test_no_python_files_is_a_warning(project: Project) -> None:
    ran = project.run("check")
    assert (ran.code, ran.out) == (0, "")
    assert "no Python files" in ran.err
    assert project.run("check", "-q") == Ran(0, "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "Did you mean 'check'"),
        (["check", "--selekt", "TUP"], "--select"),
        (["check", "--select", "TU00X"], "did you mean"),
        (["check", "--output-format", "xml"], "'json'"),
        (["check", "-j", "0"], "0 is not in the range"),
        (["check", "-", "a.py"], "stands alone"),
        (["check", "@nothing.txt"], "@nothing.txt"),
        (["check", "--config", "selct = []"], "did you mean `select`"),
        (["explain", "unused-supression"], "did you mean `unused-suppression`"),
        (["check", "--statistics", "-o", "sarif:x.sarif"], "`sarif` has no place for counts"),
        (["check", "--interactive", "--watch"], "take one of them"),
        (["explain"], "trueup rules"),
        (["migrate-v2", "--step", "metods"], "did you mean `methods`"),
        (["migrate-v2", "missing"], "missing: does not exist"),
    ],
)
def test_a_wrong_argument_is_explained_and_ends_with_2(project: Project, arguments: list[str], said: str) -> None:
    project.write({"a.py": "x = 1\n"})
    ran = project.run(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err


def test_a_bad_configuration_ends_with_2(project: Project) -> None:
    project.write({"pyproject.toml": "[tool.trueup]\nselct = []\n", "a.py": "x = 1\n"})
    ran = project.run("check", "--exit-zero")
    assert ran.code == 2
    assert "unknown key `selct`; did you mean `select`?" in ran.err
    assert project.run("check", "--isolated").code == 0


def test_version_and_help(project: Project) -> None:
    assert project.run("--version").out.startswith("trueup ")
    for arguments in (["--help"], ["check", "--help"], ["migrate-v2", "-h"]):
        ran = project.run(*arguments)
        assert (ran.code, ran.err) == (0, "")
        assert "Usage: trueup" in ran.out
    assert project.run().code == 2


def test_an_unexpected_error_is_one_line_unless_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # A folder in the place of a rule's module is as unexpected as an error can be made from outside.
    project.write({"plug/__init__.py": "raise OSError('no such plug')\n", "plug-1.dist-info/METADATA": "Name: plug\n"})
    project.write({"plug-1.dist-info/entry_points.txt": "[trueup.rules]\nplug = plug\n"})
    environment = {**os.environ, "PYTHONPATH": str(project.folder)}
    quiet = process(["check", "plug"], project.folder, env=environment)
    assert quiet.returncode == 2
    assert "Traceback" not in quiet.stderr
    assert "internal error: OSError: no such plug (while loading the rules)" in quiet.stderr
    loud = process(["check", "plug", "-vv"], project.folder, env=environment)
    assert loud.returncode == 2
    assert "Traceback" in loud.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")
def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    pipe = tmp_path / "arguments"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "trueup", "check", f"@{pipe}"]
    with (
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running,
        pipe.open("wb"),  # opens as soon as the command reads; as nothing is written, it goes on reading
    ):
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")
def test_a_closed_pipe_ends_with_141_in_silence(project: Project) -> None:
    project.write({f"broken{n}.py": BROKEN for n in range(3)})
    command = [sys.executable, "-m", "trueup", "check"]
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(command, cwd=project.folder, stdout=writing, stderr=subprocess.PIPE) as running:
        os.close(writing)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (141, b"")


# What is printed -----------------------------------------------------------------------------------------------------


def test_formats(project: Project) -> None:
    project.write({"pkg/__init__.py": "", "pkg/broken.py": BROKEN})
    assert project.run("check", "--output-format", "full").out.startswith("TU000 ")
    assert project.run("check", "--output-format", "text").out == project.run("check").out
    found = json.loads(project.run("check", "--output-format", "json").out)
    assert [one["code"] for one in found] == ["TU000"]
    assert found[0]["filename"] == str(project.folder / "pkg/broken.py")
    assert found[0]["symbol"] == "pkg.broken"
    assert json.loads(project.run("check", "--output-format", "json", "pkg/__init__.py").out) == []


def test_statistics_replace_the_findings(project: Project) -> None:
    project.write({"a.py": BROKEN, "b.py": BROKEN, "c.py": UNKNOWN})
    ran = project.run("check", "--statistics")
    assert ran.code == 1
    assert [line.split() for line in ran.out.splitlines()[:2]] == [
        ["2", "TU000", "[", "]", "syntax-error"],
        ["1", "TU002", "[*]", "unknown-code-in-suppression"],
    ]
    assert json.loads(project.run("check", "--statistics", "--output-format", "json").out)[0]["count"] == 2
    by_file = project.run("check", "--statistics=file").out
    assert project.run("check", "--statistics", "file").out == by_file
    assert project.run("check", "--statistics", "a.py").out.startswith("1  TU000")
    project.write({"file": ""})
    assert project.run("check", "--statistics", "file").out == "Found nothing.\n"  # a path


def test_output_goes_to_a_file(project: Project) -> None:
    project.write({"a.py": BROKEN})
    ran = project.run("check", "-o", "out.txt", "--color", "always")
    assert (ran.code, ran.out) == (1, "")
    assert project.text("out.txt").startswith("a.py:1:7: TU000 ")
    ran = project.run("check", "-o", "no/such/folder.txt")
    assert ran.code == 2
    assert "no/such/folder.txt: cannot be written" in ran.err


def test_quiet_and_silent(project: Project) -> None:
    project.write({"a.py": BROKEN})
    quiet = project.run("check", "-q")
    assert quiet.code == 1
    assert len(quiet.out.splitlines()) == 1
    assert project.run("check", "-s") == Ran(1, "", "")
    assert "found 1 finding\n" in project.run("check", "-v").err


def test_every_option_can_come_from_the_environment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write({"a.py": BROKEN})
    monkeypatch.setenv("TRUEUP_OUTPUT_FORMAT", "json")
    monkeypatch.setenv("TRUEUP_EXIT_ZERO", "1")
    ran = project.run("check")
    assert ran.code == 0
    assert json.loads(ran.out)[0]["code"] == "TU000"
    assert project.run("rules").out.startswith("code ")
    monkeypatch.setenv("TRUEUP_CONFIG", 'select = ["TU000"]\nignore = ["TU001"]\n')
    assert json.loads(project.run("check").out)[0]["code"] == "TU000"
    monkeypatch.delenv("TRUEUP_OUTPUT_FORMAT")
    monkeypatch.setenv("TRUEUP_OUTPUT_FILE", "json:the findings.json\n")
    assert project.run("check").out == ""
    assert (project.folder / "the findings.json").is_file()


def test_arguments_can_stand_in_a_file(project: Project) -> None:
    project.write({"a b.py": BROKEN, "c.py": BROKEN, "args.txt": "--output-format\njson\n\na b.py\n"})
    found = json.loads(project.run("check", "@args.txt").out)
    assert [Path(one["filename"]).name for one in found] == ["a b.py"]


def test_the_number_of_processes_does_not_show(project: Project) -> None:
    project.write({f"m{n:03}.py": UNKNOWN if n % 2 else BROKEN for n in range(120)})
    alone = project.run("check", "-j", "1", "--no-cache")
    assert alone.code == 1
    assert project.run("check", "-j", "2", "--no-cache") == alone
    assert project.run("check", "-j", "2") == alone
    assert project.run("check", "-j", "1") == alone


@pytest.mark.parametrize(
    ("flag", "terminal", "environment", "expected"),
    [
        (Color.AUTO, True, {}, True),
        (Color.AUTO, False, {}, False),
        (Color.AUTO, True, {"TERM": "dumb"}, False),
        (Color.AUTO, False, {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        (Color.AUTO, False, {"CLICOLOR_FORCE": "1"}, True),
        (Color.AUTO, False, {"CLICOLOR_FORCE": "0"}, False),
        (Color.AUTO, True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (Color.AUTO, True, {"NO_COLOR": ""}, True),
        (Color.ALWAYS, False, {"NO_COLOR": "1"}, True),
        (Color.NEVER, True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_who_decides_on_colour(flag: Color, terminal: bool, environment: dict[str, str], expected: bool) -> None:
    assert wants_colour(flag, terminal, environment) is expected


def test_a_terminal_that_cannot_show_a_character_gets_it_escaped(project: Project) -> None:
    project.write({"名.py": BROKEN})
    ran = process(["check"], project.folder, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert ran.returncode == 1
    assert ran.stdout.startswith("\\u540d.py:1:7: TU000 ")


# Rules and their pages -----------------------------------------------------------------------------------------------


def test_rules_and_explain_know_every_rule(project: Project) -> None:
    listed = json.loads(project.run("rules", "--output-format", "json").out)
    codes = [one["code"] for one in listed]
    assert codes == sorted(codes)
    assert [line.split()[0] for line in project.run("rules").out.splitlines()] == ["code", *codes]
    pages = project.run("explain", "--all").out
    for one in listed:
        assert f"# {one['code']} {one['name']}\n" in pages
        assert one["summary"]
    by_name = project.run("explain", "unused-suppression")
    assert by_name == project.run("explain", "tu001")
    assert by_name.out.startswith("# TU001 unused-suppression\n")
    assert json.loads(project.run("explain", "TU001", "--output-format", "json").out)[0]["page"]


# A buffer on stdin ---------------------------------------------------------------------------------------------------


def test_stdin_stands_for_a_file(project: Project) -> None:
    project.write({"pkg/__init__.py": "", "pkg/m.py": "x = 1\n"})
    ran = process(["check", "-", "--stdin-filename", "pkg/m.py"], project.folder, input=BROKEN)
    assert ran.returncode == 1
    assert ran.stdout.startswith("pkg/m.py:1:7: TU000 ")
    unnamed = process(["check", "-"], project.folder, input=BROKEN)
    assert unnamed.stdout.startswith("-:1:7: TU000 ")
    assert process(["check", "-"], project.folder, input="x = 1\n").returncode == 0


def test_an_excluded_buffer_comes_back_unchanged(project: Project) -> None:
    project.write({"pyproject.toml": "[tool.trueup]\nexclude = ['gen']\n"})
    arguments = ["check", "-", "--stdin-filename", "gen/m.py", "--force-exclude"]
    ran = process(arguments, project.folder, input=BROKEN)
    assert (ran.returncode, ran.stdout) == (0, "")
    fixed = process([*arguments, "--fix"], project.folder, input=BROKEN)
    assert (fixed.returncode, fixed.stdout) == (0, BROKEN)


def test_bytes_that_are_no_source_come_back_unchanged(project: Project) -> None:
    command = [sys.executable, "-m", "trueup", "check", "--fix", "-"]
    ran = subprocess.run(command, cwd=project.folder, input=b"x = '\xff'\r\n", capture_output=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, b"x = '\xff'\r\n")
    assert ran.stderr.startswith(b"-:1:6: TU000 ")


def test_a_buffer_is_read_with_its_project_around_it(project: Project) -> None:
    project.write({
        "pkg/__init__.py": "",
        "pkg/base.py": "from pydantic import BaseModel\n\n\nclass Base(BaseModel):\n    pass\n",
        "pkg/m.py": "",
    })  # fmt: skip
    text = "from pkg.base import Base\n\n\ndef f(x: Base):\n    return x.dict()\n"
    ran = process(["check", "--error-on-warning", "-", "--stdin-filename", "pkg/m.py"], project.folder, input=text)
    assert ran.returncode == 1
    assert ran.stdout.startswith("pkg/m.py:5:14: TUP")
    fixed = process(["check", "--fix", "-", "--stdin-filename", "pkg/m.py"], project.folder, input=text)
    assert (fixed.returncode, fixed.stdout) == (0, text.replace("dict", "model_dump"))
    assert project.text("pkg/m.py") == ""


def test_a_name_that_is_no_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.py")
    (tmp_path / name).write_text("from sqlalchemy import select\n\nx = select([1])\n")
    for expected in (1, 1, 0):  # cold, from the cache, repaired
        fix = () if expected else ("--fix",)
        command = [sys.executable, "-m", "trueup", "check", "--isolated", "--output-format", "concise", *fix, "."]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == expected, ran.stdout + ran.stderr
    assert (tmp_path / name).read_text().endswith("x = select(1)\n")


@pytest.mark.parametrize(
    ("terminal", "environment", "expected"),
    [
        (True, {}, False),
        (True, {"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        (True, {"TERM_PROGRAM": "vscode"}, True),
        (True, {"TERM_PROGRAM": "vscode", "CI": "1"}, False),
        (True, {"TERM": "screen-256color", "VTE_VERSION": "7600"}, False),
        (True, {"TERM": "xterm-kitty"}, True),
        (False, {"TERM": "xterm-kitty"}, False),
        (False, {"FORCE_HYPERLINK": "1"}, True),
        (True, {"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
    ],
)
def test_links_only_where_they_are_known_to_work(terminal: bool, environment: dict[str, str], expected: bool) -> None:
    assert knows_links(terminal, environment) is expected


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("trueup check --select v1-model-m", ["v1-model-method"]),
        ("trueup check --ignore TUP101,TUL10", [f"TUP101,TUL10{number}" for number in range(1, 5)]),
        ("trueup explain TUP10", ["TUP101", "TUP102", "TUP103"]),
        ("trueup check --output-format gi", ["github", "gitlab"]),
        ("trueup bas", ["baseline"]),
    ],
)
def test_shells_complete_commands_formats_codes_and_names(project: Project, line: str, offered: list[str]) -> None:
    told = {"_TRUEUP_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "trueup"],
        env={**os.environ, **told}, cwd=project.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    words, last = done.stdout.split(), line.rpartition(" ")[2]
    assert [word for word in words if word in offered] == offered
    assert all(word.casefold().startswith(last.casefold()) for word in words)
    assert "| trueup" in done.stderr.replace("  ", "") or done.stderr
    assert " libcst\n" not in done.stderr
