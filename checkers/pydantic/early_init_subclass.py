"""`__init_subclass__` of a model asks for the fields of the new class, which Pydantic 2 has not collected yet.

## Why
In Pydantic 1 a class had its fields, its schema and its validators when `__init_subclass__` ran. Version 2 collects
them afterwards: there, `cls.model_fields` are **the fields of the class above**, and `cls(...)` makes an object
without its own, and nothing warns.

## Example
```python
class Event(BaseModel):
    def __init_subclass__(cls, **kwargs):    # @classmethod
                                             # def __pydantic_init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)  #     super().__pydantic_init_subclass__(**kwargs)
        REGISTRY[cls.__fields__["kind"].default] = cls
```

## Fix safety
Unsafe: `__pydantic_init_subclass__` runs once the class is finished, behind every `__init_subclass__` and
`__set_name__`, and is called for `Model[int]` too.

Left to a person where it takes arguments of its own (`class A(Event, kind="a")`): these are given to both methods, so
that an `__init_subclass__` that takes them has to stay.

## Limits
Seen is what the method itself asks of its first parameter. What a function does to which it hands the class is not,
nor a method in a mixin that is no model. One that is set from outside (`cls.__init_subclass__ = ...`) is reported
where a class decorator of the project does so and is used on a model: what it asks for is for a person to see.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.libraries.pydantic.methods import METHODS
from trueup.libraries.pydantic.models import LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_UNFINISHED = frozenset(METHODS) | frozenset(METHODS.values()) | {"model_fields", "model_rebuild", "__validators__"}
"""What a class answers from its fields."""


@rule(
    "TUP107",
    "early-init-subclass",
    on=ast.FunctionDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=("__init_subclass__",),
    url="https://docs.pydantic.dev/latest/api/base_model/#pydantic.BaseModel.__pydantic_init_subclass__",
    effort=5,
    step="methods",
)
def hook(node: ast.FunctionDef, file: File) -> Iterable[Hit]:
    """The methods, one by one."""
    owner = file.parent(node)
    if node.name != "__init_subclass__" or not isinstance(owner, ast.ClassDef) or file.path.endswith(".pyi"):
        return
    klass = file.class_at(owner)
    args = node.args
    first = [*args.posonlyargs, *args.args]
    if klass is None or not first or is_guarded(node, file.parent, "__pydantic_init_subclass__"):
        return
    asked = _asked(node, first[0].arg)
    if asked is None or not is_model(file.types, file.qualified(klass), file.config.base_models):
        return
    text = (
        f"`__init_subclass__` runs before Pydantic 2 has the fields of the new class: `{asked}` is that of the class "
        "above here; use `__pydantic_init_subclass__`"
    )
    if "__pydantic_init_subclass__" in klass.methods:
        yield Hit(node, text, safety=Safety.MANUAL, why="the class has both", span=file.header(node))
    elif len(first) > 1 or args.vararg is not None or args.kwonlyargs:
        why = "both methods are given its arguments, so that an `__init_subclass__` that takes them has to stay"
        yield Hit(node, text, safety=Safety.MANUAL, why=why, span=file.header(node))
    else:
        yield Hit(node, text, why="it runs once the class is finished", span=file.header(node))


@rule(
    "TUP107",
    "early-init-subclass",
    on=ast.Assign,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("__init_subclass__",),
    url="https://docs.pydantic.dev/latest/api/base_model/#pydantic.BaseModel.__pydantic_init_subclass__",
    effort=5,
    step="methods",
)
def assigned(node: ast.Assign, file: File) -> Iterable[Hit]:
    """What class decorators set."""
    match node.targets:
        case [ast.Attribute(value=ast.Name(id=held), attr="__init_subclass__")]:
            pass
        case _:
            return
    function = file.parent(node)
    while function is not None and not isinstance(function, ast.FunctionDef):
        function = file.parent(function)
    if function is None or held not in [one.arg for one in (*function.args.posonlyargs, *function.args.args)][:1]:
        return
    qualname = f"{file.module}.{function.name}"
    model = file.types.shared(_decorated, tuple(file.config.base_models)).get(qualname)
    if model is not None:
        text = (
            f"`__init_subclass__` runs before Pydantic 2 has the fields of the new class: `{function.name}` sets it of "
            f"`{model}`; if it asks for fields, set `__pydantic_init_subclass__` of models instead, which runs for "
            "`Model[int]` too"
        )
        why = "what is set is not seen, and the decorator may be used on other classes too"
        yield Hit(node, text, safety=Safety.MANUAL, why=why)


def _decorated(types: Inference, roots: tuple[str, ...]) -> dict[str, str]:
    """Function of the project -> a model that it decorates."""
    found: dict[str, str] = {}
    for symbol in types.project.classes():
        for one in symbol.facts.decorators:
            name = types.qualname(one, types.class_site(symbol))
            where = types.project.locate(name or "")
            if isinstance(where, FunctionSymbol) and is_model(types, symbol.qualname, roots):
                found.setdefault(where.qualname, symbol.facts.name)
    return found


def _asked(node: ast.FunctionDef, cls: str) -> str | None:
    """What a method asks of its class that only a finished one can answer; None if nothing."""
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == cls and attr in _UNFINISHED:
                return f"{cls}.{attr}"
            case ast.Call(func=ast.Name(id=name)) if name == cls:
                return f"{cls}(...)"
    return None
