"""What an earlier commit had: what trueup finds in it, and which lines were changed since."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from trueup.baseline import Entry, by_path, entries_of
from trueup.config import ConfigError
from trueup.discovery import SUFFIXES, discover_with_project, source_file
from trueup.files import Source, SourceFile, decode
from trueup.fingerprint import identities

from .terminal import doing

if TYPE_CHECKING:
    from .session import Session


def entries_at(session: Session, ref: str) -> Mapping[str, Sequence[Entry]]:
    """The findings of a commit as a baseline would hold them, with today's configuration. Raises ConfigError."""
    folder = session.configs.root
    top = _git(folder, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
    try:
        commit = (
            _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
        )
    except ConfigError:
        raise ConfigError(f"--since {ref}: git knows no such commit") from None
    name = f"since {commit}"
    # What ruff finds depends on more than trueup knows of: its version, its configuration.
    memory = session.memory if not session.ruffs_rules else None
    told = memory.settled(name) if memory is not None else None
    if told is not None and (known := _decoded(told)) is not None:
        return known
    with doing(f"checking the project as it was at {ref}"):
        found = _entries(session, top, commit)
    if memory is not None:
        memory.remember_settled(name, json.dumps(found).encode())
    return found


def _entries(session: Session, top: str, commit: str) -> dict[str, list[Entry]]:
    from trueup.check import Workspace

    configs = session.configs
    prefix = os.path.realpath(top).rstrip("/") + "/"
    below = os.path.realpath(configs.root).rstrip("/") + "/"
    listed = _names(_git(top, "ls-tree", "-r", "-z", "--name-only", commit))
    there = {name for name in listed if name.endswith(SUFFIXES) and (prefix + name).startswith(below)}
    differing = _names(_git(top, "diff", "--name-only", "--no-renames", "-z", commit, "--"))
    changed = [name for name in differing if name in there]
    texts = _texts(top, commit, changed)

    def name_of(file: SourceFile) -> str:
        return os.path.realpath(file.absolute).removeprefix(prefix)

    scope = discover_with_project(session.targets, configs)
    files = [file for file in scope.files if name_of(file) in there]
    around = [file for file in scope.around if name_of(file) in there]
    here = {name_of(file): file for file in (*files, *around)}
    for name in changed:
        if name not in here and not os.path.exists(prefix + name):
            # Gone since. Its place below the root as the run names it, links not resolved.
            file = source_file(configs.root.rstrip("/") + "/" + (prefix + name).removeprefix(below), configs)
            if not configs.for_file(file.absolute).excludes_all_of(file.absolute):
                here[name] = file
                files.append(file)
                around.append(file)
    overlay = {}
    for name, data in texts.items():
        source = decode(here[name], data) if name in here else None
        if isinstance(source, Source):
            overlay[source.file.path] = source.text
    workspace = Workspace(
        configs, files, around if scope.around else (), jobs=session.jobs, cache=session.cache, overlay=overlay
    )
    workspace.ignore_suppressions = session.checked.ignore_suppressions
    workspace.know(session.own_rules)
    found = workspace.check()
    if session.ruffs_rules:
        from .conventions import Asked

        found = Asked(session, files, overlay).joined(found)
    by_name = {file.path: file for file in files}
    root = configs.root.rstrip("/") + "/"

    def text_of(path: str) -> str:
        try:
            return workspace.text(path)
        except KeyError:
            return ""

    items = identities(found, lambda path: by_name[path].absolute.removeprefix(root), text_of)
    return by_path(entries_of(items))


def changed_lines(folder: str, base: str) -> Callable[[str, int], bool]:
    """(path below the repository, line) -> whether it was touched since a branch left `base`; never without git."""
    found: dict[str, list[range]] = {}
    try:
        diff = _git(folder, "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-prefix", f"{base}...HEAD", "--")
    except ConfigError:  # a shallow clone does not know the base
        return lambda path, line: False
    here: list[range] = []
    for row in diff.decode("utf-8", "replace").splitlines():
        if row.startswith("+++ "):
            here = found.setdefault(row[4:].rstrip("\t"), [])
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", row):
            start = int(hunk[1])
            here.append(range(start, start + int(hunk[2] or 1)))
    return lambda path, line: any(line in part for part in found.get(path, ()))


def _texts(top: str, commit: str, names: Sequence[str]) -> dict[str, bytes]:
    """Name -> the content a file had; read by one process."""
    if not names:
        return {}
    asked = "".join(f"{commit}:{name}\n" for name in names if "\n" not in name)
    data = _git(top, "cat-file", "--batch", stdin=asked.encode("utf-8", "surrogateescape"))
    found = {}
    at = 0
    for name in names:
        if "\n" in name:
            continue
        end = data.index(b"\n", at)
        head = data[at:end].split()
        at = end + 1
        if head[-1] == b"missing" or head[-2] != b"blob":
            continue
        size = int(head[-1])
        found[name] = data[at : at + size]
        at += size + 1
    return found


def _names(data: bytes) -> list[str]:
    return [os.fsdecode(name) for name in data.split(b"\0") if name]


def _git(folder: str, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-C", folder, "-c", "core.fsmonitor=false", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(command, input=stdin, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise ConfigError(f"--since needs git: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise ConfigError(f"--since: git {arguments[0]} failed: {said}")
    return done.stdout


def _decoded(data: bytes) -> dict[str, list[Entry]] | None:
    try:
        return {path: [Entry(*row) for row in rows] for path, rows in json.loads(data).items()}
    except (ValueError, TypeError, AttributeError):
        return None
