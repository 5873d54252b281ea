"""A `Column()` in a mapped class, which tells no type checker what an instance holds there.

## Why
`name = Column(String)` gives every tool an attribute of type `Column`, where an instance holds a `str`. SQLAlchemy 2
reads the annotation `name: Mapped[str]`, and so do mypy, pyright and editors. The plug-in that mypy needed for
`Column()` is gone in 2.1.

## Example
```python
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
```
Use instead:
```python
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[Optional[str]] = mapped_column(String(50))
```

## Fix safety
It needs SQLAlchemy 2. The table stays the same, byte for byte of its `CREATE TABLE`: the SQL type and all arguments
are kept, and the annotation says `Optional` exactly where the column allows NULL. `Column` allows it unless
`nullable=False`, `primary_key=True`, an `Identity()` or a `PrimaryKeyConstraint` says otherwise; `Mapped[str]` does
not, which is what makes a rewrite by hand dangerous. Where the Python type cannot be told, or has no name that the
class can use, the column becomes a `mapped_column()` without annotation. The type in an annotation that is there
already is kept.

A `declared_attr` that uses `cls` gets `@classmethod` below it: SQLAlchemy 2 runs it as before, and type checkers no
longer take `cls` for an instance.

Functions of the project that return a `Column(...)` are understood: the attributes they are called for get their
annotation, and the function a `mapped_column(...)` if nothing else uses it.

There is no fix, and the message says why, where the body of the class uses the column object itself (`x.label(...)`,
`x.type`), where one column gets two names, where a column has neither a type nor a foreign key, and for
`postgresql.UUID` without `as_uuid=`, which gives `str` under SQLAlchemy 1.4 and `uuid.UUID` under 2.

## Limits
Mapped classes are found over all files: what stands below a declarative base, and the mixins of such classes, also
those that a function makes them with by a parameter (`def make(mixin=Tracked): class Job(mixin, Base)`).
`Column` in `Table(...)`, in Alembic migrations, in SQLModel classes and in dataclasses that SQLAlchemy makes is none
of this rule's business. A column that is put on a class after its body stays, as there is no place for an annotation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from trueup.config import Config
from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call, Class, FileFacts
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.libraries.alembic import is_migration
from trueup.libraries.sqlalchemy.columns import (
    COLUMN,
    COLUMN_PROPERTY,
    DEFERRED,
    Declared,
    declared,
    is_declared_attribute,
    is_nullable,
    primary_key_names,
    value_type,
)
from trueup.libraries.sqlalchemy.factories import factory, made_column, makes_only_mapped, returned_column
from trueup.libraries.sqlalchemy.hints import (
    ColumnRewrite,
    Hints,
    MappedHint,
    Style,
    has_lazy_annotations,
    style_of,
    wants_classmethod,
)
from trueup.libraries.sqlalchemy.mapping import mapping, named
from trueup.libraries.sqlalchemy.sqltypes import AS_UUID
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance, Type, Unknown

from .column_uses import object_uses, unmapped_uses
from .users_annotation import read_annotation

_PROPERTY_KEYWORDS = frozenset({"active_history", "deferred", "group", "raiseload"})
_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore)")


class _Candidate(Struct, frozen=True):
    """An attribute of a class body that is given a `Column`."""

    statement: ast.Assign | ast.AnnAssign | ast.FunctionDef
    name: str
    """Empty where the statement gives it several names."""
    calls: tuple[ast.Call, ...]
    """The `Column(...)`, one for each `return` of a `declared_attr`."""
    wrapped: bool
    """A `deferred(...)` or `column_property(...)` stands around it."""
    made: tuple[FunctionSymbol, Declared] | None = None
    """The function that makes it, and what that makes."""


class _Plan(Struct, frozen=True):
    """What becomes of an attribute. Without a hint it loses its annotation, if `why` does not forbid even that."""

    hint: MappedHint | None
    why: str = ""
    manual: bool = False


def _may_hold(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file has classes or functions, and is no migration."""
    return bool(facts.classes or facts.functions) and not is_migration(facts)


@rule(
    "TUS201",
    "legacy-column",
    on=(ast.ClassDef, ast.FunctionDef),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "flask_sqlalchemy"),
    triggers=("*Column*", "*column*"),
    where=_may_hold,
    url="https://docs.sqlalchemy.org/en/20/changelog/whatsnew_20.html#migrating-an-existing-mapping",
    effort=2,
    step="sqlalchemy-columns",
)
def check(node: ast.ClassDef | ast.FunctionDef, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.FunctionDef):
        yield from _factory(node, file)
        return
    facts = file.class_at(node)
    if facts is None:
        return
    found = list(_candidates(node, file))
    if not found:
        return
    where, cls = mapping(file.types), file.qualified(facts)
    if not where.is_declarative(cls) and cls not in where.mixins:
        if not where.is_sqlmodel(cls):
            known = file.types.mro(cls).complete
            why = "no mapped class is seen to inherit from its class" if known else "a base of its class is not known"
            for one in found:
                file.undecided(one.statement, "TUS201", why)
        return
    if any(field.name == "__table__" for field in facts.fields) or where.is_part_of_dataclass(cls):
        return
    body = _Body(node, facts, file, {one.name: one.statement for one in reversed(found) if one.name})
    for one in found:
        hit = body.hit(one) if one.made is None else body.made_hit(one, one.made)
        if hit is not None:
            file.decided(one.statement, "TUS201", "typed")
            yield hit


# What to look at


def _candidates(node: ast.ClassDef, file: File) -> Iterator[_Candidate]:
    for statement in _statements(node.body):
        match statement:
            case ast.Assign(targets=targets, value=value) if (call := _column(value, file)) is not None:
                one = targets[0] if len(targets) == 1 else None
                yield _Candidate(statement, one.id if isinstance(one, ast.Name) else "", (call,), call is not value)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as value):
                made = _made(value, file)
                if made is not None:
                    yield _Candidate(statement, name, (value,), False, made)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                call = _column(value, file)
                if call is not None:
                    yield _Candidate(statement, name, (call,), call is not value)
            case ast.FunctionDef(name=name, decorator_list=[_, *_]) if _is_declared(statement, file):
                returned = [one.value for one in file.walk(statement) if isinstance(one, ast.Return)]
                columns = [_column(value, file) for value in returned if value is not None]
                calls = tuple([call for call in columns if call is not None])
                wrapped = {call is not value for call, value in zip(calls, returned, strict=False)}
                if calls and len(calls) == len(returned) and len(wrapped) == 1:
                    yield _Candidate(statement, name, calls, wrapped.pop())


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        match statement:
            case ast.If() | ast.For() | ast.While():
                yield from _statements(statement.body + statement.orelse)
            case ast.With():
                yield from _statements(statement.body)
            case ast.Try():
                handled = [inner for handler in statement.handlers for inner in handler.body]
                yield from _statements(statement.body + handled + statement.orelse + statement.finalbody)


def _called(node: ast.Call, file: File) -> str:
    return named(file.types, expression(node.func), file.site(node))


def _column(value: ast.expr, file: File) -> ast.Call | None:
    """The `Column(...)` that a value is, or that a `deferred(...)` or `column_property(...)` around it holds alone."""
    if not isinstance(value, ast.Call):
        return None
    name = _called(value, file)
    if name == COLUMN:
        return value
    if name not in (DEFERRED, COLUMN_PROPERTY) or len(value.args) != 1 or not isinstance(value.args[0], ast.Call):
        return None
    if any(keyword.arg not in _PROPERTY_KEYWORDS for keyword in value.keywords):
        return None
    return value.args[0] if _called(value.args[0], file) == COLUMN else None


def _is_declared(node: ast.FunctionDef, file: File) -> bool:
    facts = file.function_at(node)
    if facts is None:
        return False
    return is_declared_attribute(file.types, file.function_symbol(facts))


# Functions that make columns


def _factory(node: ast.FunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or facts.owner or len(facts.returned) != 1:
        return
    symbol = file.function_symbol(facts)
    if returned_column(file.types, symbol) is None or not makes_only_mapped(file.types, symbol):
        return
    for one in file.walk(node):
        if isinstance(one, ast.Return) and isinstance(one.value, ast.Call):
            message = f"`{node.name}()` makes columns of mapped classes only; return a `mapped_column(...)`"
            yield Hit(one.value, message, clue=ColumnRewrite(None))


def _made(value: ast.expr, file: File) -> tuple[FunctionSymbol, Declared] | None:
    """The function that makes an attribute's column, and what it makes there."""
    if not isinstance(value, ast.Call):
        return None
    call, site = expression(value), file.site(value)
    assert isinstance(call, Call)
    symbol = factory(file.types, call, site)
    made = made_column(file.types, symbol, call, site) if symbol is not None else None
    return (symbol, made) if symbol is not None and made is not None else None


# What to say


class _Body:
    """One class body, and what becomes of its columns."""

    def __init__(self, node: ast.ClassDef, facts: Class, file: File, names: dict[str, ast.stmt]) -> None:
        self.file = file
        self.cls = file.qualified(facts)
        symbol = file.project.klass(self.cls)
        self.primary_key = primary_key_names(file.types, symbol) if symbol is not None else frozenset[str]()
        self.style, self.lazy = _style(file)
        self.hints = Hints(file.project, file.facts, facts, self.style, self.lazy)
        self.uses = object_uses(node, names, file)
        self.has_bare = any(_is_bare(statement, file) for statement in node.body)

    def hit(self, one: _Candidate) -> Hit:
        statement, name = one.statement, one.name
        span = self.file.header(statement) if isinstance(statement, ast.FunctionDef) else None
        old = f"`{name} = Column(...)`" if span is None else f"the `Column(...)` of `{name}`"
        if not name:
            message = "one `Column()` under several names is mapped once only; keep one, make the others `synonym()`s"
            return Hit(statement, message, safety=Safety.MANUAL)
        related: tuple[Place, ...] = ()
        elsewhere = unmapped_uses(self.file.types).get((self.cls, name))
        if name in self.uses:
            use = self.uses[name]
            related = (self.file.place(use, f"`{name}` is used as a `Column` object"),)
            plan = _Plan(None, f"line {use.lineno} uses the column object, which `mapped_column()` hides", manual=True)
        elif elsewhere is not None:
            related = (elsewhere,)
            plan = _Plan(None, "other code uses the column object, which `mapped_column()` hides", manual=True)
        else:
            plan = self._plan(one)
        if plan.manual:
            return Hit(
                statement,
                f"{old} hides the attribute's type and cannot be rewritten as it stands: {plan.why}",
                safety=Safety.MANUAL,
                span=span,
                related=related,
            )
        if plan.hint is None:
            message = f"{old} is the form of SQLAlchemy 1; write `mapped_column(...)`, unannotated: {plan.why}"
            return Hit(statement, message, clue=ColumnRewrite(None, one.wrapped), span=span)
        new = f"`{name}: {plan.hint} = mapped_column(...)`"
        if span is not None:
            new = f"`-> {plan.hint}` and `mapped_column(...)`"
        message = f"{old} hides the attribute's type; write {new}"
        message += f" ({plan.why})" if plan.why else ""
        clue = ColumnRewrite(plan.hint, one.wrapped, classmethod=wants_classmethod(statement, self.hints))
        return Hit(statement, message, clue=clue, span=span)

    def made_hit(self, one: _Candidate, made: tuple[FunctionSymbol, Declared]) -> Hit | None:
        """An attribute whose column a function makes: it lacks nothing but the annotation."""
        symbol, column = made
        hint = self.hints.of(value_type(self.file.types, column))
        nullable = is_nullable(column, one.name, self.primary_key)
        if hint is None or nullable is None or self.has_bare or one.name in self.uses:
            return None
        mapped = MappedHint(hint, nullable, self.style)
        message = (
            f"`{one.name} = {symbol.facts.name}(...)` hides the attribute's type; write `{one.name}: {mapped} = ...`"
        )
        return Hit(one.statement, message, clue=ColumnRewrite(mapped, elsewhere=True))

    def _plan(self, one: _Candidate) -> _Plan:
        plans = [self._planned(one, call) for call in one.calls]
        for plan in plans:
            if plan.manual:
                return plan
        if any(plan.hint != plans[0].hint for plan in plans):
            return _Plan(None, "its `return`s differ in type")
        return plans[0]

    def _planned(self, one: _Candidate, call: ast.Call) -> _Plan:
        facts = expression(call)
        assert isinstance(facts, Call)
        column = declared(self.file.types, facts, self.file.site(call))
        if column.type is None and not column.keys and not (column.open and call.args):
            return _Plan(None, "it has neither a type nor a `ForeignKey`; give it its type", manual=True)
        found = value_type(self.file.types, column)
        if found == AS_UUID:
            return _Plan(None, f"{AS_UUID.why}; write which", manual=True)
        statement = one.statement
        written = read_annotation(_annotation(statement), self.file, self.hints)
        nullable = is_nullable(column, one.name, self.primary_key)
        computed = self.hints.of(found, self._spelled(call, found))
        hint = computed if written.hint is None or (written.is_any and computed is not None) else written.hint
        if nullable is None and column.explicit and written.hint is not None:
            nullable = written.optional  # `nullable=` decides about the table, the annotation about nothing
        why = ""
        if hint is None:
            unknown = isinstance(found, Unknown)
            why = written.problem or ("its Python type is not known" if unknown else "its type has no name here")
        elif nullable is None:
            why = "`nullable=` is not a literal" if column.explicit else "its arguments are only known when it runs"
        elif self.has_bare:
            why = "attributes with nothing but an annotation would change places with it in the table"
        elif _TYPE_COMMENT.search(self.file.comments.get(statement.lineno, "")):
            why = "a comment says its type"
        if why or hint is None or nullable is None:
            return _Plan(None, why, manual=written.hint is not None or bool(written.problem))
        note = ""
        if written.hint is not None and written.optional != nullable:
            note = f"it is annotated as if it {'could' if written.optional else 'could not'} be `None`"
        return _Plan(MappedHint(hint, nullable, self.style), note)

    def _spelled(self, call: ast.Call, found: Type) -> str:
        """How the column's own arguments name a class of the project: `Enum(orders.Status)` gives `orders.Status`."""
        if isinstance(found, Instance):
            for node in ast.walk(call):
                if isinstance(node, ast.Name | ast.Attribute) and self.file.type_of(node) == ClassObject(found.cls):
                    return ast.unparse(node)
        return ""


def _annotation(statement: ast.Assign | ast.AnnAssign | ast.FunctionDef) -> ast.expr | None:
    if isinstance(statement, ast.AnnAssign):
        return statement.annotation
    return statement.returns if isinstance(statement, ast.FunctionDef) else None


def _style(file: File) -> tuple[Style, bool]:
    """How the file spells annotations, and whether it keeps them as text."""
    key = ("sqlalchemy style", file.path)
    return file.types.once(key, lambda: (style_of(file.tree), has_lazy_annotations(file.tree)))


def _is_bare(statement: ast.stmt, file: File) -> bool:
    """`x: Mapped[int]` with no value."""
    if not isinstance(statement, ast.AnnAssign) or statement.value is not None:
        return False
    described = file.annotation(statement.annotation)
    return isinstance(described, Instance) and described.cls == "sqlalchemy.orm.Mapped"
