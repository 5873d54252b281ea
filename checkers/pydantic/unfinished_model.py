"""An object of a model is made during import, before all names in the model's annotations can be resolved.

## Why
Pydantic 1 asked for the type of a field only when a value was given for it: `State(type="completed")` worked while
the class of another field was imported for type checkers alone, or defined further down. Version 2 has to know all of
them first: `PydanticUserError: State is not fully defined`, and the module does not import.

## Example
```python
if TYPE_CHECKING:
    from results import Result

class State(BaseModel):
    type: str
    data: Optional["Result"] = None

class Run(BaseModel):
    state: State = Field(..., example=State(type="done"))    # example=State.model_construct(type="done")
```

## Fix safety
There is a repair for examples in schemas alone: `State.model_construct(...)`, which wants no types to be known. It is
unsafe: nothing is validated nor converted, and no validator fills anything in.

All else is left to a person: make the object where it can be made, behind `model_rebuild` or in a function. Where the
other module can be imported at run time, import it.

## Limits
Found are objects made by module and class bodies. A class that some call of `update_forward_refs` or `model_rebuild`
completes is only reported where that call is in another file than the class, and the object is made beside the class.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.field_calls import FIELD
from trueup.libraries.pydantic.models import LIBRARIES, is_model
from trueup.libraries.pydantic.unresolved import completed_in, makes_unfinished, unresolved_names
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

_SHOWN = ("example", "examples", "json_schema_extra")
"""Arguments of `Field` that go into the schema and nowhere else."""


@rule(
    "TUP108",
    "unfinished-model",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: makes_unfinished(types, facts.called),
    url="https://docs.pydantic.dev/latest/errors/usage_errors/#class-not-fully-defined",
    effort=10,
    step="methods",
)
def made(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of classes outside of functions."""
    if file.path.endswith(".pyi") or not isinstance(node.func, ast.Name | ast.Attribute) or _runs_later(node, file):
        return
    held = file.type_of(node.func)
    if not isinstance(held, ClassObject) or not is_model(file.types, held.cls, file.config.base_models):
        return
    names = unresolved_names(file.types, held.cls, file.path, node.lineno)
    if not names:
        return
    for path, line in completed_in(file.types, held.cls):
        symbol = file.project.klass(held.cls)
        if (path == file.path and line < node.lineno) or symbol is None or symbol.file.path != file.path:
            return
    (name, why), *_ = names.items()
    text = f"Pydantic 2 makes no `{held.cls.rpartition('.')[2]}` here, where `{name}` in its annotations is {why}: "
    if _is_example(node, file) and not node.args and not _has_own_init(held.cls, file):
        text += "an example can come from `model_construct`"
        risk = "`model_construct` takes the values of the example as they are, without validators"
        yield Hit(node, text, "model_construct", why=risk, span=file.span(node.func))
        return
    text += "make it behind `model_rebuild`, or write a dict"
    undecided = "what the object is for decides where it belongs"
    yield Hit(node, text, safety=Safety.MANUAL, why=undecided, span=file.span(node.func))


def _is_example(node: ast.expr, file: File) -> bool:
    """Whether an object only shows, in the schema of a field, what a value looks like."""
    held: ast.AST | None = file.parent(node)
    while isinstance(held, ast.List | ast.Tuple | ast.Dict):
        held = file.parent(held)
    if not isinstance(held, ast.keyword) or held.arg not in _SHOWN:
        return False
    call = file.parent(held)
    return isinstance(call, ast.Call) and file.qualname(call.func) == FIELD


def _has_own_init(cls: str, file: File) -> bool:
    """Whether a class of the project makes its objects in its own way."""
    for name in file.types.mro(cls).names:
        symbol = file.project.klass(name)
        ours = symbol is not None and symbol.file.path in file.project.files
        if ours and symbol is not None and not {"__init__", "__new__"}.isdisjoint(symbol.facts.methods):
            return True
    return False


def _runs_later(node: ast.AST, file: File) -> bool:
    """Whether a place is in the body of a function, and not run while the module is imported."""
    inner, outer = node, file.parent(node)
    while outer is not None:
        if isinstance(outer, ast.Lambda) and inner is outer.body:
            return True
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and inner in outer.body:
            return True
        inner, outer = outer, file.parent(outer)
    return False
