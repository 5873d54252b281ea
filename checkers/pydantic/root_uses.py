"""Where the `__root__` of a root model is read, given or named."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.pydantic.models import classes_of
from trueup.libraries.pydantic.roots import ROOT, Family, RootUse, families, root_kind
from trueup.libraries.pydantic.versions import keeps_v1
from trueup.model import Hit, Safety
from trueup.types import ClassObject, Type, without_none

_DUMPS = ("dict", "model_dump")
_PARSES = ("parse_obj", "model_validate", "validate", "validate_python")
_CONSTRUCTS = ("construct", "model_construct")
_VALIDATORS = ("validator", "field_validator", "field_serializer")
_WHOLE = ("root_validator", "model_validator")
_READS = ("get", "pop", "setdefault")
_NEW = "a `RootModel` has `root`"


def root_use(node: ast.AST, file: File) -> Iterator[Hit]:
    """The hits on one node."""
    match node:
        case ast.Attribute(attr=attr) if attr == ROOT:
            yield from _attribute(node, file)
        case ast.Call(keywords=keywords) if any(one.arg == ROOT for one in keywords):
            yield from _argument(node, file)
        case ast.Call(keywords=[ast.keyword(arg=None, value=value)], args=[]) if _payload(value) is not None:
            yield from _spread(node, file)
        case ast.Call(keywords=[ast.keyword(arg=None, value=ast.Call() as value)], args=[]) if _is_dump(value):
            yield from _respread(node, value, file)
        case ast.Call(func=ast.Attribute(attr="dict" | "model_dump")):
            yield from _dump(node, file)
        case ast.Constant(value=value) if value == ROOT:
            early = _early(node, file)
            yield from _string(node, file) if early is None else early


def _hit(node: ast.AST, text: str, shape: str, kind: Family | str, file: File, *, why: str = "") -> Iterator[Hit]:
    """A hit on something of a family, of a `RootModel` or of what is not known."""
    if isinstance(kind, Family):
        if kind.why:
            text = f"{text}; change it with `{kind.head.rpartition('.')[2]}`"
            yield Hit(node, text, safety=Safety.MANUAL, why=kind.why, group=kind.group)
        else:
            safety = Safety.UNSAFE if why else None
            yield Hit(node, text, RootUse(shape), safety=safety, why=why, group=kind.group)
    elif kind == "new":
        yield Hit(node, text, RootUse(shape), safety=Safety.UNSAFE if why else None, why=why)
    elif kind == "open":
        table = families(file.types, file.config.base_models)
        stuck = next((one for one in table.values() if one.why), None)
        if stuck is not None or keeps_v1(file.types):
            why = stuck.why if stuck is not None else "it may be a model of `pydantic.v1`, which keeps the name"
            yield Hit(node, text, safety=Safety.MANUAL, why=why)
        elif table:
            why = why or "its type is not known; only root models have the name"
            yield Hit(node, text, RootUse(shape), safety=Safety.UNSAFE, why=why)


def _attribute(node: ast.Attribute, file: File) -> Iterator[Hit]:
    """`p.__root__`."""
    kind = root_kind(file.types, file.type_of(node.value), file.config.base_models)
    yield from _hit(node, f"`.{ROOT}` is `.root` in Pydantic 2", "attribute", kind, file)


def _argument(node: ast.Call, file: File) -> Iterator[Hit]:
    """`P(__root__=x)`, `P.construct(__root__=x)`, `super().__init__(__root__=x)`."""
    match node.func:
        case ast.Attribute(value=value, attr=attr) if attr in _CONSTRUCTS:
            kind = root_kind(file.types, file.type_of(value), file.config.base_models)
            text = f"`{attr}({ROOT}=...)` is `{attr}(root=...)` in Pydantic 2"
            yield from _hit(node, text, "keyword", kind, file)
            return
    made = file.type_of(node.func)
    made_of: Family | str = "other"
    if isinstance(node.func, ast.Attribute) and node.func.attr == "__init__" and _is_super(node.func.value):
        klass = file.class_at(node)
        made_of = (
            families(file.types, file.config.base_models).get(file.qualified(klass), "other") if klass else "other"
        )
    elif _is_class(made):
        made_of = root_kind(file.types, made, file.config.base_models)
    if isinstance(made_of, Family) or made_of == "new":
        rest = [one for one in node.keywords if one.arg != ROOT]
        if rest or node.args:
            text = f"`{ROOT}=` is the one argument without a name in Pydantic 2"
            yield Hit(node, text, safety=Safety.MANUAL, why="the call has other arguments")
            return
        name = file.segment(node.func)
        yield from _hit(node, f"`{name}({ROOT}=...)` is `{name}(...)` in Pydantic 2", "argument", made_of, file)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _is_class(one: Type) -> bool:
    return isinstance(without_none(one), ClassObject) or any(is_class for _, is_class in classes_of(one) or ())


def _spread(node: ast.Call, file: File) -> Iterator[Hit]:
    """`P(**{"__root__": x})`."""
    made = file.type_of(node.func)
    if _is_class(made):
        kind = root_kind(file.types, made, file.config.base_models)
        if isinstance(kind, Family) or kind == "new":
            text = f"`{ROOT}` is the one argument without a name in Pydantic 2"
            yield from _hit(node, text, "values", kind, file)


def _respread(node: ast.Call, value: ast.Call, file: File) -> Iterator[Hit]:
    """`P(**q.dict())`: the value that is dumped is given as it is."""
    made, held = file.type_of(node.func), _dumped(value, file)
    if _is_class(made) and held is not None:
        kind = root_kind(file.types, made, file.config.base_models)
        if isinstance(kind, Family):
            text = "a root model is dumped as its value in Pydantic 2, which is given without `**`"
            yield from _hit(node, text, "values", kind, file)


def _is_dump(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _DUMPS


def _dumped(node: ast.expr, file: File) -> Family | None:
    """The family whose value `p.dict()` gives, if that is what an expression is."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _DUMPS:
        return None
    held = node.func.value
    if _is_super(held):
        klass = file.class_at(node)
        return families(file.types, file.config.base_models).get(file.qualified(klass)) if klass is not None else None
    pairs = classes_of(file.type_of(held)) or []
    table = families(file.types, file.config.base_models)
    return table[pairs[0][0]] if pairs and all(cls in table and not is_class for cls, is_class in pairs) else None


def _dump(node: ast.Call, file: File) -> Iterator[Hit]:
    """`p.dict()` where it is not taken apart again."""
    family = _dumped(node, file)
    if family is None or _is_taken_apart(node, file) or _overrides(node, file):
        return
    match file.parent(node):
        case ast.keyword(arg=None):
            return
        case ast.Call(func=func, args=[first, *_]) if first is node and _parser_of(func, file) is not None:
            return
    given = {one.arg for one in node.keywords}
    text = "a root model is dumped as its value in Pydantic 2, no longer as `{'__root__': ...}`"
    if given & {"include", "exclude", None}:
        yield Hit(node, text, safety=Safety.MANUAL, why="`include` and `exclude` are for the value itself now")
        return
    why = "who takes the dict back in has to take the value itself"
    yield from _hit(node, text, "wrap", family, file, why=why)


def _overrides(node: ast.Call, file: File) -> bool:
    """Whether a class has a `dict` of its own, which gives what it likes."""
    assert isinstance(node.func, ast.Attribute)
    pairs = classes_of(file.type_of(node.func.value)) or []
    for cls, _ in pairs:
        found = file.types.member(cls, node.func.attr)
        if found is not None and found.owner.file.path in file.project.files:
            return True
    return False


def _is_taken_apart(node: ast.Call, file: File) -> bool:
    match file.parent(node):
        case ast.Subscript(value=value, slice=ast.Constant(value=key)) if value is node:
            return bool(key == ROOT)
        case ast.Attribute(value=value, attr=attr) as parent if value is node and attr in _READS:
            match file.parent(parent):
                case ast.Call(args=[ast.Constant(value=key), *_]):
                    return bool(key == ROOT)
    return False


# Strings -------------------------------------------------------------------------------------------------------------


def _string(node: ast.Constant, file: File) -> Iterator[Hit]:
    """`"__root__"`, by what stands around it."""
    parent = file.parent(node)
    match parent:
        case ast.Subscript(value=value, slice=key) if key is node:
            yield from _key(node, value, parent, file)
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[first, *_]) if first is node and attr in _READS:
            yield from _key(node, value, parent if attr != "setdefault" else None, file)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[value]) if left is node:
            yield from _key(node, value, None, file)
        case ast.Dict(keys=keys) if node in keys:
            yield from _dict_key(node, parent, file)
        case ast.Call(func=ast.Name(id="getattr" | "setattr"), args=[value, name, *_]) if name is node:
            kind = root_kind(file.types, file.type_of(value), file.config.base_models)
            yield from _hit(node, f"`{ROOT}` is `root` in Pydantic 2", "name", kind, file)
        case ast.Call(func=ast.Name(id="hasattr"), args=[value, name]) if name is node:
            kind = root_kind(file.types, file.type_of(value), file.config.base_models)
            text = f"nothing has a `{ROOT}` in Pydantic 2: ask `isinstance(..., RootModel)`"
            yield from _hit(parent, text, "asked", kind, file, why=_NEW + ", and so may other things")
        case ast.Call() if _is_decorator(parent, file):
            klass = file.class_at(node)
            family = families(file.types, file.config.base_models).get(file.qualified(klass)) if klass else None
            if family is not None:
                yield from _hit(node, f"`{ROOT}` is `root` in Pydantic 2", "name", family, file)


def _early(node: ast.Constant, file: File) -> list[Hit] | None:
    """The hit on a `"__root__"` in a validator of a root model that runs before validation; None for another place."""
    if not any(_is_before(one) for one in _whole(node, file)):
        return None
    klass = file.class_at(node)
    family = families(file.types, file.config.base_models).get(file.qualified(klass)) if klass else None
    if family is None:
        return None
    text = f"before validation there is the value itself, without `{ROOT}` around it: use that"
    return [
        Hit(node, text, safety=Safety.MANUAL, why="what the validator makes of it is not known", group=family.group)
    ]


def _is_before(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Call(keywords=[ast.keyword(arg="mode", value=ast.Constant(value="before"))]):
            return True
    return False


def _key(node: ast.Constant, held: ast.expr, whole: ast.AST | None, file: File) -> Iterator[Hit]:
    """`x["__root__"]` and `x.get("__root__")`."""
    dumped = _dumped(held, file)
    if dumped is not None and whole is not None:
        text = "a root model is dumped as its value in Pydantic 2, no longer as `{'__root__': ...}`"
        yield from _hit(whole, text, "unwrap", dumped, file)
        return
    match held:
        case ast.Attribute(value=owner, attr="__fields__" | "model_fields" | "__fields_set__" | "model_fields_set"):
            kind = root_kind(file.types, file.type_of(owner), file.config.base_models)
            if kind != "open":
                yield from _hit(node, f"`{ROOT}` is `root` in Pydantic 2", "name", kind, file)
        case ast.Name(id=name):
            function = file.function_at(node)
            klass = file.class_at(node)
            family = families(file.types, file.config.base_models).get(file.qualified(klass)) if klass else None
            if family is None or function is None or not _whole(node, file):
                return
            if name in [one.name for one in function.params] or name in file.project.names(function.scope).bindings:
                yield from _hit(node, f"`{ROOT}` is `root` in Pydantic 2", "name", family, file)


def _whole(node: ast.AST, file: File) -> list[ast.expr]:
    """The decorators that make the function around a place a validator of a whole model."""
    around = file.parent(node)
    while around is not None and not isinstance(around, ast.FunctionDef):
        around = file.parent(around)
    if around is None:
        return []
    names = [
        (file.qualname(one.func if isinstance(one, ast.Call) else one) or "", one) for one in around.decorator_list
    ]
    return [one for name, one in names if name.rpartition(".")[2] in _WHOLE]


def _is_decorator(call: ast.Call, file: File) -> bool:
    """Whether a call is the decorator of a validator of fields."""
    holder = file.parent(call)
    if not isinstance(holder, ast.FunctionDef) or call not in holder.decorator_list:
        return False
    return (file.qualname(call.func) or "") in [f"pydantic.{one}" for one in _VALIDATORS]


def _payload(node: ast.expr) -> ast.expr | None:
    """The value of `{"__root__": value}`."""
    match node:
        case ast.Dict(keys=[ast.Constant(value=key)], values=[value]) if key == ROOT:
            return value
    return None


def _dict_key(node: ast.Constant, payload: ast.Dict, file: File) -> Iterator[Hit]:
    """`{"__root__": x}`."""
    holder = file.parent(payload)
    match holder:
        case ast.Call(func=func, args=[*_, last]) if last is payload and len(payload.keys) == 1:
            kind = _parser_of(func, file, holder)
            if kind is not None and not (isinstance(kind, Family) and kind.mapping):
                text = f"`{{'{ROOT}': ...}}` is no longer taken in Pydantic 2: give the value itself"
                yield from _hit(payload, text, "inner", kind, file)
        case ast.keyword(arg="update"):
            call = file.parent(holder)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                kind = root_kind(file.types, file.type_of(call.func.value), file.config.base_models)
                if kind != "open":
                    yield from _hit(node, f"`{ROOT}` is `root` in Pydantic 2", "name", kind, file)


def _parser_of(func: ast.expr, file: File, call: ast.Call | None = None) -> Family | str | None:
    """The root model that a function parses into; None where it is none, or not known."""
    if isinstance(func, ast.Attribute) and func.attr in _PARSES:
        kind = root_kind(file.types, file.type_of(func.value), file.config.base_models)
        return kind if isinstance(kind, Family) or kind == "new" else None
    if call is not None and file.qualname(func) == "pydantic.parse_obj_as" and len(call.args) == 2:
        kind = root_kind(file.types, file.type_of(call.args[0]), file.config.base_models)
        return kind if isinstance(kind, Family) or kind == "new" else None
    return None
