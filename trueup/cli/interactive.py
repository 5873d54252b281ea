"""`--interactive`: each repair is shown, and made only if the user says so."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from trueup.fingerprint import Identity, identities
from trueup.model import Finding
from trueup.report import text

from .repairs import repairs_of

if TYPE_CHECKING:
    from .session import Session

HELP = """\
y  make this repair
n  leave it
a  make it, and all others of this rule
f  make it, and all others in this file
u  back to the question before
q  ask no more; what was said so far is done
"""


def choose(session: Session, found: Sequence[Finding], wanted: Callable[[Finding], bool]) -> Callable[[Finding], bool]:
    """Ask about every finding that is wanted; returns which of them to repair, also where they have moved since.

    Args:
        session: after its files were checked.
        found: all findings.
        wanted: those that the flags would repair.
    """
    asked = _one_of_each_group([one for one in found if wanted(one)])
    said: list[bool] = []
    turns: list[tuple[int, str]] = []
    """The questions that were put, with what was answered."""
    while len(said) < len(asked):
        number = len(said)
        finding = asked[number]
        rules = {asked[which].code for which, answer in turns if answer == "a"}
        files = {asked[which].path for which, answer in turns if answer == "f"}
        if finding.code in rules or finding.path in files:
            said.append(True)
            continue
        answer = _ask(session, found, finding, f"({number + 1}/{len(asked)})")
        if answer == "u":
            if turns:
                del said[turns.pop()[0] :]
            continue
        if answer == "q":
            break
        turns.append((number, answer))
        said.append(answer != "n")
    yes = [one for one, is_yes in zip(asked, said, strict=False) if is_yes]
    no = [one for one in asked if one not in yes]
    return _chosen(session, yes, no, wanted)


def _one_of_each_group(found: Sequence[Finding]) -> list[Finding]:
    """Repairs that go together are asked about once."""
    return list({one.group or str(number): one for number, one in reversed(list(enumerate(found)))}.values())[::-1]


def _chosen(
    session: Session, yes: Sequence[Finding], no: Sequence[Finding], wanted: Callable[[Finding], bool]
) -> Callable[[Finding], bool]:
    groups = {one.group for one in yes if one.group}
    exact = set(yes)
    refused = set(_identities(session, no))
    # A repair that had to wait for another one is found again at another place.
    moved = {one for one in _identities(session, yes) if one not in refused}

    def chosen(finding: Finding) -> bool:
        if not wanted(finding):
            return False
        if finding.group:
            return finding.group in groups
        return finding in exact or _identities(session, [finding])[0] in moved

    return chosen


def _identities(session: Session, some: Sequence[Finding]) -> list[Identity]:
    return identities(some, str, session.workspace.text)


def _ask(session: Session, found: Sequence[Finding], finding: Finding, count: str) -> str:
    """One of `ynafuq`."""
    terminal = session.terminal
    look = text.Look(terminal.error_paint, True, str)
    made = repairs_of(session, found, [finding])
    blocks = text.full([finding], look, session.rules, session.workspace.text, made)
    terminal.results(blocks, to_stderr=True)
    while True:
        sys.stderr.write(f"Repair this? {count} [y,n,a,f,u,q,?] ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        answer = line.strip().lower()[:1]
        if not line:
            return "q"
        if answer in tuple("ynafuq"):
            return answer
        sys.stderr.write(HELP)
