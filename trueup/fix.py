"""From the findings of a project to its new texts: round by round, until nothing is left to repair."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from .additions import Addition, CannotAdd, extended
from .exports import Exports, package_of
from .fix_text import TextFix, fix_text
from .garbage import without_gc
from .model import Finding, Safety

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from types import TracebackType

    from .index.facts import FileFacts
    from .registry import Fixer

__all__ = ["FixRun", "Pool", "TextFix", "Workspace", "fix_project", "fix_text"]

PAYS = 30
"""Fewer dirty files than this are fixed before a second process has started."""
FEW = 4
"""As many are fixed before one that is there has been told of them."""


class Project(Protocol):
    """What is asked of the index."""

    @property
    def files(self) -> Mapping[str, FileFacts]:
        """Path -> facts of the project's own files."""
        ...


class Workspace(Protocol):
    """What is asked of the files of a run."""

    keeps: bool
    """Whether to note what findings rest on, so that a check after an update need not look at all files."""

    @property
    def project(self) -> Project:
        """All files, linked, as they stand now."""
        ...

    def check(self, paths: Collection[str] | None = None) -> list[Finding]:
        """The findings of all files, or of some."""
        ...

    def text(self, path: str) -> str:
        """The text of a file as it stands now."""
        ...

    def update(self, texts: Mapping[str, str], read: Mapping[str, bytes | None] | None = None) -> None:
        """Put new texts in the place of old ones; a path that is new becomes a file of the run.

        `read`: encoded facts of such texts, where they are known.
        """

    def takes(self, path: str) -> bool | str:
        """Whether code may go into a file: True for one of the run, False for one to be made; else why not."""
        ...


@dataclass(slots=True)
class FixRun:
    """What fixing a project came to."""

    changed: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Path -> the text before, the text after; only files that differ, sorted."""
    fixed: list[Finding] = field(default_factory=list)
    """In the order they were fixed, each as it was found in its round."""
    left: list[Finding] = field(default_factory=list)
    """What all rules find in the end."""
    held: list[tuple[Finding, str]] = field(default_factory=list)
    """Of those, what was to be fixed and could not be, and why."""
    failed: list[Finding] = field(default_factory=list)
    """Those of `held` where a fixer is to blame: it broke down, broke the file or does not come to an end."""
    rounds: int = 0
    """How many rounds changed something."""
    made: list[str] = field(default_factory=list)
    """Paths of `changed` that are new files."""
    tied: list[tuple[str, str]] = field(default_factory=list)
    """(path, other path): a repair of the first put code into the other, so that both are written or neither."""


def fix_project(
    workspace: Workspace,
    wanted: Callable[[Finding], bool],
    *,
    jobs: int = 1,
    rounds: int = 50,
    fixers: Mapping[str, Fixer] | None = None,
    pool: Pool | None = None,
    known: Sequence[Finding] | None = None,
    exports: Exports | None = None,
) -> FixRun:
    """Fix what is wanted, in memory, until a check of the whole project finds nothing more to fix.

    A round fixes each file once; then what changed is checked again. Fixes of one group are made all in one round or
    not at all. A file that comes back to an earlier text is left alone from then on, and reported.

    Args:
        workspace: the files; `update` is called with each round's texts, nothing is written to disk.
        wanted: whether a finding is to be fixed; also asked with a safe finding made unsafe, where its fix would lose
            a comment.
        jobs: processes, started only above some 30 dirty files; the result does not depend on it.
        fixers: code -> fixer; all that are registered, if not given.
        pool: fixes instead, with what it was made with, and is not ended.
        rounds: at most so many.
        known: the findings of the whole project as it stands, if the caller has them: saves a check.
        exports: those of an earlier call on the same files, kept up to date: saves asking all files again.
    """
    workspace.keeps = True  # a round's check then looks only at what the round can have concerned
    findings = list(workspace.check() if known is None else known)
    if not any(finding.fixable and wanted(finding) for finding in findings):
        return FixRun(left=findings)
    with nullcontext(pool) if pool is not None else Pool(jobs, fixers) as fixing:
        return _Driver(workspace, wanted, fixing, findings, exports or Exports(workspace.text)).run(rounds)


class _Job(NamedTuple):
    """One file of one round, as it is sent to a process."""

    path: str
    text: str
    findings: tuple[Finding, ...]
    lossy: tuple[Finding, ...]
    exported: tuple[str, ...]
    package: str
    module: str = ""
    is_package: bool = False


class _Driver:
    """The state between rounds."""

    def __init__(
        self,
        workspace: Workspace,
        wanted: Callable[[Finding], bool],
        pool: Pool,
        findings: list[Finding],
        exports: Exports,
    ) -> None:
        self.workspace = workspace
        self.wanted = wanted
        self.pool = pool
        self.found: dict[str, list[Finding]] = _by_path(findings)
        """Path -> its findings when it was last checked."""
        self.first: dict[str, str] = {}
        """Path -> the text before everything, of files that were changed."""
        self.seen: dict[str, set[int]] = {}
        """Path -> hashes of all texts it has had."""
        self.held: dict[str, dict[Finding, str]] = {}
        """Path -> why its findings were not fixed when it was last tried."""
        self.failed: dict[str, set[Finding]] = {}
        self.frozen: set[str] = set()
        """Paths that have come back to an earlier text."""
        self.exports = exports

    def run(self, rounds: int) -> FixRun:
        run = FixRun()
        paths, whole, cut = list(self.found), True, False
        while not cut:
            results, added = self._round(paths)
            changed = {path: result.text for path, result in results.items() if result.applied}
            if changed:
                run.rounds += 1
                run.fixed += [finding for path in changed for finding in results[path].applied]
                run.tied += [(path, one.path) for path in changed for _, one in results[path].additions]
                run.made += [path for path in added if self.workspace.takes(path) is False]
                read = {path: results[path].facts for path in changed if path not in added}
                changed |= added
                for path in changed:
                    self.first.setdefault(path, "" if path in run.made else self.workspace.text(path))
                    self.exports.forget(path)
                self.workspace.update(changed, read)
            elif whole:
                break
            cut = run.rounds >= rounds
            # What one file's fixes do to the findings of others shows when nothing is left to do in these.
            whole = cut or not changed
            again = [path for path, result in results.items() if result.applied or result.waiting]
            again += [path for path in added if path not in again]
            fresh = _by_path(self.workspace.check(None if whole else again))
            self.found = fresh if whole else {**self.found, **{path: fresh.get(path, []) for path in again}}
            paths = list(self.found) if whole else again
        self._report(run, cut)
        return run

    def _report(self, run: FixRun, cut: bool) -> None:
        run.left = sorted((one for found in self.found.values() for one in found), key=lambda one: one.order)
        for finding in run.left:
            reason = self.held.get(finding.path, {}).get(finding)
            if reason is None and cut and finding.fixable and self.wanted(finding):
                reason = f"it was not settled after {run.rounds} rounds of repairs"
                self.failed.setdefault(finding.path, set()).add(finding)
            if reason is not None:
                run.held.append((finding, reason))
                if finding in self.failed.get(finding.path, ()):
                    run.failed.append(finding)
        for path in sorted(self.first):
            if self.first[path] != (now := self.workspace.text(path)):
                run.changed[path] = (self.first[path], now)

    # One round

    def _round(self, paths: Sequence[str]) -> tuple[dict[str, TextFix], dict[str, str]]:
        """Try to fix files; path -> result, in the order of the paths, groups whole and cycles taken back.

        Also the texts of the files that repairs of others put code into.
        """
        left_out: dict[Finding, str] = self._unfit_groups()
        jobs = {path: job for path in paths if (job := self._job(path, left_out)) is not None}
        results = dict(zip(jobs, self.pool.fix(list(jobs.values())), strict=True))
        added: dict[str, str] | tuple[Finding, str]
        while True:
            for path, result in results.items():
                if result.applied and hash(result.text) in self.seen.get(path, ()):
                    results[path] = self._stopped(path, result)
            broken = self._broken_groups(results)
            if broken:
                group, reason = broken[-1]
                members = self._members(group)
            else:
                added = self._added(results)
                if isinstance(added, dict):
                    break
                finding, reason = added
                members = self._members(finding.group) if finding.group else [finding]
            left_out.update(dict.fromkeys(members, reason))
            concerned = {one.path for one in members} - self.frozen
            less = {
                path: job._replace(findings=tuple(one for one in job.findings if one not in left_out))
                for path, job in jobs.items()
                if path in concerned
            }
            jobs.update(less)
            results.update(zip(less, self.pool.fix(list(less.values())), strict=True))
        for path, result in results.items():
            self.held[path] = dict(result.held)
            self.failed[path] = set(result.failed)
            if result.applied:
                self.seen.setdefault(path, set()).update((hash(jobs[path].text), hash(result.text)))
        for finding, reason in left_out.items():
            if reason:
                self.held.setdefault(finding.path, {})[finding] = reason
            elif finding.path in results:
                result = results[finding.path]
                results[finding.path] = replace(result, waiting=(*result.waiting, finding))
        return results, added

    def _members(self, group: str) -> list[Finding]:
        return [one for found in self.found.values() for one in found if one.group == group]

    def _added(self, results: Mapping[str, TextFix]) -> dict[str, str] | tuple[Finding, str]:
        """The texts of files that get code from repairs of others; or one of these repairs, and why it cannot be."""
        texts: dict[str, str] = {}
        for result in results.values():
            for finding, one in result.additions:
                try:
                    texts[one.path] = self._with(one, texts.get(one.path), results)
                except CannotAdd as error:
                    return finding, f"its code cannot go to {one.path}: {error}"
        return texts

    def _with(self, one: Addition, text: str | None, results: Mapping[str, TextFix]) -> str:
        """A file's text with one addition; `text` is what others of the round have made of it."""
        there = self.workspace.takes(one.path)
        if isinstance(there, str):
            raise CannotAdd(there)
        if one.path in self.frozen:
            raise CannotAdd("its repairs go round in circles")
        if text is None and there:
            text = results[one.path].text if one.path in results else self.workspace.text(one.path)
        facts = self.workspace.project.files.get(one.path)
        return extended(text, one.path, [one], package_of(facts) if facts is not None else "")

    def _job(self, path: str, left_out: Collection[Finding]) -> _Job | None:
        if path in self.frozen:
            return None
        todo = [one for one in self.found[path] if one.fixable and one not in left_out and self.wanted(one)]
        if not todo:
            return None
        lossy = [one for one in todo if one.safety is Safety.SAFE and self.wanted(_made_unsafe(one))]
        facts = self.workspace.project.files.get(path)
        if facts is None:
            return _Job(path, self.workspace.text(path), tuple(todo), tuple(lossy), (), "")
        exported = tuple(sorted(self.exports.of(facts, self.workspace.project.files)))
        text, package = self.workspace.text(path), package_of(facts)
        module = "" if "#" in facts.module else facts.module  # of two of one name, the project has renamed one
        return _Job(path, text, tuple(todo), tuple(lossy), exported, package, module, facts.is_package)

    def _stopped(self, path: str, result: TextFix) -> TextFix:
        """Take back a round that leads a file to a text it had before."""
        self.frozen.add(path)
        codes = ", ".join(dict.fromkeys(one.code for one in result.applied))
        reason = f"the repairs go round in circles: {codes} leads back to a text that the file had before"
        held = (*result.held, *((one, reason) for one in result.applied))
        return TextFix(self.workspace.text(path), held=held, failed=(*result.failed, *result.applied))

    def _unfit_groups(self) -> dict[Finding, str]:
        """Findings whose group cannot be fixed wholly because one of it is not to be fixed at all, and why."""
        groups: dict[str, list[Finding]] = {}
        for found in self.found.values():
            for one in found:
                if one.group:
                    groups.setdefault(one.group, []).append(one)
        unfit: dict[Finding, str] = {}
        for members in groups.values():
            if len(set(members)) < members[0].members:
                # One in a file that is not being checked, or that a comment hides.
                reason = "it goes together with places elsewhere that are not being repaired: check the whole project"
                unfit.update((one, reason) for one in members if one.fixable and self.wanted(one))
                continue
            bad = [one for one in members if one.path in self.frozen or not (one.fixable and self.wanted(one))]
            if bad:
                where = f"{bad[0].path}:{bad[0].span.line}"
                reason = f"it goes together with {bad[0].code} at {where}, which is not to be repaired"
                unfit.update((one, reason) for one in members if one.fixable and self.wanted(one))
        return unfit

    def _broken_groups(self, results: Mapping[str, TextFix]) -> list[tuple[str, str]]:
        """The groups of which some are fixed and others not, sorted; and why, empty if they only have to wait."""
        applied: dict[str, int] = {}
        for result in results.values():
            for one in result.applied:
                if one.group:
                    applied[one.group] = applied.get(one.group, 0) + 1
        reasons = {one: reason for result in results.values() for one, reason in result.held}
        broken: list[tuple[str, str]] = []
        for group in sorted(applied):
            members = self._members(group)
            if applied[group] < len(set(members)):
                bad = [one for one in members if one in reasons]
                where = f"{bad[0].code} at {bad[0].path}:{bad[0].span.line}" if bad else ""
                broken.append((group, f"it goes together with {where}: {reasons[bad[0]]}" if bad else ""))
        return broken


def _made_unsafe(finding: Finding) -> Finding:
    return replace(finding, safety=Safety.UNSAFE, why="Its repair loses a comment.")


def _by_path(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for one in sorted(findings, key=lambda one: one.order):
        found.setdefault(one.path, []).append(one)
    return found


class Pool:
    """Fixes files, in processes of its own when that pays; results come in the order of the jobs."""

    def __init__(self, jobs: int, fixers: Mapping[str, Fixer] | None = None, *, stays: bool = False) -> None:
        """`fixers`: code -> fixer; all that are registered, if not given. `stays`: it is for many rounds."""
        self.jobs = jobs
        self._pays = FEW if stays else PAYS
        self._fixers = fixers
        self._executor: ProcessPoolExecutor | None = None
        self._importing: Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def prepare(self) -> None:
        """Import the fixers, and what they need, in a thread: for whoever waits for other processes meanwhile."""
        if self._fixers is None and self._importing is None:
            self._importing = Thread(target=self._load, daemon=True)
            self._importing.start()

    def _load(self) -> None:
        from .registry import load_fixers

        importlib.import_module("libcst")  # once here, so that forked processes need not
        self._fixers = load_fixers()

    def close(self) -> None:
        """End the processes."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None

    def fix(self, jobs: Sequence[_Job]) -> list[TextFix]:
        """One round of each file."""
        if self._importing is not None:
            self._importing.join()
            self._importing = None
        if self._fixers is None:
            self._load()
        assert self._fixers is not None
        if self.jobs < 2 or len(jobs) <= (self._pays if self._executor is None else FEW):
            with without_gc():
                return [_fix_one(self._fixers, job) for job in jobs]
        from .index.build import context

        if self._executor is None:
            from concurrent.futures import ProcessPoolExecutor

            gc.freeze()
            self._executor = ProcessPoolExecutor(
                self.jobs, mp_context=context(), initializer=_adopt, initargs=(self._fixers,)
            )
        # The largest first: one that comes last has all others wait.
        order = sorted(range(len(jobs)), key=lambda number: -len(jobs[number].text))
        done = self._executor.map(_fix_there, [jobs[number] for number in order])
        results = dict(zip(order, done, strict=True))
        return [results[number] for number in range(len(jobs))]


_adopted: list[Mapping[str, Fixer]] = []
"""The fixers a worker process was started with."""


def _adopt(fixers: Mapping[str, Fixer]) -> None:
    _adopted[:] = [fixers]


def _fix_there(job: _Job) -> TextFix:
    with without_gc():
        return _fix_one(_adopted[0], job)


def _fix_one(fixers: Mapping[str, Fixer], job: _Job) -> TextFix:
    """One round of one file; with the facts of its new text, so that the process that asks need not find them."""
    fix = fix_text(
        job.text,
        job.findings,
        fixers,
        job.path,
        lossy=job.lossy,
        exported=job.exported,
        package=job.package,
        alone=False,
    )
    return replace(fix, tree=None, facts=_facts(job, fix) if fix.applied and job.module else None)


def _facts(job: _Job, fix: TextFix) -> bytes | None:
    from .index.build import encode, index_text
    from .syntax import SyntaxFault

    facts = index_text(fix.text, job.path, job.module, job.is_package, fix.tree)
    return None if isinstance(facts, SyntaxFault) else encode(facts)
