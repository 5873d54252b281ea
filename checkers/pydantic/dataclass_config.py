"""A Pydantic dataclass is configured by a class, as in Pydantic 1.

## Why
`@dataclass(config=Config)` still takes a class in version 2, but the keys that were renamed or removed are
**ignored**, with nothing but a `UserWarning`: with `orm_mode` or `allow_mutation = False` in it the dataclass is
another one.

## Example
```python
class Config:                       # Config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    extra = Extra.forbid
    anystr_strip_whitespace = True

@dataclass(config=Config)
class Order:
    number: int
```

## Fix safety
The class becomes a `ConfigDict` of the same name, with the same keys by their new names. Safe, but for the keys that
are unsafe in a model too (`json_encoders`, a function as `schema_extra`). `allow_mutation` goes: version 1 never
heeded it in dataclasses. Left to a person is a class that is used for something else, or by other files, and one with
methods or other keys.

## Limits
A `class Config` inside of a dataclass is ignored in both versions, and by this rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.libraries.pydantic.config import KeyChange, Keys, Obstacle, usual_quote
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_DATACLASS = ("pydantic.dataclasses.dataclass", "pydantic.dataclass")


def _imports_them(facts: FileFacts, types: Inference, config: Config) -> bool:
    return "pydantic" in facts.imported


@rule(
    "TUP207",
    "dataclass-config",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=_imports_them,
    triggers=("config=", "config ="),
    url=GUIDE + "#changes-to-dataclasses",
    effort=5,
    step="config",
)
def config_class(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """Classes that a decorator of this file gets as `config=`."""
    if not isinstance(file.parent(node), ast.Module):
        return
    used, others = _uses(node, file)
    if not used:
        return
    facts = file.class_at(node)
    if facts is None:
        return
    what = f"`{node.name}` configures a dataclass as in Pydantic 1"
    span = file.header(node)
    cls = file.qualified(facts)
    elsewhere = [
        path
        for path, other in sorted(file.project.files.items())
        if any((one.module, one.attr) == (file.module, node.name) for one in other.scope.imports)
    ]
    read = _changes(node, ClassSymbol(cls, file.facts, facts), file)
    reason = read if isinstance(read, str) else ""
    if others or elsewhere:
        where = f"line {others[0]}" if others else f"`{elsewhere[0]}`"
        reason = f"it is used in {where} too"
    if reason or isinstance(read, str):
        text = f"{what}: make it a `ConfigDict` ({reason})"
        yield Hit(node, text, safety=Safety.MANUAL, why=reason, span=span)
        return
    changes, why = read
    text = f"{what}: use `{node.name} = ConfigDict(...)`"
    yield Hit(node, text, clue=tuple(changes), safety=Safety.UNSAFE if why else None, why=why, span=span)


def _uses(node: ast.ClassDef, file: File) -> tuple[list[int], list[int]]:
    """The lines in which the class configures a dataclass, and those in which it does anything else."""
    used: list[int] = []
    others: list[int] = []
    for one in file.nodes(ast.Name):
        if one.id == node.name and isinstance(one.ctx, ast.Load):
            held = file.parent(one)
            call = file.parent(held) if isinstance(held, ast.keyword) and held.arg == "config" else None
            if isinstance(call, ast.Call) and file.qualname(call.func) in _DATACLASS:
                used.append(one.lineno)
            else:
                others.append(one.lineno)
    return used, others


def _changes(node: ast.ClassDef, symbol: ClassSymbol, file: File) -> tuple[list[KeyChange], str] | str:
    if node.bases or node.keywords or node.decorator_list:
        return "it has bases or decorators"
    reader = Keys(file.types, symbol, False, file.qualname, file.type_of, file.segment, usual_quote(file.text))
    changes: list[KeyChange] = []
    reasons: list[str] = []
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case ast.Pass():
                continue
            case _:
                return "it has more in it than settings"
        if name == "allow_mutation":  # version 1 never looked at it in a dataclass
            changes.append(KeyChange(name, ""))
            continue
        read = reader.read(name, value)
        if isinstance(read, Obstacle):
            return read.text
        if read[0].fields:
            return "`fields`: move each entry into the `Field(...)` of its field"
        changes.append(KeyChange(read[0].old, read[0].new, read[0].value or file.segment(value)))
        reasons += [read[1]] if read[1] else []
    return changes, "; ".join(reasons)
