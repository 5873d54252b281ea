"""What comments hide, for the formats that tell of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trueup.files import Source
from trueup.model import Finding
from trueup.rows import finding_of, row_of
from trueup.suppress import Suppressions, parse

from .terminal import doing

if TYPE_CHECKING:
    from .session import Session

_NAME = "hidden-by-comments"


def hidden_by_comments(session: Session) -> list[Finding]:
    """The findings that comments hid in the run that is over; remembered with it, for they take a second look."""
    if not session.checked.suppressed or session.checked.ignore_suppressions:
        return []
    kept = session.memory.extra(_NAME) if session.memory is not None else None
    if kept is not None:
        try:
            return [finding_of(row) for row in json.loads(kept)]
        except (ValueError, TypeError):
            pass
    with doing("looking at what comments hide"):
        found = _look(session)
    if session.memory is not None:
        session.memory.remember_extra(_NAME, json.dumps([row_of(one) for one in found]).encode())
    return found


def _look(session: Session) -> list[Finding]:
    workspace = session.workspace
    workspace.index()
    found: list[Finding] = []
    before, workspace.ignore_suppressions = workspace.ignore_suppressions, True
    for file in workspace.files:
        source = workspace.source(file.path)
        comments = parse(source.text) if isinstance(source, Source) else Suppressions()
        if comments != Suppressions():
            every = workspace.check_file(file.path).findings
            found += comments.apply(every, (), session.own_rules, file.path).suppressed
    workspace.ignore_suppressions = before
    return sorted(found, key=lambda one: one.order)
