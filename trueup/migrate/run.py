"""The migration itself: step after step, written to disk at the end of each, and what is left in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from trueup.model import Finding, Place, Rule, Safety
from trueup.registry import prepares
from trueup.tool_rules import SYNTAX_ERROR

from .steps import Step, rules_by_step, rules_of

if TYPE_CHECKING:
    from trueup.check import Workspace
    from trueup.files import Problem

    from .bounds import Manifest


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

    @property
    def reasons(self) -> Mapping[tuple[str, str, str, str], str]:
        """(path, code, symbol, message) -> why a finding was not repaired; lines move from step to step."""
        return {(f.path, f.code, f.symbol, f.message): reason for step in self.steps for f, reason in step.held}


def run(
    workspace: Workspace,
    steps: Sequence[Step],
    rules: Mapping[str, Rule],
    outcome: Outcome,
    *,
    may_fix: Callable[[str, str], bool],
    safe_only: bool,
    write: bool,
    jobs: int,
    progress: Callable[[str, int, int], None],
) -> None:
    """Take a project through the steps.

    Args:
        outcome: filled as the run goes, so that an interrupted one can still say what it wrote.
        may_fix: (path, code) -> whether the configuration allows it.
        safe_only: hold back the fixes that may change behaviour.
        write: replace each changed file at the end of the step that changed it; else the disk is only read.
        progress: told the step, its number and how many there are.
    """
    from trueup.exports import Exports
    from trueup.fix import fix_project

    rules_by_step(rules.values())  # a rule with a step that is none should not pass in silence
    applied = (Safety.SAFE,) if safe_only else (Safety.SAFE, Safety.UNSAFE)
    outcome.files = len(workspace.files)
    stuck: set[str] = set()
    first = {rule.code for step in steps for rule in rules_of(step, rules.values()) if rule.at_first}
    mine = frozenset(rule.code for step in steps for rule in rules_of(step, rules.values())) - first
    # All rules at once: what they find holds for each step, but where something was repaired before.
    progress("what will change", 0, len(steps))
    workspace.only, workspace.keeps = mine | first, True
    outcome.noticed = [finding for finding in workspace.check() if finding.code in first]
    exports = Exports(workspace.text)
    for number, step in enumerate(steps):
        codes = {rule.code for rule in rules_of(step, rules.values())} - first
        if not codes:
            continue
        progress(step.name, number, len(steps))

        def wanted(finding: Finding, step: Step = step, codes: set[str] = codes) -> bool:
            if finding.code not in codes or finding.safety not in applied or finding.path in stuck:
                return False
            if step.prepares and not prepares(rules[finding.code], finding):
                return False
            return may_fix(finding.path, finding.code)

        workspace.only = frozenset(codes)
        result = fix_project(workspace, wanted, jobs=jobs, exports=exports)
        done = StepDone(step, result.fixed, [], result.held, result.failed)
        outcome.steps.append(done)
        written, problems = workspace.write_all(result.changed, result.fixed) if write else (sorted(result.changed), [])
        for path in written:
            old, new = result.changed[path]
            done.files.append(path)
            outcome.changed[path] = (outcome.changed.get(path, (old, new))[0], new)
        if problems:
            lost = {problem.path for problem in problems}
            outcome.problems += problems
            stuck.update(lost)
            workspace.update({path: result.changed[path][0] for path in lost})
            done.fixed = [finding for finding in done.fixed if finding.path not in lost]
        for path in result.changed.keys() - set(written):  # taken back, or not written
            exports.forget(path)
    progress("what is left", len(steps), len(steps))
    outcome.noticed = [_moved(finding, outcome.changed.get(finding.path)) for finding in outcome.noticed]
    whole = (
        frozenset(rule.code for step in steps if not step.prepares for rule in rules_of(step, rules.values())) - first
    )
    workspace.only = mine
    outcome.left = [
        finding
        for finding in workspace.check()
        if finding.code in whole
        or finding.code == SYNTAX_ERROR.code
        # What a preparation leaves is the migration's, but for what it should have repaired.
        or (finding.code in mine and finding.safety in applied and prepares(rules[finding.code], finding))
    ]
    outcome.undecided = {code: found for code, found in sorted(workspace.undecided.items()) if code in mine}


def _moved(finding: Finding, texts: tuple[str, str] | None) -> Finding:
    """A finding at the line where its place stands now: the texts are the file's before and after."""
    if texts is None:
        return finding
    old, new = (text.splitlines() for text in texts)
    wanted, line = finding.span.line - 1, len(new)
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if start <= wanted < end:
            line = new_start + (
                wanted - start if tag == "equal" else min(wanted - start, max(new_end - new_start - 1, 0))
            )
            break
    return replace(finding, span=finding.span._replace(line=line + 1, end_line=line + 1))
