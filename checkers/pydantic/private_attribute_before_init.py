"""A private attribute is set before `super().__init__()`, which Pydantic 2 refuses.

## Why
In Pydantic 1 the slots of private attributes were there from the start. Version 2 sets them up in `__init__`:
assigning earlier raises `AttributeError: 'Model' object has no attribute '__pydantic_private__'`, as soon as an
object is made.

## Example
```python
class Client(BaseModel):
    _session: Session = PrivateAttr()

    def __init__(self, session, **data):
        self._session = session   # super().__init__(**data)
        super().__init__(**data)  # self._session = session
```

## Fix safety
Safe: the assignment goes behind `super().__init__(...)`; a value that is worked out is kept in a local variable until
then. Unsafe where a base of the project has an `__init__` of its own, which does not see the attribute any more. Left
to a person where anything asks `self` for something before, and where the attribute has a default: in version 1 that
took the place of what was set before. `model_post_init`, which runs when the fields and the private attributes are
set, is another place for it:

```python
def model_post_init(self, context: Any, /) -> None:
    self._session = Session(self.url)
```

## Limits
Only assignments to `self` in the body of `__init__` itself are seen, not those of methods that it calls.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.index.facts import Attr, Call, Name
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.private import EarlyAttribute
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP305",
    "private-attribute-before-init",
    on=ast.FunctionDef,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=("super().__init__",),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=5,
    step="fields",
    prepares=True,
)
def initialiser(node: ast.FunctionDef, file: File) -> Iterable[Hit]:
    """The `__init__` of models."""
    owner = file.parent(node)
    if node.name != "__init__" or not isinstance(owner, ast.ClassDef) or not node.args.args:
        return
    facts = file.class_at(owner)
    if facts is None or not is_model(file.types, file.qualified(facts), file.config.base_models):
        return
    cls, self = file.qualified(facts), node.args.args[0].arg
    made = next((i for i, one in enumerate(node.body) if any(_is_super_init(inner) for inner in ast.walk(one))), None)
    if made is None:
        return
    for index, statement in enumerate(node.body[:made]):
        for target in _set(statement, self):
            if file.types.member(cls, target.attr) is None:
                continue
            text = f"`{target.attr}` is set before `super().__init__()`, which Pydantic 2 refuses: set it after that"
            span = file.span(target)
            why_not = _why_not(node, index, made, target, file) or _has_default(cls, target.attr, file)
            if why_not:
                yield Hit(target, text, safety=Safety.MANUAL, why=why_not, span=span)
                continue
            above = _initialised_above(cls, file)
            why = f"`{above}.__init__` does not see it any more" if above else ""
            clue = EarlyAttribute(made, "" if _is_plain(statement) else _local(target.attr, node))
            yield Hit(statement, text, clue=clue, safety=Safety.UNSAFE if above else None, why=why, span=span)


def _set(statement: ast.stmt, self: str) -> Iterator[ast.Attribute]:
    """The private attributes that a statement sets."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return
    for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
        match target:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == self and _is_private(attr):
                yield target


def _why_not(node: ast.FunctionDef, index: int, made: int, target: ast.Attribute, file: File) -> str:
    """Why a statement cannot go behind the call; empty if it can."""
    self, statement, call = target.value, node.body[index], node.body[made]
    assert isinstance(self, ast.Name)
    between = node.body[index : made + 1]
    if not isinstance(call, ast.Expr) or not _is_super_init(call.value):
        return "`super().__init__()` stands in another statement"
    if len({one.lineno for one in between}) < len(between):
        return "several statements stand in one line"
    known = [one for statement in between for one in _set(statement, self.id)]
    asked = [one for statement in between for one in ast.walk(statement) if getattr(one, "id", "") == self.id]
    if len(asked) > len(known):
        return f"`{self.id}` is asked for something before"
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
        return "it is set together with other names" if isinstance(statement, ast.Assign) else "it is annotated there"
    stored = {
        one.id for later in between[1:] for one in ast.walk(later) if isinstance(one, ast.Name) and _is_stored(one)
    }
    if _is_plain(statement):
        read = {one.id for one in ast.walk(statement.value) if isinstance(one, ast.Name)}
        return "its value is another one by then" if read & stored else ""
    return "" if _local(target.attr, node) else "no name is free to keep its value in"


def _is_stored(one: ast.Name) -> bool:
    return isinstance(one.ctx, ast.Store | ast.Del)


def _is_plain(statement: ast.stmt) -> bool:
    """Whether the value of an assignment is the same, worked out a line later: a name or a constant."""
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name | ast.Constant)


def _local(attr: str, node: ast.FunctionDef) -> str:
    """A name for the value until it is set; empty where the function has it for something else."""
    taken = {getattr(one, "id", getattr(one, "arg", "")) for one in ast.walk(node)}
    plain = attr.lstrip("_")
    free = (name for name in (plain, f"{plain}_value") if name not in taken and not keyword.iskeyword(name))
    return next(free, "")


def _has_default(cls: str, attr: str, file: File) -> str:
    """Why a default makes it doubtful what was meant; empty without one."""
    found = file.types.member(cls, attr)
    value = found.field.value if found is not None and found.field is not None else None
    match value:
        case None | Call(func=Name(id="PrivateAttr") | Attr(attr="PrivateAttr"), args=(), keywords=()):
            return ""
    return "in version 1 the default took the place of what was set before"


def _initialised_above(cls: str, file: File) -> str:
    """A base in the project that has an `__init__` of its own; empty if there is none."""
    for name in file.types.mro(cls).names[1:]:
        symbol = file.project.klass(name)
        if symbol is not None and symbol.file.path in file.project.files and "__init__" in symbol.facts.methods:
            return symbol.facts.name
    return ""


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _is_super_init(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")):
            return True
    return False
