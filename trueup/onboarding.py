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


class BrokenFileError(Exception):
    """A file cannot be added to, because it is no TOML as it stands; the message names it."""


def changes(found: Found) -> list[Change]:
    """All that is missing, in the order it is shown in. Line ends stay. Raises BrokenFileError."""
    for path in ("pyproject.toml", ".ruff.toml", "ruff.toml"):
        try:
            tomllib.loads(found.read(path) or "")
        except tomllib.TOMLDecodeError as error:
            raise BrokenFileError(f"{path}: not valid TOML: {error}") from None
    result: list[Change] = []
    plain = found._replace(read=lambda path: _with_newlines(found.read(path)))
    for part in (_settings, _ruff, _hooks, _github, _gitlab):
        for change in part(plain, {one.path: one.after for one in result}):
            same = next((n for n, one in enumerate(result) if one.path == change.path), None)
            if same is None:
                result.append(change)
            else:
                before = result[same]
                result[same] = before._replace(after=change.after, why=f"{before.why}; {change.why}")
    return [_as_it_was(change, found.read(change.path) or "") for change in result]


def by_hand(found: Found) -> list[str]:
    """What is missing and must be written by a person, because the file is laid out in a way of its own."""
    said = []
    ruffs = lacks_external(found.read)
    if ruffs is not None and not _ruff(found, {}):
        said.append(f'{ruffs}: ruff\'s setting `lint.external = ["{EXTERNAL}"]`')
    hooks = found.read(_HOOKS)
    if hooks is not None and not _MINE.search(hooks) and not _hooks(found, {}):
        said.append(f"{_HOOKS}: a hook that runs `trueup check --force-exclude`")
    return said


def _with_newlines(text: str | None) -> str | None:
    """The text with lines that end in `\\n`, if all end alike."""
    return text.replace("\r\n", "\n") if text is not None and _ends_in_crlf(text) else text


def _as_it_was(change: Change, before: str) -> Change:
    after = change.after.replace("\n", "\r\n") if _ends_in_crlf(before) else change.after
    return change._replace(before=before, after=after)


def _ends_in_crlf(text: str) -> bool:
    return 0 < text.count("\n") == text.count("\r\n")


def lacks_external(read: Callable[[str], str | None]) -> str | None:
    """The file in which ruff is configured and would delete trueup's codes; `read` as in `Found`."""
    for path, prefix in _RUFFS:
        text = read(path)
        if text is not None and _ruffs_table(text, prefix) is not None:
            return None if _has_external(text, prefix) else path
    return None


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


_RUFFS = ((".ruff.toml", ""), ("ruff.toml", ""), ("pyproject.toml", "tool.ruff"))
"""Where ruff looks, and the table of its settings there."""


def _ruff(found: Found, texts: _Texts) -> list[Change]:
    """Ruff deletes `noqa` comments with codes it does not know, unless they are called external."""
    for path, prefix in _RUFFS:
        text = texts.get(path, found.read(path))
        if text is None or (table := _ruffs_table(text, prefix)) is None:
            continue
        if _has_external(text, prefix):
            return []
        new = _with_external(text, prefix, table.get("lint", {}))
        before = found.read(path) or ""
        return [Change(path, before, new, "ruff keeps trueup's codes in `# noqa`")] if new is not None else []
    return []


def _ruffs_table(text: str, prefix: str) -> dict[str, Any] | None:
    table: Any = _toml(text)
    for part in prefix.split(".") if prefix else ():
        table = table.get(part) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else None


def _has_external(text: str, prefix: str) -> bool:
    lint = (_ruffs_table(text, prefix) or {}).get("lint", {})
    there = lint.get("external", []) if isinstance(lint, dict) else []
    return isinstance(there, list) and EXTERNAL in there


def _with_external(text: str, prefix: str, lint: object) -> str | None:
    """The text with ruff's `external`; None where it stands in a way that is not understood."""
    table = f"{prefix}.lint" if prefix else "lint"
    head = _header(table, text)
    if isinstance(lint, dict) and lint.get("external"):
        start = head.end() if head else 0
        one = re.compile(r"^([ \t]*(?:lint\s*\.\s*)?external\s*=\s*\[)(\n?[ \t]*)", re.MULTILINE).search(text, start)
        new = f'{text[: one.end()]}"{EXTERNAL}",{one[2] or " "}{text[one.end() :]}' if one else None
    elif head:
        new = text[: head.end()] + f'external = ["{EXTERNAL}"]\n' + text[head.end() :]
    elif lint:
        # `lint.select = [...]`: one more such line, at the beginning of its table.
        above = _header(prefix, text) if prefix else None
        at = above.end() if above else 0
        new = text[:at] + f'lint.external = ["{EXTERNAL}"]\n' + text[at:] if above or not prefix else None
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


def _header(table: str, text: str) -> re.Match[str] | None:
    return re.search(rf"^[ \t]*\[\s*{re.escape(table)}\s*\][^\n]*\n", text, re.MULTILINE)


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


_HOOKS = ".pre-commit-config.yaml"
_NO_REPOS = re.compile(r"^repos:[ \t]*(?:\[[ \t]*\])?[ \t]*(?:\n|\Z)", re.MULTILINE)


def _hooks(found: Found, texts: _Texts) -> list[Change]:
    path = _HOOKS
    text = found.read(path)
    hook = _HOOK.format(version=found.version)
    if text is None:
        return [Change(path, "", "repos:\n" + _indented(hook, "  "), "hook of pre-commit")] if found.is_git else []
    if (none := _NO_REPOS.search(text)) and not re.search(r"^[ \t]*-", text, re.MULTILINE):
        new = text[: none.start()] + "repos:\n" + _indented(hook, "  ") + text[none.end() :]
        return [Change(path, text, new, "hook of pre-commit")]
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
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - uses: astral-sh/setup-uv@681c641aba71e4a1c380be3ab5e12ad51f415867 # v7.1.6
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
{stage}  image: ghcr.io/astral-sh/uv:python3.13-bookworm-slim
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
    job = _JOB.format(version=found.version, stage="".join(f"  stage: {one}\n" for one in _stage(text)))
    return [Change(path, text, _appended(text, job.splitlines()), "check in GitLab's CI")]


def _stage(text: str) -> list[str]:
    """The stage a job must name, because there is none called `test`, which GitLab takes otherwise."""
    listed = re.search(r"^stages:[ \t]*(\[[^]]*\]|(?:\n[ \t]*-[^\n]*)+)", text, re.MULTILINE)
    stages = re.findall(r"[^\s\[\],'\"-][^\s\[\],'\"]*", re.sub(r"#[^\n]*", "", listed[1])) if listed else []
    return [] if "test" in stages else stages[:1]


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
