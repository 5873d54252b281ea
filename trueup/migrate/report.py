"""What a migration says at its end: what it did, what is left for a person, and where no type could be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from trueup.model import Finding, Rule, Safety
from trueup.report.screen import Paint, escape
from trueup.report.text import plural

from .run import Outcome
from .steps import STEPS, rules_of


def places(found: Iterable[tuple[str, int]]) -> list[str]:
    """`app/models.py:8, 12`: one text a file, lines in order."""
    result = []
    for path, group in groupby(sorted(found), key=lambda place: place[0]):
        lines = ", ".join(str(line) for line in dict.fromkeys(line for _, line in group))
        result.append(f"{escape(path)}:{lines}")
    return result


def done(outcome: Outcome, paint: Paint, *, verbose: bool) -> list[str]:
    """What each step repaired, by rule; and what it could not."""
    lines = []
    for step in outcome.steps:
        if step.fixed:
            lines.append(f"{paint.bold(step.step.name)}: {step.step.title}")
        width = max((len(name) for _, name in step.by_rule), default=0)
        for (code, name), (count, files) in step.by_rule.items():
            lines.append(f"  {code} {name:<{width}}  {count:>5} in {plural(files, 'file')}")
            lines += _risks([f for f in step.fixed if f.code == code and f.safety is Safety.UNSAFE])
        if verbose:
            lines += [f"  wrote {escape(path)}" for path in step.files]
    return lines


def _risks(unsafe: Sequence[Finding]) -> list[str]:
    """What the fixes that may change behaviour may change, and in which files."""
    by_why: dict[str, list[str]] = {}
    for finding in unsafe:
        by_why.setdefault(finding.why or "see the rule's page", []).append(finding.path)
    lines = []
    for why, paths in by_why.items():
        lines.append(f"    {len(paths)} may change behaviour: {escape(why.rstrip('.'))}")
        lines += [f"      {escape(path)}" for path in sorted(set(paths))]
    return lines


def left(outcome: Outcome, rules: Mapping[str, Rule], paint: Paint) -> list[str]:
    """What a person must do, grouped by rule and then by message, each with its places and the guide's address."""
    title = f"What is left for you: {plural(len(outcome.left), 'place')}"
    return _grouped(title, outcome.left, outcome.reasons, rules, paint)


def noticed(outcome: Outcome, rules: Mapping[str, Rule], paint: Paint) -> list[str]:
    """What the code may do otherwise from now on without any error, grouped as what is left."""
    title = f"Worth a look, for no error will show it: {plural(len(outcome.noticed), 'place')}"
    return _grouped(title, outcome.noticed, {}, rules, paint)


def _grouped(
    title: str,
    findings: Sequence[Finding],
    reasons: Mapping[tuple[str, str, str, str], str],
    rules: Mapping[str, Rule],
    paint: Paint,
) -> list[str]:
    if not findings:
        return []
    lines = [paint.bold(title)]
    for (code, name), group in groupby(sorted(findings, key=lambda f: f.code), key=lambda f: (f.code, f.name)):
        members = list(group)
        rule = rules.get(code)
        minutes = f", about {plural(rule.effort * len(members), 'minute')}" if rule else ""
        lines += ["", f"{paint.bold(code)} {name}: {plural(len(members), 'place')}{minutes}"]
        by_message: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for finding in members:
            why = reasons.get((finding.path, finding.code, finding.symbol, finding.message), finding.why)
            by_message.setdefault((finding.message, why), []).append((finding.path, finding.span.line))
        for (message, why), where in by_message.items():
            aside = f" ({escape(why.rstrip('.'))})" if why.rstrip(".") not in message else ""
            lines.append(f"  {escape(message)}{aside}")
            lines += [f"    {place}" for place in places(where)]
        if rule and rule.url:
            lines.append(f"  {rule.url}")
    return lines


def dependencies(outcome: Outcome, paint: Paint) -> list[str]:
    """The bounds that were raised, by file, and those that a person must raise."""
    if not outcome.manifests:
        return []
    lines = [paint.bold("dependencies: the versions that the code needs now")]
    for one in outcome.manifests:
        for change in one.changes:
            was = f"{change.old} -> " if change.old else "new: "
            lines.append(f"  {escape(f'{one.path}: {was}{change.new}')}")
        lines += [f"  {escape(f'{one.path}:{refusal.line}: {refusal.message}')}" for refusal in one.refusals]
    if any(one.changes for one in outcome.manifests):
        lines.append("  Lock files are not touched: lock again with your own tool.")
    return lines


def undecided(outcome: Outcome, rules: Mapping[str, Rule], paint: Paint, *, verbose: bool) -> list[str]:
    """Where a rule needed a type that nothing tells; `verbose`: each place with the expression."""
    total = sum(map(len, outcome.undecided.values()))
    if not total:
        return []
    lines = [
        paint.bold(f"Undecided: {plural(total, 'place')} where nothing tells the receiver's type"),
        "  Annotate the receiver and run again, or look at each by eye" + ("." if verbose else " (-v shows them)."),
    ]
    for code, where in outcome.undecided.items():
        name = rules[code].name if code in rules else ""
        lines.append(f"  {code} {name}".rstrip())
        if verbose:
            lines += [f"    {escape(f'{p.path}:{p.line}:{p.column}: {p.message}')}" for p in sorted(where)]
        else:
            lines += [f"    {place}" for place in places([(p.path, p.line) for p in where])]
    return lines


def totals(outcome: Outcome, *, dry: bool) -> str:
    """The last line: repaired, left, undecided."""
    fixed = sum(len(step.fixed) for step in outcome.steps)
    undecided_places = sum(map(len, outcome.undecided.values()))
    return (
        f"{'Would repair' if dry else 'Repaired'} {plural(fixed, 'place')} in {len(outcome.changed)} of "
        f"{plural(outcome.files, 'file')}; {len(outcome.left)} left for you; {undecided_places} undecided."
    )


def plan(outcome: Outcome, rules: Mapping[str, Rule], paint: Paint) -> list[str]:
    """The inventory: for each step the files and places it would repair, those left by hand, those undecided."""
    rows: list[tuple[str, ...]] = [("step", "files", "repairs", "by hand", "undecided")]
    for step in outcome.steps:
        codes = {rule.code for rule in rules_of(step.step, rules.values())}
        by_hand = sum(finding.code in codes for finding in outcome.left)
        unknown = sum(len(found) for code, found in outcome.undecided.items() if code in codes)
        rows.append((step.step.name, *map(str, (len(step.files), len(step.fixed), by_hand, unknown))))
    return _table(rows, paint)


def step_list(rules: Iterable[Rule], paint: Paint) -> list[str]:
    """The steps in their order, with the rules each applies."""
    known = list(rules)
    rows = [("step", "when", "rules", "what")]
    for step in STEPS:
        codes = " ".join(rule.code for rule in rules_of(step, known)) or "none yet"
        rows.append((step.name, "on request" if step.on_request else "always", codes, step.title))
    return _table(rows, paint)


def _table(rows: Sequence[tuple[str, ...]], paint: Paint) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [paint.bold(lines[0]), *lines[1:]]
