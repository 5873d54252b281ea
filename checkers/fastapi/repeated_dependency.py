"""The same `Annotated[..., Depends(...)]` written again and again, which can be given a name: `SessionDep`.

## Why
Whoever exchanges the dependency has to find all places, and long signatures hide what differs. A name is written
once.

## Example
```python
def list_users(db: Annotated[Session, Depends(get_db)]) -> list[UserRead]: ...
def read_user(db: Annotated[Session, Depends(get_db)], user_id: int) -> UserRead: ...
def rename(db: Annotated[Session, Depends(get_db)], user_id: int, name: str) -> None: ...
```
Use instead:
```python
SessionDep = Annotated[Session, Depends(get_db)]


def list_users(db: SessionDep) -> list[UserRead]: ...
```

## Fix safety
The fix puts the name in front of the first function that uses it and writes it in all functions of the module. It is
unsafe only in that it chooses the name. Where the module has imports for type checkers alone, or the functions do not
stand in the module itself, there is none.

## Limits
Three times or more in one module, written alike. A module that has such a name already, or imports one, is reported
with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call, Expr, Name, Sub
from trueup.infer.annotated import DEPENDS
from trueup.layers import TEST, layer_of_file
from trueup.libraries.fastapi import entries
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_ANNOTATED = ("typing.Annotated", "typing_extensions.Annotated")
_TIMES = 3


@rule(
    "TUF107",
    "repeated-dependency",
    on=ast.Module,
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    triggers=("Annotated",),
    where=lambda facts, types, config: layer_of_file(facts) != TEST and next(entries(types, facts), None) is not None,
    url="https://fastapi.tiangolo.com/tutorial/dependencies/#share-annotated-dependencies",
)
def check(node: ast.Module, file: File) -> Iterator[Hit]:
    uses: dict[str, list[ast.Subscript]] = {}
    plain: dict[str, bool] = {}
    for function in (*file.nodes(ast.FunctionDef), *file.nodes(ast.AsyncFunctionDef)):
        for arg in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
            said = arg.annotation
            if isinstance(said, ast.Subscript) and _is_dependency(said, file):
                text = ast.unparse(said)
                uses.setdefault(text, []).append(said)
                plain[text] = plain.get(text, True) and isinstance(file.parent(function), ast.Module)
    hidden = any(one.when == "type-checking" for one in file.facts.scope.imports)
    for text, found in uses.items():
        if len(found) < _TIMES:
            continue
        found.sort(key=lambda one: (one.lineno, one.col_offset))
        name = _known(text, file)
        clue = name or _new(found[0], file)
        yield Hit(
            found[0],
            f"`{text}` stands here {len(found)} times: "
            + (f"the module has `{name}` for it" if name else f"give it a name, `{clue}` say"),
            clue=(clue, bool(name), text),
            safety=None if plain[text] and clue and not hidden else Safety.MANUAL,
            why="It chooses the name." if not name else "",
            related=tuple(file.place(one, "again") for one in found[1:4]),
        )


def _is_dependency(said: ast.Subscript, file: File) -> bool:
    if (
        file.qualname(said.value) not in _ANNOTATED
        or not isinstance(said.slice, ast.Tuple)
        or len(said.slice.elts) != 2
    ):
        return False
    given = said.slice.elts[1]
    return isinstance(given, ast.Call) and file.qualname(given.func) in DEPENDS


def _known(text: str, file: File) -> str:
    """The name that the module has for an annotation: its own, or one it imports."""
    wanted = expression(ast.parse(text, mode="eval").body)
    for one in file.facts.scope.bindings:
        if one.how == "assign" and one.value == wanted:
            return one.name
    for imported in file.facts.scope.imports:
        symbol = file.project.follow(imported) if imported.attr else None
        bindings = getattr(symbol, "bindings", ())
        if len(bindings) == 1 and isinstance(bindings[0].value, Sub) and _alike(bindings[0].value, wanted):
            return imported.name
    return ""


def _alike(one: Expr, other: Expr) -> bool:
    """Whether two `Annotated[Session, Depends(get_db)]` are written alike, in whichever module."""
    if not isinstance(one, Sub) or not isinstance(other, Sub) or len(one.items) != len(other.items):
        return False
    given, wanted = [next((item for item in each.items if isinstance(item, Call)), None) for each in (one, other)]
    return given == wanted and one.items[0] == other.items[0] and isinstance(one.items[0], Name)


def _new(said: ast.Subscript, file: File) -> str:
    """A name that the module does not use: `SessionDep` for a session."""
    assert isinstance(said.slice, ast.Tuple)
    kind = said.slice.elts[0]
    base = kind.attr if isinstance(kind, ast.Attribute) else kind.id if isinstance(kind, ast.Name) else ""
    base = "Session" if base == "AsyncSession" else base
    name = f"{base[:1].upper()}{base[1:]}Dep" if base else ""
    used = {one.id for one in file.nodes(ast.Name)} | {one.name for one in file.facts.scope.imports}
    return "" if name in used else name
