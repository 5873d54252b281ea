"""Whether a program still is what it was, asked again and again while it is being migrated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .compare import Comparison, Difference, Kind, compare, excused, reason
from .looking import State

_PARTS = {"ddl": Kind.TABLE, "mapped": Kind.MAPPING, "schemas": Kind.SCHEMA, "openapi": Kind.OPENAPI}
_WORDS = {"ddl": "tables", "mapped": "mappings", "schemas": "schemas", "openapi": "OpenAPI"}


@dataclass
class Judging:
    """A program half-way, and what it has to be in the end.

    Half-way it need not be what it was: with the new libraries it is not when it begins. But whatever is already as it
    was has to stay so, and what can be imported has to be importable still.
    """

    last: State
    """The program as it stands, with its new libraries."""
    first: State | None = None
    """The program as it was, with its old libraries; None where nobody has these."""
    standing: Comparison = field(init=False)
    """In what the program as it stands differs from what it was."""

    def __post_init__(self) -> None:
        self.standing = compare(self.first, self.last) if self.first is not None else Comparison()

    def judge(self, now: State, *, models_stay: bool) -> list[Difference]:
        """What a step has made wrong; if nothing, the program stands as it is now.

        `models_stay`: the step has no business with models. Without the old libraries to compare with, the schemas of
        models can only be judged then: a step that gives them back the meaning they had changes them.
        """
        found = Comparison() if self.first is None else compare(self.first, now)
        wrong = [*self._lost(now), *self._astray(found)]
        judged = {(kind, name) for kind, names in found.compared.items() for name in names}
        kinds = (Kind.TABLE, Kind.MAPPING, *((Kind.SCHEMA, Kind.OPENAPI) if models_stay else ()))
        wrong += [
            one
            for one in compare(self.last, now).differences
            if one.kind in kinds
            and (one.kind, one.name) not in judged
            and not (one.kind is Kind.OPENAPI and self.first)
        ]
        wrong = [one for one in wrong if one.name not in _WORDS.values()]
        wrong += self._untold(now)
        if not wrong:
            self.last, self.standing = now, found
        return wrong

    def _lost(self, now: State) -> list[Difference]:
        """Modules that could be imported until now."""
        there = set(now.imported)
        return [
            Difference(
                Kind.MODULE, name, name, "", "can be imported",
                reason(now.failed[name]) if name in now.failed else "is gone",
            )
            for name in self.last.imported
            if name not in there
        ]  # fmt: skip

    def _astray(self, found: Comparison) -> list[Difference]:
        """What has come to differ from what it was; not what could not be seen until now."""
        known = {_key(one) for one in self.standing.differences}
        seen = {(kind, name) for kind, names in self.standing.compared.items() for name in names}
        return [
            one
            for one in found.differences
            if one.kind is not Kind.MODULE
            and _key(one) not in known
            and (
                self.standing.compared[Kind.OPENAPI]
                if one.kind is Kind.OPENAPI
                else (one.kind, one.name) in seen or not excused(one.module, self.last)
            )
        ]

    def _untold(self, now: State) -> list[Difference]:
        """What could be told until now, and cannot be any more."""
        return [
            Difference(kind, "", _WORDS[part], "", "can be told", now.unknown.get(part, "there is nothing"))
            for part, kind in _PARTS.items()
            if getattr(self.last, part) is not None and getattr(now, part) is None
        ]


def _key(one: Difference) -> tuple[Kind, str, str]:
    """What a difference is about: a field may be wrong in one way, and then in another, before it is right."""
    if one.kind in (Kind.SCHEMA, Kind.OPENAPI):
        head = re.match(r"(?:definitions\.[^.]+\.)?(?:properties\.[^.]+|[^.]*)", one.part)
        return one.kind, one.name, head[0] if head else ""
    return one.kind, one.name, one.part


def briefly(wrong: Sequence[Difference]) -> str:
    """The first of some differences, and how many more there are."""
    first = wrong[0]
    if first.kind is Kind.MODULE:
        text = f"{first.name} cannot be imported any more: {first.after}"
    else:
        part = f", {first.part}" if first.part else ""
        sides = [" ".join(side.split()) for side in (first.before, first.after)]
        before, after = (side if len(side) <= 80 else side[:77] + "..." for side in sides)
        text = f"{first.kind} {first.name}{part}: {before} -> {after}"
    return text + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else "")
