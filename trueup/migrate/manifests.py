"""The files in which a project says what it depends on: where each requirement stands, and how one is added."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from trueup.edits import Edit
from trueup.libraries.distributions import Floor

from .requirement import Parsed, caret, normal, parse, raised, raised_poetry
from .toml_strings import Literal, NotRead, strings

_REQUIREMENTS = re.compile(r"(?:requirements|constraints)[\w.-]*\.(?:txt|in)")


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement that was raised or added: what it was (empty: it is new) and what it is."""

    old: str
    new: str


class Refusal(NamedTuple):
    """A requirement that a person must raise, and why."""

    line: int
    message: str


@dataclass(slots=True)
class Raised:
    """A file's text with its bounds raised, what was changed in it, and what was not understood."""

    text: str
    changes: list[Change]
    refusals: list[Refusal]


def is_manifest(path: str) -> bool:
    """Whether a file is, by its name, one that may say dependencies."""
    folder, name = os.path.split(path)
    if name in ("pyproject.toml", "setup.cfg", "setup.py") or _REQUIREMENTS.fullmatch(name):
        return True
    return os.path.basename(folder) == "requirements" and name.endswith((".txt", ".in"))


def find(folders: Iterable[str]) -> list[str]:
    """The files of some folders that may say dependencies, sorted."""
    found: set[str] = set()
    for folder in folders:
        for inner in (folder, os.path.join(folder, "requirements")):
            try:
                names = os.listdir(inner)
            except OSError:
                continue
            found.update(path for name in names if is_manifest(path := os.path.join(inner, name)))
    return sorted(path for path in found if os.path.isfile(path))


def raise_bounds(path: str, text: str, floors: Iterable[Floor], added: Iterable[Floor]) -> Raised:
    """A file's text with the bounds of some distributions raised, and some distributions added.

    Args:
        path: its name says what it is.
        floors: what must not be lower where it is listed.
        added: what is to be put behind `pydantic` (or `fastapi`) where it is not listed in the file.
    """
    name = os.path.basename(path)
    if name == "setup.py":
        found: _Manifest = _Setup(text)
    else:
        found = _Toml(text) if name == "pyproject.toml" else _Lines(text, in_sections=name == "setup.cfg")
    return found.run({normal(one.name): one for one in floors}, list(added))


class _Manifest:
    """One file."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[Edit] = []
        self.changes: list[Change] = []
        self.refusals: list[Refusal] = []

    def run(self, floors: dict[str, Floor], added: list[Floor]) -> Raised:
        raise NotImplementedError

    def done(self) -> Raised:
        text = self.text
        for edit in sorted(self.edits, key=lambda one: one.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return Raised(text, self.changes, self.refusals)

    def refuse(self, at: int, what: str, why: str) -> None:
        self.refusals.append(Refusal(self.text.count("\n", 0, at) + 1, f"raise `{what}` by hand: {why}"))

    def raise_one(self, parsed: Parsed, floors: dict[str, Floor], at: int) -> Parsed | None:
        """The requirement with its bound raised; None where it stays."""
        floor = floors.get(normal(parsed.name))
        if floor is None:
            return None
        try:
            new = raised(parsed, floor)
        except ValueError as error:
            self.refuse(at, str(parsed).strip(), str(error))
            return None
        if new is not None:
            self.changes.append(Change(str(parsed).strip(), str(new).strip()))
        return new


class _Toml(_Manifest):
    """`pyproject.toml`."""

    def literals(self) -> list[Literal]:
        """The strings of the file."""
        return strings(self.text)

    def run(self, floors: dict[str, Floor], added: list[Floor]) -> Raised:
        try:
            found = self.literals()
        except NotRead as error:
            self.refusals.append(Refusal(1, str(error)))
            return self.done()
        listed: set[str] = set()
        anchors: dict[str, Literal] = {}
        for one in found:
            if _is_requirement(one.path):
                parsed = parse(one.value)
                if parsed is None:
                    continue
                listed.add(normal(parsed.name))
                anchors.setdefault(normal(parsed.name), one)
                new = self.raise_one(parsed, floors, one.start)
                if new is not None:
                    self._replace(one, str(new))
            elif (name := _poetry_name(one.path)) is not None:
                listed.add(normal(name))
                anchors.setdefault(normal(name), one)
                self._raise_poetry(one, name, floors)
        for floor in added:
            if normal(floor.name) not in listed:
                anchor = anchors.get("pydantic") or anchors.get("fastapi")
                if anchor is not None:
                    self._add(anchor, floor)
        return self.done()

    def _replace(self, one: Literal, value: str) -> None:
        raw = self.text[one.start : one.end]
        quote = '"""' if raw.startswith('"""') else "'''" if raw.startswith("'''") else raw[0]
        if quote[0] in value or "\\" in value:
            quote = '"' if '"' not in value else "'"
        self.edits.append(Edit(one.start, one.end, f"{quote}{value}{quote}"))

    def _raise_poetry(self, one: Literal, name: str, floors: dict[str, Floor]) -> None:
        floor = floors.get(normal(name))
        if floor is None:
            return
        if "extras" in one.path:
            if normal(one.value) in floor.gone_extras:
                self._drop(one)
                self.changes.append(Change(f"{name}[{one.value}]", name))
            return
        try:
            new = raised_poetry(one.value, floor)
        except ValueError as error:
            self.refuse(one.start, f"{name} {one.value}", str(error))
            return
        if new is not None:
            self._replace(one, new)
            self.changes.append(Change(f"{name} {one.value}", f"{name} {new}"))

    def _drop(self, one: Literal) -> None:
        """Take a string out of an array, with the comma behind it, or else the one in front."""
        behind = re.compile(r"\s*,[ \t]*").match(self.text, one.end)
        if behind is not None:
            self.edits.append(Edit(one.start, behind.end(), ""))
            return
        before = re.compile(r",\s*$").search(self.text, 0, one.start)
        self.edits.append(Edit(before.start() if before is not None else one.start, one.end, ""))

    def _add(self, anchor: Literal, floor: Floor) -> None:
        """Put a requirement behind another one, on a line of its own where that has one."""
        start = self.text.rfind("\n", 0, anchor.start) + 1
        end = self.text.find("\n", anchor.end)
        end = len(self.text) if end < 0 else end
        newline = "\r\n" if self.text[max(end - 1, 0) : end] == "\r" else "\n"
        indent = re.match(r"[ \t]*", self.text[start:])
        assert indent is not None
        if anchor.path[0] == "tool" and anchor.path[1] == "poetry":
            line = f'{indent[0]}{floor.name} = "{caret(floor)}"'
            self.edits.append(Edit(end - len(newline) + 1, end - len(newline) + 1, f"{newline}{line}"))
            self.changes.append(Change("", f"{floor.name} {caret(floor)}"))
            return
        quote = self.text[anchor.start]
        value = f"{quote}{floor.name}>={floor.version}{',<' + floor.below if floor.below else ''}{quote}"
        self.changes.append(Change("", value.strip(quote)))
        alone = not self.text[start : anchor.start].strip()
        comma = re.compile(r"[ \t]*,").match(self.text, anchor.end)
        if not alone:
            self.edits.append(Edit(anchor.end, anchor.end, f", {value}"))
        elif comma is not None:
            # A comment behind the comma stays on its line.
            at = end - len(newline) + 1
            self.edits.append(Edit(at, at, f"{newline}{indent[0]}{value},"))
        else:
            self.edits.append(Edit(anchor.end, anchor.end, f",{newline}{indent[0]}{value}"))


class _Setup(_Toml):
    """`setup.py`: lists that are given to `setup()`, or to a name that is."""

    def literals(self) -> list[Literal]:
        try:
            tree = ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError):
            return []  # the migration tells of files that do not parse
        given = [
            keyword.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "setup"
            for keyword in node.keywords
            if keyword.arg in ("install_requires", "extras_require", "tests_require")
        ]
        names = {one.id for value in given for one in ast.walk(value) if isinstance(one, ast.Name)}
        given += [
            node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and names & {ast.unparse(target) for target in node.targets}
        ]
        starts = [0]
        for line in self.text.encode().splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        found = [literal for value in given for literal in _listed(value, self.text, starts)]
        return sorted(dict.fromkeys(found), key=lambda one: one.start)


def _listed(value: ast.expr, text: str, starts: list[int]) -> Iterator[Literal]:
    """The plain strings that stand in the lists of an expression."""
    for node in ast.walk(value):
        for one in node.elts if isinstance(node, ast.List | ast.Tuple) else ():
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.end_lineno is not None:
                assert one.end_col_offset is not None
                start, end = (
                    len(text.encode()[: starts[line - 1] + column].decode())
                    for line, column in ((one.lineno, one.col_offset), (one.end_lineno, one.end_col_offset))
                )
                if text[start : start + 1] in ("'", '"') and text[start + 1 : end - 1] == one.value:
                    yield Literal(("project", "dependencies", 0), one.value, start, end)


def _is_requirement(path: tuple[str | int, ...]) -> bool:
    """Whether a string of a `pyproject.toml` is a requirement of the project, not of its build."""
    match path:
        case ("project", "dependencies", int()) | ("project", "optional-dependencies", str(), int()):
            return True
        case ("dependency-groups", str(), int()):
            return True
        case ("tool", "uv", "dev-dependencies" | "constraint-dependencies", int()):
            return True
        case ("tool", "pdm", "dev-dependencies", str(), int()):
            return True
        case ("tool", "hatch", "envs", str(), "dependencies" | "extra-dependencies", int()):
            return True
    return False


def _poetry_name(path: tuple[str | int, ...]) -> str | None:
    """The distribution that a string of Poetry's tables gives a version or an extra of."""
    match path:
        case ("tool", "poetry", "dependencies" | "dev-dependencies", str(name), *rest):
            pass
        case ("tool", "poetry", "group", str(), "dependencies", str(name), *rest):
            pass
        case _:
            return None
    if not rest or rest == ["version"] or (len(rest) == 2 and rest[0] == "extras"):
        return name
    return None


class _Lines(_Manifest):
    """`requirements.txt`, one a line; `setup.cfg`, where they are the lines of some options."""

    def __init__(self, text: str, *, in_sections: bool) -> None:
        super().__init__(text)
        self.in_sections = in_sections

    def run(self, floors: dict[str, Floor], added: list[Floor]) -> Raised:
        listed: set[str] = set()
        anchors: dict[str, tuple[int, int, Parsed]] = {}
        for start, end in self._requirements():
            line = self.text[start:end]
            comment = re.search(r"(?:^|\s)#", line)
            bare = line[: comment.start()] if comment is not None else line
            options = re.search(r"\s+(?:--|\\)", bare)
            text = (bare[: options.start()] if options is not None else bare).rstrip()
            body = text.lstrip()
            at = start + len(text) - len(body)
            parsed = parse(body) if body and not body.startswith("-") else None
            if parsed is None:
                continue
            name = normal(parsed.name)
            listed.add(name)
            anchors.setdefault(name, (start, end, parsed))
            if options is not None and name in floors:
                self.refuse(start, body, "it is locked with hashes or options, let your tool write it anew")
                continue
            new = self.raise_one(parsed, floors, at)
            if new is not None:
                self.edits.append(Edit(at, at + len(body), str(new)))
        for floor in added:
            anchor = anchors.get("pydantic") or anchors.get("fastapi")
            if anchor is not None and normal(floor.name) not in listed:
                self._add(anchor[0], anchor[1], floor)
        return self.done()

    def _add(self, start: int, end: int, floor: Floor) -> None:
        indent = re.match(r"[ \t]*", self.text[start:end])
        assert indent is not None
        newline = "\r\n" if self.text.startswith("\r\n", end) else "\n"
        value = f"{floor.name}>={floor.version}{',<' + floor.below if floor.below else ''}"
        self.edits.append(Edit(end, end, f"{newline}{indent[0]}{value}"))
        self.changes.append(Change("", value))

    def _requirements(self) -> Iterator[tuple[int, int]]:
        """The lines that may hold a requirement, without their ends."""
        section = option = ""
        at = 0
        for line in self.text.splitlines(keepends=True):
            start, at = at, at + len(line)
            bare = line.rstrip("\r\n")
            if not self.in_sections:
                yield start, start + len(bare)
                continue
            header = re.match(r"\[([^\]]+)\]", bare)
            if header is not None:
                section, option = header[1].strip(), ""
            elif (match := re.match(r"([^\s#;=:][^=:]*?)\s*[=:]\s*", bare)) is not None:
                option = match[1]
                if self._holds(section, option) and bare[match.end() :].strip():
                    yield start + match.end(), start + len(bare)
            elif bare[:1] in (" ", "\t") and self._holds(section, option):
                yield start, start + len(bare)

    def _holds(self, section: str, option: str) -> bool:
        if section == "options":
            return option in ("install_requires", "tests_require")
        return section == "options.extras_require"
