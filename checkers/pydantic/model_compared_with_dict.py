"""A model is compared with a dict, or with a model of another class, which is never equal in Pydantic 2.

## Why
In Pydantic 1 `user == {"id": 1}` compared `user.dict()`, and `user == other` compared two dicts, whatever the
classes. In Pydantic 2 only models of the same class can be equal: the comparison is **False from then on, without a
warning**. Most such comparisons stand in tests, where they fail; in the program itself they take another branch.

## Example
```python
assert user == {"id": 1}              # assert user.model_dump() == {"id": 1}
if created == UserOut(id=1):          # if created.model_dump() == UserOut(id=1).model_dump():
self.assertEqual(user, {"id": 1})     # self.assertEqual(user.model_dump(), {"id": 1})
```

## Fix safety
Safe where a dict of plain values is written out, and between models: the dicts are compared that version 1 compared.
Unsafe where the dict comes from elsewhere or has other values (it may hold models, which are not equal to dicts any
more), where the model may be None, and in a project that only uses names of Pydantic 2, where the comparison has been
False so far.

Left to a person: lists of models compared with lists of dicts, and models with a custom root.

## Limits
It is silent where one of the classes may be below the other, and where one has an `__eq__` of its own. Models
compared with subclasses (equal in version 1, never in 2) are not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.pydantic.models import LIBRARIES, is_model, names_below
from trueup.libraries.pydantic.roots import is_root
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import NONE, Instance, Type, Union, short, without_none

_PLAIN = ("builtins.dict", "builtins.list")
_ASSERTS = ("assertEqual", "assertEquals", "assertNotEqual")


@rule(
    "TUP103",
    "model-compared-with-dict",
    on=(ast.Compare, ast.Call),
    names=_ASSERTS,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("==", "!=", *_ASSERTS),
    url="https://docs.pydantic.dev/latest/migration/#changes-to-pydanticbasemodel",
    step="methods",
)
def compared(node: ast.Compare | ast.Call, file: File) -> Iterable[Hit]:
    """`==` and `!=`, and what unittest has for them."""
    if isinstance(node, ast.Compare):
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            yield from _sides(node, node.left, node.comparators[0], file)
        return
    match node:
        case ast.Call(func=ast.Attribute(), args=[left, right, *_]):
            if not isinstance(left, ast.Starred) and not isinstance(right, ast.Starred):
                yield from _sides(node, left, right, file)


def _sides(node: ast.AST, left: ast.expr, right: ast.expr, file: File) -> Iterator[Hit]:
    if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
        return
    first = file.type_of(left)
    model = _model(first, file)
    if model is None and not _is_dict_or_list(first):
        return  # nothing was equal to it in version 1 alone
    second = file.type_of(right)
    if isinstance(without_none(second), Union):
        return
    found, models = (first, second), (model, _model(second, file))
    if models == (None, None):
        yield from _lists(node, found, file)
        return
    plain = True
    if models[0] is not None and models[1] is not None:
        if not _strangers(models[0], models[1], file):
            return
        what = f"a `{short(models[0])}` and a `{short(models[1])}`"
    else:
        index = 0 if models[1] is None else 1
        if not _is_dict(found[index], file) and not _is_dict(found[1 - index], file):
            return
        other = right if models[0] is not None else left
        plain = _is_plain(other)
        what = f"a `{short(models[0] or models[1] or '')}` and a dict"
    text = f"{what} are never equal in Pydantic 2, 1 compared them as dicts: compare `model_dump()`"
    sides = tuple(name for name, model in zip(("left", "right"), models, strict=True) if model is not None)
    if any(model is not None and is_root(file.types, model, file.config.base_models) for model in models):
        why = "the dict of a model with a custom root is another one now"
        yield Hit(node, text, safety=Safety.MANUAL, why=why)
    elif any(_may_be_none(one) for one in found):
        yield Hit(node, text, sides, safety=Safety.UNSAFE, why="the model may be None, which cannot be dumped")
    elif dialect(file.types) == "2":
        why = "the project is written for Pydantic 2: until now the two were never equal"
        yield Hit(node, text, sides, safety=Safety.UNSAFE, why=why)
    elif not plain:
        why = "the dict may hold models, which are not equal to what `model_dump` gives"
        yield Hit(node, text, sides, safety=Safety.UNSAFE, why=why)
    else:
        yield Hit(node, text, sides)


def _model(one: Type, file: File) -> str | None:
    """The model something is an object of, if it compares as models do."""
    one = without_none(one)
    if not isinstance(one, Instance) or not is_model(file.types, one.cls, file.config.base_models):
        return None
    for name in file.types.mro(one.cls).names:
        symbol = file.project.klass(name)
        if symbol is not None and symbol.file.path in file.project.files and "__eq__" in symbol.facts.methods:
            return None
    return one.cls


def _is_dict_or_list(one: Type) -> bool:
    """Whether something is a dict or a list, or may also be None."""
    one = without_none(one)
    return isinstance(one, Instance) and one.cls in _PLAIN


def _strangers(one: str, other: str, file: File) -> bool:
    """Whether no object can be of both classes."""
    first, second = file.types.mro(one), file.types.mro(other)
    if not first.complete or not second.complete or one in second.names or other in first.names:
        return False
    return set(names_below(file.types, one)).isdisjoint(names_below(file.types, other))


def _is_dict(one: Type, file: File) -> bool:
    return isinstance(one, Instance) and one.cls == "builtins.dict"


def _may_be_none(one: Type) -> bool:
    return isinstance(one, Union) and NONE in one.items


def _is_plain(node: ast.expr) -> bool:
    """Whether a value is written out, down to constants."""
    match node:
        case ast.Dict(keys=keys, values=values):
            return None not in keys and all(_is_plain(one) for one in values)
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            return all(_is_plain(one) for one in elts)
        case ast.UnaryOp(operand=operand):
            return _is_plain(operand)
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            return all(one.arg is not None and _is_plain(one.value) for one in keywords)
    return isinstance(node, ast.Constant | ast.JoinedStr)


def _lists(node: ast.AST, found: tuple[Type, Type], file: File) -> Iterator[Hit]:
    """Lists of models beside lists of dicts."""
    parts: list[Type] = []
    for one in found:
        if not isinstance(one, Instance) or one.cls != "builtins.list" or len(one.args) != 1:
            return
        parts.append(one.args[0])
    for held, other in (parts, reversed(parts)):
        model = _model(held, file)
        if model is not None and _is_dict(other, file):
            text = f"a `{short(model)}` in a list never equals a dict in Pydantic 2: compare what `model_dump()` gives"
            yield Hit(node, text, safety=Safety.MANUAL, why="every model in the list has to be dumped")
            return
