"""A field has a subclass of `str`, `dict` or the like for a type, which Pydantic 2 does not take for its base.

## Why
Pydantic 1 validated a field of `class Uri(str)` as a `str`. Version 2 knows the built-in types themselves, but none
of their subclasses: `PydanticSchemaGenerationError` when the model is made, so that the module does not import. With
`arbitrary_types_allowed` the model can be made, but takes **objects of that class only**: the plain text of a request
is refused.

## Example
```python
class Uri(str):    # class Uri(str):
    pass           #     @classmethod
                   #     def __get_pydantic_core_schema__(cls, source_type, handler): ...
```

## Fix safety
Unsafe: the class says that it is validated as its base, and that objects of its own are left as they are, which is
what version 1 did. Limits given by `Field(...)` on such a field are checked too, with other words in their errors.

Where the value should be a `Uri` whatever was given, write `no_info_after_validator_function(cls, handler(str))`
instead. If nothing needs the class, annotate the field with its base.

A field of `pendulum.DateTime`, which version 1 took for a `datetime`, gets the `DateTime` of
`pydantic_extra_types.pendulum_dt`: texts become such objects then.

Left to a person: classes of pandas and NumPy.

## Limits
Only fields of models are looked at, and only classes of the project all of whose bases are known, besides a few of
pendulum, pandas and NumPy. Types inside of `Annotated` are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Const
from trueup.infer import Inference, Site
from trueup.libraries.pydantic.annotations import is_field_name
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.custom_types import FOREIGN, plain_base, plain_classes, top_class
from trueup.libraries.pydantic.dataclasses import dataclass_of
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP724",
    "plain-subclass-field",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=holds_models,
    url=GUIDE + "#defining-custom-types",
    effort=10,
    step="fields",
)
def field(node: ast.AnnAssign, file: File) -> Iterable[Hit]:
    """Fields of models that name a class of another library."""
    owner = file.parent(node)
    if not isinstance(owner, ast.ClassDef) or not isinstance(node.target, ast.Name):
        return
    if not is_field_name(node.target.id) or file.path.endswith(".pyi"):
        return
    facts = file.class_at(owner)
    if facts is None:
        return
    model = file.qualified(facts)
    plain = plain_classes(file.types, expression(node.annotation), file.site(node.annotation))
    found = [pair for pair in plain if pair[0] in FOREIGN]
    if not found or not is_model(file.types, model, file.config.base_models):
        return
    (cls, base), *_ = found
    what = f"`{cls}`, below `{base.rpartition('.')[2]}`: Pydantic 2 knows no subclasses and"
    todo = f"annotate it with `{FOREIGN[cls][1]}`"
    allowed = config_of(file.types, model, "arbitrary_types_allowed")
    if allowed is None or allowed == Const("bool", "False"):
        text = f"{what} refuses the model: {todo}"
    elif dialect(file.types) != "2":
        text = f"{what} takes only objects of the class itself: {todo}"
    else:
        return
    names = [one for one in ast.walk(node.annotation) if _spelled(one, file) == cls]
    if names and len(found) == 1 and FOREIGN[cls][1].startswith("pydantic_extra_types."):
        why = "what was read from texts is an object of the class now, where version 1 made one of its base"
        for one in names:
            yield Hit(one, text, FOREIGN[cls][1], why=why)
    else:
        yield Hit(node.annotation, text, safety=Safety.MANUAL)


def _spelled(node: ast.AST, file: File) -> str:
    """The class that a name in an annotation means."""
    return file.qualname(node) or "" if isinstance(node, ast.Name | ast.Attribute) else ""


@rule(
    "TUP724",
    "plain-subclass-field",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: bool(types.shared(_used_of, facts.path, tuple(config.base_models))),
    url=GUIDE + "#defining-custom-types",
    effort=10,
    step="fields",
)
def defined(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """The classes of the project that fields of models name, or the highest above them."""
    facts = file.class_at(node)
    if facts is None or file.path.endswith(".pyi"):
        return
    cls = file.qualified(facts)
    user = file.types.shared(_used_of, file.path, tuple(file.config.base_models)).get(cls)
    if user is None:
        return
    base = plain_base(file.types, cls)
    text = (
        f"`{node.name}` is below `{base.rpartition('.')[2]}`, but Pydantic 2 knows no subclasses, and refuses "
        f"`{user}`, which has a field of it: write `__get_pydantic_core_schema__`"
    )
    why = "limits of `Field(...)` on such fields have other words in their errors"
    yield Hit(node, text, clue=base, why=why, span=file.header(node))


def _used(types: Inference, roots: tuple[str, ...]) -> dict[str, str]:
    """The highest plain classes that fields of models name -> one of these models."""
    found: dict[str, str] = {}
    if types.shared(_any_plain_class):
        for pairs in types.by_file(_used_in, roots).values():
            for cls, user in pairs:
                found.setdefault(cls, user)
    return found


def _any_plain_class(types: Inference) -> bool:
    return bool(types.by_file(_has_plain_class))


def _used_of(types: Inference, path: str, roots: tuple[str, ...]) -> dict[str, str]:
    """Those of them that one file defines."""
    used = types.shared(_used, roots)
    file = types.project.files[path]
    names = [f"{file.module}.{klass.qualname}" for klass in file.classes] if used else []
    return {name: used[name] for name in names if name in used}


def _has_plain_class(types: Inference, path: str) -> bool:
    """Whether a file defines a plain class."""
    file = types.project.files[path]
    return any(plain_base(types, f"{file.module}.{klass.qualname}") for klass in file.classes)


def _used_in(types: Inference, path: str, roots: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(highest plain class, model) of the fields of one file."""
    file, found = types.project.files[path], list[tuple[str, str]]()
    for klass in file.classes:
        model = f"{file.module}.{klass.qualname}"
        fields = [one for one in klass.fields if one.annotation is not None and is_field_name(one.name)]
        if not fields or not is_model(types, model, roots):
            continue
        allowed = config_of(types, model, "arbitrary_types_allowed")
        if allowed is not None and allowed != Const("bool", "False") and dialect(types) == "2":
            continue
        for one in fields:
            assert one.annotation is not None
            site = Site(file, None, klass, 0, one.pos.line, one.pos.column)
            for cls, _ in plain_classes(types, one.annotation, site):
                if cls not in FOREIGN and not dataclass_of(types, cls):
                    found.append((top_class(types, cls), klass.name))
    return tuple(found)
