"""What reaches a terminal, a CI service's log, a file: patches as who reads them needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trueup.cli.options import Color
from trueup.cli.terminal import Terminal

PATCH = b"--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-  ::error::\x1b[31m ##[error]\r\n+\xff\n"
IN_LOG = b"  ::x::\n" + PATCH


def test_a_patch_cannot_write_into_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    Terminal(Color.NEVER).diff(PATCH)
    assert capsys.readouterr().out == "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-  ::error::\\x1b[31m ##[error]\n+\\xff\n"
    Terminal(Color.ALWAYS).diff(b"+a\n b\n")
    assert capsys.readouterr().out == "\x1b[32m+a\x1b[0m\n b\n"


def test_a_patch_gives_no_commands_in_a_log_and_is_itself_in_a_file(tmp_path: Path) -> None:
    code = f"import sys; from trueup.cli.terminal import Terminal; Terminal().diff({IN_LOG!r})"
    environment = {**os.environ, "GITHUB_ACTIONS": "true"}
    log = subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=True).stdout
    assert log.startswith(b".  ::x::\n--- a/x.py\n")
    assert b"##[" not in log
    with (tmp_path / "x.patch").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], env=environment, stdout=file, check=True)
    assert (tmp_path / "x.patch").read_bytes() == IN_LOG
