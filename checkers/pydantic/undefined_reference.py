"""A model's annotation names what its module imports for type checkers alone, and nothing resolves it later.

## Why
Pydantic 1 asked for the type of a field only when a value was given for it: where the field was left out, nobody
noticed that its type was never found. Version 2 has to know all types of a model before it makes the first one, and
those of the models inside: `PydanticUserError: OpenAPI is not fully defined; you should define Header`. It is raised
when the model is used, not when the module is imported.

## What to do
Import the name at run time. Where the two modules import each other, complete the model where both are known:

```python
# encoding.py
if TYPE_CHECKING:
    from .header import Header

class Encoding(BaseModel):
    headers: Optional[Dict[str, "Header"]] = None

# __init__.py
from .encoding import Encoding
from .header import Header

Encoding.model_rebuild()     # it looks for `Header` where it is called
```

The models that hold an `Encoding` are completed by themselves when they are first used, unless that was tried before.

## Limits
A class is not reported where some call of `update_forward_refs` or `model_rebuild` completes it or one below it, or
where such a call is made of a class that is not known. Relations of SQLModel and documents of Beanie resolve their
names in their own way, and are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.project import ClassSymbol
from trueup.libraries.pydantic.models import LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.unresolved import may_be_completed, undefined_names
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP109",
    "undefined-reference",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_models,
    url="https://docs.pydantic.dev/latest/errors/usage_errors/#class-not-fully-defined",
    effort=10,
    step="methods",
)
def undefined(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """The first field of each class of a module that cannot be resolved."""
    facts = file.class_at(node)
    if facts is None or facts.parent or facts.owner or file.path.endswith(".pyi"):
        return
    symbol = ClassSymbol(file.qualified(facts), file.facts, facts)
    missing = undefined_names(file.types, symbol)
    if not missing or not is_model(file.types, symbol.qualname, file.config.base_models):
        return
    if any(name.startswith("beanie.") for name in file.types.mro(symbol.qualname).names):
        return
    if may_be_completed(file.types, symbol.qualname):
        return
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) if name in missing:
                what = f"makes no `{node.name}`, nor a model that holds one"
                if any(key == "table" for key, _ in facts.keywords):  # rows are made without asking for types
                    what = f"neither validates nor dumps a `{node.name}`"
                text = (
                    f"Pydantic 2 {what}: `{missing[name]}` is only known to type checkers; import it at run time, or "
                    f"call `{node.name}.model_rebuild()` where it is"
                )
                why = "the two modules may import each other"
                yield Hit(statement, text, safety=Safety.MANUAL, why=why, span=file.span(statement.annotation))
                return
