"""A field that may be None has no default, and so becomes required in Pydantic 2.

## Why
In Pydantic 1 `nickname: Optional[str]` meant "not required, None if missing", and so did `X | None`, `Any`, `object`
and `Json`. In Pydantic 2 such a field is **required**, and nothing warns: requests that leave it out get a 422,
responses that were built without it a `ResponseValidationError`.

## Example
```python
class User(BaseModel):
    nickname: Optional[str]                        # nickname: Optional[str] = None
    age: Optional[int] = Field(gt=0)               # age: Optional[int] = Field(default=None, gt=0)
    bio: Annotated[Optional[str], Field(title="Bio")]  # ... = None
```

## Fix safety
Safe: the default of version 1 is written down, and `Optional[...]` around `Json`, which took None all the same. In a
project that uses names of Pydantic 2 beside those of 1 already it is unsafe, for there the field may be meant to be
required. Left to a person where the field has the name of a type that the class uses (`date: Optional[date]`: with a
default the name would mean None), and where it is `Final`.

## Limits
A function of the project that hands all it is given on to `Field` (`return Field(*args, **kwargs)`) is taken for it.
Fields with `...`, `Field(...)` or any default are left alone, as are `Literal["a", None]`, `List[Optional[int]]` and
all else that version 1 required. So are projects that use names only Pydantic 2 has and nothing only 1 has: there
`Optional[str]` is required on purpose; repair this rule's findings before those of `v1-config-class`, or with them.
Files of such a project that Pydantic 2 refuses to import (`BaseSettings`, a bare `@root_validator`, `Field(regex=)`)
were left behind, and their fields are told. `x: T` in a generic model was required as soon as `T` was given; it is
only mentioned, as advice. Aliases of a library whose source is not known are not looked through, and stubs (`.pyi`)
are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call, Name, Star
from trueup.index.project import FunctionSymbol
from trueup.infer import Site
from trueup.libraries.pydantic.annotations import FIELD, alternatives, is_class_var, is_field_name, is_implicit, shadows
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.versions import dialect_of
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP301",
    "implicit-optional-default",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=holds_models,
    url=GUIDE + "#required-optional-and-nullable-fields",
    step="fields",
    prepares=True,
    ruff=("RUF013",),
)
def field(node: ast.AnnAssign, file: File) -> Iterable[Hit]:
    """Fields of models, one by one."""
    owner = file.parent(node)
    if (
        not isinstance(owner, ast.ClassDef)
        or not isinstance(node.target, ast.Name)
        or not is_field_name(node.target.id)
    ):
        return
    facts = file.class_at(owner)
    if (
        facts is None
        or file.path.endswith(".pyi")
        or not is_model(file.types, file.qualified(facts), file.config.base_models)
    ):
        return
    if node.value is not None and not _is_bare_field(node.value, file):
        return
    annotation, site = expression(node.annotation), file.site(node.annotation)
    words = alternatives(file.types, annotation, site)
    if words == ["TypeVar"] and node.value is None:
        yield _type_variable(node, node.target.id)
        return
    spoken = dialect_of(file.types, file.path)
    if not is_implicit(words) or is_class_var(file.types, annotation, site) or spoken == "2":
        return
    if _has_default_inside(node.annotation, file):
        return
    name = node.target.id
    what = f"`{name}` may be None and has no default, so that Pydantic 2 requires it (1 took None)"
    if node.value is not None:
        text = f"{what}: write `Field(default=None, ...)`"
    else:
        text = f"{what}: write `= None`"
    safety, why = None, ""
    if is_class_var(file.types, annotation, site, final=True):
        why = (
            "a `Final` with a default is no field in Pydantic 2: use `Field(default=None, frozen=True)` without `Final`"
        )
        safety, text = Safety.MANUAL, f"{what}: {why}"
    elif node.value is None and shadows(name, node, owner, lazy="annotations" in _futures(file)):
        why = (
            f"with a default `{name}` would mean None in the annotations of the class: import the type by another name"
        )
        safety, text = Safety.MANUAL, f"{what}: {why}"
    elif spoken == "both":
        safety, why = (
            Safety.UNSAFE,
            "the project uses names of Pydantic 2 already: the field may be meant to be required",
        )
    clue = "field" if node.value is not None else "json" if words == ["Json"] else "none"
    yield Hit(node, text, clue=clue, safety=safety, why=why)


def _is_bare_field(node: ast.expr, file: File) -> bool:
    """Whether a value is `Field(...)` without any default."""
    if not isinstance(node, ast.Call) or node.args:
        return False
    name = file.qualname(node.func)
    if name not in FIELD and not (name and _hands_on(name, file)):
        return False
    return not {k.arg for k in node.keywords} & {"default", "default_factory", None}


def _hands_on(name: str, file: File) -> bool:
    """Whether a function of the project gives `Field` all that it is given: `return Field(*args, **kwargs)`."""
    symbol = file.project.locate(name)
    if not isinstance(symbol, FunctionSymbol) or not symbol.facts.returned:
        return False
    rest = {one.kind: one.name for one in symbol.facts.params}
    if len(rest) < len(symbol.facts.params) or not {"var-keyword"} <= rest.keys() <= {"var-keyword", "var-positional"}:
        return False
    site = Site(symbol.file, symbol.facts)
    for value, _, _ in symbol.facts.returned:
        match value:
            case Call(func=func, args=args, keywords=keywords):
                stars = [Star(Name(rest["var-positional"]))] if "var-positional" in rest else []
                if list(args) != stars or ("**", Name(rest["var-keyword"])) not in keywords:
                    return False
                if any(key in ("default", "default_factory") for key, _ in keywords):
                    return False
                if file.types.qualname(func, site) not in FIELD:
                    return False
            case _:
                return False
    return True


def _has_default_inside(node: ast.expr, file: File) -> bool:
    """Whether the annotation itself has a `Field` with a default, as Pydantic 2 allows."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and file.qualname(call.func) in FIELD and not _is_bare_field(call, file):
            return True
    return False


def _futures(file: File) -> list[str]:
    return [one.attr for one in file.facts.scope.imports if one.module == "__future__"]


def _type_variable(node: ast.AnnAssign, name: str) -> Hit:
    text = (
        f"`{name}` was optional in Pydantic 1 where the model is used without its type argument; Pydantic 2 requires it"
    )
    why = "whether the model is ever used without its type argument is for its author to say"
    return Hit(node, text, safety=Safety.MANUAL, why=why, severity=Severity.ADVICE)
