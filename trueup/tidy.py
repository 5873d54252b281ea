"""After repairs: ruff drops imports that they left unused, sorts those they mixed up, and formats what they wrote."""

from __future__ import annotations

import ast
import json
import os
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import SequenceMatcher
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .edits import NEWLINE, Edit, Lines, apply
from .imports import DropImport, with_imports
from .names import Names, parsed
from .ruff import RuffFailed, Run, each

if TYPE_CHECKING:
    from .exports import Exports
    from .index.facts import FileFacts

_CONFIGS = (".ruff.toml", "ruff.toml", "pyproject.toml")
"""In one folder the first wins, as for ruff; a pyproject.toml counts only with a table for ruff."""
_ALSO = (
    ".pre-commit-config.yaml", "Makefile", "justfile", "tox.ini", "noxfile.py", "pyproject.toml", "scripts/format.sh",
    "scripts/lint.sh",
)  # fmt: skip
"""Where else a project says that it formats with ruff."""


class Use(NamedTuple):
    """What a project has ruff for."""

    checks: bool = False
    formats: bool = False


NONE = Use()


class Workspace(Protocol):
    """What is asked of the files of a run."""

    @property
    def project(self) -> Project:
        """All files, linked, as they stand now."""
        ...

    def update(self, texts: Mapping[str, str]) -> None:
        """Put new texts in the place of old ones."""


class Project(Protocol):
    """What is asked of the index."""

    @property
    def files(self) -> Mapping[str, FileFacts]:
        """Path -> facts of the project's own files."""
        ...


class Tidy:
    """Tidies the changed files of a run."""

    def __init__(self, absolute: Callable[[str], str], cwd: str, jobs: int, failed: Callable[[str], None]) -> None:
        """`absolute`: path -> the file's absolute path; `failed` is told once why ruff did not do its part."""
        self._absolute = absolute
        self._cwd = cwd
        self._jobs = jobs
        self._failed: Callable[[str], None] | None = failed
        self._clean: dict[int, bool] = {}

    def __call__(self, workspace: Workspace, changed: dict[str, tuple[str, str]], exports: Exports) -> bool:
        """Have ruff tidy changed files (path -> text before, text now), in memory; whether it changed any further."""
        if self._failed is None:
            return False

        def exported(path: str) -> Collection[str]:
            with lock:
                files = workspace.project.files
                return exports.of(files[path], files) if path in files else ()

        lock = Lock()
        try:
            texts = tidied(changed, self._absolute, exported, cwd=self._cwd, jobs=self._jobs, clean=self._clean)
        except RuffFailed as error:
            self._failed(str(error))
            self._failed = None
            return False
        for path, text in texts.items():
            changed[path] = (changed[path][0], text)
            exports.forget(path)
        if texts:
            workspace.update(texts)
        return bool(texts)


class Folders:
    """What ruff is used for in folders. Remembers its answers."""

    def __init__(self) -> None:
        self._known: dict[str, Use] = {}

    def use(self, folder: str) -> Use:
        """What ruff is used for in a folder: as the nearest configuration in it or above says."""
        climbed = []
        while (found := self._known.get(folder)) is None:
            climbed.append(folder)
            above = os.path.dirname(folder)
            found = _use(folder) or (NONE if above == folder else None)
            if found is not None:
                break
            folder = above
        self._known |= dict.fromkeys(climbed, found)
        return found


def _use(folder: str) -> Use | None:
    """What the configuration in a folder says; None where there is none."""
    for name in _CONFIGS:
        try:
            with open(os.path.join(folder, name), "rb") as stream:
                table: Any = tomllib.load(stream)
        except (OSError, ValueError):
            continue
        if name == "pyproject.toml":
            table = table.get("tool", {}).get("ruff")
            if table is None:
                continue
        return Use(True, "format" in table or any(_says_format(os.path.join(folder, other)) for other in _ALSO))
    return None


def _says_format(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            text = stream.read()
    except OSError:
        return False
    return "ruff-format" in text or "ruff format" in text


def tidied(
    changed: Mapping[str, tuple[str, str]],
    absolute: Callable[[str], str],
    exported: Callable[[str], Collection[str]],
    *,
    cwd: str,
    jobs: int = 1,
    clean: dict[int, bool] | None = None,
) -> dict[str, str]:
    """The texts of changed files that ruff makes other ones of; nothing where the project does not use ruff.

    What was there before the repairs stays: an import that was unused, an order that was wrong, lines nobody touched.
    Raises RuffFailed.

    Args:
        changed: path -> the text before the repairs, and now.
        absolute: path -> the file's absolute path.
        exported: path -> names that other files import from it.
        cwd: the folder to run ruff in.
        jobs: how many files at once.
        clean: hash of path and text -> whether it is formatted, from call to call.
    """
    folders = Folders()
    found: dict[str, str] = {}

    def one(path: str) -> None:
        before, now = changed[path]
        place = absolute(path)
        use = folders.use(os.path.dirname(place))
        if not use.checks or parsed(now) is None:
            return
        ask = _Asker(place, cwd, clean if clean is not None else {})
        text = _imports(before, now, ask, lambda: exported(path))
        if use.formats:
            text = _format(before, text, ask)
        if text != now and parsed(text) is not None:
            found[path] = text

    each(one, list(changed), jobs)
    return {path: found[path] for path in changed if path in found}


# Imports -------------------------------------------------------------------------------------------------------------


class _Asker:
    """Asks ruff about texts of one file. Remembers its answers."""

    def __init__(self, path: str, cwd: str, clean: dict[int, bool]) -> None:
        self.path = path
        self._cwd = cwd
        self._clean = clean
        self._rows: dict[str, list[Mapping[str, Any]]] = {}

    def found(self, text: str, code: str) -> list[Mapping[str, Any]]:
        """What ruff finds of one rule in a text, if the project has selected that."""
        if text not in self._rows:
            command = ("check", "--output-format", "json", "--quiet", "--no-fix", "--no-cache", "--force-exclude")
            said = Run(*command, cwd=self._cwd, text=text, name=self.path).said()
            self._rows[text] = json.loads(said.out or "[]")
        return [row for row in self._rows[text] if row["code"] == code]

    def formatted(self, text: str, *options: str) -> str:
        """A text as ruff formats it."""
        command = ("format", "--quiet", "--no-cache", "--force-exclude", *options)
        return Run(*command, cwd=self._cwd, text=text, name=self.path).said().out

    def is_clean(self, text: str) -> bool:
        """Whether a text is as ruff formats it."""
        key = hash((self.path, text))
        if key not in self._clean:
            self._clean[key] = self.formatted(text) == text
        return self._clean[key]

    def know_clean(self, text: str) -> None:
        """Remember that a text is as ruff formats it."""
        self._clean[hash((self.path, text))] = True


def _imports(before: str, now: str, ask: _Asker, exported: Callable[[], Collection[str]]) -> str:
    """The text without imports that the repairs left unused, and sorted where it was sorted before."""
    old, new = Names(before), Names(now)
    unused = {one.local for one in new.imports} - new.mentioned
    text = now
    if unused - ({one.local for one in old.imports} - old.mentioned) and os.path.basename(ask.path) != "__init__.py":
        told = {row["message"] for row in ask.found(before, "F401")}
        places = {
            (row["location"]["row"], row["location"]["column"])
            for row in ask.found(now, "F401")
            if row["message"] not in told
        }
        # ruff's own fix would also take what was unused before, if it stands in the same statement.
        drops = [DropImport(one.module, one.name) for one in new.imports if _place(new, one.alias) in places]
        text = with_imports(now, new.tree, ask.path, [], drops, exported())
    if _lines_of(old) != _lines_of(Names(text)) and (rows := ask.found(text, "I001")) and not ask.found(before, "I001"):
        for row in reversed(rows):
            text = _made(text, row["fix"])
    return text


def _place(names: Names, node: ast.alias) -> tuple[int, int]:
    return node.lineno, _start(names, node) - names.lines.start(node.lineno) + 1


def _made(text: str, fix: Mapping[str, Any] | None) -> str:
    """The text with a fix of ruff's."""
    lines = Lines(text)

    def at(place: Mapping[str, int]) -> int:
        return min(lines.start(place["row"]) + place["column"] - 1, len(text))

    edits = fix["edits"] if fix else ()
    return apply(text, [Edit(at(one["location"]), at(one["end_location"]), one["content"]) for one in edits])


def _lines_of(names: Names) -> list[tuple[str, str]]:
    """The imports of a text: how the line of each begins, and the name it binds."""
    text = names.lines.text
    return [(text[_start(names, one.statement) :].partition("\n")[0], one.local) for one in names.imports]


def _start(names: Names, node: Any) -> int:
    return names.lines.offset(node.lineno, node.col_offset)


# Layout --------------------------------------------------------------------------------------------------------------


def _format(before: str, now: str, ask: _Asker) -> str:
    """The text, formatted where the repairs wrote; wholly where it was formatted before."""
    whole = ask.formatted(now)
    if whole == now:
        ask.know_clean(now)
        return now
    ranges = _changed_lines(before, now)
    text = _only(now, whole, ranges)
    if text == whole or ask.is_clean(before):
        ask.know_clean(whole)
        return whole
    if _same_code(text, now):
        return text
    text = now
    for start, end in reversed(ranges):  # a statement of which only a part was touched: ruff knows where it ends
        text = _only(text, ask.formatted(text, f"--range={start}-{end}"), [(start, end)])
    return text


def _same_code(one: str, other: str) -> bool:
    trees = parsed(one), parsed(other)
    return None not in trees and ast.dump(trees[0] or ast.Pass()) == ast.dump(trees[1] or ast.Pass())


def _changed_lines(before: str, now: str) -> list[tuple[int, int]]:
    """The stretches of lines that are new, 1-based, the end exclusive."""
    old, new = NEWLINE.split(before), NEWLINE.split(now)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    return [
        (head + start + 1, head + end + 1)
        for tag, _, _, start, end in middle.get_opcodes()
        if tag != "equal" and end > start
    ]


def _only(text: str, formatted: str, ranges: Sequence[tuple[int, int]]) -> str:
    """Of what a formatter made of a text only what concerns some lines: it also likes blank lines around them."""
    old, new = text.splitlines(keepends=True), formatted.splitlines(keepends=True)
    result: list[str] = []
    for tag, low, high, new_low, new_high in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        concerned = any(low < end - 1 and high > start - 1 for start, end in ranges)
        if tag == "equal" or not concerned:
            result += old[low:high]
        else:
            result += _with_blanks_of(old[low:high], new[new_low:new_high])
    return "".join(result)


def _with_blanks_of(old: list[str], new: list[str]) -> list[str]:
    """New lines, with no more blank ones around them than there were."""
    first = next((n for n, line in enumerate(new) if line.strip()), len(new))
    last = next((n for n, line in enumerate(reversed(new)) if line.strip()), 0)
    before = next((n for n, line in enumerate(old) if line.strip()), 0)
    after = next((n for n, line in enumerate(reversed(old)) if line.strip()), 0)
    return new[max(0, first - before) : len(new) - max(0, last - after)]
