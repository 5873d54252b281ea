"""What the repairs of findings would change, for the formats that show it; remembered, for to find out takes time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trueup.edits import Preview, TextEdit
from trueup.model import Finding, Safety
from trueup.rows import row_of

from .terminal import doing

if TYPE_CHECKING:
    from .session import Session


def repairs_of(session: Session, found: Sequence[Finding], wanted: Sequence[Finding]) -> Mapping[Finding, Preview]:
    """Finding -> what its repair would change.

    Args:
        session: after its files were checked.
        found: all findings of the run, so that those that are repaired together are seen.
        wanted: those to tell of; what is only repaired by hand has no repair.
    """
    wanted = [one for one in wanted if one.safety is not Safety.MANUAL]
    if not wanted:
        return {}
    name = "repairs " + json.dumps([row_of(one) for one in wanted])
    told = session.memory.extra(name) if session.memory is not None else None
    if told is not None and (known := _decoded(told, wanted)) is not None:
        return known
    from trueup.preview import previews

    with doing("trying repairs"):
        workspace = session.workspace
        if session.without_clues:
            groups = {one.group for one in wanted if one.group}
            paths = {one.path for one in wanted} | {one.path for one in found if one.group in groups}
            found = workspace.check(paths)
            fresh = {one: one for one in found}
            wanted = [fresh[one] for one in wanted if one in fresh]
        made = previews(workspace, found, wanted, jobs=workspace.jobs)
    if session.memory is not None and not workspace.problems and not workspace.crashed:
        session.memory.remember_extra(name, _encoded([made.get(one, Preview()) for one in wanted]))
    return made


def _encoded(some: Sequence[Preview]) -> bytes:
    return json.dumps(some).encode()


def _decoded(data: bytes, wanted: Sequence[Finding]) -> dict[Finding, Preview] | None:
    try:
        rows = json.loads(data)
        if len(rows) != len(wanted):
            return None
        return {
            one: Preview(tuple(TextEdit(*edit) for edit in edits), reason)
            for one, (edits, reason) in zip(wanted, rows, strict=True)
        }
    except (ValueError, TypeError):
        return None
