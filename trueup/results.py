"""What an earlier run found: the same files, configuration and rules give the same findings without looking again."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from . import __version__
from .config import Configs
from .environment import environment
from .files import Problem, Source, SourceFile, digest_of, read, read_bytes
from .index.cache import FACTS_VERSION, Cache, digest, is_settled
from .model import Finding, Place, Rule, Safety, Severity
from .rows import finding_of, row_of


@dataclass(slots=True)
class Results:
    """What one run found. Findings that were remembered have no clue: a repair must look anew."""

    findings: list[Finding]
    suppressed: int = 0
    undecided: dict[str, list[Place]] = field(default_factory=dict)
    verdicts: dict[str, dict[str, int]] = field(default_factory=dict)


class Recalled:
    """An earlier run's results, with the face of a workspace that has just been checked."""

    def __init__(self, configs: Configs, files: Sequence[SourceFile], results: Results) -> None:
        self.configs = configs
        self.files = list(files)
        self.problems: list[Problem] = []
        self.crashed = False
        self.ignore_suppressions = False
        self.suppressed = results.suppressed
        self.undecided = results.undecided
        self.verdicts = results.verdicts
        self._findings = results.findings
        self._by_path = {file.path: file for file in files}

    def index(self) -> None:
        """Nothing is left to read."""

    def check(self) -> list[Finding]:
        """What was found; without clues."""
        return self._findings

    def source(self, path: str) -> Source | Problem:
        """A file as it stands on disk."""
        return read(self._by_path[path])

    def text(self, path: str) -> str:
        """The text of a file; KeyError for one that cannot be read."""
        source = self.source(path)
        if isinstance(source, Problem):
            raise KeyError(path)
        return source.text


def rule_table(cache: Cache, load: Callable[[], Mapping[str, Rule]]) -> dict[str, Rule]:
    """Code -> rule: remembered until trueup or a package with rules changes, so that not all rules must be imported."""
    key = digest("rules", __version__, sys.version, _code_stamp())
    data = cache.run(key)
    if data is not None:
        try:
            return {row["code"]: _rule(row) for row in json.loads(data)}
        except (ValueError, KeyError, TypeError):
            pass
    found = dict(load())
    cache.put_run(key, json.dumps([asdict(rule) for rule in found.values()]).encode())
    return found


def _rule(row: dict[str, Any]) -> Rule:
    lists = {name: tuple(row[name]) for name in ("libraries", "triggers", "ruff")}
    return Rule(**{**row, **lists, "severity": Severity(row["severity"]), "fix": Safety(row["fix"])})


class Keys(NamedTuple):
    """What stands for a run."""

    exact: str
    """For everything its findings depend on."""
    alike: str
    """The same without the content of the files."""
    seen: tuple[Seen, ...]

    def still_hold(self) -> bool:
        """Whether no file has been changed meanwhile."""
        return all(one.is_unchanged() for one in self.seen)


class Seen(NamedTuple):
    """A file as it was when the keys were made."""

    file: SourceFile
    size: int
    mtime: int
    """In nanoseconds."""
    digest: str
    """Of its content, where time and size do not tell whether that has changed; else empty."""

    def is_unchanged(self) -> bool:
        """Whether it is so still."""
        try:
            status = os.stat(self.file.absolute)
        except OSError:
            return False
        if (status.st_size, status.st_mtime_ns) != (self.size, self.mtime):
            return False
        return not self.digest or self.digest == _read_digest(self.file)


def heeding(ignore_suppressions: bool) -> str:
    """The option of a plain check that what it finds depends on, as `run_keys` takes it."""
    return f"ignore-suppressions={ignore_suppressions}"


def run_keys(
    files: Sequence[SourceFile], around: Sequence[SourceFile], configs: Configs, cache: Cache, *options: str
) -> Keys | None:
    """What stands for a run that checks `files`, with those `around` them; None where a file cannot be read.

    Files are read only where their time and size do not show that they are as they were.
    """
    entries = cache.entries()
    parts = [__version__, str(FACTS_VERSION), sys.version, _code_stamp(), configs.cwd, configs.root, *options]
    for folder in environment(
        Path(configs.root), [Path(configs.root, p) for p in configs.for_folder(configs.root).python_path]
    ):
        parts += [str(folder), str(folder.stat().st_mtime_ns)]
    contents: list[str] = []
    seen: list[Seen] = []
    for file in sorted({*files, *around}):
        entry = entries.get(file.absolute)
        try:
            status = os.stat(file.absolute)
        except OSError:
            return None
        is_known = entry is not None and is_settled(entry, status)
        digest_now = entry.digest if entry is not None and is_known else _read_digest(file)
        if digest_now is None:
            return None
        contents.append(digest_now)
        seen.append(Seen(file, status.st_size, status.st_mtime_ns, "" if is_known else digest_now))
        parts += [file.path, file.module]
    told: dict[int, None] = {}
    for file in files:
        config = configs.for_file(file.absolute)
        if id(config) not in told:
            told[id(config)] = None
            parts.append(config.fingerprint)
        parts += [file.path, str(list(told).index(id(config)))]
    alike = digest(*parts)
    return Keys(digest(alike, *contents), alike, tuple(seen))


def _read_digest(file: SourceFile) -> str | None:
    """Of the content of a file; None where it cannot be read."""
    data = read_bytes(file)
    return None if isinstance(data, Problem) else digest_of(data)


@functools.cache
def _code_stamp() -> str:
    """When the code of trueup, and what is installed beside it, last changed."""
    newest, count = 0, 0
    here = Path(__file__).parent
    # An editable install has them beside it.
    beside = [here.parent / name for name in ("checkers", "fixers") if not (here / name).is_dir()]
    waiting = [os.fspath(folder) for folder in (here, *beside)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        waiting.append(entry.path)
                else:
                    count += 1
                    newest = max(newest, entry.stat().st_mtime_ns)
    # Packages that ship rules come and go with entries of these folders.
    asked = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    places = [
        p for p in sys.path if os.path.isdir(p) and (p in asked or p.endswith(("site-packages", "dist-packages")))
    ]
    return f"{newest} {count} {' '.join(f'{p} {os.stat(p).st_mtime_ns}' for p in places)}"


def recall(cache: Cache, key: str) -> Results | None:
    """The results that were remembered under a key; None where there are none that can be read."""
    data = cache.run(key)
    if data is None:
        return None
    try:
        told = json.loads(data)
        return Results(
            [finding_of(row) for row in told["findings"]],
            told["suppressed"],
            {code: [Place(*p) for p in places] for code, places in told["undecided"].items()},
            told["verdicts"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def remember(cache: Cache, key: str, results: Results) -> None:
    """Keep results for the next run."""
    told: Mapping[str, object] = {
        "findings": [row_of(f) for f in results.findings],
        "suppressed": results.suppressed,
        "undecided": results.undecided,
        "verdicts": results.verdicts,
    }
    cache.put_run(key, json.dumps(told, separators=(",", ":"), ensure_ascii=True).encode())
