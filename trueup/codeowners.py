"""Who owns a file, as CODEOWNERS of GitHub and GitLab says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

PLACES = (".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may stand, below the repository; the first that is there holds."""

NOBODY = "(nobody)"


def owners_in(repository: str) -> Callable[[str], str] | None:
    """Path below a repository -> its owners, with blanks between; None where nothing says who owns what."""
    for place in PLACES:
        try:
            with open(os.path.join(repository, place), encoding="utf-8", errors="replace") as stream:
                return owners(stream.read())
        except OSError:
            continue
    return None


def owners(text: str) -> Callable[[str], str]:
    """Path -> its owners, after the text of such a file: of the patterns that mean a path the last one holds."""
    from pathspec import GitIgnoreSpec

    rules: list[tuple[GitIgnoreSpec, str]] = []
    default = ""
    for line in text.splitlines():
        line = re.sub(r"(?<!\\)#.*", "", line).strip()
        section = re.match(r"\^?\[[^\]]*\](?:\[\d+\])?(?P<owners>.*)", line)
        if section is not None:  # GitLab's: what follows belongs to these unless it says otherwise
            default = section["owners"].strip()
            continue
        parts = re.split(r"(?<!\\)\s+", line)
        if parts[0]:
            rules.append((GitIgnoreSpec.from_lines([parts[0]]), " ".join(parts[1:]) or default or NOBODY))

    def of(path: str) -> str:
        return next((who for spec, who in reversed(rules) if spec.match_file(path)), NOBODY)

    return of
