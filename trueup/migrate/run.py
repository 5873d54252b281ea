"""The migration itself: step after step, written to disk at the end of each, and what is left in the end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from trueup.model import Finding, Place, Rule, Safety
from trueup.registry import prepares
from trueup.saving import bytes_of, restore, write_all
from trueup.tool_rules import SYNTAX_ERROR

from .interrupts import uninterrupted
from .steps import Step, rules_by_step, rules_of

if TYPE_CHECKING:
    from trueup.check import Workspace
    from trueup.files import Problem
    from trueup.libraries.sqlalchemy.to_async import Conversion
    from trueup.tidy import Tidy

    from .bounds import Manifest
    from .markers import Marked


@dataclass
class StepDone:
    """What one step did."""

    step: Step
    fixed: list[Finding] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """Paths of the files it changed, sorted."""
    held: list[tuple[Finding, str]] = field(default_factory=list)
    """Findings whose fix could not be made, each with the reason."""
    failed: list[Finding] = field(default_factory=list)
    """Those of them where the fixer itself is at fault."""
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Path -> the text before this step, the text after it."""
    taken_back: str = ""
    """Why it was undone after all; empty where it stands."""

    @property
    def by_rule(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """(code, name) -> how many were fixed, in how many files; sorted by code."""
        counts = Counter((f.code, f.name) for f in self.fixed)
        files = {key: len({f.path for f in self.fixed if (f.code, f.name) == key}) for key in counts}
        return {key: (counts[key], files[key]) for key in sorted(counts)}


@dataclass
class Outcome:
    """What a migration did, or under `--diff` and `--plan` would do."""

    steps: list[StepDone] = field(default_factory=list)
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Path -> the text before the first step, the text after the last; as far as the run got."""
    left: list[Finding] = field(default_factory=list)
    """What the chosen steps' rules still find, and the files that do not parse."""
    noticed: list[Finding] = field(default_factory=list)
    """What rules said of the code as it was that judge nothing else, at the lines where it stands now."""
    undecided: dict[str, list[Place]] = field(default_factory=dict)
    """Code -> receivers whose type stayed Unknown where the rule needed it."""
    problems: list[Problem] = field(default_factory=list)
    """Files that could not be written."""
    files: int = 0
    manifests: list[Manifest] = field(default_factory=list)
    """Files that say what the project depends on, and were raised, or must be by a person."""
    safe_only: bool = False
    """Repairs that may change behaviour were held back."""

    markers: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Path -> how many comments were written there for a person, and how many taken out."""
    to_async: Conversion | None = None
    """How far the code, as it was, is from `AsyncSession`; None where that was not asked for."""
    judged: frozenset[str] = frozenset()
    """The codes of which `left` says all there is."""

    @cached_property
    def reasons(self) -> Mapping[Hashable, str]:
        """Why findings were not repaired, by `sort_of`."""
        return {sort_of(finding): reason for step in self.steps for finding, reason in step.held}

    def changes_of(self, path: str, old: str, new: str) -> None:
        """Note that a file's text has become another one."""
        first = self.changed.get(path, (old, new))[0]
        if first == new:
            self.changed.pop(path, None)
        else:
            self.changed[path] = (first, new)


_NUMBERS = re.compile(r"\d+")


def sort_of(finding: Finding) -> Hashable:
    """What stays of a finding when lines move, also those that its message names."""
    return finding.path, finding.code, finding.symbol, _NUMBERS.sub("", finding.message)


Judge: TypeAlias = Callable[[StepDone | None], str]
"""Asked with None before the first step, and after each step that has written something: why that is to be taken back;
empty where it may stay."""
Settle: TypeAlias = "Callable[[StepDone], Workspace | None]"
"""Told of each step that stays, once it is written; a workspace is the one to go on with, where files are not what they
were when the step was done."""


def run(
    workspace: Workspace,
    steps: Sequence[Step],
    rules: Mapping[str, Rule],
    outcome: Outcome,
    *,
    may_fix: Callable[[str, str], bool],
    safe_only: bool,
    write: bool,
    markers: bool = False,
    jobs: int,
    progress: Callable[[str, int, int], None],
    judge: Judge | None = None,
    settle: Settle | None = None,
    tidy: Tidy | None = None,
) -> Workspace:
    """Take a project through the steps.

    Args:
        outcome: filled as the run goes, so that an interrupted one can still say what it wrote.
        may_fix: (path, code) -> whether the configuration allows it.
        safe_only: hold back the fixes that may change behaviour.
        write: replace each changed file at the end of the step that changed it; else the disk is only read.
        markers: write a comment above each statement where a person must act.
        progress: told the step, its number and how many there are.
        judge: may have a step taken back; asked only when `write`.
        settle: told of the steps that stay; told only when `write`.
        tidy: has the files that a step changed tidied before they are written.

    Returns the workspace as it stands in the end.
    """
    from trueup.exports import Exports
    from trueup.fix import Pool, fix_project

    rules_by_step(rules.values())  # a rule with a step that is none should not pass in silence
    applied = (Safety.SAFE,) if safe_only else (Safety.SAFE, Safety.UNSAFE)
    outcome.files, outcome.safe_only = len(workspace.files), safe_only
    stuck: set[str] = set()
    pool = Pool(jobs, stays=True)
    first = {rule.code for step in steps for rule in rules_of(step, rules.values()) if rule.at_first}
    rule_codes = [{rule.code for rule in rules_of(step, rules.values())} - first for step in steps]
    mine = frozenset[str]().union(*rule_codes)
    try:
        progress("what will change", 0, len(steps))
        workspace.only, workspace.keeps, workspace.lasts = mine | first, True, True
        apart = workspace.apart = _apart([first, *rule_codes])
        workspace.meanwhile = pool.prepare
        outcome.noticed = [finding for finding in workspace.check() if finding.code in first]
        settled = workspace.lasting_answers()
        workspace.settle(settled)
        exports = Exports(workspace.text)
        if judge is not None and write:
            judge(None)
        for number, step in enumerate(steps):
            codes = rule_codes[number]
            if not codes:
                continue
            progress(step.name, number, len(steps))
            # With the rules of the steps to come that are about the same library: one look at a file serves them all.
            alike = [n for n in range(number, len(steps)) if steps[n].library == step.library]
            workspace.only = frozenset().union(*[rule_codes[n] for n in alike])

            def wanted(finding: Finding, step: Step = step, codes: set[str] = codes) -> bool:
                if finding.code not in codes or finding.safety not in applied or finding.path in stuck:
                    return False
                if step.prepares and not prepares(rules[finding.code], finding):
                    return False
                return may_fix(finding.path, finding.code)

            result = fix_project(workspace, wanted, pool=pool, exports=exports)
            if tidy is not None and result.changed:
                tidy(workspace, result.changed, exports)
            done = StepDone(step, result.fixed, [], result.held, result.failed)
            outcome.steps.append(done)
            with _held(workspace, outcome, result.changed if judge is not None and write else ()) as held:
                written, problems = (
                    write_all(workspace, result.changed, result.fixed, result.tied)
                    if write
                    else (sorted(result.changed), [])
                )
                for path in written:
                    old, new = result.changed[path]
                    done.files.append(path)
                    done.changes[path] = (old, new)
                    outcome.changes_of(path, old, new)
                if problems:
                    lost = {problem.path for problem in problems}
                    outcome.problems += problems
                    stuck.update(lost)
                    workspace.update({path: result.changed[path][0] for path in lost})
                    done.fixed = [finding for finding in done.fixed if finding.path not in lost]
                for path in result.changed.keys() - set(written):  # taken back, or not written
                    exports.forget(path)
                if not (write and done.files):
                    continue
                reason = judge(done) if judge is not None else ""
            if reason:
                for path in done.files:
                    exports.forget(path)
                _take_back(workspace, outcome, done, reason, held)
            elif settle is not None and (fresh := settle(done)) is not None:
                workspace.close()
                workspace, exports = fresh, Exports(fresh.text)
                workspace.keeps, workspace.lasts, workspace.apart = True, True, apart
                workspace.settle(settled)
                for path in done.files:
                    outcome.changes_of(path, done.changes[path][1], workspace.text(path))
        progress("what is left", len(steps), len(steps))
        workspace.only = mine
        outcome.noticed = _moved(outcome.noticed, outcome.changed)
        whole = {rule.code for step in steps if not step.prepares for rule in rules_of(step, rules.values())}
        outcome.judged = frozenset(whole) - first

        def look() -> None:
            outcome.left = [
                finding
                for finding in workspace.check()
                if finding.code in outcome.judged
                or finding.code == SYNTAX_ERROR.code
                # What a preparation leaves is the migration's, but for what it should have repaired.
                or (finding.code in mine and finding.safety in applied and prepares(rules[finding.code], finding))
            ]
            outcome.undecided = {code: found for code, found in sorted(workspace.undecided.items()) if code in mine}

        look()
        if markers and _mark(workspace, outcome, write=write):
            look()
        return workspace
    finally:
        workspace.close()
        pool.close()


def _apart(wanted: Sequence[Collection[str]]) -> list[frozenset[str]]:
    """The largest sets of codes of which each of some others can be made up, none of them in two."""
    sets: dict[frozenset[int], set[str]] = {}
    for code in sorted({code for codes in wanted for code in codes}):
        sets.setdefault(frozenset(n for n, codes in enumerate(wanted) if code in codes), set()).add(code)
    return [frozenset(codes) for codes in sets.values()]


def _mark(workspace: Workspace, outcome: Outcome, *, write: bool) -> bool:
    """Write and take out markers in all files; whether any changed."""
    from trueup.files import Source

    from .markers import MARK, marked

    left: dict[str, list[Finding]] = {}
    for finding in outcome.left:
        left.setdefault(finding.path, []).append(finding)
    new: dict[str, Marked] = {}
    changed: dict[str, tuple[str, str]] = {}
    for file in workspace.files:
        path, mine = file.path, left.get(file.path, ())
        source = workspace.source(path)
        if not isinstance(source, Source) or any(one.code == SYNTAX_ERROR.code for one in mine):
            continue
        if not mine and MARK not in source.text:
            continue
        asked = [one for one in mine if one.code in outcome.judged]
        one = marked(source.text, asked, outcome.judged, source.encoding)
        if one.text != source.text:
            new[path], changed[path] = one, (source.text, one.text)
    if not changed:
        return False
    workspace.update({path: one.text for path, one in new.items()})
    written, problems = write_all(workspace, changed, ()) if write else (sorted(changed), [])
    workspace.update({problem.path: changed[problem.path][0] for problem in problems})
    outcome.problems += problems
    for path in written:
        outcome.changes_of(path, *changed[path])
        outcome.markers[path] = (new[path].added, new[path].removed)
    outcome.noticed = _moved(outcome.noticed, {path: changed[path] for path in outcome.markers})
    return True


@contextmanager
def _held(workspace: Workspace, outcome: Outcome, paths: Iterable[str]) -> Iterator[Mapping[str, bytes | None]]:
    """What files hold before a step; what keeps the step from being judged, as Ctrl-C does, gives it back to them."""
    held = bytes_of(workspace, paths)
    try:
        yield held
    except BaseException:
        with uninterrupted():
            outcome.problems += restore(workspace, held)
        raise


def _take_back(
    workspace: Workspace, outcome: Outcome, done: StepDone, reason: str, held: Mapping[str, bytes | None]
) -> None:
    """Undo a step on disk, to the byte, and in memory, and note why."""
    with uninterrupted():
        problems = restore(workspace, {path: held[path] for path in done.files})
    outcome.problems += problems
    lost = {problem.path for problem in problems}
    for path in done.files:
        if path not in lost:
            outcome.changes_of(path, done.changes[path][1], done.changes[path][0])
    why = f"the step `{done.step.name}` was taken back: {reason}"
    done.held += [(finding, why) for finding in done.fixed]
    done.taken_back, done.fixed, done.files, done.changes = reason, [], [], {}


def _moved(findings: Sequence[Finding], changed: Mapping[str, tuple[str, str]]) -> list[Finding]:
    """Findings at the lines where their places stand now: `changed` has path -> the text before and after."""
    lines = {path: _new_lines(*changed[path]) for path in dict.fromkeys(f.path for f in findings) if path in changed}
    moved = []
    for finding in findings:
        known = lines.get(finding.path, ())
        if finding.span.line <= len(known):
            now = known[finding.span.line - 1]
            finding = replace(finding, span=finding.span._replace(line=now, end_line=now))
        moved.append(finding)
    return moved


def _new_lines(old: str, new: str) -> list[int]:
    """For each line of a text the line, from 1, where it stands in another, or what took its place."""
    before, after = old.splitlines(), new.splitlines()
    found: list[int] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        last = end - start - 1 if tag == "equal" else max(new_end - new_start - 1, 0)
        found += [new_start + min(offset, last) + 1 for offset in range(end - start)]
    return found
