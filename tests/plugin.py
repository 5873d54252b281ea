"""A plugin with rules of its own, so that commands can be tested on fixes of every kind whatever trueup's rules do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

CHECKER = '''
"""A call of `old`, which is `new` today.

More about it.
"""
import ast

from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule("TUX101", "old-call", on=ast.Call, severity=Severity.ERROR, fix=Safety.SAFE, step="methods",
      url="https://example.org/#old", effort=2)
def old(node, file):
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "old":
        risky = {"safety": Safety.UNSAFE, "why": "The argument is read twice."} if node.args else {}
        yield Hit(node, "`old()` is gone: call `new()`", **risky)
    if name == "odd":
        yield Hit(node, "`odd()` is gone: decide what it was for", safety=Safety.MANUAL)
    if name == "burn":
        raise RuntimeError("burnt")
'''
SECOND = '''
"""A name `earlier`, which is `later` today."""
import ast

from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule("TUX102", "earlier-name", on=ast.Name, severity=Severity.WARNING, fix=Safety.SAFE, step="imports")
def earlier(node, file):
    if node.id == "earlier":
        yield Hit(node, "`earlier` is `later` today")
'''
FIXER = """
import libcst as cst

from trueup.change import CannotFix, Replace
from trueup.registry import fix


@fix("TUX101", on=cst.Call)
def old(node, finding, site):
    if any(isinstance(arg.value, cst.Float) for arg in node.args):
        raise CannotFix("a float was never meant")
    if any(isinstance(arg.value, cst.Imaginary) for arg in node.args):
        raise ValueError("broken fixer")
    yield Replace(node.func, cst.Name("new"))


@fix("TUX102", on=cst.Name)
def earlier(node, finding, site):
    yield Replace(node, cst.Name("later"))
"""
FILES = {
    "plug/__init__.py": "",
    "plug/checkers/__init__.py": "",
    "plug/checkers/old.py": CHECKER,
    "plug/checkers/earlier.py": SECOND,
    "plug/fixers/__init__.py": "",
    "plug/fixers/both.py": FIXER,
    "plug-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: plug\nVersion: 1\n",
    "plug-1.dist-info/entry_points.txt": "[trueup.rules]\nplug = plug\n",
}


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


class Plugged:
    """A git repository to run commands in, in processes that have the plugin."""

    def __init__(self, folder: Path, plugin: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            (plugin / name).parent.mkdir(parents=True, exist_ok=True)
            (plugin / name).write_text(text)
        plain = {name: value for name, value in os.environ.items() if not name.startswith("TRUEUP_")}
        path = [str(plugin), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.environment = {**plain, "PYTHONPATH": os.pathsep.join(path)}
        self.git("init", "-q")

    def git(self, *arguments: str) -> str:
        """Run git, as somebody."""
        somebody = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(self.folder), *somebody, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def write(self, files: dict[str, str | bytes]) -> None:
        """Create files by path, and commit them."""
        for name, content in files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A")
        self.git("commit", "-qm", "more")

    def read(self) -> dict[str, str]:
        """The Python files by path, newlines as they are."""
        paths = sorted(self.folder.rglob("*.py"))
        return {str(p.relative_to(self.folder)): p.read_bytes().decode("utf-8", "surrogateescape") for p in paths}

    def run(self, *arguments: str, stdin: bytes = b"") -> Ran:
        """Run one command."""
        command = [sys.executable, "-m", "trueup", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, input=stdin, capture_output=True, check=False
        )
        return Ran(done.returncode, *(b.decode("utf-8", "surrogateescape") for b in (done.stdout, done.stderr)))
