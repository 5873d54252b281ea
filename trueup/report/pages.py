"""Rules as a table, as pages and as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trueup.model import Rule, Safety, Severity

from .screen import Paint, cells

_REPAIR = {
    Safety.SAFE: "repaired by `--fix`; the fix is safe",
    Safety.UNSAFE: "repaired by `--fix --unsafe-fixes`; the fix is unsafe",
    Safety.DISPLAY: "a fix is shown, never applied",
    Safety.MANUAL: "repaired by hand",
}


def find(wanted: str, rules: Mapping[str, Rule]) -> Rule | None:
    """The rule of a code or a name, in any case."""
    key = wanted.strip().casefold()
    return next(
        (
            rule
            for rule in rules.values()
            if key in (rule.code.casefold(), rule.name.casefold(), *rule.formerly.casefold().split())
        ),
        None,
    )


def table(rules: Iterable[Rule], paint: Paint, width: int) -> str:
    """One line a rule: code, name, severity, fix, the beginning of its summary; `width` in cells."""
    rows = list(rules)
    columns = [("code", "name", "severity", "fix"), *((r.code, r.name, r.severity.value, r.fix.value) for r in rows)]
    widths = [max(cells(row[i]) for row in columns) for i in range(4)]
    lines = []
    for index, row in enumerate(columns):
        left = "  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True))
        summary = "summary" if index == 0 else rows[index - 1].summary
        room = max(20, width - cells(left) - 2)
        if cells(summary) > room:
            summary = summary[: room - 3].rstrip() + "..."
        lines.append(f"{paint.bold(left) if index == 0 else left}  {summary}\n")
    return "".join(lines)


def page(rule: Rule) -> str:
    """The rule's page as Markdown: what it is called, how bad it is, who repairs it, and all its author wrote."""
    facts = [f"severity: {rule.severity.value}", _REPAIR[rule.fix]]
    if rule.step:
        facts.append(f"part of `trueup migrate-v2`, step `{rule.step}`")
    if rule.versions:
        facts.append(f"for {rule.versions}")
    if rule.deprecated:
        facts.append(f"deprecated: {rule.deprecated}; on where it is selected by its own code or name")
    if rule.formerly:
        facts.append(f"formerly {', '.join(dict.fromkeys(rule.former))}")
    if rule.off:
        facts.append("off, unless it is selected by its own code or name")
    elif rule.severity is Severity.ADVICE:
        facts.append("off, unless it is selected (`ALL` will do) or given another severity")
    facts.append(f"since {rule.since}")
    parts = [f"# {rule.code} {rule.name}", "; ".join(facts) + ".", rule.page.strip()]
    if rule.url:
        parts.append(f"Guide: <{rule.url}>")
    return "\n\n".join(parts) + "\n"


def as_dict(rule: Rule) -> dict[str, Any]:
    """A rule as data; `page` is Markdown, `effort` minutes by hand."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "fix": rule.fix.value,
        "summary": rule.summary,
        "libraries": list(rule.libraries),
        "versions": rule.versions or None,
        "step": rule.step or None,
        "effort": rule.effort,
        "url": rule.url or None,
        "since": rule.since,
        "status": rule.status,
        "default": rule.default,
        "precision": rule.precision,
        "tags": list(rule.tags),
        "page": rule.page.strip(),
    }
