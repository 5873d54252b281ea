"""The caught error as the cause of the one that is raised."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUC103", on=cst.Raise)
def repair(node: cst.Raise, finding: Finding, site: Site) -> Iterator[Change]:
    handler = next((one for one in site.ancestors(node) if isinstance(one, cst.ExceptHandler)), None)
    if handler is None or node.exc is None:
        raise CannotFix("it stands in no `except`")
    name = cst.Name(finding.clue)
    blank = cst.SimpleWhitespace(" ")
    raised = node.with_changes(cause=cst.From(name, whitespace_before_from=blank, whitespace_after_from=blank))
    if handler.name is not None:
        yield Replace(node, raised)
        return
    body = handler.body.deep_replace(node, raised)
    yield Replace(
        handler,
        handler.with_changes(
            type=handler.type or cst.Name("Exception"),
            whitespace_after_except=blank,
            name=cst.AsName(name, whitespace_before_as=blank, whitespace_after_as=blank),
            body=body,
        ),
    )
