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
Three times or more in one module, written alike; once is enough where the module has such a name above, or imports
one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call, Expr, Name, Sub
from trueup.index.project import VariableSymbol
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
    where=lambda facts, types, config: layer_of_file(facts) != TEST and bool(entries(types, facts)),
    url="https://fastapi.tiangolo.com/tutorial/dependencies/#share-annotated-dependencies",
)
def check(node: ast.Module, file: File) -> Iterator[Hit]:
    uses: dict[str, list[ast.Subscript]] = {}
    plain: dict[str, bool] = {}
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = [*file.nodes(ast.FunctionDef)]
    functions += file.nodes(ast.AsyncFunctionDef)
    for function in functions:
        for arg in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
            said = arg.annotation
            if isinstance(said, ast.Subscript) and _is_dependency(said, file):
                text = ast.unparse(said)
                uses.setdefault(text, []).append(said)
                plain[text] = plain.get(text, True) and isinstance(file.parent(function), ast.Module)
    taken: list[str] = []
    hidden = any(one.when == "type-checking" for one in file.facts.scope.imports)
    for text, found in uses.items():
        found.sort(key=lambda one: (one.lineno, one.col_offset))
        name = _known(text, found[0].lineno, file)
        if len(found) < _TIMES and not name:
            continue
        clue = name or next((new for new in _new(found[0], file) if new not in taken), "")
        taken.append(clue)
        yield Hit(
            found[0],
            f"the module has the name `{name}` for `{text}`: write that"
            if name
            else f"`{text}` stands here {len(found)} times: give it a name, `{clue or 'SessionDep'}` say",
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


def _known(text: str, line: int, file: File) -> str:
    """The name that the module has for an annotation: its own, or one it imports."""
    wanted = expression(ast.parse(text, mode="eval").body)
    for one in file.facts.scope.bindings:
        if one.how == "assign" and one.value == wanted and one.line < line:
            return one.name
    for imported in file.facts.scope.imports:
        symbol = file.project.follow(imported) if imported.attr else None
        value = symbol.bindings[0].value if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1 else None
        if isinstance(value, Sub) and _alike(value, wanted):
            return imported.name
    return ""


def _alike(one: Expr, other: Expr) -> bool:
    """Whether two `Annotated[Session, Depends(get_db)]` are written alike, in whichever module."""
    if not isinstance(one, Sub) or not isinstance(other, Sub) or len(one.items) != len(other.items):
        return False
    given = next((item for item in one.items if isinstance(item, Call)), None)
    wanted = next((item for item in other.items if isinstance(item, Call)), None)
    return given == wanted and one.items[0] == other.items[0] and isinstance(one.items[0], Name)


def _new(said: ast.Subscript, file: File) -> list[str]:
    """Names that the module does not use: `SessionDep` for a session, or `CurrentUserDep` for `get_current_user`."""
    assert isinstance(said.slice, ast.Tuple)
    kind, given = said.slice.elts
    base = "Session" if _last(kind) == "AsyncSession" else _last(kind)
    asked = given.args[0] if isinstance(given, ast.Call) and given.args else None
    by_function = "".join(part.capitalize() for part in _last(asked).removeprefix("get_").split("_"))
    used = {one.id for one in file.nodes(ast.Name)} | {one.name for one in file.facts.scope.imports}
    names = [f"{one[:1].upper()}{one[1:]}Dep" for one in (base, by_function) if one.isidentifier()]
    return [name for name in names if name not in used]


def _last(node: ast.expr | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
