"""What a migration leaves for a person, put together by what there is to do rather than by who found it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trueup.model import Finding, Rule, Safety
from trueup.tool_rules import SYNTAX_ERROR

from .run import Outcome, sort_of
from .steps import STEPS


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to do, at one or several places."""

    message: str
    """What is wrong and what to do."""
    why: str
    """Why it was not done here; empty where the task says all there is."""
    places: tuple[tuple[str, int], ...]
    """Path and line, sorted."""
    code: str = ""
    name: str = ""
    url: str = ""
    """The library's own guide."""
    advice: str = ""
    """The rule's words on what to do, and an example; Markdown."""
    effort: int = 0
    """Minutes by hand, of all places."""


@dataclass(slots=True)
class Task:
    """Things of one kind that a person has to do."""

    title: str
    undecidable: str
    """Why no machine does it."""
    step: str = ""
    points: list[Point] = field(default_factory=list)

    @property
    def places(self) -> int:
        """How many places there are to look at."""
        return sum(len(point.places) for point in self.points)

    @property
    def effort(self) -> int:
        """Minutes by hand."""
        return sum(point.effort for point in self.points)


_BY_STEP = {step.name: step for step in STEPS}


def tasks(outcome: Outcome, rules: Mapping[str, Rule]) -> list[Task]:
    """What is left to do, in the order it is best done in; what a flag would have done comes last but one."""
    reasons = outcome.reasons
    unread = Task("Make these files readable", "Python cannot read them, so nothing is known of them")
    held_back = Task("Let the machine do what was held back", "it may do so, and was told not to")
    by_step = {step.name: Task(step.task or step.title, step.undecidable, step.name) for step in STEPS}
    groups: dict[str, list[Finding]] = {}
    for finding in outcome.left:
        rule = rules.get(finding.code)
        if finding.code == SYNTAX_ERROR.code or rule is None or rule.step not in _BY_STEP:
            where = ""
        elif finding.fixable and sort_of(finding) not in reasons:
            where = "held back"
        else:
            where = rule.step
        groups.setdefault(where, []).append(finding)
    unread.points = _points(groups.get("", ()), reasons, rules)
    held_back.points = _points(groups.get("held back", ()), {}, rules, _held_back(outcome))
    for name, task in by_step.items():
        task.points = _points(groups.get(name, ()), reasons, rules)
    bounds = Task("Raise what you depend on", "these requirements are written in a way that no machine may rewrite")
    bounds.points = [
        Point(refusal.message, "", ((one.path, refusal.line),), effort=1)
        for one in outcome.manifests
        for refusal in one.refusals
    ]
    return [task for task in (unread, *by_step.values(), held_back, bounds) if task.points]


def _held_back(outcome: Outcome) -> str:
    return "run without `--safe-only`" if outcome.safe_only else "`unfixable` in the settings holds it back"


def worth_a_look(outcome: Outcome, rules: Mapping[str, Rule]) -> list[Point]:
    """What the code may do otherwise from now on without any error."""
    return _points(outcome.noticed, {}, rules)


def undecided(outcome: Outcome, rules: Mapping[str, Rule]) -> list[Point]:
    """The places where nothing tells the receiver's type, by rule."""
    return [
        Point(
            f"{rules[code].summary if code in rules else code}",
            "",
            tuple(sorted((place.path, place.line) for place in where)),
            code,
            rules[code].name if code in rules else "",
        )
        for code, where in outcome.undecided.items()
    ]


def _points(
    findings: Iterable[Finding], reasons: Mapping[Hashable, str], rules: Mapping[str, Rule], otherwise: str = ""
) -> list[Point]:
    grouped: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda one: (one.code, one.order)):
        why = (reasons.get(sort_of(finding)) or finding.why or otherwise).rstrip(".")
        if why in finding.message:
            why = ""
        if otherwise and finding.safety is Safety.UNSAFE and finding.why and otherwise not in why:
            why = f"{why}; {otherwise}"
        grouped.setdefault((finding.code, finding.name, finding.message, why), []).append(finding)
    points = []
    for (code, name, message, why), members in grouped.items():
        rule = rules.get(code)
        places = tuple(sorted((one.path, one.span.line) for one in members))
        points.append(
            Point(
                message,
                why,
                places,
                code,
                name,
                rule.url if rule else "",
                advice(rule) if rule else "",
                rule.effort * len(places) if rule else len(places),
            )
        )
    return points


_SECTION = re.compile(r"^## (?P<title>[^\n]+)\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def sections(page: str) -> Mapping[str, str]:
    """The parts of a rule's page by title."""
    return {match["title"].strip(): match["text"].strip() for match in _SECTION.finditer(page)}


def advice(rule: Rule) -> str:
    """What a rule's page says on what to do, and its example before and after."""
    parts = sections(rule.page)
    return "\n\n".join(parts[title] for title in ("What to do", "Example") if title in parts)


def by_url(points: Sequence[Point]) -> list[str]:
    """The guides of some points, each once."""
    return [url for url in dict.fromkeys(point.url for point in points) if url]
