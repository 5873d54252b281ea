"""A commit of a repository, written into a folder of its own; the repository itself is only read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import NamedTuple


class NoSuchCommit(Exception):
    """What `--before` names is neither a folder nor a commit; the message says what git said."""


class Checkout(NamedTuple):
    """A commit in a temporary folder."""

    folder: str
    """What stands there for the program's folder."""
    commit: str
    """Its short name."""


@contextmanager
def checkout(ref: str, folder: str) -> Iterator[Checkout]:
    """The program in `folder` as it was at a commit, until the end of the block. Raises NoSuchCommit.

    `.env` files that git does not know are lent to it by links: settings are read when a module is imported.
    """
    top = _git(folder, "rev-parse", "--show-toplevel", ref=ref)
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", ref=ref)
    below = os.path.relpath(os.path.realpath(folder), os.path.realpath(top))
    with TemporaryDirectory(prefix="trueup-verify-", ignore_cleanup_errors=True) as scratch:
        scratch = os.path.realpath(scratch)
        tree = os.path.join(scratch, "before")
        index = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
        _git(top, "read-tree", commit, ref=ref, variables=index)
        _git(top, "checkout-index", "--all", "--force", f"--prefix={tree}/", ref=ref, variables=index)
        there = os.path.normpath(os.path.join(tree, below))
        if not os.path.isdir(there):
            raise NoSuchCommit(f"--before {ref}: that commit has no folder `{below}`")
        for home, own in {(os.path.realpath(folder), there): None, (os.path.realpath(top), tree): None}:
            _lend(home, own)
        yield Checkout(there, commit[:10])


def _lend(home: str, own: str) -> None:
    for name in sorted(os.listdir(home)):
        if (name == ".env" or name.startswith(".env.")) and os.path.isfile(os.path.join(home, name)):
            with suppress(FileExistsError):
                os.symlink(os.path.join(home, name), os.path.join(own, name))


def _git(folder: str, *arguments: str, ref: str, variables: dict[str, str] | None = None) -> str:
    # Neither fsmonitor nor hooks: a commit that is written down elsewhere is nothing they should hear of.
    command = ["git", "-C", folder, "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            command, env=kept | {"LC_ALL": "C"} | (variables or {}), capture_output=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        raise NoSuchCommit(f"--before {ref}: git cannot be run: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
        raise NoSuchCommit(f"--before {ref}: {said or 'there is no such folder, and git knows no such commit'}")
    return os.fsdecode(done.stdout).rstrip("\n")
