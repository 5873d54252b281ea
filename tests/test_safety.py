"""What docs/safety.md promises and no other test holds: no command runs the code it reads, nor asks the network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

DANGEROUS = """
from pathlib import Path
from pydantic import BaseModel, validator

Path(__file__).with_name("was_run").touch()


class Item(BaseModel):
    name: str

    @validator("name")
    def stripped(cls, v):
        return v.strip()
"""

WATCHED = """
import sys
from pathlib import Path

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        Path({told!r}).write_text(event)

sys.addaudithook(watch)
from trueup.__main__ import program
sys.exit(program())
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose code, and whose git configuration, leave a trace when they are run."""
    folder = tmp_path / "project"
    for home in (folder / "app", folder / "vendored" / "lib"):
        home.mkdir(parents=True)
        (home / "__init__.py").write_text("")
        (home / "models.py").write_text(DANGEROUS)
    spy = tmp_path / "spy.sh"
    spy.write_text(f"#!/bin/sh\ntouch {tmp_path}/spied\n")
    spy.chmod(0o755)
    for repository in (folder / "vendored", folder):
        git(repository, "init", "-q", "-b", "main")
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", "first")
        git(repository, "config", "core.fsmonitor", str(spy))
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "advice.addEmbeddedRepo=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, check=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "."),
        ("check", ".", "--fix", "--unsafe-fixes"),
        ("check", ".", "--since", "HEAD", "--no-cache"),
        ("check", ".", "--update-baseline"),
        ("migrate-v2", ".", "--plan"),
        ("migrate-v2", "."),
        ("layers", "."),
        ("config",),
        ("verify", "--help"),
    ],
    ids=" ".join,
)
def test_no_code_that_is_read_is_run_and_nothing_is_asked_of_the_network(
    project: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    told = tmp_path / "network"
    script = WATCHED.format(told=str(told))
    environ = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    vendored = (project / "vendored" / "lib" / "models.py").read_bytes()
    command = [sys.executable, "-P", "-c", script, *arguments]
    done = subprocess.run(command, cwd=project, env=environ, text=True, capture_output=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    assert not list(project.rglob("was_run"))
    assert not (tmp_path / "spied").exists()
    assert not told.exists(), told.read_text()
    assert (project / "vendored" / "lib" / "models.py").read_bytes() == vendored, "a repository inside is left alone"


def test_the_page_names_tests_that_there_are() -> None:
    page = (ROOT / "docs" / "safety.md").read_text("utf-8")
    named = set(re.findall(r"`((?:tests|scripts)/\w+\.py)`", page))
    assert len(named) > 15
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
