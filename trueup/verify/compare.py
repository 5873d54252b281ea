"""In what two states of a program differ, each difference with its place and both sides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from .looking import State
from .schemas import Unlike, by_fields, even_openapi, unlike


class Kind(StrEnum):
    """What is compared."""

    MODULE = "module"
    TABLE = "table"
    MAPPING = "mapping"
    SCHEMA = "schema"
    OPENAPI = "openapi"
    COMMAND = "command"


NOTHING = "(nothing)"
"""Shown for a side that has nothing at a place."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was."""

    kind: Kind
    module: str
    """The module it is defined in; empty where that is not known."""
    name: str
    """The module, table, mapped class, model, operation or command."""
    part: str
    """What of it: a dialect, an attribute, a place in the schema; may be empty."""
    before: str
    after: str


@dataclass
class Comparison:
    """What was compared, and what was found."""

    differences: list[Difference] = field(default_factory=list)
    compared: dict[Kind, list[str]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    """The names of what could be compared, those that differ too."""
    notes: list[str] = field(default_factory=list)
    """What could not be compared, and why."""

    def differing(self, kind: Kind) -> int:
        """How many of the compared things of a kind differ."""
        return len({one.name for one in self.differences if one.kind is kind})


def compare(before: State, after: State) -> Comparison:
    """Compare two states; what could not be seen before is not missed after."""
    found = Comparison()
    _modules(before, after, found)
    _tables(before, after, found)
    _mappings(before, after, found)
    _schemas(before, after, found)
    _openapi(before, after, found)
    return found


def _modules(before: State, after: State, found: Comparison) -> None:
    present = set(after.imported)
    for name in before.imported:
        found.compared[Kind.MODULE].append(name)
        if name not in present:
            why = reason(after.failed[name]) if name in after.failed else "is gone"
            found.differences.append(Difference(Kind.MODULE, name, name, "", "can be imported", why))
    if before.failed:
        groups = by_reason(before.failed)
        for why, names in groups.items():
            some = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            found.notes.append(f"could not be imported before, so not compared: {some}: {why}")


def reason(failed: Mapping[str, str]) -> str:
    """Why a module cannot be imported, with the place."""
    return f"{failed['error']} ({failed['where']})" if failed["where"] else failed["error"]


def by_reason(failed: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Reason -> the modules that cannot be imported because of it."""
    groups: dict[str, list[str]] = {}
    for name, why in failed.items():
        groups.setdefault(reason(why), []).append(name)
    return groups


# Tables ---------------------------------------------------------------------------------------------------------------


def _tables(before: State, after: State, found: Comparison) -> None:
    if not _both("ddl", "tables", Kind.TABLE, before, after, found):
        return
    homes = {**(after.homes or {}), **(before.homes or {})}
    loose = before.release("sqlalchemy") != after.release("sqlalchemy")
    sides = (before.ddl or {}, after.ddl or {})
    dialects = list(dict.fromkeys([*sides[0], *sides[1]]))
    names = sorted({name for side in sides for tables in side.values() for name in tables})
    for name in names:
        home = homes.get(name, "")
        there = [any(name in tables for tables in side.values()) for side in sides]
        if not all(there) and excused(home, before if there[1] else after):
            continue
        found.compared[Kind.TABLE].append(name)
        for dialect in dialects:
            old, new = (side.get(dialect, {}).get(name, []) for side in sides)
            if old is None or new is None:
                continue  # the dialect cannot express it
            if (words := _unlike_tables(old, new, loose=loose)) is not None:
                found.differences.append(Difference(Kind.TABLE, home, name, dialect, *words))


def _unlike_tables(old: Sequence[str], new: Sequence[str], *, loose: bool) -> tuple[str, str] | None:
    """The lines that only the old statements have and those that only the new ones have; None if they are the same."""
    if not old or not new:
        return ("\n".join(old) or NOTHING, "\n".join(new) or NOTHING) if old or new else None
    lines = [[line.strip().rstrip(",") for one in side for line in one.split("\n")] for side in (old, new)]
    gone: list[str] = []
    came: list[str] = []
    if loose:
        even = [Counter(map(_even, side)) for side in lines]
        gone, came = (sorted((even[0] - even[1]).elements()), sorted((even[1] - even[0]).elements()))
        return ("\n".join(gone) or NOTHING, "\n".join(came) or NOTHING) if gone or came else None
    if list(old) == list(new):
        return None
    for tag, start, end, new_start, new_end in SequenceMatcher(None, lines[0], lines[1], autojunk=False).get_opcodes():
        if tag != "equal":
            gone += lines[0][start:end]
            came += lines[1][new_start:new_end]
    return ("\n".join(gone) or NOTHING, "\n".join(came) or NOTHING)


def _even(line: str) -> str:
    """A line of a statement without what versions of SQLAlchemy say differently of one and the same model.

    2.0 puts the columns of mixins behind those of the class, which is why lines are not compared in their order, and
    no longer says where a sequence starts; 2.1 leaves it to PostgreSQL whether a computed column is stored. Which
    defaults stand in parentheses is another matter in each.
    """
    line = re.sub(r" START WITH 1$| STORED$", "", line)
    if found := re.search(r"(?<= DEFAULT )\((.*)\)(?=$| NOT NULL| ON UPDATE)", line):
        line = line[: found.start()] + found[1] + line[found.end() :]
    return line


# Mappings -------------------------------------------------------------------------------------------------------------

_KEPT = ("to", "direction", "uselist", "back_populates", "lazy", "order_by", "secondary", "viewonly")
"""What of a relationship is said alike by SQLAlchemy 1.4 and 2."""


def _mappings(before: State, after: State, found: Comparison) -> None:
    if not _both("mapped", "mappings", Kind.MAPPING, before, after, found):
        return
    loose = before.release("sqlalchemy")[0] != after.release("sqlalchemy")[0]
    sides = (before.mapped or {}, after.mapped or {})
    for name in sorted({*sides[0], *sides[1]}):
        home = _home(name, (*before.imported, *after.imported))
        there = [name in side for side in sides]
        if not all(there):
            if not excused(home, before if there[1] else after):
                found.compared[Kind.MAPPING].append(name)
                words = ("mapped", NOTHING) if there[0] else (NOTHING, "mapped")
                found.differences.append(Difference(Kind.MAPPING, home, name, "", *words))
            continue
        found.compared[Kind.MAPPING].append(name)
        for attribute in sorted({*sides[0][name], *sides[1][name]}):
            facts = [_facts(side[name].get(attribute), loose=loose) for side in sides]
            if facts[0] != facts[1]:
                gone, came = ([fact for fact in one or () if fact not in (other or ())] for one, other in _turns(facts))
                words = (_listed(facts[0], gone), _listed(facts[1], came))
                found.differences.append(Difference(Kind.MAPPING, home, name, attribute, *words))


def _turns(facts: list[list[str] | None]) -> list[tuple[list[str] | None, list[str] | None]]:
    return [(facts[0], facts[1]), (facts[1], facts[0])]


def _listed(facts: list[str] | None, own: Sequence[str]) -> str:
    if facts is None:
        return NOTHING
    return ", ".join(own) or "without that"


def _facts(facts: list[str] | None, *, loose: bool) -> list[str] | None:
    if facts is None or not loose or not any(fact.startswith("direction=") for fact in facts):
        return facts
    return [fact for fact in facts if fact.partition("=")[0] in _KEPT]


# Schemas --------------------------------------------------------------------------------------------------------------


def _schemas(before: State, after: State, found: Comparison) -> None:
    if not _both("schemas", "schemas", Kind.SCHEMA, before, after, found):
        return
    old_ones, new_ones = before.schemas or {}, after.schemas or {}
    silent: list[str] = []
    unlike_now: list[Difference] = []
    for name, old in old_ones.items():
        home = _home(name, before.imported)
        new = new_ones.get(name)
        if "schema" not in old:
            silent.append(name)
        elif new is None:
            if not excused(home, after):
                found.compared[Kind.SCHEMA].append(name)
                unlike_now.append(Difference(Kind.SCHEMA, home, name, "", "a model", "is no model, or is gone"))
        else:
            found.compared[Kind.SCHEMA].append(name)
            for part, gone, came in _schema(old, new):
                words = (NOTHING if gone is None else gone, NOTHING if came is None else came)
                unlike_now.append(Difference(Kind.SCHEMA, home, name, part, *words))
    found.differences += _once(unlike_now)
    if silent:
        some = ", ".join(silent[:3]) + (f" and {len(silent) - 3} more" if len(silent) > 3 else "")
        found.notes.append(f"had no schema before, so not compared: {some}: {old_ones[silent[0]]['error']}")


def _once(found: Sequence[Difference]) -> list[Difference]:
    """Differences without those of a model within another one that are told of that model itself."""
    own = {(one.name.rpartition(".")[2], one.part, one.before, one.after) for one in found}
    kept = []
    for one in found:
        within = re.fullmatch(r"(written: )?(?:definitions|\$defs)\.([^.]+)\.(.+)", one.part)
        if within is None or (within[2], (within[1] or "") + within[3], one.before, one.after) not in own:
            kept.append(one)
    return kept


def _schema(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Unlike]:
    if "schema" not in new:
        yield Unlike("", "a schema", new["error"])
        return
    versions = (old["old"], new["old"])
    sides = [
        by_fields(one["schema"], one.get("variables", {}) if versions[0] != versions[1] else {}) for one in (old, new)
    ]
    read = unlike(*sides, old=versions)
    yield from (one._replace(path=one.path.removeprefix(".")) for one in read)
    if versions == (False, False):
        for one in unlike(old.get("written", old["schema"]), new.get("written", new["schema"]), old=versions):
            if one not in read:
                yield one._replace(path=f"written: {one.path.removeprefix('.')}")


def _openapi(before: State, after: State, found: Comparison) -> None:
    if before.openapi is None and after.openapi is None and not {"openapi"} & {*before.unknown, *after.unknown}:
        return  # nobody asked
    if not _both("openapi", "OpenAPI", Kind.OPENAPI, before, after, found):
        return
    versions = (before.release("pydantic")[0] == 1, after.release("pydantic")[0] == 1)
    documents = [one.openapi for one in (before, after)]
    if before.versions.get("fastapi") != after.versions.get("fastapi"):
        documents = [even_openapi(one) for one in documents]
    names: dict[str, None] = {}
    for one in documents:
        for path, operations in (one.get("paths") or {}).items():
            names.update(dict.fromkeys(f"{method.upper()} {path}" for method in operations))
        for kind, components in (one.get("components") or {}).items():
            names.update(dict.fromkeys(f"{kind}.{component}" for component in components))
    found.compared[Kind.OPENAPI] += names
    for path, gone, came in unlike(*documents, old=versions):
        name, part = _operation(path)
        words = (NOTHING if gone is None else gone, NOTHING if came is None else came)
        found.differences.append(Difference(Kind.OPENAPI, "", name, part, *words))


def _operation(path: str) -> tuple[str, str]:
    """`.paths./items/{id}.get.responses.200` -> `GET /items/{id}` and `responses.200`."""
    methods = "get|put|post|delete|options|head|patch|trace"
    if operation := re.fullmatch(rf"\.paths\.(/.*?)\.({methods})(?:\.(.*))?", path):
        return f"{operation[2].upper()} {operation[1]}", operation[3] or ""
    if component := re.fullmatch(r"\.components\.(\w+\.[^.]+)\.?(.*)", path):
        return component[1], component[2]
    return "document", path.removeprefix(".")


# What cannot be compared ----------------------------------------------------------------------------------------------


def _both(part: str, words: str, kind: Kind, before: State, after: State, found: Comparison) -> bool:
    """Whether both sides say something; if only the first does, that is a difference itself."""
    if getattr(before, part) is None:
        found.notes.append(f"not compared: {words}: before, {before.unknown.get(part, 'there were none')}")
        return False
    if getattr(after, part) is None:
        why = after.unknown.get(part, NOTHING)
        if after.failed:
            found.notes.append(f"not compared: {words}: after, {why}")
        else:
            found.differences.append(Difference(kind, "", words, "", "can be told", why))
        return False
    return True


def excused(home: str, side: State) -> bool:
    """Whether a side lacks something because a module of it cannot be imported, which is said already."""
    # A module that nobody is asked to import may be imported by one that is.
    return home in side.failed or (home not in side.imported and bool(side.failed))


def _home(name: str, modules: Sequence[str]) -> str:
    """The module that `module.Class.Inner` is in."""
    known = set(modules)
    while name:
        name = name.rpartition(".")[0]
        if name in known:
            return name
    return ""
