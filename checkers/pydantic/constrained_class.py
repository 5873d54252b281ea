"""A class inherits from `ConstrainedStr`, `ConstrainedInt` and the like, which are gone in Pydantic 2.

## Why
`from pydantic import ConstrainedStr` raises an error. A constrained type is `Annotated[str, StringConstraints(...)]`
now: not a class, but a description that any field can have.

## Example
```python
class Name(ConstrainedStr):          # Name = Annotated[str, StringConstraints(min_length=1, pattern="^[a-z]+")]
    min_length = 1
    regex = "[a-z]+"
```

## Fix safety
Unsafe: `Name` is no class any more. It goes on working in annotations, and `Name("x")` makes a plain text, as the
values of fields always were; `isinstance(value, Name)` and `type[Name]` raise an error.

Left to a person is a class with methods, with a docstring or anything but plain settings in it, one that others
inherit from or that is tested with `isinstance`, and one that inherits from a call (`class Name(constr(...))`).

## Limits
`ConstrainedDate` and the constrained lists and sets are only reported. `isinstance` is looked for in the file itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE
from trueup.libraries.pydantic.patterns import RegexPlan, plan_regex
from trueup.model import Hit, Safety, Severity
from trueup.nodes import every
from trueup.registry import rule

_KINDS = {
    "ConstrainedStr": ("str", "StringConstraints"),
    "ConstrainedBytes": ("bytes", "Field"),
    "ConstrainedInt": ("int", "Field"),
    "ConstrainedFloat": ("float", "Field"),
    "ConstrainedDecimal": ("decimal.Decimal", "Field"),
    "ConstrainedList": ("", "Field"),
    "ConstrainedSet": ("", "Field"),
    "ConstrainedFrozenSet": ("", "Field"),
    "ConstrainedDate": ("", ""),
}
_ARGUMENTS = {
    "str": {"strip_whitespace", "to_lower", "to_upper", "strict", "min_length", "max_length", "regex"},
    "bytes": {"strict", "min_length", "max_length"},
    "int": {"strict", "gt", "ge", "lt", "le", "multiple_of"},
    "float": {"strict", "gt", "ge", "lt", "le", "multiple_of", "allow_inf_nan"},
    "decimal.Decimal": {"gt", "ge", "lt", "le", "multiple_of", "max_digits", "decimal_places"},
}
_CALLS = frozenset(f"pydantic.con{name}" for name in ("str", "int", "float", "list", "set", "bytes", "decimal"))


@rule(
    "TUP331",
    "constrained-class",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("pydantic",),
    triggers=("Constrained*", "constr(", "conint(", "confloat(", "conlist(", "conset(", "conbytes(", "condecimal("),
    url=GUIDE + "#constrained-classes",
    effort=5,
    step="fields",
)
def constrained(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """Classes with a constrained type among their bases."""
    for base in node.bases:
        if isinstance(base, ast.Call) and file.qualname(base.func) in _CALLS:
            called = file.segment(base.func)
            text = (
                f"`{called}(...)` is no class in Pydantic 2: make `{node.name}` an "
                f"`Annotated[..., AfterValidator(...)]`, or give it a `__get_pydantic_core_schema__`"
            )
            yield Hit(node, text, safety=Safety.MANUAL, why="what the class adds is not seen", span=file.header(node))
            return
        name = (file.qualname(base) or "").rpartition(".")
        if name[0] in ("pydantic", "pydantic.types") and name[2] in _KINDS:
            yield _hit(node, name[2], file)
            return


def _hit(node: ast.ClassDef, base: str, file: File) -> Hit:
    kind, maker = _KINDS[base]
    what = f"`{base}` is gone in Pydantic 2"
    settings = _settings(node, kind, file) if kind else "it has no simple successor"
    if len(node.bases) > 1 or node.decorator_list or node.keywords:
        settings = "it has other bases too"
    reason = settings if isinstance(settings, str) else _used_as_class(node, file)
    if reason or isinstance(settings, str):
        shown = kind.rpartition(".")[2] or base.removeprefix("Constrained").lower()
        text = f"{what}: write `{node.name} = Annotated[{shown}, {maker or 'Field'}(...)]` ({reason})"
        return Hit(node, text, safety=Safety.MANUAL, why=reason, span=file.header(node))
    text = f"{what}: write `{node.name} = Annotated[{kind.rpartition('.')[2]}, {maker}(...)]`"
    return Hit(
        node,
        text,
        clue=(kind, maker, tuple(settings)),
        safety=Safety.UNSAFE,
        why="it is no class any more, for `isinstance` and for classes that inherit from it",
        span=file.header(node),
    )


def _settings(node: ast.ClassDef, kind: str, file: File) -> list[tuple[str, str]] | str:
    """(argument, source) of each setting, or why they cannot be read."""
    found: list[tuple[str, str]] = []
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case ast.Pass():
                continue
            case ast.Expr(value=ast.Constant(value=value)) if value is ...:
                continue
            case _:
                return "it has more in it than settings"
        if name not in _ARGUMENTS[kind]:
            return f"`{name}` has no successor"
        if any(isinstance(one, ast.Name) and one.id in dict(found) for one in ast.walk(value)):
            return f"`{name}` refers to another setting"
        if name == "regex":
            plan = plan_regex(value, file.segment, file.qualname, file.types)
            if not isinstance(plan, RegexPlan):
                return plan
            source = plan.source or file.segment(value)
            found.append(("pattern", f"re.compile({source})" if plan.compiled else source))
        else:
            found.append((name, file.segment(value)))
    return found


def _used_as_class(node: ast.ClassDef, file: File) -> str:
    """How the class is used as one; empty where that is not seen."""
    facts = file.class_at(node)
    cls = file.qualified(facts) if facts is not None else ""
    for symbol in file.project.classes():
        if symbol.qualname != cls and symbol.facts.bases and cls in file.types.mro(symbol.qualname).names:
            return f"`{symbol.facts.name}` inherits from it"
    for one in every(file.tree):
        match one:
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass" as asked), args=[_, asked_for]):
                if any(isinstance(n, ast.Name) and n.id == node.name for n in ast.walk(asked_for)):
                    return f"`{asked}` asks for it in line {one.lineno}"
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == node.name:
            return f"`{node.name}.{one.attr}` is read in line {one.lineno}"
    return ""
