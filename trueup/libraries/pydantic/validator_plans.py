"""What a validator of fields becomes in version 2, and what a repair is told about it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from msgspec import Struct

from .config import RENAMED_KEYS, Obstacle
from .methods import is_constant
from .name_uses import names_in, uses_of

OPTIONS = ("pre", "each_item", "always", "check_fields", "whole", "allow_reuse")
_EXTRAS = ("values", "field", "config")
"""The parameters that version 1 passed by name."""
_FIELD = "cls.model_fields[info.field_name]"
_OF_FIELD = {
    "name": ("info.field_name", ""),
    "required": (f"{_FIELD}.is_required()", ""),
    "alias": (f"{_FIELD}.alias", "`alias` is None where the field has none, and was its name"),
    "default": (f"{_FIELD}.default", "`default` of a required field is `PydanticUndefined`, and was None"),
    "outer_type_": (f"{_FIELD}.annotation", "`annotation` has the `Optional` that `outer_type_` left out"),
    "annotation": (f"{_FIELD}.annotation", ""),
    "default_factory": (f"{_FIELD}.default_factory", ""),
}
"""Attribute of a field of version 1 -> what gives it in a validator, and what is different about that."""
_OF_FIELD_INFO = {
    "title": "title",
    "description": "description",
    "default_factory": "default_factory",
    "alias": "alias",
    "extra": "json_schema_extra",
}
_REMEDIES = {
    "type_": "read `cls.model_fields[info.field_name].annotation`, which has `Optional` and `List` around it",
    "shape": "look at `typing.get_origin` of the field's `annotation`",
    "sub_fields": "look at `typing.get_args` of the field's `annotation`",
    "allow_none": "look for None in the field's `annotation`",
}


class FieldEdit(Struct, frozen=True):
    """`validate_default=True` for a field: its name, and whether the value becomes a `Field` or has one."""

    name: str
    how: str
    """wrap (`3` -> `Field(3, validate_default=True)`), argument (`Field(3)` gets one more) or none (`Field(None)`)."""
    owner: str = ""
    """The class below that declares it; empty: the class of the validator."""


class ItemEdit(Struct, frozen=True):
    """A validator of the items of a field: where the types of the items stand in its annotation.

    A slot is the way there: the number of a subscript's element, `left`, `right` (of `|`), or `arg` (the first
    argument of `conlist`).
    """

    name: str
    slots: tuple[tuple[int | str, ...], ...]


class ValidatorChange(Struct, frozen=True):
    """What becomes of a validator: the clue of its repair.

    `shape`: method (the decorator and the function are rewritten in place), items (the function moves out of the
    class, into the annotations of the fields), call (only the decorator's call changes, `_v = validator("x")(f)`) or
    adapter (such a call becomes a method that passes version 1's arguments on).
    """

    shape: str = "method"
    mode: str = ""
    """`before`, or empty for the usual one."""
    info: str = ""
    """The name of the parameter that takes the place of `values`, `field` and `config`; empty: there is none."""
    parameters: bool = False
    """The parameters are written anew."""
    wrapper: str = ""
    """`classmethod` or `staticmethod`, to be put below the decorator; empty: nothing is missing."""
    names: tuple[str, ...] = ()
    """Names of fields that a second decorator adds."""
    rewrites: tuple[tuple[str, str], ...] = ()
    """Source of expressions in the body, and what takes their place."""
    first: str = ""
    """A statement to begin the body with."""
    fields: tuple[FieldEdit, ...] = ()
    items: tuple[ItemEdit, ...] = ()
    function: str = ""
    """The name of the function that moves out; of a call: its arguments after `info` is taken apart."""
    stays: bool = False
    """A function for items stays a class method, and the annotations call it by the name of the class."""
    order: tuple[tuple[str, ValidatorChange], ...] = ()
    """The functions of the class, by name, that change places: the first with the last and so on."""


class Read(Struct, frozen=True):
    """What a validator's function asks for, and how that is had in version 2."""

    info: str = ""
    parameters: bool = False
    has_cls: bool = True
    rewrites: tuple[tuple[str, str], ...] = ()
    first: str = ""
    reasons: tuple[str, ...] = ()
    broken: bool = False
    """Version 2 refuses the old form, not just the old name."""


def read_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    parent: Callable[[ast.AST], ast.AST | None],
    segment: Callable[[ast.AST], str],
    *,
    static: bool,
) -> Read | Obstacle:
    """How the parameters and the body of a validator change; `static`: it is a static method."""
    given = [*node.args.posonlyargs, *node.args.args]
    if node.args.vararg is not None:
        return Obstacle("it takes `*args`: write its parameters out as `cls, value, info`")
    has_cls = bool(given) and given[0].arg == "cls" and not static
    rest = given[1:] if has_cls else given
    if not rest:
        return Obstacle("it has no parameter for the value")
    if not has_cls and given[0].arg == "self":
        return Obstacle("it takes `self`: no object exists yet when a field is checked")
    extras = [arg.arg for arg in (*rest[1:], *node.args.kwonlyargs)]
    odd = next((name for name in extras if name not in _EXTRAS), None)
    if odd is not None:
        return Obstacle(f"it takes `{odd}`, which version 1 never passed: use `cls, value, info`")
    keywords = node.args.kwarg.arg if node.args.kwarg is not None else ""
    if not extras and not keywords:
        return Read(has_cls=has_cls)
    taken = names_in(node) - set(extras) - {keywords}
    info = next(name for name in ("info", "validation_info", "info_", "validation_info_") if name not in taken)
    body = _Body(node, parent, segment, info)
    for name in extras:
        why_not = body.read(name)
        if why_not:
            return Obstacle(why_not)
    if keywords:
        why_not = body.read_keywords(keywords)
        if why_not:
            return Obstacle(why_not)
    used = bool(body.rewrites or body.first)
    needs_cls = any(new.find("cls.") >= 0 for _, new in body.rewrites)
    if needs_cls and not has_cls:
        return Obstacle("give it `cls` as its first parameter, to find the field in `cls.model_fields`")
    return Read(
        info if used else "",
        True,
        has_cls,
        tuple(dict.fromkeys(body.rewrites)),
        body.first,
        tuple(dict.fromkeys(body.reasons)),
        bool({"field", "config"}.intersection(extras)),
    )


class _Body:
    """Collects what changes in the body of a validator."""

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        parent: Callable[[ast.AST], ast.AST | None],
        segment: Callable[[ast.AST], str],
        info: str,
    ) -> None:
        self.node = node
        self.parent = parent
        self.segment = segment
        self.info = info
        self.rewrites: list[tuple[str, str]] = []
        self.reasons: list[str] = []
        self.first = ""

    def read(self, name: str) -> str:
        """Take one parameter in; why that cannot be done, if it cannot."""
        uses = uses_of(self.node, name)
        if not uses.loads and uses.everywhere:
            return ""
        if name == "values":
            if uses.everywhere:
                self.rewrites.append((name, f"{self.info}.data"))
            else:
                self.first = f"{name} = {self.info}.data"
            return ""
        if not uses.everywhere:
            return f"`{name}` is assigned in it: give that another name first"
        for load in uses.loads:
            why_not = self._field(load, load) if name == "field" else self._config(load)
            if why_not:
                return why_not
        return ""

    def read_keywords(self, name: str) -> str:
        """Take `**kwargs` in, of which only the items that version 1 passed may be read."""
        uses = uses_of(self.node, name)
        if not uses.everywhere:
            return f"`{name}` is assigned in it: use `info.data` instead"
        for load in uses.loads:
            node, key = self._item(load)
            if node is None or key not in _EXTRAS:
                return f"it hands `{name}` on: take `info` and pass `info.data`"
            if key == "values":
                self.rewrites.append((self.segment(node), f"{self.info}.data"))
            elif key == "field":
                why_not = self._field(node, load)
                if why_not:
                    return why_not
            else:
                return "`config` is `cls.model_config` in version 2: read the key there"
        return ""

    def _item(self, load: ast.Name) -> tuple[ast.expr | None, str]:
        """The `kwargs["values"]` or `kwargs.get("values")` around a name."""
        match self.parent(load):
            case ast.Subscript(slice=ast.Constant(value=str(key))) as item:
                return item, key
            case ast.Attribute(attr="get") as method:
                call = self.parent(method)
                match call:
                    case ast.Call(args=[ast.Constant(value=str(key))], keywords=[]) if call.func is method:
                        return call, key
        return None, ""

    def _field(self, node: ast.expr, load: ast.Name) -> str:
        held = self.parent(node)
        if not isinstance(held, ast.Attribute) or not isinstance(held.ctx, ast.Load):
            return f"it hands `{load.id}` on, which is a name in version 2: `info.field_name`"
        if held.attr == "field_info":
            inner = self.parent(held)
            if isinstance(inner, ast.Attribute) and inner.attr in _OF_FIELD_INFO:
                self._replace(inner, f"{_FIELD}.{_OF_FIELD_INFO[inner.attr]}")
                if inner.attr == "extra":
                    self.reasons.append(
                        "what `Field` was given besides its own keywords has to be in `json_schema_extra`"
                    )
                return ""
            if not isinstance(inner, ast.Attribute):
                self._replace(held, _FIELD)
                self.reasons.append("the attributes of a `FieldInfo` are those of version 2")
                return ""
            return f"`field.field_info.{inner.attr}` is gone: see `{_FIELD}`"
        if held.attr not in _OF_FIELD:
            remedy = _REMEDIES.get(held.attr, f"see `{_FIELD}`")
            return f"`field.{held.attr}` is gone: {remedy}"
        new, reason = _OF_FIELD[held.attr]
        self._replace(held, new)
        self.reasons += [reason] if reason else []
        return ""

    def _replace(self, node: ast.expr, new: str) -> None:
        self.rewrites.append((self.segment(node), new.replace("info.", f"{self.info}.")))

    def _config(self, load: ast.Name) -> str:
        held = self.parent(load)
        if not isinstance(held, ast.Attribute) or not isinstance(held.ctx, ast.Load):
            return "it hands `config` on, which is the dict `cls.model_config` in version 2"
        key = RENAMED_KEYS.get(held.attr, held.attr)
        self.rewrites.append((self.segment(held), f'cls.model_config.get("{key}")'))
        self.reasons.append("`model_config` has only the keys that were set, the others are None here")
        return ""


def read_options(call: ast.Call) -> dict[str, bool | ast.expr] | Obstacle:
    """The keywords of `validator(...)`: what is a literal as its value, `check_fields` as it stands."""
    found: dict[str, bool | ast.expr] = {}
    for keyword in call.keywords:
        if keyword.arg not in OPTIONS:
            return Obstacle(f"`{keyword.arg or '**'}` is no argument of `validator`: write its arguments out")
        if keyword.arg == "check_fields":
            found[keyword.arg] = keyword.value
        elif is_constant(keyword.value, True) or is_constant(keyword.value, False):
            found[keyword.arg] = is_constant(keyword.value, True)
        elif not is_constant(keyword.value, None):
            if keyword.arg == "allow_reuse":
                continue
            return Obstacle(f"`{keyword.arg}` is worked out when the class is made: write True or False")
    if "whole" in found:
        found["each_item"] = not found.pop("whole")
    return found


def names_of(call: ast.Call) -> tuple[str, ...] | None:
    """The names of fields a decorator is given; None where one is not written out."""
    names = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    return tuple(names) if len(names) == len(call.args) else None


# Items ---------------------------------------------------------------------------------------------------------------

_SEQUENCES = frozenset(
    {"builtins.list", "builtins.set", "builtins.frozenset", "collections.deque", "collections.abc.Sequence",
     "collections.abc.Iterable", "collections.abc.Collection", "typing.List", "typing.Set", "typing.FrozenSet",
     "typing.Deque", "typing.Sequence", "typing.Iterable", "typing.Collection"}
)  # fmt: skip
_MAPPINGS = frozenset(
    {"builtins.dict", "collections.abc.Mapping", "collections.defaultdict", "typing.Dict", "typing.Mapping",
     "typing.DefaultDict", "collections.OrderedDict", "typing.OrderedDict"}
)  # fmt: skip
_TUPLES = ("builtins.tuple", "typing.Tuple")
_CONSTRAINED = ("pydantic.conlist", "pydantic.conset", "pydantic.confrozenset")


def item_slots(
    node: ast.expr, qualname: Callable[[ast.expr], str | None], path: tuple[int | str, ...] = ()
) -> tuple[tuple[int | str, ...], ...] | None:
    """The ways to the types of a field's items in its annotation; of what has none, to the type itself."""
    match node:
        case ast.Subscript(value=value, slice=inner):
            return _subscript_slots(qualname(value), inner, qualname, path)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            if is_constant(right, None):
                return item_slots(left, qualname, (*path, "left"))
            return item_slots(right, qualname, (*path, "right")) if is_constant(left, None) else None
        case ast.Call(func=func, args=[_, *_]) if qualname(func) in _CONSTRAINED:
            return ((*path, "arg"),)
        case ast.Name() | ast.Attribute():
            name = qualname(node) or ""
            plain = name.startswith("builtins.") and name not in (*_SEQUENCES, *_MAPPINGS, *_TUPLES)
            return (path,) if plain and name != "builtins.object" else None
    return None


def _subscript_slots(
    name: str | None, inner: ast.expr, qualname: Callable[[ast.expr], str | None], path: tuple[int | str, ...]
) -> tuple[tuple[int | str, ...], ...] | None:
    elements: Sequence[ast.expr] = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "typing.Optional":
        return item_slots(elements[0], qualname, (*path, 0))
    if name == "typing.Annotated":
        return item_slots(elements[0], qualname, (*path, 0))
    if name == "typing.Union":
        others = [index for index, one in enumerate(elements) if not is_constant(one, None)]
        return item_slots(elements[others[0]], qualname, (*path, others[0])) if len(others) == 1 else None
    if name in _SEQUENCES and len(elements) == 1:
        return ((*path, 0),)
    if name in _MAPPINGS and len(elements) == 2:
        return ((*path, 1),)
    if name in _TUPLES:
        if len(elements) == 2 and is_constant(elements[1], ...):
            return ((*path, 0),)
        return tuple((*path, index) for index in range(len(elements)))
    return None
