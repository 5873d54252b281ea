"""Gives SQLModel's `Field` and a `FieldInfo` the arguments that Pydantic 2 reads."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Change, InsertAfter, Remove, Replace, Site, keyword
from trueup.libraries.pydantic.field_calls import ArgumentChange, ForgottenArguments
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP318", on=cst.Call)
def heard(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """New names in their places; what only `schema_extra` can hand on goes there."""
    clue: ForgottenArguments = finding.clue
    changes = {change.old: change for change in clue.changes}
    inside = {change.old: change for change in clue.inside}
    held = next((arg for arg in node.args if _name(arg) == "schema_extra"), None)
    if clue.imports_re:
        yield AddImport("re")
    if clue.named:
        first = node.args[0]
        yield Replace(first, keyword("default", first.value).with_changes(comma=first.comma))
    yield from _extra(held, clue, site)
    placed = held is not None
    for arg in node.args:
        change = changes.get(_name(arg))
        if change is not None and not change.new:
            yield Remove(arg)
        elif change is not None:
            yield Replace(arg.keyword or arg, cst.Name(change.new))
            if change.value:
                yield Replace(arg.value, site.expression(change.value))
        elif _name(arg) in inside and placed:
            yield Remove(arg)
        elif _name(arg) in inside:
            value = cst.Dict([_entry(one, clue, site) for one in clue.inside])
            yield Replace(arg, keyword("schema_extra", value).with_changes(comma=arg.comma))
            placed = True


def _extra(held: cst.Arg | None, clue: ForgottenArguments, site: Site) -> Iterator[Change]:
    """What becomes of a `schema_extra` that is there."""
    if held is None or not isinstance(held.value, cst.Dict):
        return
    entries = [_entry(one, clue, site) for one in clue.inside]
    if clue.wrapped:
        key = cst.SimpleString(f"{clue.quote}json_schema_extra{clue.quote}")
        yield Replace(held.value, cst.Dict([cst.DictElement(key, held.value), *entries]))
    elif entries and held.value.elements:
        yield InsertAfter(held.value.elements[-1], *entries)
    elif entries:
        yield Replace(held.value, cst.Dict(entries))


def _entry(change: ArgumentChange, clue: ForgottenArguments, site: Site) -> cst.DictElement:
    key = cst.SimpleString(f"{clue.quote}{change.new}{clue.quote}")
    return cst.DictElement(key, site.expression(change.value))


def _name(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword is not None else ""
