"""A model has a custom root, `__root__`, which Pydantic 2 has no more: it is a `RootModel` there.

## Why
A class with a field `__root__` raises `TypeError` in version 2 when it is created. A `RootModel` takes its place: its
value is `root`, it is made from the value alone (`Tags(["a"])`), it no longer takes or gives `{"__root__": ...}`, and
`model_dump()` gives the value itself. So all that uses the class has to change with it, in whatever file.

## Example
```python
class Tags(BaseModel):              # class Tags(RootModel[List[str]]):
    __root__: List[str] = []        #     root: List[str] = []

    def __iter__(self):
        return iter(self.__root__)  # return iter(self.root)

tags = Tags(__root__=["a"])         # tags = Tags(["a"])
tags.dict()["__root__"]             # tags.dict()
```

## Fix safety
The class, the classes below it and all uses of `__root__` with them are repaired together or not at all, over all
files: attributes, arguments, payloads `{"__root__": ...}`, validators for `"__root__"`. That is safe. A base that is
a model of the project stays, with `RootModel` behind it. Version 2 refuses a root model with `extra` in its config:
it is set to None, and it had no effect.

Unsafe:

- `tags.dict()` becomes `{"__root__": tags.dict()}`, which is what version 1 gave. Whoever takes it back in has to
  take the value itself.
- `value.__root__` of a value whose type is not known, where every root model of the project can be repaired.
- `hasattr(value, "__root__")` becomes `isinstance(value, RootModel)`.

Left to a person, and the message says why: classes with an `__init__`, with a root validator of Pydantic 1 (repair
that first: it would never be called), with a `model_validator` that asks for `__root__` before validation (it gets the
value itself now), with something called `root` already, and those with a base that is not known.

## Limits
Where only some files are checked, uses in the others are found when these are checked. Places where the string
`"__root__"` stands for something else, the location of an error say, are not looked at. A class is often not needed
any more: `TypeAdapter(List[str])` validates too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.roots import ROOT, families
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .root_classes import root_class
from .root_uses import root_use


def _concerns(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether the project has root models, and a file may use one or does so by name."""
    if families(types, config.base_models):
        return True
    return ROOT in facts.attributes or any(
        key == ROOT
        for scope in (facts.scope, *(f.scope for f in facts.functions))
        for site in scope.calls
        for key, _ in site.call.keywords
    )


@rule(
    "TUP621",
    "v1-root-model",
    on=(ast.ClassDef, ast.Attribute, ast.Call, ast.Subscript, ast.Constant),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=(ROOT, "dict(", "model_dump("),
    where=_concerns,
    url=GUIDE + "#changes-to-pydanticbasemodel",
    step="roots",
)
def root(node: ast.AST, file: File) -> Iterable[Hit]:
    """The classes, and every use of them that has to change."""
    if isinstance(node, ast.ClassDef):
        yield from root_class(node, file)
        return
    for hit in root_use(node, file):
        if not is_guarded(node, file.parent, "RootModel"):
            yield hit
