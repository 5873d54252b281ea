"""Why a file does not parse, said so that a person knows what to do about it."""

from __future__ import annotations

import ast
import json
import re
import sys
import warnings
from dataclasses import dataclass

NEWEST = "py314"
_ADDED = re.compile(r"\(syntax was added in Python (\d+\.\d+)\)")


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """What is wrong, and where: 1-based line and column."""

    message: str
    line: int
    column: int


def parse(text: str, path: str) -> ast.Module | SyntaxFault:
    """The tree of a text, or what is wrong with it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, filename=path)
    except SyntaxError as error:
        return explain(text, error)
    except ValueError as error:
        return SyntaxFault(f"not Python: {error}", 1, 1)
    except (RecursionError, MemoryError):
        return SyntaxFault("nested too deeply for this Python to parse", 1, 1)


def explain(text: str, error: SyntaxError) -> SyntaxFault:
    """A syntax error; where a newer Python would take the text, which one to run trueup with."""
    line, column = error.lineno or 1, error.offset or 1
    newer = needed_python(text)
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if newer is not None:
        return SyntaxFault(
            f"uses syntax of Python {newer}: run trueup with Python {newer} or newer, not {running}", line, column
        )
    return SyntaxFault(f"syntax error: {error.msg}", line, max(column, 1))


def needed_python(text: str) -> str | None:
    """The Python version whose syntax a text uses beyond the running one; None if it is wrong in every version."""
    ours = f"py{sys.version_info.major}{sys.version_info.minor}"
    if _ruff(text, NEWEST):
        return None
    versions = [m.group(1) for message in _ruff(text, ours) for m in [_ADDED.search(message)] if m is not None]
    return max(versions, key=lambda v: tuple(map(int, v.split("."))), default=None)


def _ruff(text: str, target: str) -> list[str]:
    """ruff's syntax errors for a target version; its parser knows every version's syntax."""
    import subprocess

    from .ruff import program

    command = [program() or "ruff", "check", "--isolated", "--no-cache", "--quiet"]
    command += ["--select=W605", "--output-format=json", f"--target-version={target}", "-"]
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, encoding="utf-8", check=False, timeout=20
        )
        found = json.loads(done.stdout or "[]")
    except (OSError, ValueError, subprocess.SubprocessError):
        return []
    return [str(d.get("message", "")) for d in found if d.get("code") in (None, "invalid-syntax")]
