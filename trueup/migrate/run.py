"""The migration itself: step after step, written to disk at the end of each, and what is left in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trueup.model import Finding, Place, Rule, Safety

from .steps import Step, rules_by_step

if TYPE_CHECKING:
    from trueup.check import Workspace
    from trueup.files import Problem


@dataclass
class StepDone:
    """What one step did."""

    step: Step
    fixed: list[Finding] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """Paths of the files it changed, sorted."""
    held: list[tuple[Finding, str]] = field(default_factory=list)
    """Fixes that could not be applied, each with the reason."""

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
    """Path -> the text before the first step, the text after the last."""
    left: list[Finding] = field(default_factory=list)
    """What the chosen steps' rules still find."""
    undecided: dict[str, list[Place]] = field(default_factory=dict)
    """Code -> receivers whose type stayed Unknown where the rule needed it."""
    problems: list[Problem] = field(default_factory=list)
    """Files that could not be written."""
    written: list[str] = field(default_factory=list)
    """Paths replaced on disk so far, in order; complete also when the run is interrupted."""
    files: int = 0


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
    from trueup.fix import fix_project

    members = rules_by_step(rules.values())
    applied = (Safety.SAFE,) if safe_only else (Safety.SAFE, Safety.UNSAFE)
    outcome.files = len(workspace.files)
    stuck: set[str] = set()
    for number, step in enumerate(steps):
        codes = {rule.code for rule in members[step.name]}
        if not codes:
            continue
        progress(step.name, number, len(steps))

        def wanted(finding: Finding, codes: set[str] = codes) -> bool:
            if finding.code not in codes or finding.safety not in applied or finding.path in stuck:
                return False
            return may_fix(finding.path, finding.code)

        result = fix_project(workspace, wanted, jobs=jobs)
        done = StepDone(step, result.fixed, [], result.held)
        outcome.steps.append(done)
        for path in sorted(result.changed):
            old, new = result.changed[path]
            problem = workspace.write(path) if write else None
            if problem is not None:
                outcome.problems.append(problem)
                stuck.add(path)
                workspace.update({path: old})
                done.fixed = [f for f in done.fixed if f.path != path]
                continue
            if write:
                outcome.written.append(path)
            done.files.append(path)
            outcome.changed[path] = (outcome.changed.get(path, (old, new))[0], new)
    progress("what is left", len(steps), len(steps))
    workspace.undecided.clear()  # of the rounds before: what was undecided then may be known now
    codes = {rule.code for step in steps for rule in members[step.name]}
    outcome.left = [finding for finding in workspace.check() if finding.code in codes or finding.code == "TU000"]
    outcome.undecided = {code: workspace.undecided[code] for code in sorted(workspace.undecided) if code in codes}
