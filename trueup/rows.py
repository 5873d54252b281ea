"""A finding as a row of plain values, and back."""

from __future__ import annotations

from .model import Finding, Place, Safety, Severity, Span


def row_of(one: Finding) -> list[object]:
    """A finding without its clue, as values that JSON can hold."""
    return [
        one.path, one.code, one.name, one.severity, one.safety, one.message, one.span, one.node, one.kind, one.why,
        one.related, one.group, one.members, one.symbol,
    ]  # fmt: skip


def finding_of(row: list[object]) -> Finding:
    """The opposite. Raises ValueError or TypeError for what is no such row."""
    path, code, name, severity, safety, message, span, node, kind, why, related, group, members, symbol = row
    return Finding(
        path=str(path),
        code=str(code),
        name=str(name),
        severity=Severity(str(severity)),
        safety=Safety(str(safety)),
        message=str(message),
        span=Span(*span),  # type: ignore[misc]
        node=Span(*node),  # type: ignore[misc]
        kind=str(kind),
        why=str(why),
        related=tuple([Place(*p) for p in related]),  # type: ignore[attr-defined]
        group=str(group),
        members=int(str(members)),
        symbol=str(symbol),
    )
