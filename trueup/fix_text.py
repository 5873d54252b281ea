"""From the findings of one file to its new text: one round."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from .additions import Addition
from .comment_fix import COMMENT, repair
from .edits import Edit, Edits, apply
from .imports import AddImport, DropImport, with_imports
from .model import Finding, Safety, Span
from .names import Names, parsed
from .outline import LeftOut

if TYPE_CHECKING:
    import libcst as cst

    from .registry import Fixer
    from .tree import Tree

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class TextFix:
    """What one round made of one file."""

    text: str
    applied: tuple[Finding, ...] = ()
    held: tuple[tuple[Finding, str], ...] = ()
    """Not repaired, and why."""
    waiting: tuple[Finding, ...] = ()
    """They meet another fix of this round; the next round takes them up."""
    failed: tuple[Finding, ...] = ()
    """Those of `held` whose fixer broke down or would have broken the file: faults of the fixer, not of the file."""
    additions: tuple[tuple[Finding, Addition], ...] = ()
    """What those of `applied` put into other files, for the caller to do."""
    tree: ast.Module | None = field(default=None, compare=False, repr=False)
    """Of the text, as `ast` has it, where something was fixed and there is no BOM."""
    facts: bytes | None = None
    """Those of the text, encoded, where they have been found out."""


@dataclass(slots=True)
class _Fix:
    """One fix, ready to be made."""

    finding: Finding
    edits: list[Edit]
    adds: list[AddImport]
    drops: list[DropImport]
    removed: dict[cst.IndentedBlock, set[cst.CSTNode]]
    additions: list[Addition]


class _Held(Exception):
    """Why a finding is not repaired."""

    def __init__(self, reason: str, failed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failed = failed


def fix_text(
    text: str,
    findings: Sequence[Finding],
    fixers: Mapping[str, Fixer],
    path: str,
    *,
    lossy: Collection[Finding] = (),
    exported: Collection[str] = (),
    package: str = "",
    alone: bool = True,
) -> TextFix:
    """Make one round of fixes in one file.

    Every fix is made wholly or not at all; of fixes that meet, the first in the source is made. The order of
    `findings` is of no account.

    Args:
        text: the file, newlines as they are on disk, with or without its BOM.
        findings: those to be fixed, all of this text.
        fixers: code -> fixer.
        path: of the file, for messages and for telling `__init__.py` from others.
        lossy: findings of safe fixes that may be made even if a comment is lost, as an unsafe fix may.
        exported: names that other files import from this one; their imports are never dropped.
        package: the dotted name that a single leading dot stands for in this file, if it is known.
        alone: no other file is changed: fixes that put code into others are not made.
    """
    bom = _BOM if text.startswith(_BOM) else ""
    result = _Round(text.removeprefix(_BOM), fixers, path, lossy, exported, package, alone).run(findings)
    return replace(result, text=bom + result.text, tree=None) if bom else result


class Trial(NamedTuple):
    """What some fixes alone would make of a file."""

    text: str
    reason: str = ""
    """Why there is none; then the text is as it was."""


def try_each(
    text: str,
    batches: Sequence[Sequence[Finding]],
    fixers: Mapping[str, Fixer],
    path: str,
    *,
    exported: Collection[str] = (),
    package: str = "",
) -> list[Trial]:
    """What the fixes of each batch of findings would make of a file if it had no other faults; as `fix_text`."""
    bom = _BOM if text.startswith(_BOM) else ""
    trials = _Round(text.removeprefix(_BOM), fixers, path, (), exported, package, True).try_each(batches)
    return [trial._replace(text=bom + trial.text) for trial in trials]


class _Round:
    """One round of fixes in one file."""

    def __init__(
        self,
        text: str,
        fixers: Mapping[str, Fixer],
        path: str,
        lossy: Collection[Finding],
        exported: Collection[str],
        package: str,
        alone: bool,
    ) -> None:
        self.text = text
        self.fixers = fixers
        self.path = path
        self.lossy = frozenset(lossy)
        self.exported = exported
        self.package = package
        self.alone = alone
        self.pending: dict[str, tuple[str, str]] = {}
        """The names that imports to be added will bind: local name -> (module, name)."""

    def run(self, findings: Sequence[Finding]) -> TextFix:
        ordered = sorted(dict.fromkeys(findings), key=_source_order)
        if not ordered:
            return TextFix(self.text)
        names = Names(self.text, package=self.package)
        try:
            return self._run(ordered, names, _places(ordered))
        except LeftOut:
            self.pending = {}
            return self._run(ordered, names, ())

    def _run(self, ordered: Sequence[Finding], names: Names, wanted: Sequence[Span]) -> TextFix:
        from .tree import Tree, Unreadable

        try:
            tree = Tree(self.text, names.tree, wanted)
        except Unreadable as error:
            return TextFix(self.text, held=tuple((finding, str(error)) for finding in ordered))
        held: list[tuple[Finding, str]] = []
        failed: list[Finding] = []
        waiting: list[Finding] = []
        made: list[_Fix] = []
        taken = Edits()
        for finding in ordered:
            try:
                fix = self._fix(tree, names, finding)
            except _Held as error:
                held.append((finding, error.reason))
                failed += [finding] if error.failed else []
                continue
            if all(taken.accepts(edit) for edit in fix.edits) and not _empties_a_block(made, fix):
                taken.add(fix.edits)
                made.append(fix)
            else:
                waiting.append(finding)
        good, new, parsed_new = self._good(made)
        sound = {id(fix) for fix in good}
        for fix in made:
            if id(fix) not in sound:
                held.append((fix.finding, f"{self._says(fix.finding)}: the file would not parse afterwards"))
                failed.append(fix.finding)
        if new == self.text:
            held += [(fix.finding, "there is nothing to change here") for fix in good]
            good, parsed_new = [], None
        added = tuple((fix.finding, one) for fix in good for one in fix.additions)
        applied = tuple(fix.finding for fix in good)
        return TextFix(new, applied, tuple(held), tuple(waiting), tuple(failed), added, parsed_new)

    def try_each(self, batches: Sequence[Sequence[Finding]]) -> list[Trial]:
        names = Names(self.text, package=self.package)
        try:
            return self._try_each(batches, names, _places([finding for batch in batches for finding in batch]))
        except LeftOut:
            return self._try_each(batches, names, ())

    def _try_each(self, batches: Sequence[Sequence[Finding]], names: Names, wanted: Sequence[Span]) -> list[Trial]:
        from .tree import Tree, Unreadable

        try:
            tree = Tree(self.text, names.tree, wanted)
        except Unreadable as error:
            return [Trial(self.text, str(error)) for _ in batches]
        return [self._try(tree, names, batch) for batch in batches]

    def _try(self, tree: Tree, names: Names, batch: Sequence[Finding]) -> Trial:
        self.pending = {}
        taken = Edits()
        made: list[_Fix] = []
        try:
            for finding in sorted(dict.fromkeys(batch), key=_source_order):
                fix = self._fix(tree, names, finding)
                if not all(taken.accepts(edit) for edit in fix.edits) or _empties_a_block(made, fix):
                    raise _Held("its parts meet, and are repaired one after the other")
                taken.add(fix.edits)
                made.append(fix)
        except _Held as error:
            return Trial(self.text, error.reason)
        new = self._made(made)
        if new is None:
            return Trial(self.text, f"{self._says(batch[0])}: the file would not parse afterwards")
        return Trial(new[0], "" if new[0] != self.text else "there is nothing to change here")

    def _node(self, tree: Tree, finding: Finding, kinds: tuple[type[cst.CSTNode], ...]) -> cst.CSTNode:
        """The node to be repaired; raises _Held."""
        from .tree import Unreadable

        if finding.kind == "Module":
            return tree.module
        try:
            node = next((one for one in tree.at(finding.node) if isinstance(one, kinds)), None)
            if node is None and finding.kind in ("Tuple", "GeneratorExp"):  # ast counts their brackets in
                node = tree.largest(finding.node, kinds)
        except Unreadable as error:
            raise _Held(str(error)) from error
        if node is None:
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise _Held(f"{self._says(finding)}: libcst has no {wanted} there", failed=True)
        return node

    def _fix(self, tree: Tree, names: Names, finding: Finding) -> _Fix:
        """Ask the fixer; raises _Held."""
        from .change import CannotFix, Site
        from .rewrite import Rewrite

        if finding.kind == COMMENT:
            return _Fix(finding, repair(self.text, finding), [], [], {}, [])
        fixer = self.fixers.get(finding.code)
        if fixer is None:
            raise _Held(f"no repair is known for {finding.code}")
        node = self._node(tree, finding, fixer.on)
        site = Site(tree, node, names, self.pending)
        before = dict(self.pending)
        try:
            rewrite = Rewrite(tree, fixer.function(node, finding, site))
        except CannotFix as error:
            self.pending = before
            raise _Held(str(error) or "it cannot be repaired here") from error
        except LeftOut:
            raise
        except Exception as error:  # one broken fixer must not stop the run
            self.pending = before
            raise _Held(f"{self._says(finding)}: {type(error).__name__}: {error}", failed=True) from error
        adds = [*site.imports, *rewrite.adds]
        fix = _Fix(finding, rewrite.edits, adds, rewrite.drops, rewrite.removed, rewrite.additions)
        if not (fix.edits or rewrite.adds or fix.drops):
            self.pending = before
            raise _Held("it cannot be repaired here")
        if fix.additions and self.alone:
            self.pending = before
            raise _Held("it puts code into another file: run `trueup check --fix`, or `--diff` to see it")
        for one in rewrite.adds:
            wanted = (one.module, one.name)
            free = one.local in rewrite.undefined or names.is_free(one.local, *wanted)
            if self.pending.setdefault(one.local, wanted) != wanted or not free:
                raise _Held(f"the name `{one.local}` means something else in this file")
        if rewrite.lost and finding.safety is Safety.SAFE and finding not in self.lossy:
            raise _Held(f"the comment `{rewrite.lost[0]}` would be lost, so it takes --unsafe-fixes")
        return fix

    def _says(self, finding: Finding) -> str:
        return f"the repair of {finding.code} `{finding.name}` failed at {finding.path}:{finding.span.line}"

    def _good(self, made: Sequence[_Fix]) -> tuple[list[_Fix], str, ast.Module | None]:
        """The fixes whose joint result parses, found by halves, and that result with its tree."""
        good: list[_Fix] = []
        text, tree = self.text, None
        stack = [list(made)]
        while stack:
            some = stack.pop()
            if not some:
                continue
            new = self._made([*good, *some])
            if new is not None:
                good += some
                text, tree = new
            elif len(some) > 1:
                half = len(some) // 2
                stack += [some[half:], some[:half]]
        return good, text, tree

    def _made(self, fixes: Sequence[_Fix]) -> tuple[str, ast.Module] | None:
        """The text with fixes made, and its tree; None if it does not parse."""
        text = apply(self.text, [edit for fix in fixes for edit in fix.edits])
        adds = [one for fix in fixes for one in fix.adds]
        drops = [one for fix in fixes for one in fix.drops]
        tree = parsed(text)
        if tree is not None and (adds or drops):
            text = with_imports(text, tree, self.path, adds, drops, self.exported, self.package)
            tree = parsed(text)
        return (text, tree) if tree is not None else None


def _places(findings: Sequence[Finding]) -> list[Span]:
    """Where the findings of a round stand; empty where one is about the whole file."""
    if any(finding.kind == "Module" for finding in findings):
        return []
    return [span for finding in findings for span in (finding.node, finding.span)]


def _source_order(finding: Finding) -> tuple[int, int, str, str]:
    return (finding.node.start, -finding.node.end, finding.code, finding.message)


def _empties_a_block(made: Sequence[_Fix], fix: _Fix) -> bool:
    """Whether fixes that each leave something of a block would together leave nothing."""
    for block, gone in fix.removed.items():
        others = [other.removed[block] for other in made if block in other.removed]
        if others and len(gone.union(*others)) == len(block.body):
            return True
    return False
