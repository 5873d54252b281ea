"""Which versions of the libraries, and of Python, a project is to run on: what it says of that itself, and where."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from .environment import environment

LIBRARIES = ("pydantic", "sqlalchemy", "fastapi", "python")
"""Whose versions rules ask for, and settings may name."""
ALSO = ("starlette",)
"""Whose versions are found out too: what a checker asks for by itself."""
_SOUGHT = (*LIBRARIES, *ALSO)
AUTO = "auto"
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
"""Asked in this order; the first that names a library has the word."""

_CLAUSE = re.compile(r"\s*(>=|<)\s*(\d+(?:\.\d+)*)\s*")
_WANTED = re.compile(rf"({'|'.join(LIBRARIES)})((?:\s*(?:>=|<)\s*\d+(?:\.\d+)*\s*,?)+)")


class Target(NamedTuple):
    """What is known of one library."""

    library: str
    version: str = ""
    """The version it is locked to or installed in, or else the lowest that will do; empty: nothing is known."""
    origin: str = ""
    """The file or folder that says so; the configuration's for a version that stands there."""
    said: str = ""
    """How it is said there."""
    exact: bool = False
    """This version and no later one."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The release, without zeros at its end: `2.4.0b1` is `(2, 4)`; empty where nothing is known."""
        return _numbers(self.version)


class Memory(Protocol):
    """Keeps what was found for the next run."""

    def run(self, key: str, /) -> bytes | None:
        """What was kept under a key."""

    def put_run(self, key: str, data: bytes, /) -> None:
        """Keep it."""


class Shelf:
    """Where a memory may be put; other processes get none."""

    def __init__(self) -> None:
        self.memory: Memory | None = None

    def __reduce__(self) -> tuple[type[Shelf], tuple[()]]:
        return Shelf, ()


class Search(NamedTuple):
    """Where versions are looked for."""

    folder: str
    root: str
    shelf: Shelf

    def found(self, python_path: Sequence[str]) -> dict[str, Target]:
        """As `detect` says."""
        return detect(self.folder, self.root, python_path, self.shelf.memory)


class VersionsError(ValueError):
    """What a rule says of versions cannot be meant."""


def parsed(versions: str) -> tuple[str, list[list[tuple[str, tuple[int, ...]]]]]:
    """`fastapi<0.106 | >=0.118` -> the library, and for each alternative its clauses. Raises VersionsError."""
    first, *others = versions.split("|")
    head = _WANTED.fullmatch(first.strip())
    if head is None:
        raise VersionsError(f"`{versions}` is not understood: write `pydantic>=2.4` or `fastapi<0.106 | >=0.118`")
    found = []
    for text in (head[2], *others):
        clauses = [_CLAUSE.fullmatch(one) for one in text.rstrip(", ").split(",")]
        if not all(clauses):
            raise VersionsError(f"`{versions}` is not understood: `{text.strip()}`")
        found.append([(one[1], _numbers(one[2])) for one in clauses if one is not None])
    return head[1], found


def lets(versions: str, targets: Mapping[str, Target]) -> bool:
    """Whether a rule for these versions has something to say to a project.

    It has where nothing is known, and where an older major version is to be replaced: such a project is judged by where
    it goes. A project that allows newer versions, too, is not told by its lowest one that what is in between does not
    concern it: that closes only rules that begin at some version. A pre-release counts as what it becomes.
    """
    library, alternatives = parsed(versions)
    target = targets.get(library, Target(library))
    have = _numbers(target.version)
    if not have or (len(alternatives) > 1 and not target.exact):
        return True
    lowest = min((number for clauses in alternatives for sign, number in clauses if sign == ">="), default=have)
    if have[0] < lowest[0]:
        return True
    return any(all((have >= n) if sign == ">=" else (have < n) for sign, n in clauses) for clauses in alternatives)


def _numbers(version: str) -> tuple[int, ...]:
    """The release of a version, without zeros at its end: `2.4.0b1` is `(2, 4)`."""
    match = re.match(r"v?(?:\d+!)?(\d+(?:\.\d+)*)", version)
    numbers = [int(part) for part in match[1].split(".")] if match is not None else []
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def of_configuration(told: Mapping[str, tuple[str, str]]) -> dict[str, Target]:
    """The targets that settings name: library -> (version, origin); those that are to be found out are left out."""
    return {
        name: Target(name, version, origin, f'target-{name} = "{version}"', exact=True)
        for name, (version, origin) in told.items()
        if version != AUTO
    }


def detect(folder: str, root: str, python_path: Sequence[str], memory: Memory | None = None) -> dict[str, Target]:
    """What a project says of its libraries; those of which nothing is known are left out.

    From a folder up to the project's root: lock files, `requirements*.txt`, the dependencies in `pyproject.toml`; then
    what is installed in its environment. The first that names a library has the word.

    Args:
        memory: keeps the answer until one of these files changes.
    """
    folders = list(_upwards(folder, root))
    installed = environment(Path(root), [Path(root, one) for one in python_path])
    places = [path for one in folders for path in _files(one)]
    key = _key([*places, *(str(one) for one in installed)])
    known = memory.run(key) if memory is not None else None
    if known is not None:
        try:
            return {row[0]: Target(*row) for row in json.loads(known)}
        except (ValueError, TypeError, IndexError):
            pass
    found: dict[str, Target] = {}
    for target in (*(one for path in places for one in _in_file(path)), *_installed(installed)):
        if target.version:
            found.setdefault(target.library, target)
    if memory is not None:
        memory.put_run(key, json.dumps(list(found.values())).encode())
    return found


def required(folder: str) -> dict[str, str]:
    """Library -> what the files of a folder ask for that are not locks, `pydantic>=1.10,<2` say."""
    files = [path for path in _files(folder) if not path.endswith(LOCKS)]
    found: dict[str, str] = {}
    for target in (one for path in files for one in _in_file(path)):
        if target.library != "python":
            found.setdefault(target.library, target.said)
    return found


def _upwards(folder: str, root: str) -> Iterator[str]:
    while folder.startswith(root.rstrip("/") + "/"):
        yield folder
        folder = folder.rpartition("/")[0]
    yield root


def _files(folder: str) -> Iterator[str]:
    """The files of a folder that may say versions, in the order they are asked in."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    there = set(names)
    yield from (f"{folder.rstrip('/')}/{name}" for name in LOCKS if name in there)
    lists = [name for name in names if name.startswith("requirements") and name.endswith(".txt")]
    yield from (f"{folder.rstrip('/')}/{name}" for name in sorted(lists, key=lambda name: (len(name), name)))
    if "pyproject.toml" in there:
        yield f"{folder.rstrip('/')}/pyproject.toml"


def _key(paths: Iterable[str]) -> str:
    state = blake2b(b"targets 2", digest_size=16)
    for path in paths:
        try:
            status = os.stat(path)
            stamp = f"{status.st_mtime_ns} {status.st_size}"
        except OSError:
            stamp = "gone"
        state.update(f"{path}\0{stamp}\0".encode(errors="surrogatepass"))
    return state.hexdigest()


def _in_file(path: str) -> list[Target]:
    name = path.rpartition("/")[2]
    try:
        text = Path(path).read_bytes().decode(errors="replace").replace("\r\n", "\n")
    except OSError:
        return []
    if name in LOCKS:
        return list(_in_lock(path, text))
    return list(_in_requirements(path, text) if name.endswith(".txt") else _in_project(path, text))


# Lock files: scanned, not parsed, for they have megabytes and are all written by machines -----------------------------

_ENTRY = re.compile(r'^name = "([^"]+)"\nversion = "([^"]+)"', re.MULTILINE)
_PYTHON = re.compile(r'^requires[-_]python = "([^"]+)"', re.MULTILINE)
_POETRYS_PYTHON = re.compile(r'^\[metadata\]\n(?:[^\[\n].*\n|\n)*?python-versions = "([^"]+)"', re.MULTILINE)


def locked(text: str, names: Iterable[str]) -> dict[str, str]:
    """Distribution -> version in a lock file, of those that are asked for; the lowest where it holds several."""
    wanted = set(names)
    found: dict[str, str] = {}
    for match in _ENTRY.finditer(text):
        name = normal(match[1])
        if name not in wanted or not text.endswith(("[[package]]\n", "[[packages]]\n"), 0, match.start()):
            continue
        if name not in found or _numbers(match[2]) < _numbers(found[name]):
            found[name] = match[2]
    return found


def _in_lock(path: str, text: str) -> Iterator[Target]:
    for name, version in locked(text, _SOUGHT).items():
        yield Target(name, version, path, f"{name} {version}", exact=True)
    python = _PYTHON.search(text, 0, text.find("\n[[") + 1 or len(text)) or _POETRYS_PYTHON.search(text)
    if python is None and path.endswith("/pdm.lock"):
        python = re.search(r'^\[\[metadata\.targets\]\]\nrequires_python = "([^"]+)"', text, re.MULTILINE)
    if python is not None:
        yield _bound("python", python[1], path)


# Requirements --------------------------------------------------------------------------------------------------------

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;#@()]*)\)?\s*(?:;.*)?", re.DOTALL)


def _required(text: str, origin: str) -> Target | None:
    """What a requirement like `pydantic[email]>=2.4,<3; python_version>"3.8"` says of a library."""
    match = _REQUIREMENT.fullmatch(text)
    name = normal(match[1]) if match is not None else ""
    if match is None or name not in _SOUGHT or name == "python":
        return None
    return _bound(name, match[2].strip(), origin)


def _in_requirements(path: str, text: str) -> Iterator[Target]:
    for line in text.replace("\\\n", " ").splitlines():
        bare = re.split(r"(?:^|\s)#|\s--", line)[0].strip()
        if bare and not bare.startswith("-") and (target := _required(bare, path)) is not None:
            yield target


def _in_project(path: str, text: str) -> Iterator[Target]:
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    project, poetry = _table(data, "project"), _table(data, "tool", "poetry", "dependencies")
    listed = project.get("dependencies")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, str) and (target := _required(one, path)) is not None:
            yield target
    if isinstance(python := project.get("requires-python"), str):
        yield _bound("python", python, path)
    for name, given in poetry.items():
        for one in given if isinstance(given, list) else [given]:
            said = one.get("version") if isinstance(one, dict) else one
            if isinstance(said, str) and normal(name) in _SOUGHT:
                yield _bound(normal(name), said, path)


def _table(data: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


_PLAIN = re.compile(r"\d+(?:\.\d+)*")
_CARET = re.compile(r"(?:\^|~)\s*(?=\d)")


def _bound(library: str, bounds: str, origin: str) -> Target:
    """The lowest version that some bounds let in; an empty one where they name none, or are not understood."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version

    said = f"{library}{bounds}" if bounds[:1] in "<>=~!^" else f"{library} {bounds}"
    plain = _PLAIN.fullmatch(bounds.strip())
    if plain is not None:  # as Poetry writes exactly this one
        return Target(library, plain[0], origin, said, exact=True)
    try:
        found = list(SpecifierSet(_CARET.sub(">=", bounds.replace("||", ","))))
    except InvalidSpecifier:
        return Target(library, "", origin, said)
    versions = [
        (Version(one.version.removesuffix(".*")), one)
        for one in found
        if one.operator in (">=", ">", "==", "~=") and _numbers(one.version)
    ]
    if not versions:
        return Target(library, "", origin, said)
    pick: Callable[..., Any] = min if "||" in bounds else max
    lowest, one = pick(versions, key=lambda pair: pair[0])
    return Target(library, str(lowest), origin, said, exact=one.operator == "==" and not one.version.endswith(".*"))


# The environment -----------------------------------------------------------------------------------------------------


def installed_in(folders: Iterable[Path]) -> dict[str, tuple[str, Path]]:
    """Distribution -> its version in some `site-packages` folders, and the folder."""
    found: dict[str, tuple[str, Path]] = {}
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                distribution, _, version = name.removesuffix(".dist-info").rpartition("-")
                found.setdefault(normal(distribution), (version, folder))
    return found


def _installed(folders: Sequence[Path]) -> Iterator[Target]:
    there = installed_in(folders)
    for name in _SOUGHT:
        if name in there:
            version, folder = there[name]
            yield Target(name, version, str(folder), f"{name} {version}", exact=True)
    for folder in folders:
        for above in folder.parents:
            if (settings := above / "pyvenv.cfg").is_file():
                text = settings.read_text("utf-8", "replace")
                python = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", text, re.MULTILINE)
                if python is not None:
                    yield Target("python", python[1], str(settings), f"python {python[1]}", exact=True)
                break


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
