"""Names the environment variable of a field with `validation_alias`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Remove, Replace, Site, keyword
from trueup.libraries.pydantic.settings import EnvMove
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP701", on=(cst.Call, cst.Assign))
def renamed(node: cst.Call | cst.Assign, finding: Finding, site: Site) -> Iterator[Change]:
    """`env="X"` -> `validation_alias="X"`; several names become an `AliasChoices`."""
    if isinstance(node, cst.Assign):
        yield from _moved(node, finding.clue, site)
        return
    arg = next(one for one in node.args if one.keyword is not None and one.keyword.value == "env")
    names = finding.clue
    if names == "":
        if len(node.args) == 1:
            yield Replace(node, node.with_changes(args=[]))
        else:
            yield Remove(arg)
        return
    if not names:
        assert arg.keyword is not None
        yield Replace(arg.keyword, cst.Name("validation_alias"))
        return
    made = keyword("validation_alias", _choices(names, site))
    yield Replace(arg, made.with_changes(comma=arg.comma, whitespace_after_arg=arg.whitespace_after_arg))


def _choices(names: tuple[str, ...], site: Site) -> cst.BaseExpression:
    quote = '"' if '"' in names[0] else "'"
    maker = site.name_for("pydantic", "AliasChoices")
    choices = [quote + name[1:-1] + quote if name[:1] == "'" and "'" not in name[1:-1] else name for name in names]
    return site.expression(f"{maker}({', '.join(choices)})")


def _moved(node: cst.Assign, moves: tuple[EnvMove, ...], site: Site) -> Iterator[Change]:
    """The names go from the `Config` to the fields; what is left of the `Config` is another rule's."""
    config = site.class_at(node)
    owner = site.class_at(config) if config is not None else None
    if owner is None:
        raise CannotFix("the class is not where it was")
    fields = {
        one.target.value: one
        for line in owner.body.body
        if isinstance(line, cst.SimpleStatementLine)
        for one in line.body
        if isinstance(one, cst.AnnAssign) and isinstance(one.target, cst.Name)
    }
    for move in moves:
        if not move.names:
            continue
        value = site.expression(move.names[0]) if move.single else _choices(move.names, site)
        arg = keyword("validation_alias", value)
        field = fields[move.field]
        old = field.value
        if move.is_field and isinstance(old, cst.Call):
            yield InsertAfter(old.args[-1], arg) if old.args else Replace(old, old.with_changes(args=[arg]))
            continue
        maker = site.reference("pydantic", "Field")
        default = [cst.Arg(old)] if old is not None else []
        made = cst.Call(maker, [*default, arg])
        if old is not None:
            yield Replace(old, made)
        else:
            yield Replace(field, field.with_changes(value=made))
    yield Remove(node)
