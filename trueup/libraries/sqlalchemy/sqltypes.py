"""The Python type that comes out of a column of some SQL type, as data where the stubs cannot say it."""

from __future__ import annotations

from ...index.facts import Attr, Call, Choice, Const, Expr, Name, Star
from ...index.project import ClassSymbol, FunctionSymbol, VariableSymbol
from ...infer import Inference, Site
from ...types import NONE, UNKNOWN, Callee, ClassObject, Foreign, Instance, Type, Union, Unknown, union, without_none
from .places import body_site

ANY: Type = Instance("typing.Any")
JSON_VALUE: Type = Instance("sqlalchemy.JSON")
"""Whatever JSON can hold: what exactly, only the column's default may tell."""
AS_UUID = Unknown("`postgresql.UUID` without `as_uuid` gives `str` under SQLAlchemy 1.4 and `uuid.UUID` under 2")

ENGINE = "sqlalchemy.types.TypeEngine"
_DECORATOR = "sqlalchemy.TypeDecorator"
_MUTABLE = "sqlalchemy.ext.mutable.Mutable"

_STR, _INT, _FLOAT, _BOOL, _BYTES = [Instance(f"builtins.{n}") for n in ("str", "int", "float", "bool", "bytes")]
_DECIMAL, _UUID, _DATETIME = Instance("decimal.Decimal"), Instance("uuid.UUID"), Instance("datetime.datetime")
_DICT = Instance("builtins.dict", (_STR, ANY))
_LIST, _SET = Instance("builtins.list", (ANY,)), Instance("builtins.set", (ANY,))

_KNOWN: dict[str, Type] = {
    "sqlalchemy.PickleType": ANY,
    "sqlalchemy.dialects.mysql.BIT": _INT,
    "sqlalchemy.dialects.postgresql.BIT": _STR,
    # Drivers disagree on what a range comes back as, and 1.4 handed on what they gave.
    "sqlalchemy.dialects.postgresql.AbstractRange": ANY,
}
"""Types of SQLAlchemy whose stub leaves the Python type open, and what they give."""

_MSSQL = {
    "BIT": _BOOL, "TINYINT": _INT, "DATETIME2": _DATETIME, "DATETIMEOFFSET": _DATETIME, "SMALLDATETIME": _DATETIME,
    "NTEXT": _STR, "XML": _STR, "IMAGE": _BYTES, "MONEY": _DECIMAL, "SMALLMONEY": _DECIMAL,
    "NVARCHAR": _STR, "VARCHAR": _STR, "INTEGER": _INT,
}  # fmt: skip
_ORACLE = {
    "BINARY_DOUBLE": _FLOAT, "BINARY_FLOAT": _FLOAT, "LONG": _STR, "NCLOB": _STR, "NVARCHAR2": _STR, "VARCHAR2": _STR,
    "RAW": _BYTES, "BFILE": _BYTES,
}  # fmt: skip
_UTILS = {
    "EmailType": _STR, "URLType": _STR, "UUIDType": _UUID, "JSONType": JSON_VALUE, "ArrowType": ANY, "ChoiceType": ANY,
    "ColorType": ANY, "CountryType": ANY, "CurrencyType": ANY, "DateRangeType": ANY, "DateTimeRangeType": ANY,
    "EnrichedDateTimeType": ANY, "IntRangeType": ANY, "IPAddressType": ANY, "LocaleType": ANY, "LtreeType": ANY,
    "NumericRangeType": ANY, "PasswordType": ANY, "PhoneNumberType": ANY, "ScalarListType": ANY, "TSVectorType": ANY,
    "TimezoneType": ANY, "WeekDaysType": ANY,
}  # fmt: skip
_FOREIGN: dict[tuple[str, str], Type] = {
    **{("sqlalchemy", name): one for name, one in (_MSSQL | _ORACLE).items()},
    **{("sqlalchemy_utils", name): one for name, one in _UTILS.items()},
    ("sqlalchemy_jsonfield", "JSONField"): JSON_VALUE,
    ("fastapi_utils", "GUID"): _UUID,
    ("fastapi_users", "GUID"): _UUID,
    ("fastapi_users_db_sqlalchemy", "GUID"): _UUID,
    ("geoalchemy2", "Geometry"): ANY,
    ("geoalchemy2", "Geography"): ANY,
    ("geoalchemy2", "Raster"): ANY,
    ("pgvector", "Vector"): ANY,
}
"""(top-level package, name of the type) -> Python type, for types without a stub of ours."""
_WRAPPERS = frozenset({"EncryptedType", "StringEncryptedType"})
"""Types of sqlalchemy_utils that give what their first argument gives."""

_SAME = frozenset({"with_variant", "evaluates_none", "copy"})
"""Methods of an SQL type that give a type of the same Python type."""
_OWN_RESULT = ("process_result_value", "result_processor", "coerce_compared_value")


def python_type(types: Inference, expr: Expr, site: Site) -> Type:
    """What an instance's attribute is, for an SQL type given as an expression read at a place; `None` left out.

    Unknown where it cannot be told. ANY and JSON_VALUE stand for types that say nothing more.
    """
    if isinstance(expr, Choice):
        return _agreed([python_type(types, item, site) for item in expr.items])
    if isinstance(expr, Call):
        return _of_call(types, expr, site)
    definition = _definition(types, expr, site)
    if definition is not None:
        return _agreed([python_type(types, value, at) for value, at in definition])
    found = types.type_of(expr, site)
    if isinstance(found, ClassObject):
        return _of_class(types, found, None, site)
    if isinstance(found, Foreign):
        return _of_foreign(types, found.path, None, site)
    if isinstance(found, Instance) and types.is_subclass(found.cls, ENGINE) and not _needs_arguments(types, found.cls):
        return _of_class(types, ClassObject(found.cls, found.args), None, site)
    return UNKNOWN


def is_sql_type(types: Inference, expr: Expr, site: Site) -> bool:
    """Whether an expression certainly is an SQL type, or an object of one."""
    found = types.type_of(expr, site)
    if isinstance(found, ClassObject | Instance):
        return bool(types.is_subclass(found.cls, ENGINE))
    return not isinstance(python_type(types, expr, site), Unknown)


def _agreed(found: list[Type]) -> Type:
    return found[0] if found and all(one == found[0] for one in found) else UNKNOWN


def _definition(types: Inference, expr: Expr, site: Site) -> list[tuple[Expr, Site]] | None:
    """The values a name of a module or class body was given; None for anything else."""
    if isinstance(expr, Name) and site.klass is not None:
        own = types.project.names(site.klass.scope).bindings.get(expr.id, [])
        if own and all(b.how in ("assign", "annotate") and b.value is not None and not b.unpack for b in own):
            at = [Site(site.file, site.function, site.klass, b.block, b.line, b.column) for b in own]
            return [(b.value, s) for b, s in zip(own, at, strict=True) if b.value is not None]
    name = types.qualname(expr, site) if isinstance(expr, Name | Attr) else None
    symbol = types.project.locate(name) if name is not None else None
    if not isinstance(symbol, VariableSymbol) or symbol.file.path not in types.project.files:
        return None
    if any(b.value is None or b.unpack or b.how not in ("assign", "annotate") for b in symbol.bindings):
        return []
    return [
        (b.value, Site(symbol.file, None, None, b.block, b.line, b.column))
        for b in symbol.bindings
        if b.value is not None
    ]


def _of_call(types: Inference, call: Call, site: Site) -> Type:
    func = call.func
    if isinstance(func, Attr):
        if func.attr in _SAME:
            return python_type(types, func.value, site)
        if func.attr == "as_mutable" and call.args:
            return _of_mutable(types, func.value, call.args[0], site)
    found = types.type_of(func, site)
    if isinstance(found, ClassObject):
        return _of_class(types, found, call, site)
    if isinstance(found, Foreign):
        return _of_foreign(types, found.path, call, site)
    if isinstance(found, Callee):
        return _of_function(types, found, call, site)
    return UNKNOWN


def _of_function(types: Inference, callee: Callee, call: Call, site: Site) -> Type:
    """A function of the project that makes a type: by what it returns."""
    symbol = types.project.function(callee.qualname)
    if symbol is None:
        return UNKNOWN
    if symbol.file.path in types.project.files and symbol.facts.returned and not symbol.facts.decorators:
        key = ("sqlalchemy.made", symbol.qualname, symbol.facts.pos.line)
        return types.remember(key, lambda: _agreed([python_type(types, e, s) for e, s in _returned(symbol)]), UNKNOWN)
    made = types.called(callee, call, site)
    if isinstance(made, Instance) and types.is_subclass(made.cls, ENGINE) and not _needs_arguments(types, made.cls):
        return _of_class(types, ClassObject(made.cls, made.args), None, site)
    return UNKNOWN


def _returned(symbol: FunctionSymbol) -> list[tuple[Expr, Site]]:
    return [
        (value, Site(symbol.file, symbol.facts, None, 0, line, column)) for value, line, column in symbol.facts.returned
    ]


def _of_mutable(types: Inference, wrapper: Expr, inner: Expr, site: Site) -> Type:
    found = types.type_of(wrapper, site)
    if not isinstance(found, ClassObject) or not types.is_subclass(found.cls, _MUTABLE):
        return UNKNOWN
    for name, shape in (("dict", _DICT), ("list", _LIST), ("set", _SET)):
        if types.is_subclass(found.cls, f"builtins.{name}"):
            held = python_type(types, inner, site)
            return held if isinstance(held, Instance) and held.cls == f"builtins.{name}" else shape
    return UNKNOWN


def _of_foreign(types: Inference, path: str, call: Call | None, site: Site) -> Type:
    """A type of a library whose source is not known."""
    top, name = path.partition(".")[0], path.rpartition(".")[2]
    if top == "sqlalchemy_utils" and name in _WRAPPERS and call is not None and call.args:
        return python_type(types, call.args[0], site)
    return _FOREIGN.get((top, name), UNKNOWN)


def _needs_arguments(types: Inference, cls: str) -> bool:
    """Whether the Python type of an SQL type rests on what it was called with."""
    bases = ("Numeric", "Enum", "ARRAY", "Uuid")
    return any(types.is_subclass(cls, f"sqlalchemy.{base}") for base in bases)


def _of_class(types: Inference, cls: ClassObject, call: Call | None, site: Site) -> Type:
    """An SQL type by its class and, where it was called, by its arguments."""
    name = cls.cls
    if not types.is_subclass(name, ENGINE):
        return UNKNOWN
    symbol = types.project.klass(name)
    if symbol is not None and not name.startswith("sqlalchemy."):
        own = _FOREIGN.get((name.partition(".")[0], name.rpartition(".")[2]))
        if own is not None:
            return own
        if types.is_subclass(name, _DECORATOR):
            return _of_decorator(types, cls, symbol)
        if any(_is_own(types, name, method) for method in _OWN_RESULT[:2]):
            return _python_type_property(types, name)
        if _is_own(types, name, "__init__"):
            call = None
            if _needs_arguments(types, name):
                return UNKNOWN
    for base, known in _KNOWN.items():
        if types.is_subclass(name, base):
            return known
    if types.is_subclass(name, "sqlalchemy.Enum"):
        return _of_enum(types, call, site)
    if types.is_subclass(name, "sqlalchemy.Numeric"):
        return _of_number(types, name, call)
    if types.is_subclass(name, "sqlalchemy.ARRAY"):
        return _of_array(types, call, site)
    if types.is_subclass(name, "sqlalchemy.Uuid"):
        return _of_uuid(types, name, call)
    if types.is_subclass(name, "sqlalchemy.JSON"):
        return JSON_VALUE
    if name == "sqlalchemy.dialects.postgresql.DOMAIN" and call is not None and len(call.args) > 1:
        return python_type(types, call.args[1], site)
    return _argument_of_engine(types, cls)


def _argument_of_engine(types: Inference, cls: ClassObject) -> Type:
    args = types.ancestor_args(cls.cls, cls.args, ENGINE)
    found = without_none(args[0]) if args else UNKNOWN
    return found if isinstance(found, Instance | Unknown) else UNKNOWN


def _keyword(call: Call | None, name: str, place: int) -> Expr | None:
    """The argument of a call by its name or its place."""
    if call is None:
        return None
    for key, value in call.keywords:
        if key == name:
            return value
    return call.args[place] if len(call.args) > place else None


def truth(expr: Expr | None) -> bool | None:
    """The truth of a literal; None for anything else."""
    if isinstance(expr, Const) and expr.kind in ("bool", "int"):
        return expr.text not in ("False", "0")
    return None


def _is_open(call: Call | None) -> bool:
    if call is None:
        return False
    return any(isinstance(a, Star) for a in call.args) or any(name == "**" for name, _ in call.keywords)


def _of_enum(types: Inference, call: Call | None, site: Site) -> Type:
    if call is None or not call.args:
        return UNKNOWN
    first = call.args[0]
    if isinstance(first, Star):
        return _STR if _gives_text(types, first.value, site) else UNKNOWN
    found = types.type_of(first, site)
    if isinstance(found, ClassObject):
        return Instance(found.cls) if types.is_subclass(found.cls, "enum.Enum") else UNKNOWN
    return _STR if found == _STR else UNKNOWN


def _gives_text(types: Inference, expr: Expr, site: Site) -> bool:
    element = types.iterated(types.type_of(expr, site))
    # `*[e.value for e in Color]`: Enum's own rule lets nothing but names through here.
    return element == _STR or not isinstance(element, Instance | Union)


def _of_number(types: Inference, name: str, call: Call | None) -> Type:
    is_float = bool(types.is_subclass(name, "sqlalchemy.Float"))
    given = _keyword(call, "asdecimal", 1 if name == "sqlalchemy.Float" else 3)
    if _is_open(call):
        return UNKNOWN
    decimal = truth(given) if given is not None else not is_float
    return UNKNOWN if decimal is None else _DECIMAL if decimal else _FLOAT


def _of_uuid(types: Inference, name: str, call: Call | None) -> Type:
    given = _keyword(call, "as_uuid", 0)
    if _is_open(call):
        return UNKNOWN
    if given is None:
        return AS_UUID if name.startswith("sqlalchemy.dialects.postgresql") else _UUID
    whole = truth(given)
    return UNKNOWN if whole is None else _UUID if whole else _STR


def _of_array(types: Inference, call: Call | None, site: Site) -> Type:
    item = _keyword(call, "item_type", 0)
    if item is None or _is_open(call):
        return UNKNOWN
    element = python_type(types, item, site)
    element = ANY if element == JSON_VALUE else element
    if isinstance(element, Unknown):
        return element
    as_tuple, dimensions = _keyword(call, "as_tuple", 1), _keyword(call, "dimensions", 2)
    if as_tuple is not None and truth(as_tuple) is not False:
        flat = truth(as_tuple) and dimensions is None
        return Instance("builtins.tuple", (element,), uniform=True) if flat else UNKNOWN
    depth = 1
    if dimensions is not None and dimensions != Const("none"):
        if not isinstance(dimensions, Const) or not dimensions.text.isdigit():
            return UNKNOWN
        depth = int(dimensions.text)
    for _ in range(min(depth, 4)):
        element = Instance("builtins.list", (element,))
    return element


# Types of the project's own


def _is_own(types: Inference, cls: str, name: str) -> bool:
    """Whether a member of an SQL type is not SQLAlchemy's."""
    member = types.member(cls, name)
    return member is not None and not member.owner.qualname.startswith("sqlalchemy.")


def _of_decorator(types: Inference, cls: ClassObject, symbol: ClassSymbol) -> Type:
    key = ("sqlalchemy.decorator", cls)
    return types.remember(key, lambda: _decorated(types, cls), UNKNOWN)


def _decorated(types: Inference, cls: ClassObject) -> Type:
    """What a TypeDecorator gives: its type argument, its result method, its `python_type`, its `impl`."""
    name = cls.cls
    found = _argument_of_engine(types, cls)
    if not isinstance(found, Unknown):
        return found
    if _is_own(types, name, "process_result_value"):
        found = _of_result_method(types, name)
        return found if not isinstance(found, Unknown) else _python_type_property(types, name)
    if _is_own(types, name, "result_processor"):
        return _python_type_property(types, name)
    found = _python_type_property(types, name)
    return found if not isinstance(found, Unknown) else _of_impl(types, name)


def _of_impl(types: Inference, cls: str) -> Type:
    member = types.member(cls, "impl")
    if member is None or member.field is None or member.field.value is None:
        return UNKNOWN
    return python_type(types, member.field.value, body_site(types, member.owner, member.field))


def _python_type_property(types: Inference, cls: str) -> Type:
    member = types.member(cls, "python_type")
    if member is None or member.owner.qualname.startswith("sqlalchemy."):
        return UNKNOWN
    if member.field is not None and member.field.value is not None:
        values = [(member.field.value, body_site(types, member.owner, member.field))]
    elif member.function is not None:
        values = _returned(member.function)
    else:
        return UNKNOWN
    found = _agreed([types.type_of(value, site) for value, site in values])
    if not isinstance(found, ClassObject):
        return UNKNOWN
    bare = {"builtins.dict": _DICT, "builtins.list": _LIST, "builtins.set": _SET}
    return bare.get(found.cls, ANY if found.cls == "builtins.object" else Instance(found.cls, found.args))


def _of_result_method(types: Inference, cls: str) -> Type:
    """By the annotation of `process_result_value`, else by what its body returns."""
    member = types.member(cls, "process_result_value")
    if member is None or member.function is None:
        return UNKNOWN
    symbol = member.function
    if symbol.facts.returns is not None:
        found = without_none(types.declared_result(symbol))
        return found if isinstance(found, Instance) and found != NONE else UNKNOWN
    params = symbol.facts.params
    value = params[1].name if len(params) > 1 else ""
    stored = _of_impl(types, cls)
    found_types: list[Type] = []
    only_passed = True
    for expr, site in _returned(symbol):
        if isinstance(expr, Name) and expr.id == value:
            # What came in goes out: `None`, or a value that is already right. What it was made into says the rest.
            for binding in symbol.facts.scope.bindings:
                if binding.name == value and binding.how == "assign" and binding.value is not None:
                    at = Site(symbol.file, symbol.facts, None, binding.block, binding.line, binding.column)
                    found_types.append(_given(types, binding.value, value, stored, at))
                    only_passed = False
        elif expr != Const("none"):
            found_types.append(_given(types, expr, value, stored, site))
            only_passed = False
    if only_passed:
        return stored
    found = without_none(union([one for one in found_types if one != NONE]))
    if isinstance(found, Instance):
        bare = {"builtins.dict": _DICT, "builtins.list": _LIST, "builtins.set": _SET}
        if any(isinstance(a, Unknown) for a in found.args):
            return bare.get(found.cls, UNKNOWN)
        return found
    return UNKNOWN


def _given(types: Inference, expr: Expr, name: str, stored: Type, site: Site) -> Type:
    """The type of an expression of the stored value, `value.replace(tzinfo=utc)` say."""
    found = types.type_of(expr, site)
    if not isinstance(found, Unknown):
        return found
    match expr:
        case Name(id=read) if read == name:
            return stored
        case Attr(value=owner, attr=attribute):
            return types.attribute(_given(types, owner, name, stored, site), attribute)
        case Call(func=func):
            return types.called(_given(types, func, name, stored, site), expr, site)
        case Choice(items=items):
            kinds = [_given(types, item, name, stored, site) for item in items]
            return union([kind for kind in kinds if kind != NONE])
    return found
