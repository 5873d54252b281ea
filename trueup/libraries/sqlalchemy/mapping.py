"""Which classes SQLAlchemy maps, which are mixins of mapped ones, and how their tables are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...index.expressions import last_name
from ...index.facts import Attr, Call, Const, Expr, Name, Op
from ...index.project import ClassSymbol, FunctionSymbol, VariableSymbol, classes_in
from ...infer import Inference, Site
from ...types import Callee, ClassObject, Foreign, Instance
from .places import body_site

DECLARATIVE_BASE = "sqlalchemy.orm.DeclarativeBase"
DECLARATIVE_META = "sqlalchemy.orm.DeclarativeMeta"
_SQLMODEL = ("sqlmodel.SQLModel", "sqlmodel.main.SQLModel")
_DATACLASS = "sqlalchemy.orm.MappedAsDataclass"
_MAKERS = frozenset({"sqlalchemy.orm.as_declarative", "sqlalchemy.orm.registry.as_declarative_base"})
_MAPPERS = frozenset({"sqlalchemy.orm.registry.mapped"})
_AS_DATACLASS = frozenset({"sqlalchemy.orm.registry.mapped_as_dataclass", "sqlalchemy.orm.mapped_as_dataclass"})
_MIXIN = "sqlalchemy.orm.declarative_mixin"
_TABLE = "sqlalchemy.Table"
_FLASK = "flask_sqlalchemy.model.Model"
"""The base that names tables after their classes: `UserGroup` gives `user_group`."""


def mapping(types: Inference) -> Mapping:
    """What is mapped in a project; computed once."""
    return types.once("sqlalchemy mapping", lambda: Mapping(types))


def named(types: Inference, expr: Expr, site: Site) -> str:
    """The qualified name of the class or function an expression is, `db.Column` of an instance too; else empty."""
    found = types.type_of(expr, site)
    if isinstance(found, ClassObject):
        return found.cls
    if isinstance(found, Callee):
        return found.qualname
    if isinstance(found, Foreign):
        return found.path
    return ""


def made_by(types: Inference, decorator: Expr, site: Site) -> str:
    """The qualified name of what decorates, whether it is called or not."""
    return named(types, decorator.func if isinstance(decorator, Call) else decorator, site)


class Mapping:
    """The mapped classes of one project."""

    def __init__(self, types: Inference) -> None:
        self.types = types

    # Classes

    def is_declarative(self, cls: str) -> bool:
        """Whether a class is a declarative base or stands below one (SQLModel's aside): its columns get mapped."""
        return self.types.once(("declarative", cls), lambda: self._is_declarative(cls))

    def _is_declarative(self, cls: str) -> bool:
        mro = self.types.mro(cls)
        if any(name in _SQLMODEL for name in mro.names):
            return False
        if DECLARATIVE_BASE in mro.names:
            return True
        own = list(self.own(mro.names))
        if any(self._is_root(symbol) for symbol in own):
            return True
        # `__tablename__` means nothing to anyone else; what the unknown base is does not matter then.
        return not mro.complete and any(
            name == "__tablename__"
            for symbol in own
            for name in (*(f.name for f in symbol.facts.fields), *symbol.facts.methods)
        )

    def own(self, names: tuple[str, ...]) -> Iterator[ClassSymbol]:
        """The classes of the project among some names."""
        for name in names:
            symbol = self.types.project.klass(name)
            if symbol is not None and symbol.file.path in self.types.project.files:
                yield symbol

    def _is_root(self, symbol: ClassSymbol) -> bool:
        """Whether a class is declarative by its own statement: a decorator or a metaclass."""
        facts = symbol.facts
        if not facts.decorators and not facts.keywords:
            return False
        site = self.types.class_site(symbol)
        if any(made_by(self.types, d, site) in _MAKERS | _MAPPERS | _AS_DATACLASS for d in facts.decorators):
            return True
        metaclass = self.metaclass(symbol)
        return metaclass is not None and bool(self.types.is_subclass(metaclass, DECLARATIVE_META))

    def metaclass(self, symbol: ClassSymbol) -> str | None:
        """The metaclass a class statement names; what stands under `if TYPE_CHECKING:` is no metaclass."""
        for key, value in symbol.facts.keywords:
            if key == "metaclass":
                if isinstance(value, Name):
                    for one in self.types.project.names(symbol.file.scope).imports.get(value.id, []):
                        found = self.types.project.follow(one) if one.when != "type-checking" else None
                        if isinstance(found, ClassSymbol):
                            return found.qualname
                return named(self.types, value, self.types.class_site(symbol)) or None
        return None

    @property
    def mixins(self) -> frozenset[str]:
        """The classes of the project that are not declarative and stand above one that is."""
        return self.types.shared(_mixins)

    def is_sqlmodel(self, cls: str) -> bool:
        """Whether a class is a SQLModel."""
        return any(name in _SQLMODEL for name in self.types.mro(cls).names)

    def is_sqlmodel_table(self, symbol: ClassSymbol) -> bool:
        """Whether a class is a SQLModel with a table."""
        return self.is_sqlmodel(symbol.qualname) and ("table", Const("bool", "True")) in symbol.facts.keywords

    @property
    def _dataclass_parts(self) -> frozenset[str]:
        return self.types.shared(_dataclass_parts)

    def makes_dataclass(self, symbol: ClassSymbol) -> bool:
        """Whether a decorator of a class has SQLAlchemy make it a dataclass."""
        site = self.types.class_site(symbol)
        return any(made_by(self.types, d, site) in _AS_DATACLASS for d in symbol.facts.decorators)

    def is_part_of_dataclass(self, cls: str) -> bool:
        """Whether a class is or is above one that SQLAlchemy makes a dataclass, where arguments mean other things."""
        return cls in self._dataclass_parts

    def below(self, base: str) -> list[ClassSymbol]:
        """The classes of the project that have a base (by the name it is written under) above them, itself left out."""
        return [
            symbol
            for symbol in self.types.project.classes()
            if symbol.qualname != base and base in self.types.mro(symbol.qualname).names
        ]

    def is_abstract(self, symbol: ClassSymbol) -> bool:
        """Whether a class has no table of its own because it says so."""
        return any(f.name == "__abstract__" and f.value != Const("bool", "False") for f in symbol.facts.fields)

    # Tables

    @property
    def tables(self) -> dict[str, list[str]]:
        """Name of a table -> the classes mapped to it."""
        return self.types.shared(_tables)

    def table_name(self, symbol: ClassSymbol) -> str:
        """The name of a class's table; empty where it has none or it cannot be told."""
        cls = symbol.qualname
        own = [f for f in symbol.facts.fields if f.name == "__tablename__"]
        if own:
            return self.text(own[-1].value, body_site(self.types, symbol, own[-1])) or ""
        if self.is_sqlmodel(cls):
            return symbol.facts.name.lower() if self.is_sqlmodel_table(symbol) else ""
        if not self.is_declarative(cls) or self.is_abstract(symbol):
            return ""
        if _FLASK in self.types.mro(cls).names:
            return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", symbol.facts.name).lower()
        member = self.types.member(cls, "__tablename__")
        return self._made_name(member.function, symbol.facts.name) if member is not None and member.function else ""

    def _made_name(self, function: FunctionSymbol, name: str) -> str:
        """What a `declared_attr` makes of the name of a class."""
        facts = function.facts
        if len(facts.returned) != 1 or not facts.params:
            return ""
        expr, line, column = facts.returned[0]
        site = Site(function.file, facts, None, 0, line, column)
        return self._evaluated(expr, site, {facts.params[0].name: name}) or ""

    def _evaluated(self, expr: Expr, site: Site, classes: dict[str, str]) -> str | None:
        """The text an expression of a class's name comes to: `cls.__name__.lower()`, `re.sub(...)`, sums of those."""
        match expr:
            case Const(kind="str", text=text):
                return text
            case Attr(value=Name(id=cls), attr="__name__") if cls in classes:
                return classes[cls]
            case Op(op="+", left=left, right=right):
                one, two = self._evaluated(left, site, classes), self._evaluated(right, site, classes)
                return one + two if one is not None and two is not None else None
            case Call(func=Attr(value=value, attr="lower" | "upper" as method), args=()):
                found = self._evaluated(value, site, classes)
                return found if found is None else found.lower() if method == "lower" else found.upper()
            case Call(func=func, args=(pattern, Const(kind="str", text=by), value)):
                if self.types.qualname(func, site) != "re.sub":
                    return None
                return self._replaced(self.text(pattern, site), by, self._evaluated(value, site, classes))
            case Call(func=Attr(value=pattern, attr="sub"), args=(Const(kind="str", text=by), value)):
                return self._replaced(self._compiled(pattern, site), by, self._evaluated(value, site, classes))
        return None

    def _compiled(self, expr: Expr, site: Site) -> str | None:
        """The text of a pattern that `re.compile` made for a module's variable."""
        name = self.types.qualname(expr, site)
        symbol = self.types.project.locate(name) if name else None
        if not isinstance(symbol, VariableSymbol) or len(symbol.bindings) != 1:
            return None
        match symbol.bindings[0].value:
            case Call(func=func, args=(pattern,)) if self.types.qualname(func, Site(symbol.file)) == "re.compile":
                return self.text(pattern, Site(symbol.file))
        return None

    def _replaced(self, pattern: str | None, by: str, text: str | None) -> str | None:
        if not pattern or text is None or len(text) > 80:
            return None
        try:
            return re.sub(pattern, by, text)
        except (re.error, IndexError):
            return None

    def text(self, expr: Expr | None, site: Site) -> str | None:
        """A literal string, or a module's variable that is one; None for anything else."""
        if isinstance(expr, Const):
            return expr.text if expr.kind == "str" else None
        name = self.types.qualname(expr, site) if isinstance(expr, Name | Attr) else None
        symbol = self.types.project.locate(name) if name else None
        if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1:
            value = symbol.bindings[0].value
            return value.text if isinstance(value, Const) and value.kind == "str" else None
        return None

    @property
    def core_tables(self) -> dict[str, tuple[Call, Site]]:
        """Name of a table -> the `Table(...)` that a module's variable is; a name with several is left out."""
        return self.types.shared(_core_tables)

    def is_instance_of(self, expr: Expr, cls: str, site: Site) -> bool:
        """Whether an expression certainly gives an object of a class."""
        found = self.types.type_of(expr, site)
        return isinstance(found, Instance) and bool(self.types.is_subclass(found.cls, cls))


def _mixins(types: Inference) -> frozenset[str]:
    return frozenset().union(*types.by_file(_mixins_by).values())


def _mixins_by(types: Inference, path: str) -> frozenset[str]:
    """The mixins that one file shows to be some."""
    where = mapping(types)
    found: set[str] = set()
    for symbol in classes_in(types.project.files[path]):
        if where.is_declarative(symbol.qualname):
            found.update(n for n in types.mro(symbol.qualname).names if not where.is_declarative(n))
        elif any(made_by(types, d, types.class_site(symbol)) == _MIXIN for d in symbol.facts.decorators):
            found.add(symbol.qualname)
        if symbol.facts.parent and len(symbol.facts.bases) > 1:
            found.update(_handed(types, symbol))
    return frozenset(name for name in found if not where.is_sqlmodel(name))


def _handed(types: Inference, symbol: ClassSymbol) -> Iterator[str]:
    """The classes with columns that a class gets for a base by a parameter: `def f(mixin=X): class A(mixin, base)`."""
    function = types.project.function(f"{symbol.file.module}.{symbol.facts.parent}")
    if function is None:
        return
    params = {param.name: param for param in function.facts.params}
    bases = [base.id for base in symbol.facts.bases if isinstance(base, Name) and base.id in params]
    given = [params[name].default for name in bases]
    site = types.definition_site(function.facts, function.file)
    objects = [types.type_of(value, site) for value in given if value is not None]
    for at, one in types.calls_named(function.facts.name) if bases else ():
        called = types.type_of(one.call.func, at)
        if isinstance(called, Callee) and called.qualname == function.qualname:
            objects += [types.type_of(value, at) for key, value in one.call.keywords if key in bases]
    for found in objects:
        if isinstance(found, ClassObject):
            yield from (name for name in types.mro(found.cls).names if _has_columns(types, name))


def handed(types: Inference, cls: str) -> tuple[str, ...]:
    """The mixins with columns that a class made inside a function is seen to get by that function's parameters."""
    symbol = types.project.klass(cls)
    if symbol is None or not symbol.facts.parent:
        return ()
    made = symbol
    return types.once(("sqlalchemy.handed", cls), lambda: tuple(dict.fromkeys(_handed(types, made))))


def _has_columns(types: Inference, cls: str) -> bool:
    symbol = types.project.klass(cls)
    return symbol is not None and any(
        isinstance(field.value, Call)
        and named(types, field.value.func, body_site(types, symbol, field)).startswith("sqlalchemy.")
        for field in symbol.facts.fields
    )


def _dataclass_parts(types: Inference) -> frozenset[str]:
    where = mapping(types)
    found: set[str] = set()
    for symbol in types.project.classes():
        names = types.mro(symbol.qualname).names
        if _DATACLASS in names or any(where.makes_dataclass(one) for one in where.own(names)):
            found.update(names)
    return frozenset(found)


def _tables(types: Inference) -> dict[str, list[str]]:
    where = mapping(types)
    found: dict[str, list[str]] = {}
    for symbol in types.project.classes():
        name = where.table_name(symbol)
        if name:
            found.setdefault(name, []).append(symbol.qualname)
    return found


def _core_tables(types: Inference) -> dict[str, tuple[Call, Site]]:
    where = mapping(types)
    found: dict[str, tuple[Call, Site] | None] = {}
    for file in types.project.files.values():
        for binding in file.scope.bindings:
            call = binding.value
            if not isinstance(call, Call) or not call.args or binding.how not in ("assign", "annotate"):
                continue
            if not isinstance(call.func, Name | Attr) or last_name(call.func) != "Table":
                continue
            site = Site(file, None, None, binding.block, binding.line, binding.column)
            if named(types, call.func, site) == _TABLE and (name := where.text(call.args[0], site)):
                found[name] = None if name in found else (call, site)
    return {name: one for name, one in found.items() if one is not None}
