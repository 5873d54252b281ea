"""What a project needs to use trueup: its settings, its hooks, its CI, and ruff's leave for trueup's comments."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from typing import Any, NamedTuple

EXTERNAL = "TU"
"""How the codes begin that ruff is to leave in `# noqa` comments."""

_MINE = re.compile(r"^\s*-?\s*id:\s*trueup-|^\s*id:\s*trueup-|trueup check", re.MULTILINE)


class Change(NamedTuple):
    """A file to be written."""

    path: str
    """Below the project's root, with `/`."""
    before: str
    after: str
    why: str


class Found(NamedTuple):
    """What is there already."""

    read: Callable[[str], str | None]
    """Path below the root -> its text; None where there is no such file."""
    is_git: bool
    on_github: bool
    version: str
    has_migrations: tuple[str, ...] = ()
    """Folders of database migrations, which are history."""


def changes(found: Found) -> list[Change]:
    """All that is missing, in the order it is shown in."""
    result: list[Change] = []
    for part in (_settings, _ruff, _hooks, _github, _gitlab):
        for change in part(found, {one.path: one.after for one in result}):
            same = next((n for n, one in enumerate(result) if one.path == change.path), None)
            if same is None:
                result.append(change)
            else:
                before = result[same]
                result[same] = before._replace(after=change.after, why=f"{before.why}; {change.why}")
    return result


def lacks_external(read: Callable[[str], str | None]) -> bool:
    """Whether ruff is configured and would delete trueup's codes; `read` as in `Found`."""
    return bool(_ruff(Found(read, is_git=False, on_github=False, version=""), {}))


def is_below_git(folder: str) -> bool:
    """Whether a folder is in a work tree of git."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


_Texts = dict[str, str]


def _settings(found: Found, texts: _Texts) -> list[Change]:
    if any(found.read(name) is not None for name in (".trueup.toml", "trueup.toml")):
        return []
    text = found.read("pyproject.toml")
    lines = [f"extend-exclude = [{', '.join(map(_quoted, found.has_migrations))}]"] if found.has_migrations else []
    if text is None:
        return [
            Change("trueup.toml", "", "".join(f"{line}\n" for line in lines) or "# Settings of trueup.\n", "settings")
        ]
    if "trueup" in _toml(text).get("tool", {}):
        return []
    return [Change("pyproject.toml", text, _appended(text, ["[tool.trueup]", *lines]), "settings")]


def _ruff(found: Found, texts: _Texts) -> list[Change]:
    """Ruff deletes `noqa` comments with codes it does not know, unless they are called external."""
    for path, prefix in ((".ruff.toml", ""), ("ruff.toml", ""), ("pyproject.toml", "tool.ruff")):
        text = texts.get(path, found.read(path))
        if text is None:
            continue
        table: Any = _toml(text)
        for part in prefix.split(".") if prefix else ():
            table = table.get(part) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            continue
        lint = table.get("lint", {})
        there = lint.get("external", []) if isinstance(lint, dict) else []
        if EXTERNAL in there:
            return []
        new = _with_external(
            text, f"{prefix}.lint" if prefix else "lint", bool(there), isinstance(lint, dict) and bool(lint)
        )
        before = found.read(path) or ""
        return [Change(path, before, new, "ruff keeps trueup's codes in `# noqa`")] if new is not None else []
    return []


def _with_external(text: str, table: str, there: bool, has_table: bool) -> str | None:
    """The text with ruff's `external`; None where it stands in a way that is not understood."""
    head = re.search(rf"^[ \t]*\[\s*{re.escape(table)}\s*\][^\n]*\n", text, re.MULTILINE)
    if there:
        start = head.end() if head else 0
        one = re.compile(r"^([ \t]*(?:lint\s*\.\s*)?external\s*=\s*\[)", re.MULTILINE).search(text, start)
        new = text[: one.end()] + f'"{EXTERNAL}", ' + text[one.end() :] if one else None
    elif head:
        new = text[: head.end()] + f'external = ["{EXTERNAL}"]\n' + text[head.end() :]
    elif has_table:
        new = None
    else:
        new = _appended(text, [f"[{table}]", f'external = ["{EXTERNAL}"]'])
    if new is None:
        return None
    try:
        told: Any = tomllib.loads(new)
        for part in table.split("."):
            told = told[part]
        return new if EXTERNAL in told["external"] else None
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return None


_HOOK = """\
- repo: local
  hooks:
    - id: trueup-check
      name: trueup check
      entry: trueup check --force-exclude
      language: python
      types_or: [python, pyi]
      require_serial: true
      additional_dependencies: ["trueup=={version}"]
"""


def _hooks(found: Found, texts: _Texts) -> list[Change]:
    path = ".pre-commit-config.yaml"
    text = found.read(path)
    hook = _HOOK.format(version=found.version)
    if text is None:
        return [Change(path, "", "repos:\n" + _indented(hook, "  "), "hook of pre-commit")] if found.is_git else []
    repos = list(re.finditer(r"^([ \t]*)-[ \t]+repo:", text, re.MULTILINE))
    if _MINE.search(text) or not repos:
        return []
    indent = repos[0][1]
    block = _indented(hook, indent)
    # A formatter must see what a repair has written: trueup stands before it.
    ends = [one.start() for one in repos[1:]] + [len(text)]
    at = next(
        (one.start() for one, end in zip(repos, ends, strict=True) if "id: ruff-format" in text[one.start() : end]),
        len(text),
    )
    before = text[:at] if text[:at].endswith("\n") or not at else text[:at] + "\n"
    return [Change(path, text, before + block + text[at:], "hook of pre-commit")]


_WORKFLOW = """\
name: trueup
on:
  push:
    branches: [main, master]
  pull_request:
permissions:
  contents: read
jobs:
  trueup:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: astral-sh/setup-uv@v7
      - run: uvx trueup@{version} check -o github:- -o "markdown:$RUNNER_TEMP/trueup.md"
      - if: always()
        run: cat "$RUNNER_TEMP/trueup.md" >> "$GITHUB_STEP_SUMMARY"
"""


def _github(found: Found, texts: _Texts) -> list[Change]:
    path = ".github/workflows/trueup.yml"
    if not found.on_github or found.read(path) is not None:
        return []
    return [Change(path, "", _WORKFLOW.format(version=found.version), "check in GitHub's CI")]


_JOB = """\
trueup:
  image: ghcr.io/astral-sh/uv:python3.13-bookworm-slim
  needs: []
  script:
    - uvx trueup@{version} check --output-format concise -o gitlab:gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""


def _gitlab(found: Found, texts: _Texts) -> list[Change]:
    path = ".gitlab-ci.yml"
    text = found.read(path)
    if text is None or "trueup" in text:
        return []
    return [
        Change(path, text, _appended(text, _JOB.format(version=found.version).splitlines()), "check in GitLab's CI")
    ]


def _toml(text: str) -> dict[str, Any]:
    """What a file says; nothing where it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _appended(text: str, lines: list[str]) -> str:
    body = text.rstrip("\n")
    return (body + "\n\n" if body else "") + "".join(line + "\n" for line in lines)


def _indented(text: str, indent: str) -> str:
    return "".join(indent + line for line in text.splitlines(keepends=True))


def _quoted(text: str) -> str:
    return f'"{text}"'
