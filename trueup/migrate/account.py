"""All that a report of a migration tells, as plain data: the same for HTML, Markdown and JSON."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trueup import __version__
from trueup.globs import absolute
from trueup.model import Finding, Rule, Safety
from trueup.report.diff import unified
from trueup.tool_rules import SYNTAX_ERROR

from .git import ask
from .run import Outcome, StepDone
from .samples import samples
from .steps import rules_of
from .tasks import Point, Task, sections, tasks, undecided, worth_a_look
from .to_async import data
from .versions import versions

if TYPE_CHECKING:
    from pathlib import Path

    from trueup.config import Configs
    from trueup.files import Problem, SourceFile

_FOLDERS = 24
"""At most so many folders are told apart; what is in others counts for those above."""


def account(
    outcome: Outcome,
    rules: Mapping[str, Rule],
    *,
    dry: bool,
    files: Sequence[SourceFile],
    problems: Iterable[Problem],
    targets: Sequence[str],
    configs: Configs,
    site_packages: Sequence[Path],
    commits: Sequence[str],
    stopped: str,
) -> dict[str, Any]:
    """What a migration did and what it leaves.

    Args:
        outcome: of the run.
        rules: code -> rule, all there are.
        dry: nothing was written.
        files: those that were migrated.
        problems: why others could not be read.
        targets: what the user named.
        configs: the run's.
        site_packages: where the project's libraries are installed.
        commits: the first lines of those made, oldest first.
        stopped: why the run ended too early; empty if it did not.
    """
    work = [finding.path for step in outcome.steps for finding in step.fixed]
    folder_of = _folders([*work, *(finding.path for finding in outcome.left)])
    todo = tasks(outcome, rules)
    fixed = [finding for step in outcome.steps for finding in step.fixed]
    risky = sum(finding.safety is Safety.UNSAFE for finding in fixed)
    left = sum(task.places for task in todo)
    return {
        "version": 1,
        "tool": {"name": "trueup", "version": __version__},
        "dry": dry,
        "stopped": stopped,
        "summary": {
            "files": outcome.files,
            "files_changed": len(outcome.changed),
            "edits": len(fixed),
            "edits_that_may_change_behaviour": risky,
            "left": left,
            "minutes_left": sum(task.effort for task in todo),
            "undecided": sum(map(len, outcome.undecided.values())),
            "worth_a_look": len(outcome.noticed),
            "share_done": round(len(fixed) / (len(fixed) + left), 4) if fixed or left else 1.0,
            "markers_written": sum(added for added, _ in outcome.markers.values()),
            "markers_removed": sum(removed for _, removed in outcome.markers.values()),
        },
        "steps": [_step(step, outcome, rules) for step in outcome.steps],
        "folders": _by_folder(outcome, folder_of, files),
        "rules": _rules(outcome, rules),
        "tasks": [_task(task, folder_of) for task in todo],
        "undecided": [_undecided(point, outcome, folder_of) for point in undecided(outcome, rules)],
        "worth_a_look": [_point(point, folder_of) for point in worth_a_look(outcome, rules)],
        "to_async": data(outcome.to_async),
        "dependencies": [
            {
                "path": one.path,
                "changes": [{"old": change.old, "new": change.new} for change in one.changes],
                "by_hand": [{"line": refusal.line, "message": refusal.message} for refusal in one.refusals],
                "lock": one.lock,
            }
            for one in outcome.manifests
        ],
        "versions": [one._asdict() for one in versions(configs.root, site_packages, _raised(outcome))],
        "skipped": _skipped(outcome, problems, files, targets, configs),
        "changes": [_change(path, outcome, folder_of) for path in sorted(outcome.changed)],
        "commits": list(commits),
    }


def _raised(outcome: Outcome) -> list[str]:
    """The requirements that were raised, as they were."""
    return [change.old for one in outcome.manifests for change in one.changes if change.old]


def _step(step: StepDone, outcome: Outcome, rules: Mapping[str, Rule]) -> dict[str, Any]:
    codes = {rule.code for rule in rules_of(step.step, rules.values())}
    return {
        "name": step.step.name,
        "title": step.step.title,
        "files": len(step.files),
        "edits": len(step.fixed),
        "edits_that_may_change_behaviour": sum(one.safety is Safety.UNSAFE for one in step.fixed),
        "left": sum(finding.code in codes for finding in outcome.left),
        "undecided": sum(len(found) for code, found in outcome.undecided.items() if code in codes),
        "taken_back": step.taken_back,
    }


def _rules(outcome: Outcome, rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
    """What each rule did, and one typical place; those with nothing to tell are left out."""
    typical = samples(outcome.steps)
    fixed: dict[str, list[tuple[str, Finding]]] = {}
    for step in outcome.steps:
        for finding in step.fixed:
            fixed.setdefault(finding.code, []).append((step.step.name, finding))
    left = Counter(finding.code for finding in outcome.left)
    result = []
    for code in sorted({*fixed, *left}):
        here, rule = fixed.get(code, []), rules.get(code)
        risks = Counter(one.why or "see the rule's page" for _, one in here if one.safety is Safety.UNSAFE)
        sample = typical.get(code)
        result.append({
            "code": code,
            "name": rule.name if rule else here[0][1].name if here else "",
            "summary": rule.summary if rule else "",
            "url": rule.url if rule else "",
            "steps": list(dict.fromkeys([name for name, _ in here] or [rule.step if rule else ""])),
            "edits": len(here),
            "files": sorted({one.path for _, one in here}),
            "left": left[code],
            "risks": [{"why": why, "edits": count} for why, count in sorted(risks.items())],
            "sample": sample
            and {
                "path": sample.path,
                "line": sample.line,
                "before": list(sample.before),
                "after": list(sample.after),
            },
            "example": "" if sample or rule is None else sections(rule.page).get("Example", ""),
        })  # fmt: skip
    return result


def _task(task: Task, folder_of: Callable[[str], str]) -> dict[str, Any]:
    return {
        "title": task.title,
        "why_no_machine": task.undecidable,
        "step": task.step,
        "places": task.places,
        "minutes": task.effort,
        "points": [_point(point, folder_of) for point in task.points],
    }


def _point(point: Point, folder_of: Callable[[str], str]) -> dict[str, Any]:
    return {
        "code": point.code,
        "name": point.name,
        "message": point.message,
        "why": point.why,
        "url": point.url,
        "advice": point.advice,
        "minutes": point.effort,
        "places": [{"path": path, "line": line, "folder": folder_of(path)} for path, line in point.places],
    }


def _undecided(point: Point, outcome: Outcome, folder_of: Callable[[str], str]) -> dict[str, Any]:
    places = [
        {"path": one.path, "line": one.line, "folder": folder_of(one.path), "expression": _quoted(one.message)}
        for one in sorted(outcome.undecided[point.code])
    ]
    return {**_point(point, folder_of), "places": places}


def _quoted(message: str) -> str:
    """The code that a message begins with, or all of it."""
    parts = message.split("`")
    return parts[1] if len(parts) > 2 and not parts[0] else message


def _change(path: str, outcome: Outcome, folder_of: Callable[[str], str]) -> dict[str, Any]:
    old, new = outcome.changed[path]
    diff = unified(path, old, new).decode("utf-8", "surrogateescape").split("\n")
    body = diff[2:]
    steps = [step for step in outcome.steps if path in step.changes]
    return {
        "path": path,
        "folder": folder_of(path),
        "steps": [step.step.name for step in steps],
        "codes": sorted({finding.code for step in steps for finding in step.fixed if finding.path == path}),
        "added": sum(line.startswith("+") for line in body),
        "removed": sum(line.startswith("-") for line in body),
        "diff": "\n".join(diff),
    }


# Folders -------------------------------------------------------------------------------------------------------------


def _folders(paths: Iterable[str]) -> Callable[[str], str]:
    """Path -> the folder it counts for: those with the most in them are told apart, down to a certain number."""
    weight: Counter[str] = Counter()
    inside: dict[str, set[str]] = {}
    for path in paths:
        folder = os.path.dirname(path)
        weight[folder] += 1
        while folder not in ("", "/"):
            above = os.path.dirname(folder)
            inside.setdefault(above, set()).add(folder)
            weight[above] += 1
            folder = above
    shown = {""}
    rest = Counter(weight)
    open_ = {folder for root in ("", "/") for folder in inside.get(root, ())}
    while open_ and sum(rest[folder] > 0 for folder in shown) < _FOLDERS:
        heaviest = min(open_, key=lambda folder: (-weight[folder], folder))
        open_.remove(heaviest)
        open_ |= inside.get(heaviest, set())
        rest[_nearest(os.path.dirname(heaviest), shown)] -= weight[heaviest]
        shown.add(heaviest)
    return lambda path: _nearest(os.path.dirname(path), shown) or "."


def _nearest(folder: str, shown: Container[str]) -> str:
    while folder not in shown and folder not in ("", "/"):
        folder = os.path.dirname(folder)
    return folder if folder != "/" else ""


def _by_folder(outcome: Outcome, folder_of: Callable[[str], str], files: Sequence[SourceFile]) -> list[dict[str, Any]]:
    rows: dict[str, Counter[str]] = {}
    for file in files:
        rows.setdefault(folder_of(file.path), Counter())["files"] += 1
    for step in outcome.steps:
        for finding in step.fixed:
            row = rows.setdefault(folder_of(finding.path), Counter())
            row["edits"] += 1
            row["risky"] += finding.safety is Safety.UNSAFE
    for finding in outcome.left:
        rows.setdefault(folder_of(finding.path), Counter())["left"] += 1
    for found in outcome.undecided.values():
        for place in found:
            rows.setdefault(folder_of(place.path), Counter())["undecided"] += 1
    return [
        {
            "path": path,
            "files": row["files"],
            "edits": row["edits"],
            "edits_that_may_change_behaviour": row["risky"],
            "left": row["left"],
            "undecided": row["undecided"],
        }
        for path, row in sorted(rows.items())
        if row["edits"] or row["left"] or row["undecided"]
    ]


# What was left out ---------------------------------------------------------------------------------------------------


def _skipped(
    outcome: Outcome,
    problems: Iterable[Problem],
    files: Sequence[SourceFile],
    targets: Sequence[str],
    configs: Configs,
) -> list[dict[str, str]]:
    """Files that were not migrated, or not wholly, each with the reason."""
    found = {f"{one.path}\0{one.message}": (one.path, one.message) for one in [*problems, *outcome.problems]}
    rows = list(found.values())
    rows += [(one.path, one.message) for one in outcome.left if one.code == SYNTAX_ERROR.code]
    rows += [(one.path, one.problem.message) for one in outcome.manifests if one.problem is not None]
    known = {file.absolute for file in files}
    for path in _tracked(targets, configs.cwd):
        if path not in known and configs.for_file(path).excludes_all_of(path):
            rows.append((path.removeprefix(configs.cwd.rstrip("/") + "/"), "excluded by the settings"))
    return [{"path": path, "reason": reason} for path, reason in sorted(set(rows))]


def _tracked(targets: Sequence[str], cwd: str) -> Iterable[str]:
    """The Python files below some folders that git knows; none where there is no git."""
    for target in targets:
        folder = absolute(target, cwd)
        if not os.path.isdir(folder):
            continue
        try:
            listed = ask(folder, "ls-files", "-z", "--", "*.py", "*.pyi")
        except FileNotFoundError:
            return
        yield from (f"{folder.rstrip('/')}/{os.fsdecode(name)}" for name in listed.stdout.split(b"\0") if name)
