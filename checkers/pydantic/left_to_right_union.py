"""A field of several types gets its value as another of them than in Pydantic 1.

## Why
Version 1 tried the types of a `Union` from left to right and took the first that could be made to fit: `"1"` for
`Union[int, str]` was stored as 1, a UUID in text for `Union[UUID, str]` as a `UUID`. Version 2 takes the one that
fits best: the text stays a text. **Nothing fails**; comparisons, keys and what is written to a database are others.

## What to do
If the value must go on as it was, write `Field(union_mode="left_to_right")`; if the new one is right, as it is for
most, leave the field as it is, and look at what reads it.

What a client sends in a path, a query or a header is a text: a parameter `page: Union[int, str]` was a number if it
could be one, and is a text now. `Annotated[Union[int, str], Field(union_mode="left_to_right")]` brings the number back.

## Limits
Only in code written for version 1, for fields of models and parameters of routes and their dependencies, and for unions
of plain types where the two versions are known to differ; unions of models are not looked into. Silent with
`smart_union = True`, with which version 1 did the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.fastapi import entry
from trueup.libraries.pydantic.annotations import is_field_name
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.models import LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, Union

_CHANGED = {
    ("int", "str"): ('`"1"`', "`1`"),
    ("int", "float"): ("`1.5`", "`1`"),
    ("int", "Decimal"): ('`Decimal("1.5")`', "`1`"),
    ("int", "bool"): ("`True`", "`1`"),
    ("str", "int"): ("`1`", '`"1"`'),
    ("str", "float"): ("`1.5`", '`"1.5"`'),
    ("str", "bool"): ("`True`", '`"True"`'),
    ("str", "Decimal"): ('`Decimal("1.5")`', '`"1.5"`'),
    ("float", "int"): ("`1`", "`1.0`"),
    ("float", "str"): ('`"1.5"`', "`1.5`"),
    ("float", "bool"): ("`True`", "`1.0`"),
    ("bool", "int"): ("`1`", "`True`"),
    ("bool", "str"): ('`"1"`', "`True`"),
    ("bool", "float"): ("`1.0`", "`True`"),
    ("UUID", "str"): ("a UUID in text", "a `UUID`"),
    ("date", "str"): ('`"2020-01-01"`', "a `date`"),
    ("date", "int"): ("`1`", "`date(1970, 1, 1)`"),
    ("date", "datetime"): ("a `datetime`", "a `date`"),
    ("datetime", "str"): ('`"2020-01-01T00:00:00"`', "a `datetime`"),
    ("datetime", "int"): ("`1`", "`datetime(1970, 1, 1, 0, 0, 1)`"),
    ("datetime", "float"): ("`1.0`", "`datetime(1970, 1, 1, 0, 0, 1)`"),
    ("Decimal", "int"): ("`1`", '`Decimal("1")`'),
    ("Decimal", "str"): ('`"1.5"`', '`Decimal("1.5")`'),
    ("Decimal", "float"): ("`1.5`", '`Decimal("1.5")`'),
    ("bytes", "str"): ('`"x"`', '`b"x"`'),
}
"""(earlier, later type) -> a value, and what version 1 made of it; version 2 leaves it as it is."""
_MODULES = {"UUID": "uuid", "date": "datetime", "datetime": "datetime", "Decimal": "decimal"}


@rule(
    "TUP803",
    "left-to-right-union",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_models,
    url="https://docs.pydantic.dev/latest/concepts/unions/",
    effort=5,
    step="values",
    at_first=True,
)
def several(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """Each field of a model whose annotation holds a union of plain types."""
    facts = file.class_at(node)
    if facts is None or not is_model(file.types, cls := file.qualified(facts), file.config.base_models):
        return
    if dialect(file.types) == "2" or config_of(file.types, cls, "smart_union") is not None:
        return
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = statement.target.id
        if not is_field_name(name) or _says_how(statement.value):
            continue
        found = next(iter(_changed(statement.annotation, file)), None)
        if found is not None:
            (first, second), (value, old) = found
            text = (
                f"`{first}` comes before `{second}`, so that Pydantic 1 made {old} of {value}, which Pydantic 2 leaves "
                'as it is: see what reads it, or set `union_mode="left_to_right"`'
            )
            yield Hit(
                statement, text, why="which of the two is right, only you know", span=file.span(statement.annotation)
            )


@rule(
    "TUP803",
    "left-to-right-union",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=("Union", "|"),
    where=lambda facts, types, config: "fastapi" in facts.imported,
    url="https://docs.pydantic.dev/latest/concepts/unions/",
    effort=5,
    step="values",
    at_first=True,
)
def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterable[Hit]:
    """Each parameter of what FastAPI calls that comes as a text and could be something else, too."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    wanted = []
    for one in arguments:
        if isinstance(one.annotation, ast.Subscript | ast.BinOp):
            of_text = [pair for pair in _changed(one.annotation, file) if pair[0][1] == "str"]
            wanted += [(one, one.annotation, of_text[0])] if of_text else []
    facts = file.function_at(node) if wanted and dialect(file.types) != "2" else None
    role = entry(file.types, file.function_symbol(facts)) if facts is not None else None
    if role is None or role.kind == "websocket":
        return
    for one, annotation, ((first, _), _) in wanted:
        text = (
            f"`{one.arg}` comes as a text, of which Pydantic 1 made `{first}` where it could, and 2 does not: see what "
            'reads it, or write `Annotated[..., Field(union_mode="left_to_right")]`'
        )
        yield Hit(one, text, why="which of the two is right, only you know", span=file.span(annotation))


def _says_how(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and any(k.arg in ("union_mode", "discriminator") for k in value.keywords)


def _changed(annotation: ast.expr, file: File) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """The pairs of types in an annotation of which another is taken now."""
    for node in ast.walk(annotation):
        if not isinstance(node, ast.Subscript | ast.BinOp):
            continue
        found = file.annotation(node)
        if not isinstance(found, Union):
            continue
        names = [_name(item.cls) if isinstance(item, Instance) else "" for item in found.items]
        for index, first in enumerate(names):
            for second in names[index + 1 :]:
                if (first, second) in _CHANGED:
                    yield (first, second), _CHANGED[first, second]


def _name(cls: str) -> str:
    module, _, name = cls.rpartition(".")
    return name if module == _MODULES.get(name, "builtins") else ""
