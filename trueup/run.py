"""One file through the rules: one pass over its tree, hits made findings, failures of a rule contained."""

from __future__ import annotations

import ast
from collections.abc import Container, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from .config import Config
from .file import File, Note
from .index.facts import FileFacts
from .infer import Inference
from .model import Finding, Hit, Rule, Safety, Span
from .registry import Checker
from .tool_rules import SYNTAX_ERROR

Part: TypeAlias = frozenset[str] | None
"""The codes of rules that are checked together; None: all that are on."""


class Reads(NamedTuple):
    """What findings rest on: files, as the bits of `Project.reads`, and other things by name."""

    files: int = 0
    rests: tuple[Hashable, ...] = ()


NOTHING = Reads()
_ORDER = (Safety.SAFE, Safety.UNSAFE, Safety.DISPLAY, Safety.MANUAL)


@dataclass(slots=True)
class Checked:
    """What checking one file gave."""

    path: str
    findings: list[Finding]
    suppressed: int = 0
    notes: list[Note] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Codes of the rules that failed on it."""
    unparsed: bool = False
    reads: Reads = NOTHING
    """What of the project the findings rest on."""
    looked: dict[str, int] = field(default_factory=dict)
    """Code -> what of the project its rule looked at, as the bits of `Project.reads`; "": what all rules rest on."""

    @property
    def crashed(self) -> bool:
        """Whether a rule failed on it."""
        return bool(self.broken)

    def of_rules(self, codes: Container[str], reads: Reads) -> Checked:
        """What some of the rules found, which rests on no more than is given; how much was hidden stays the file's."""
        return replace(
            self,
            findings=[finding for finding in self.findings if finding.code in codes],
            notes=[note for note in self.notes if note.code in codes],
            broken={code for code in self.broken if code in codes},
            reads=reads,
            looked={},
        )

    def look(self, code: str, bits: int) -> None:
        """Note what a rule looked at."""
        self.looked[code] = self.looked.get(code, 0) | bits


def together(parts: Sequence[Checked]) -> Checked:
    """What was found in one file, put together from what several sets of rules found, none of which is in two sets."""
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        findings=list(dict.fromkeys([finding for one in parts for finding in one.findings])),
        notes=sorted([note for one in parts for note in one.notes], key=_order_of_note),
        broken=set[str]().union(*[one.broken for one in parts]),
        reads=NOTHING,
    )


def _order_of_note(note: Note) -> tuple[int, int, str]:
    return note.place.line, note.place.column, note.code


def wants(checker: Checker, facts: FileFacts, types: Inference, config: Config, done: Checked) -> bool:
    """Whether a checker may find something in a file, as far as its facts tell; a failure counts as the rule's."""
    if checker.where is None:
        return True
    try:
        return checker.where(facts, types, config)
    except Exception as error:  # noqa: BLE001 -- one rule's fault must not end the run
        done.broken.add(checker.rule.code)
        done.findings.append(_crash(checker.rule, error, 1, done.path))
        return False


def run(active: Sequence[Checker], file: File, done: Checked) -> None:
    """Each rule gets the nodes it asked for, in source order."""
    project = file.project
    by_type: dict[type[ast.AST], list[Checker]] = {}
    for checker in active:
        for kind in checker.on:
            by_type.setdefault(kind, []).append(checker)
    found: list[Finding] = []
    for kind, checkers in by_type.items():
        for checker in checkers:
            nodes = file.written(kind, checker.names) if checker.names else file.nodes(kind)
            node: ast.AST | None = None
            if checker.rule.code in done.broken:
                continue
            before, project.reads = project.reads, 0
            try:
                for node in nodes:
                    found += [_finding(checker.rule, hit, file) for hit in checker.function(node, file)]
            except Exception as error:  # noqa: BLE001 -- one rule's fault must not end the run
                done.broken.add(checker.rule.code)
                found.append(_crash(checker.rule, error, getattr(node, "lineno", 1), file.path))
            done.look(checker.rule.code, project.reads)
            project.reads |= before
    done.findings += dict.fromkeys(found)
    done.notes = sorted(file.notes, key=_order_of_note)


def _finding(rule: Rule, hit: Hit, file: File) -> Finding:
    safety = hit.safety if hit.safety is not None else rule.fix
    if _ORDER.index(safety) < _ORDER.index(rule.fix):
        safety = rule.fix
    node = file.span(hit.node)
    severity = file.config.severity_of(rule, hit.severity if hit.severity is not None else rule.severity)
    return Finding(
        path=file.path,
        code=rule.code,
        name=rule.name,
        severity=severity,
        safety=file.config.safety_of(rule, safety),
        message=hit.message,
        span=hit.span if hit.span is not None else node,
        node=node,
        kind=type(hit.node).__name__,
        clue=hit.clue,
        why=hit.why,
        related=hit.related,
        group=hit.group,
        members=hit.members,
        symbol=file.symbol_at(hit.node),
    )


def _crash(rule: Rule, error: Exception, line: int, path: str) -> Finding:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    message = f"rule {rule.code} ({rule.name}) failed on this line: {what}; the other rules went on"
    span = Span(0, 0, line, 1, line, 1)
    tool = SYNTAX_ERROR
    return Finding(path, tool.code, "rule-crashed", tool.severity, Safety.MANUAL, message, span, span, "Module")
