"""Whether git could give back everything a migration is about to overwrite."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from .git import ask
from .manifests import is_manifest

_SHOWN = 5
"""Files named in a refusal before it says how many more there are."""


class Refused(Exception):
    """The migration must not start; the message says why and which command cures it."""


def ensure_recoverable(paths: Sequence[str], *, allow_dirty: bool, allow_no_vcs: bool, strictly: bool = False) -> None:
    """Return if every Python file below the paths is committed; raise Refused if not, or if git cannot tell.

    Args:
        paths: existing files and folders.
        allow_dirty: uncommitted changes are all right.
        allow_no_vcs: paths outside any git work tree, or ignored by it, are all right.
        strictly: neither could be allowed, so the message does not offer it.
    """
    no_vcs, dirty = ("", "") if strictly else (", --allow-no-vcs goes on", ", --allow-dirty goes on")
    for path in paths:
        folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
        try:
            inside = ask(folder, "rev-parse", "--is-inside-work-tree")
        except FileNotFoundError:
            if allow_no_vcs:
                return
            raise Refused(f"git is not installed, so nothing could be taken back{no_vcs}") from None
        if inside.returncode != 0 or inside.stdout.strip() != b"true":
            if allow_no_vcs:
                continue
            reason = inside.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ").split("\n")[0]
            because = "" if "not a git repository" in reason or not reason else f" ({reason})"
            raise Refused(
                f"{path} is not in a git work tree{because}, so nothing could be taken back; "
                f"`git init && git add -A && git commit -m before` cures it{no_vcs}"
            )
        scope = "." if os.path.isdir(path) else os.path.join(".", os.path.basename(path))
        if not allow_no_vcs and ask(folder, "check-ignore", "--quiet", "--", scope).returncode == 0:
            raise Refused(f"{path} is ignored by git, so nothing could be taken back{no_vcs}")
        if not allow_dirty:
            _refuse_if_dirty(path, folder, scope, dirty)


def _refuse_if_dirty(path: str, folder: str, scope: str, else_: str) -> None:
    status = ask(
        folder,
        "--literal-pathspecs",
        "status",
        "--porcelain",
        "-z",
        "--untracked-files=all",
        "--ignore-submodules",
        "--",
        scope,
    )
    if status.returncode != 0:
        raise Refused(f"`git status` failed: {status.stderr.decode('utf-8', 'replace').strip()}")
    dirty = []
    entries = iter(status.stdout.split(b"\0"))
    for entry in entries:
        if b"R" in entry[:2] or b"C" in entry[:2]:
            next(entries, None)  # the name it had before
        name = os.fsdecode(entry[3:])
        if name.endswith((".py", ".pyi")) or is_manifest(name):
            dirty.append(name)
    if dirty:
        names = ", ".join(dirty[:_SHOWN]) + (f" and {len(dirty) - _SHOWN} more" if len(dirty) > _SHOWN else "")
        where = shlex.quote(path)
        raise Refused(
            f"{_counted(dirty)} changes that are not committed: "
            f"{names}; `git add {where} && git commit -m before` or `git stash push -u -- {where}` "
            f"cures it{else_}"
        )


def _counted(names: Sequence[str]) -> str:
    """`2 Python files have`; no `Python` where a file that says dependencies is among them."""
    kind = "Python " if all(name.endswith((".py", ".pyi")) for name in names) else ""
    return f"{len(names)} {kind}{'file has' if len(names) == 1 else 'files have'}"
