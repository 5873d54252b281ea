"""Validators of the items of a field, which go into its annotation."""

from __future__ import annotations

import ast

from trueup.index.project import ClassSymbol
from trueup.libraries.pydantic.config import Obstacle
from trueup.libraries.pydantic.name_uses import uses_of
from trueup.libraries.pydantic.validator_plans import ItemEdit, Read, ValidatorChange, item_slots, names_of
from trueup.libraries.pydantic.validators import ALL, heirs

from .validator_place import Place, call_of


def of_items(
    node: ast.FunctionDef, calls: list[ast.Call], place: Place, read: Read, *, early: bool
) -> tuple[ValidatorChange, list[str]] | Obstacle:
    """What becomes of a function with `each_item=True`, and why that is unsafe; `early`: before the type is checked."""
    reasons: list[str] = []
    if len(calls) > 1 or any(one not in calls and ast.unparse(one) != "classmethod" for one in node.decorator_list):
        return Obstacle("`each_item` beside other decorators: use `AfterValidator` in the annotation of the items")
    if read.parameters or _needs_class(node):
        return Obstacle("it needs more than the item: loop over the items in a `@field_validator`")
    stays = bool(uses_of(node, "cls").loads) and read.has_cls
    if stays:
        if place.node is None or not isinstance(place.file.parent(place.node), ast.Module):
            return Obstacle("it needs its class: loop over the items in a `@field_validator`")
        reasons.append(f"`cls` in it is `{place.node.name}`, in subclasses too")
    if not stays and place.node is not None and _bound_in(place.node) & _evaluated(node):
        return Obstacle("its annotations say names of the class: use `AfterValidator` in the annotation of the items")
    if not stays and place.symbol is not None and call_of(place):
        return Obstacle(f"it is called in {call_of(place)}: use `AfterValidator` in the annotation of the items")
    items = _item_edits(names_of(calls[0]), place)
    if isinstance(items, Obstacle):
        return items
    change = ValidatorChange(
        "items",
        "before" if early else "",
        parameters=read.has_cls,
        items=items,
        function=node.name,
        stays=stays,
    )
    return change, reasons


def _needs_class(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(one, ast.Name)
        and (one.id in ("super", "__class__") or (one.id.startswith("__") and one.id[-1:] != "_"))
        for one in ast.walk(node)
    )


def _bound_in(owner: ast.ClassDef) -> set[str]:
    """The names that the body of a class gives a meaning."""
    found = {one.name for one in owner.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    for statement in owner.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        found.update(one.id for one in targets if isinstance(one, ast.Name))
    return found


def _evaluated(node: ast.FunctionDef) -> set[str]:
    """The names that are looked up when a function is defined: in its annotations and defaults."""
    parts = [*node.args.defaults, *node.args.kw_defaults, node.returns]
    parts += [arg.annotation for arg in ast.walk(node.args) if isinstance(arg, ast.arg)]
    return {one.id for part in parts if part is not None for one in ast.walk(part) if isinstance(one, ast.Name)}


def _item_edits(names: tuple[str, ...] | None, place: Place) -> tuple[ItemEdit, ...] | Obstacle:
    if names is None or ALL in names or place.node is None or place.symbol is None:
        return Obstacle(
            "`each_item` for fields whose names are not written out: use `AfterValidator` in their annotations"
        )
    found: list[ItemEdit] = []
    for name in names:
        statement = next(
            (s for s in place.node.body if isinstance(s, ast.AnnAssign) and ast.unparse(s.target) == name), None
        )
        if statement is None:
            return Obstacle(f"`each_item` for `{name}`, which another class declares: use `AfterValidator` there")
        slots = item_slots(statement.annotation, place.file.qualname)
        if slots is None:
            return Obstacle(f"what the items of `{name}` are is not plain: use `AfterValidator` in its annotation")
        below = next((one for one in heirs(place.file.types, place.symbol) if _redeclares(one, name)), None)
        if below is not None:
            return Obstacle(f"`{below.facts.name}` declares `{name}` again: use `AfterValidator` in both annotations")
        found.append(ItemEdit(name, slots))
    return tuple(found)


def _redeclares(symbol: ClassSymbol, name: str) -> bool:
    return any(field.name == name and not field.method for field in symbol.facts.fields)
