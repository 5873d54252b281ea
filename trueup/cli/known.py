"""Which findings are not news: those of the baseline, and with `--since` those that an earlier commit had too."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from trueup.config import ConfigError
from trueup.globs import absolute
from trueup.model import Finding
from trueup.report.screen import escape
from trueup.report.text import plural
from trueup.selectors import renamed
from trueup.tool_rules import SYNTAX_ERROR

if TYPE_CHECKING:
    from trueup.baseline import Match
    from trueup.fingerprint import Identity

    from .session import Session


class Wanted(NamedTuple):
    """What the options say of known findings."""

    path: str | None = None
    """`--baseline`; None: the configuration's."""
    off: bool = False
    update: bool = False
    prune: bool = False
    error_stale: bool = False
    since: str | None = None
    whole: bool = True
    """The run looks at all it would look at without options: what it misses is gone."""


class News(NamedTuple):
    """What is left to report."""

    new: list[Finding]
    known: list[Finding]
    said: str = ""
    """How the closing line tells of the known ones."""
    stale: bool = False
    """The baseline holds what is gone."""


def news(session: Session, wanted: Wanted, left: Sequence[Finding]) -> News:
    """Part findings into new and known ones, and keep the baseline as the options say. Raises ConfigError."""
    old = [False] * len(left)
    said: list[str] = []
    stale = False
    path = place(session, wanted)
    if path is not None:
        old, stale = _apply(session, wanted, path, left)
        said += [f"{sum(old)} hidden by the baseline"] if any(old) else []
    if wanted.since is not None:
        from trueup import baseline

        from .since import entries_at

        # All findings are compared: one that is new must not take the place of one that the baseline hides.
        there = baseline.match(
            entries_at(session, wanted.since),
            _identities(session, left),
            exists=lambda one: os.path.exists(_absolute(session, one)),
        )
        older = sum(is_there and not is_known for is_there, is_known in zip(there.known, old, strict=True))
        said += [f"{older} older than {wanted.since}"] if older else []
        old = [is_known or is_there for is_known, is_there in zip(old, there.known, strict=True)]
    new = [one for one, is_known in zip(left, old, strict=True) if not is_known]
    known = [one for one, is_known in zip(left, old, strict=True) if is_known]
    return News(new, sorted(known, key=lambda one: one.order), ", ".join(said), stale)


def place(session: Session, wanted: Wanted) -> str | None:
    """The baseline's file; None for none. Raises ConfigError where one was named twice or is not there."""
    if wanted.off:
        return None
    configs = session.configs
    if wanted.path is not None:
        return absolute(wanted.path, configs.cwd)
    configured = configs.for_folder(configs.root).baseline
    if configured is None and (wanted.update or wanted.prune or wanted.error_stale):
        from trueup.baseline import FILE

        return f"{configs.root.rstrip('/')}/{FILE}"
    return configured


def _apply(session: Session, wanted: Wanted, path: str, found: Sequence[Finding]) -> tuple[list[bool], bool]:
    """Which findings the baseline holds, and whether it holds what is gone; it is written where that is asked for."""
    from trueup import baseline

    there = {} if wanted.update and not os.path.exists(path) else baseline.load(path)
    entries = baseline.with_renamed(there, renamed(session.rules.values()))
    items = _identities(session, found)
    judged = _judged(session, found)
    result = baseline.match(entries, items, judged, lambda one: os.path.exists(_absolute(session, one)))
    shown = escape(path.removeprefix(session.configs.cwd.rstrip("/") + "/"))
    if wanted.update:
        if session.failed or session.checked.problems:
            raise ConfigError(f"{shown}: the baseline is left as it is, because some files could not be checked")
        mine = baseline.entries_of(items)
        baseline.write(path, baseline.by_path([*result.kept, *mine]))
        session.terminal.note(f"trueup: wrote {plural(len(mine), 'finding')} to {shown}")
        if wanted.path is None and session.configs.for_folder(session.configs.root).baseline is None:
            session.terminal.note(f'trueup: to use it, write `baseline = "{shown}"` into [tool.trueup]')
        result = result._replace(known=[item.code not in baseline.NEVER for item in items], gone=[])
    elif result.gone:
        _tell_stale(session, wanted, path, shown, result, items)
    return result.known, bool(result.gone)


def _tell_stale(
    session: Session, wanted: Wanted, path: str, shown: str, result: Match, items: Sequence[Identity]
) -> None:
    from trueup import baseline

    count = len(result.gone)
    gone = f"{plural(count, 'baseline entry', 'baseline entries')} {'is' if count == 1 else 'are'} gone"
    sound = not (session.failed or session.checked.problems or session.checked.crashed)
    at_will = wanted.whole and not wanted.error_stale and not os.environ.get("CI")
    if sound and (wanted.prune or at_will):
        alive = [item for item, is_known in zip(items, result.known, strict=True) if is_known]
        baseline.write(path, baseline.by_path([*result.kept, *baseline.entries_of(alive)]))
        session.terminal.note(f"trueup: {gone}: {shown} was pruned")
    else:
        session.terminal.note(
            f"trueup: {gone}: `--prune-baseline` takes {'it' if count == 1 else 'them'} out of {shown}"
        )


def _judged(session: Session, found: Sequence[Finding]) -> Callable[[str, str], bool]:
    """(path below the root, rule) -> whether this run would have found such a finding there."""
    configs, rules = session.configs, session.rules
    unread = {session.below_root(one.path) for one in found if one.code == SYNTAX_ERROR.code}
    checked = {session.below_root(file.path): file.absolute for file in session.checked.files}
    targets = [absolute(target, configs.cwd) for target in session.targets]
    folders = [target.rstrip("/") + "/" for target in targets if os.path.isdir(target)]

    def judged(path: str, rule: str) -> bool:
        if path in unread:
            return False
        there = checked.get(path) or _absolute(session, path)
        if path not in checked and not any(there.startswith(folder) for folder in folders):
            return False
        return rule not in rules or rule in configs.for_file(there).enabled_for(there, rules)

    return judged


def _identities(session: Session, found: Sequence[Finding]) -> list[Identity]:
    from trueup.fingerprint import identities

    def text_of(path: str) -> str:
        try:
            return session.checked.text(path)
        except KeyError:
            return ""

    return identities(found, session.below_root, text_of)


def _absolute(session: Session, path: str) -> str:
    return absolute(path, session.configs.root)
