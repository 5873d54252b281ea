"""`--interactive` and `--watch`, spoken to as a person does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue

import pytest

from trueup.cli.watching import concerns

from .plugin import Plugged

A = "def f():\n    old()\n    earlier\n    old(1)\n"
B = "old()\nearlier\n"


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A repository with safe and unsafe findings of two rules in two files."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({"a.py": A, "b.py": B})
    return plugged


NEW_A, NEW_B = A.replace("    old()", "    new()"), B.replace("old", "new")


@pytest.mark.parametrize(
    ("said", "a", "b"),
    [
        ("y\nn\nn\nn\n", NEW_A, B),
        ("n\ny\nn\ny\n", A.replace("earlier", "later"), B.replace("earlier", "later")),
        ("a\nn\nn\n", NEW_A, NEW_B),
        ("f\nn\ny\n", NEW_A.replace("earlier", "later"), B.replace("earlier", "later")),
        ("y\nq\n", NEW_A, B),
        ("y\n", NEW_A, B),
        ("y\nu\nn\nn\nn\nn\n", A, B),
        ("a\nn\nu\ny\nn\n", NEW_A.replace("earlier", "later"), NEW_B),  # what was said before stays said
        ("?\nhm\nn\nn\nn\nn\n", A, B),
        ("", A, B),
    ],
)
def test_what_is_said_is_done(project: Plugged, said: str, a: str, b: str) -> None:
    ran = project.run("check", "--interactive", stdin=said.encode())
    assert project.read() == {"a.py": a, "b.py": b}
    assert "Repair this? (1/4) [y,n,a,f,u,q,?] " in ran.err
    assert "   - " in ran.err.replace("    - ", "   - ")
    assert ("make all others" in ran.err or "leave it" in ran.err) == said.startswith("?")


def test_unsafe_repairs_are_asked_about_with_their_flag(project: Plugged) -> None:
    ran = project.run("check", "--interactive", "--unsafe-fixes", "a.py", stdin=b"n\nn\ny\n")
    assert project.read()["a.py"] == A.replace("old(1)", "new(1)")
    assert "(3/3)" in ran.err
    assert "unsafe fix: The argument is read twice" in ran.err
    assert project.run("check", "--interactive", "--diff").code == 2
    assert project.run("check", "--interactive", "-").code == 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/p/app/a.py", True),
        ("/p/a.pyi", True),
        ("/p/pyproject.toml", True),
        ("/p/uv.lock", True),  # a version that is locked switches rules
        ("/p/requirements-dev.txt", True),
        ("/p/.ignore", True),
        ("/p/notes.txt", False),
        ("/p/.trueup_cache/a.py", False),
        ("/p/.git/index", False),
    ],
)
def test_what_a_watch_looks_up_for(path: str, expected: bool) -> None:
    assert concerns(path) is expected


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_watch_checks_again(project: Plugged) -> None:
    command = [sys.executable, "-u", "-m", "trueup", "check", "--watch", "--output-format", "concise"]
    lines: Queue[str] = Queue()
    with subprocess.Popen(
        command, cwd=project.folder, env=project.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        out = running.stdout

        def collect() -> None:
            for line in out:
                lines.put(line)

        threading.Thread(target=collect, daemon=True).start()

        def until(start: str) -> str:
            while not (line := lines.get(timeout=60)).startswith(start):
                pass
            return line

        # A test that fails must not wait for a command that never ends.
        watchdog = threading.Timer(120, running.kill)
        watchdog.start()
        assert until("Found") == "Found 3 errors, 2 warnings.\n"
        assert running.stderr is not None and "watching" in running.stderr.readline()
        (project.folder / "notes.txt").write_text("x")
        (project.folder / "b.py").write_text("old()\n")
        assert until("Found") == "Found 3 errors, 1 warning.\n"
        (project.folder / "trueup.toml").write_text("ignore = ['TUX102']\n")
        assert until("Found") == "Found 3 errors.\n"
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
        watchdog.cancel()
        assert "Traceback" not in running.stderr.read()
