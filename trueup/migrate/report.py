"""What a migration says at its end: what it did, what is left for a person, and where no type could be told."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from trueup.model import Finding, Rule, Safety
from trueup.report.screen import Paint, escape
from trueup.report.text import plural
from trueup.tool_rules import SYNTAX_ERROR

from .bounds import relock
from .run import Outcome, StepDone
from .steps import STEPS, rules_of
from .tasks import Point, by_url, tasks, worth_a_look


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
        if step.taken_back:
            lines.append(f"{paint.bold(step.step.name)}: taken back: {escape(step.taken_back)}")
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
    """What a person must do, by task: why no machine does it, the places, and the addresses of the guides."""
    found = tasks(outcome, rules)
    if not found:
        return []
    count, minutes = sum(task.places for task in found), sum(task.effort for task in found)
    lines = [paint.bold(f"What is left for you: {plural(count, 'place')}, about {plural(minutes, 'minute')}")]
    for task in found:
        about = f"{plural(task.places, 'place')}, about {plural(task.effort, 'minute')}"
        lines += ["", f"{paint.bold(task.title)}: {about}", f"  Not done by machine: {task.undecidable}."]
        lines += _points(task.points, paint)
    return lines


def noticed(outcome: Outcome, rules: Mapping[str, Rule], paint: Paint) -> list[str]:
    """What the code may do otherwise from now on without any error."""
    points = worth_a_look(outcome, rules)
    if not points:
        return []
    count, minutes = sum(len(point.places) for point in points), sum(point.effort for point in points)
    title = f"Worth a look, for no error will show it: {plural(count, 'place')}, about {plural(minutes, 'minute')}"
    return [paint.bold(title), *_points(points, paint)]


def _points(points: Sequence[Point], paint: Paint) -> list[str]:
    lines = []
    for point in points:
        aside = f" ({escape(point.why)})" if point.why else ""
        code = f"{paint.bold(point.code)} " if point.code else ""
        lines.append(f"  {code}{escape(point.message)}{aside}")
        lines += [f"    {place}" for place in places(point.places)]
    return [*lines, *(f"  {url}" for url in by_url(points))]


def dependencies(outcome: Outcome, paint: Paint) -> list[str]:
    """The bounds that were raised, by file."""
    if not any(one.changes for one in outcome.manifests):
        return []
    lines = [paint.bold("dependencies: the versions that the code needs now")]
    for one in outcome.manifests:
        for change in one.changes:
            was = f"{change.old} -> " if change.old else "new: "
            lines.append(f"  {escape(f'{one.path}: {was}{change.new}')}")
    return [*lines, f"  {relock(one.lock for one in outcome.manifests)}"]


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


def committed(subjects: Sequence[str], paint: Paint) -> list[str]:
    """The commits that were made, oldest first."""
    if not subjects:
        return []
    return [paint.bold(f"{plural(len(subjects), 'commit')}, nothing pushed"), *(f"  {one}" for one in subjects)]


def totals(outcome: Outcome, *, dry: bool) -> str:
    """The last line: repaired, left, undecided."""
    fixed = sum(len(step.fixed) for step in outcome.steps)
    left_places = len(outcome.left) + sum(len(one.refusals) for one in outcome.manifests)
    undecided_places = sum(map(len, outcome.undecided.values()))
    added, removed = (
        (sum(counts) for counts in zip(*outcome.markers.values(), strict=True)) if outcome.markers else (0, 0)
    )
    marks = (
        f"; {plural(added, 'comment')} {'to write' if dry else 'written'}, {removed} taken out"
        if outcome.markers
        else ""
    )
    return (
        f"{'Would repair' if dry else 'Repaired'} {plural(fixed, 'place')} in {len(outcome.changed)} of "
        f"{plural(outcome.files, 'file')}; {left_places} left for you; {undecided_places} undecided{marks}."
    )


def plan(outcome: Outcome, rules: Mapping[str, Rule], paint: Paint, *, verbose: bool) -> list[str]:
    """The inventory: for each step what it would change, what stays by hand, what is undecided.

    `verbose`: and which rules in which files.
    """
    rows: list[tuple[str, ...]] = [("step", "files", "edits", "risky", "by hand", "undecided")]
    details: list[list[str]] = [[]]
    total = [0] * 4
    for step in outcome.steps:
        codes = {rule.code for rule in rules_of(step.step, rules.values())}
        risky = sum(finding.safety is Safety.UNSAFE for finding in step.fixed)
        by_hand = sum(finding.code in codes for finding in outcome.left)
        unknown = sum(len(found) for code, found in outcome.undecided.items() if code in codes)
        counts = (len(step.fixed), risky, by_hand, unknown)
        total = [a + b for a, b in zip(total, counts, strict=True)]
        rows.append((step.step.name, *map(str, (len(step.files), *counts))))
        details.append(_inventory(step, rules, outcome) if verbose else [])
    unread = sum(finding.code == SYNTAX_ERROR.code for finding in outcome.left)
    if unread:
        rows.append(("(not readable)", str(unread), "", "", str(unread), ""))
        details.append([])
        total[2] += unread
    rows.append(("all", *map(str, (len(outcome.changed), *total))))
    details.append([])
    lines = []
    for line, more in zip(_table(rows, paint), details, strict=True):
        lines += [line, *more]
    return lines


def _inventory(step: StepDone, rules: Mapping[str, Rule], outcome: Outcome) -> list[str]:
    """The rules that have something to do in a step, and in which files how much."""
    lines = []
    for rule in rules_of(step.step, rules.values()):
        fixed = Counter(finding.path for finding in step.fixed if finding.code == rule.code)
        hand = Counter(finding.path for finding in outcome.left if finding.code == rule.code)
        if not (fixed or hand):
            continue
        lines.append(f"    {rule.code} {rule.name}: {plural(fixed.total(), 'edit')}, {hand.total()} by hand")
        lines += [
            f"      {escape(path)}  {fixed[path]}" + (f", {hand[path]} by hand" if hand[path] else "")
            for path in sorted({*fixed, *hand})
        ]
    return lines


def step_list(rules: Iterable[Rule], paint: Paint) -> list[str]:
    """The steps in their order: when each runs, what it does, and below that the rules it applies."""
    known = list(rules)
    width = max(len(step.name) for step in STEPS)
    lines = [paint.bold(f"{'step':<{width}}  {'when':<10}  what")]
    for step in STEPS:
        lines.append(f"{step.name:<{width}}  {'on request' if step.on_request else 'always':<10}  {step.title}")
        codes = " ".join(rule.code for rule in rules_of(step, known)) or "no rules"
        lines += [" " * (width + 2) + line for line in textwrap.wrap(codes, 100 - width - 2)]
    return lines


def _table(rows: Sequence[tuple[str, ...]], paint: Paint) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [paint.bold(lines[0]), *lines[1:]]
