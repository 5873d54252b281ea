"""`sqlmodel.Field` or a `FieldInfo` takes an argument of Pydantic 1 and forgets it: `regex`, `const`, `unique_items`.

## Why
`sqlmodel.Field` still has the arguments of version 1, and hands them to a `FieldInfo` of version 2, which takes any
argument and reads those it knows. So `regex`, `const` and `unique_items` are **accepted without a word, and nothing is
checked any more**. `schema_extra={"example": 1}` no longer reaches the JSON schema. `min_items`
is still translated by newer versions, with a deprecation warning. A `FieldInfo` that the code makes itself forgets
`min_items` as well, and Pydantic's own takes its default by name alone.

## Example
```python
class Hero(SQLModel):
    code: str = Field(regex="[A-Z]{2}")            # Field(schema_extra={"pattern": "^[A-Z]{2}"})
    tags: List[str] = Field(min_items=1)           # Field(min_length=1)
    age: int = Field(schema_extra={"example": 3})  # Field(schema_extra={"json_schema_extra": {"example": 3}})

rank: Any = FieldInfo(default="A", regex="[A-F]")  # FieldInfo(default="A", pattern="^[A-F]")
```

## Fix safety
Safe: what is in `schema_extra` goes on to Pydantic's field, under the names of version 2; the expression is anchored,
as `v1-regex` does. Unsafe in a class with `table=True`, for `model_validate` checks its fields now, and
`allow_mutation=False` of a `FieldInfo`, which raises `ValidationError` where `TypeError` was raised.

Left to a person: `const` (a `Literal` is no type for a column: compare in a `@field_validator`), `unique_items` (an
`AfterValidator`), `include`, parts in `exclude`, expressions that cannot be read here, `min_items` beside
`min_length`, and a `schema_extra` that is not written out, or that has keys of both kinds.

## Limits
What `**` holds is not seen, nor arguments of a function that hands them on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeGuard

from trueup.file import File
from trueup.libraries.pydantic.config import usual_quote
from trueup.libraries.pydantic.constraints import SIZED, containers
from trueup.libraries.pydantic.field_calls import (
    NEW_ARGUMENTS,
    RENAMED,
    SQLMODEL_ARGUMENTS,
    ArgumentChange,
    ForgottenArguments,
    given,
)
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE
from trueup.libraries.pydantic.patterns import plan_regex
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_FIELDS = ("sqlmodel.Field", "sqlmodel.main.Field")
_OWN = "pydantic.fields.FieldInfo"
_INFOS = (_OWN, "sqlmodel.FieldInfo", "sqlmodel.main.FieldInfo")
_HEARD = (NEW_ARGUMENTS - {"json_schema_extra"}) | SQLMODEL_ARGUMENTS
"""What a field of SQLModel reads in version 2."""
_ARGUMENTS = frozenset({*RENAMED, "regex", "allow_mutation", "schema_extra", "const", "unique_items", "include"})
_PARTS = "leave parts out in a `@field_serializer`"


@dataclass(slots=True)
class _Plan:
    """What becomes of one call. `heard`: version 2 still reads all of it, by its old name; `by_hand`: (argument, what
    to do about it).
    """

    changes: list[ArgumentChange] = field(default_factory=list)
    inside: list[ArgumentChange] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    wrapped: bool = False
    imports_re: bool = False
    unsafe: str = ""
    heard: bool = True
    by_hand: list[tuple[str, str]] = field(default_factory=list)


@rule(
    "TUP318",
    "forgotten-field-argument",
    on=ast.Call,
    names=("Field", "FieldInfo"),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("sqlmodel", "pydantic"),
    where=lambda facts, types, config: "sqlmodel" in facts.imported or "FieldInfo" in facts.called,
    triggers=("Field", "FieldInfo"),
    url=GUIDE + "#changes-to-pydanticfield",
    effort=5,
    step="fields",
)
def forgotten(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of SQLModel's `Field`, and of either `FieldInfo`."""
    maker = file.qualname(node.func)
    if maker not in _FIELDS and maker not in _INFOS:
        return
    shown = file.segment(node.func)
    plan = _Plan()
    if maker in _FIELDS:
        _of_field(node, file, plan)
    else:
        _of_info(node, file, plan)
    if maker == _OWN and node.args and not isinstance(node.args[0], ast.Starred):
        plan.names.insert(0, "default")
    if plan.by_hand:
        listed = " and ".join(f"`{name}`" for name, _ in plan.by_hand)
        todo = "; ".join(what for _, what in plan.by_hand)
        warns = "" if listed == "`exclude`" else ", and nothing warns"
        text = f"`{shown}` does not read {listed} in Pydantic 2{warns}: {todo}"
        yield Hit(node, text, safety=Safety.MANUAL, why="what takes its place is for the author to choose")
    if plan.names:
        heard = plan.heard and maker in _FIELDS
        clue = ForgottenArguments(
            tuple(plan.changes),
            tuple(plan.inside),
            plan.wrapped,
            "default" in plan.names,
            plan.imports_re,
            usual_quote(file.text),
        )
        yield Hit(
            node,
            _message(shown, plan, heard),
            clue=clue,
            safety=Safety.UNSAFE if plan.unsafe else None,
            why=plan.unsafe,
            severity=Severity.WARNING if heard else None,
        )


def _of_field(node: ast.Call, file: File, plan: _Plan) -> None:
    """What becomes of the arguments of SQLModel's `Field`."""
    arguments = given(node)
    extra = arguments.get("schema_extra")
    keys = [key.value if isinstance(key, ast.Constant) else None for key in extra.keys] if _is_dict(extra) else []
    lost = [str(key) for key in keys if key not in _HEARD and key != "json_schema_extra"]
    # A key that is no text, or `**`, may be anything
    open_ended = extra is not None and (not _is_dict(extra) or None in keys or (bool(lost) and len(lost) < len(keys)))
    for name, value in _interesting(arguments):
        if name in RENAMED:
            _renamed(name, arguments, node, file, plan)
        elif name == "schema_extra" and lost and not open_ended:
            plan.names.append(name)
            plan.wrapped, plan.heard = True, False
        elif name == "schema_extra" and lost and None not in keys:
            listed = " and ".join(f"`{key}`" for key in lost)
            todo = f"{listed} gets into the JSON schema through `json_schema_extra` alone, which is a key of it"
            plan.by_hand.append((name, todo))
        elif name == "regex" and open_ended:
            plan.by_hand.append((name, "`schema_extra` takes it as `pattern`, anchored with `^(?:...)`"))
        elif name == "regex":
            _moved(name, value, file, plan, plan.inside)
            if _is_of_table(node, file):
                plan.unsafe = "`model_validate` of a table checks its fields in Pydantic 2, which version 1 never did"
        elif name != "allow_mutation":  # which no object of SQLModel could be made with
            _removed(name, value, plan)


def _of_info(node: ast.Call, file: File, plan: _Plan) -> None:
    """What becomes of the arguments of a `FieldInfo`."""
    arguments = given(node)
    for name, value in _interesting(arguments):
        if name in RENAMED:
            _renamed(name, arguments, node, file, plan)
        elif name in ("regex", "allow_mutation"):
            _moved(name, value, file, plan, plan.changes)
        elif name != "schema_extra":
            _removed(name, value, plan)


def _interesting(arguments: dict[str, ast.expr]) -> list[tuple[str, ast.expr]]:
    """The arguments of version 1 that say something."""
    found = [(name, value) for name, value in arguments.items() if not is_constant(value, None)]
    return [(name, value) for name, value in found if name in _ARGUMENTS or (name == "exclude" and _is_parts(value))]


def _renamed(name: str, arguments: dict[str, ast.expr], node: ast.Call, file: File, plan: _Plan) -> None:
    new = RENAMED[name]
    field_ = file.parent(node)
    if new in arguments:
        plan.by_hand.append((name, f"give `{new}` what is not None of the two"))
    elif isinstance(field_, ast.AnnAssign) and _is_nested(field_.annotation, file):
        plan.by_hand.append((name, f"it counted the items of the inner lists, `{new}` counts those of the outer one"))
    else:
        plan.names.append(name)
        plan.changes.append(ArgumentChange(name, new))


def _moved(name: str, value: ast.expr, file: File, plan: _Plan, to: list[ArgumentChange]) -> None:
    """`regex` and `allow_mutation`, which have other names and other values."""
    if name == "allow_mutation":
        plan.names.append(name)
        plan.heard = False
        if is_constant(value, True):
            plan.changes.append(ArgumentChange(name, ""))
        else:
            text = file.segment(value)
            simple = isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
            source = "True" if is_constant(value, False) else f"not {text}" if simple else f"not ({text})"
            to.append(ArgumentChange(name, "frozen", source))
            plan.unsafe = "assigning to a frozen field raises `ValidationError` instead of `TypeError`"
        return
    pattern = plan_regex(value, file.segment, file.qualname, file.types)
    if isinstance(pattern, str):
        plan.by_hand.append((name, f"use `pattern`, and {pattern}"))
        return
    plan.names.append(name)
    plan.heard = False
    source = pattern.source or file.segment(value)
    plan.imports_re |= pattern.compiled
    to.append(ArgumentChange(name, "pattern", f"re.compile({source})" if pattern.compiled else source))


def _removed(name: str, value: ast.expr, plan: _Plan) -> None:
    """What nothing takes the place of."""
    if is_constant(value, False):
        return
    if name == "const":
        plan.by_hand.append((name, "compare the value in a `@field_validator`"))
    elif name == "unique_items":
        plan.by_hand.append((name, "look for duplicates in an `AfterValidator`"))
    elif name == "include":
        plan.by_hand.append((name, _PARTS))
    elif name == "exclude":
        plan.by_hand.append((name, f"`exclude` is True or False: {_PARTS}"))


def _message(shown: str, plan: _Plan, heard: bool) -> str:
    listed = " and ".join(f"`{name}`" for name in plan.names)
    new = [f"`{one.new}=...`" for one in plan.changes if one.new]
    if plan.inside or plan.wrapped:
        keys = ['"json_schema_extra": {...}'] if plan.wrapped else []
        keys += [f'"{one.new}": ...' for one in plan.inside]
        new.append(f"`schema_extra={{{', '.join(keys)}}}`")
    if plan.names[0] == "default":
        return f"`{shown}` takes no default without its name in Pydantic 2: write `default=...`"
    use = f"write {' and '.join(new)}" if new else "leave it out"
    if heard:
        return f"`{shown}` knows {listed} by the names of Pydantic 1, and warns: {use}"
    return f"`{shown}` does not read {listed} in Pydantic 2, and nothing warns: {use}"


def _is_of_table(node: ast.Call, file: File) -> bool:
    klass = file.class_at(node)
    return klass is not None and any(name == "table" for name, _ in klass.keywords)


def _is_dict(value: ast.expr | None) -> TypeGuard[ast.Dict]:
    return isinstance(value, ast.Dict)


def _is_parts(value: ast.expr) -> bool:
    return isinstance(value, ast.Set | ast.Dict)


def _is_nested(annotation: ast.expr, file: File) -> bool:
    return any(name in SIZED and depth for name, depth in containers(annotation, file.qualname))
