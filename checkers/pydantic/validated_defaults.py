"""How a field comes to have its default validated, which `always=True` did in Pydantic 1."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.project import ClassSymbol
from trueup.libraries.pydantic.annotations import FIELD, alternatives, is_class_var, is_implicit, takes_none
from trueup.libraries.pydantic.config import Obstacle
from trueup.libraries.pydantic.inherited import fields_of, switch
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import is_model, is_settings
from trueup.libraries.pydantic.validator_plans import FieldEdit
from trueup.libraries.pydantic.validators import ALL, heirs
from trueup.libraries.pydantic.versions import dialect


def default_edits(
    names: tuple[str, ...], owner: ast.ClassDef, symbol: ClassSymbol, file: File
) -> tuple[tuple[FieldEdit, ...], str] | Obstacle:
    """The fields of a class to be changed so that their defaults are validated, and why that is unsafe."""
    if validates_all(symbol, file):
        return (), ""
    statements = {
        one.target.id: one for one in owner.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    }
    fields = fields_of(file.types, symbol)
    if ALL in names:
        if not fields.complete:
            return Obstacle("`always` holds for all fields, and those of an unknown base are not known")
        names = tuple(fields.by_name)
    edits: list[FieldEdit] = []
    why = ""
    for name in names:
        below = _edits_below(name, symbol, file)
        if isinstance(below, Obstacle):
            return below
        edits += below[0]
        why = why or below[1]
        statement = statements.get(name)
        if statement is not None:
            edit = default_edit(statement, file)
            if isinstance(edit, Obstacle):
                return edit
            edits += [edit] if edit is not None else []
        elif name not in fields and fields.complete:
            if not below[0]:
                return Obstacle(
                    f"`{name}` is declared below this class: give it `Field(..., validate_default=True)` there"
                )
        elif name not in fields or not is_required(name, symbol, file):
            where = f"in `{fields.by_name[name][0].facts.name}`" if name in fields else "in a base that is not known"
            return Obstacle(
                f"`{name}` is declared {where}: declare it here again with `Field(..., validate_default=True)`"
            )
    return tuple(edits), why


def _edits_below(name: str, symbol: ClassSymbol, file: File) -> tuple[list[FieldEdit], str] | Obstacle:
    """What models below a class need for a field that they declare (again), and why that is not all of it."""
    edits: list[FieldEdit] = []
    why = ""
    for below in heirs(file.types, symbol):
        for field in below.facts.fields:
            if field.name != name or field.method or field.value is None or field.annotation is None:
                continue
            if below.file.path != file.path:
                other = below.facts.name
                why = f"`{other}` has a default of its own for `{name}`, which needs `validate_default=True` too"
                continue
            statement = next(
                (
                    one
                    for one in ast.walk(file.tree)
                    if isinstance(one, ast.AnnAssign)
                    and (one.lineno, one.col_offset) == (field.pos.line, field.pos.column)
                ),
                None,
            )
            if statement is None or validates_all(below, file):
                continue
            edit = default_edit(statement, file)
            if isinstance(edit, Obstacle):
                return edit
            edits += [replace(edit, owner=below.facts.qualname)] if edit is not None else []
    return edits, why


def validates_all(symbol: ClassSymbol, file: File) -> bool:
    """Whether the config of a class has all defaults validated, as that of settings does."""
    told = switch(file.types, symbol.qualname, "validate_all", "validate_default")
    return bool(told) or (told is False and is_settings(file.types, symbol.qualname))


def is_required(name: str, symbol: ClassSymbol, file: File) -> bool:
    """Whether an inherited field has no default, as far as facts show."""
    owner, field = fields_of(file.types, symbol).by_name[name]
    if field.annotation is None or field.value is not None:
        return False
    site = file.types.class_site(owner)
    return not is_implicit(alternatives(file.types, field.annotation, site)) or dialect(file.types) == "2"


def default_edit(statement: ast.AnnAssign, file: File) -> FieldEdit | Obstacle | None:
    """What a field needs to have its default validated; None where there is nothing to do."""
    assert isinstance(statement.target, ast.Name)
    name, value = statement.target.id, statement.value
    words = alternatives(file.types, expression(statement.annotation), file.site(statement.annotation))
    if is_class_var(file.types, expression(statement.annotation), file.site(statement.annotation)):
        return Obstacle(f"`{name}` is no field")
    if value is None or (isinstance(value, ast.Call) and _is_field(value, file) and not _has_default(value)):
        if not is_implicit(words) or dialect(file.types) == "2":
            return None
        if value is None and not _is_known(statement, file):  # nothing else writes the default of version 1 down
            return FieldEdit(name, "none")
        return Obstacle(f"write down the default None of `{name}` first")
    if is_constant(value, ...):
        return None
    default = value
    how = "wrap"
    if isinstance(value, ast.Call):
        maker = file.qualname(value.func)
        if maker in ("dataclasses.field", "sqlmodel.Field", "sqlmodel.main.Field"):
            return Obstacle(f"`{name}` has a `{maker}`, which knows no `validate_default`: use `pydantic.Field`")
        if _is_field(value, file):
            given = {one.arg: one.value for one in value.keywords}
            if "validate_default" in given:
                return None
            how = "argument"
            default = value.args[0] if value.args else given.get("default", value)
            if is_constant(default, ...):
                return None
    if is_constant(default, None) and not takes_none(words) and "?" not in words:
        return Obstacle(f"let None belong to the type of `{name}` first: its default would be refused")
    return FieldEdit(name, how)


def _is_known(statement: ast.AnnAssign, file: File) -> bool:
    """Whether the class that declares a field is known to be a model."""
    facts = file.class_at(statement)
    return facts is not None and bool(is_model(file.types, file.qualified(facts), file.config.base_models))


def _is_field(call: ast.Call, file: File) -> bool:
    return file.qualname(call.func) in FIELD


def _has_default(call: ast.Call) -> bool:
    return bool(call.args) or any(one.arg in ("default", "default_factory", None) for one in call.keywords)
