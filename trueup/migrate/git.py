"""How git is asked, without it running what a repository says, and told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

_REDIRECTS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})
"""Set while a hook runs; they would answer for another repository than the one the files are in."""


class CommitFailed(Exception):
    """Git would not commit; the message says what it said, and what to do."""


def ask(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What git says of the repository around a folder, in English. FileNotFoundError where there is no git."""
    # No fsmonitor and no index refresh: looking at a repository must neither run its programs nor write to it.
    command = ["git", "-C", folder, "-c", "core.fsmonitor=false", "--no-optional-locks", *arguments]
    environment = {**_environment(), "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=environment)


def tell(folder: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Have git change the repository around a folder, with all that its owner has set up; what it printed.

    stdout and stderr come as one, in `stdout`, for a hook may use both.
    """
    command = ["git", "-C", folder, *arguments]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, input=stdin, env=_environment()
    )


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _REDIRECTS}
