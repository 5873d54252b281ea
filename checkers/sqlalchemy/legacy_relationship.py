"""A `relationship()` in a mapped class, which tells no type checker what it leads to, nor whether to one or many.

## Why
`posts = relationship("Post")` is an attribute of no known type. SQLAlchemy 2 reads `posts: Mapped[List["Post"]]`, and
so do mypy, pyright and editors. An annotation that is not `Mapped[...]`, `posts: List["Post"]`, stops SQLAlchemy 2
when it imports the class, unless its base says `__allow_unmapped__ = True`. Even then an annotation that is text as a
whole, `posts: "List[Post]"` or any under `from __future__ import annotations`, silently makes one object of the list.

## Example
```python
class User(Base):
    team_id = Column(ForeignKey("teams.id"), nullable=False)
    team = relationship("Team", back_populates="users")
    posts = relationship("Post", back_populates="author")
```
Use instead:
```python
    team: Mapped["Team"] = relationship("Team", back_populates="users")
    posts: Mapped[List["Post"]] = relationship("Post", back_populates="author")
```

## Fix safety
It needs SQLAlchemy 2. The mapper stays as it is: all arguments are kept. An annotation of one object makes one of what
was a list, silently, which is what makes a rewrite by hand dangerous; so the direction is worked out, over all files,
from `uselist=`, `lazy=`, `collection_class=`, `secondary=`, `foreign_keys=`, `remote_side=`, `foreign()` and
`remote()` in `primaryjoin=`, the foreign keys of both classes with their bases and mixins, and the relationship that
`back_populates=` names. `Optional` is said of one object unless its foreign key is `nullable=False` and nothing else
stands in the join. `lazy="dynamic"` gives `DynamicMapped[...]`, `lazy="write_only"` gives `WriteOnlyMapped[...]`.

The class is named as text, and imported under `if TYPE_CHECKING:` where the file does not have it, so that no import
becomes circular. A class that is made inside a function has no name elsewhere: the annotation says `Any`.

What a `declared_attr` returns is annotated likewise. Where it uses `cls`, as in `foreign_keys=[cls.team_id]`, it gets
`@classmethod` below the `@declared_attr`: SQLAlchemy 2 runs it as before, and type checkers no longer take `cls` for an
instance.

There is no fix, and the message says why, where an annotation is there that SQLAlchemy 2 refuses and the direction
cannot be told.

## Limits
A relationship that is put on a class after its body, or by `map_imperatively()`, has no place for an annotation. Where
the direction cannot be told a relationship without annotation stays: it remains valid. Relationships of SQLModel and
of dataclasses that SQLAlchemy makes are none of this rule's business, and those in Alembic migrations stay as they are.
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
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.libraries.alembic import is_migration
from trueup.libraries.sqlalchemy.collections import container_of
from trueup.libraries.sqlalchemy.columns import is_declared_attribute
from trueup.libraries.sqlalchemy.directions import Read, Side, parsed, side
from trueup.libraries.sqlalchemy.foreign_keys import Tables, tables_of_call
from trueup.libraries.sqlalchemy.hints import (
    Hint,
    Hints,
    RelationshipHint,
    has_lazy_annotations,
    style_of,
    wants_classmethod,
)
from trueup.libraries.sqlalchemy.joins import text_of
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.libraries.sqlalchemy.relationships import DYNAMIC_LOADER, Relationship, is_maker
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance, Unknown

_UNDERSTOOD = frozenset(
    f"sqlalchemy.orm.{name}" for name in ("Mapped", "DynamicMapped", "WriteOnlyMapped", "Relationship")
)
_COLLECTIONS = frozenset(f"builtins.{name}" for name in ("list", "set", "dict"))
_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore)")
_HOLDERS = {"dynamic": "DynamicMapped", "write_only": "WriteOnlyMapped"}


class _Found(Struct, frozen=True):
    """A relationship and its statement."""

    statement: ast.Assign | ast.AnnAssign | ast.FunctionDef
    call: ast.Call
    one: Relationship
    annotation: ast.expr | None


def _may_hold(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file has classes and is no migration."""
    return bool(facts.classes) and not is_migration(facts)


@rule(
    "TUS301",
    "legacy-relationship",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "flask_sqlalchemy"),
    triggers=("relationship", "relation", "dynamic_loader"),
    where=_may_hold,
    url="https://docs.sqlalchemy.org/en/20/changelog/whatsnew_20.html#migrating-an-existing-mapping",
    effort=3,
    step="sqlalchemy-relationships",
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts = file.class_at(node)
    if facts is None or not (found := list(_relationships(node, facts, file))):
        return
    where, cls = mapping(file.types), file.qualified(facts)
    if not where.is_declarative(cls) and cls not in where.mixins:
        if not where.is_sqlmodel(cls):
            for one in found:
                file.undecided(one.statement, "TUS301", "no mapped class is seen to inherit from its class")
        return
    if where.is_part_of_dataclass(cls):
        return
    body = _Body(facts, file)
    for one in found:
        if not body.is_understood(one.annotation):
            yield from body.hits(one)


def _relationships(node: ast.ClassDef, facts: Class, file: File) -> Iterator[_Found]:
    cls = file.qualified(facts)
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                annotation: ast.expr | None = None
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
                annotation = statement.annotation
            case ast.FunctionDef(name=name, decorator_list=[_, *_]):
                returned = [one.value for one in file.walk(statement) if isinstance(one, ast.Return)]
                if len(returned) != 1 or not isinstance(returned[0], ast.Call) or not _is_declared(statement, file):
                    continue
                call, annotation = returned[0], statement.returns
            case _:
                continue
        made, site = expression(call), file.site(call)
        if isinstance(made, Call) and is_maker(file.types, made, site):
            assert isinstance(statement, ast.Assign | ast.AnnAssign | ast.FunctionDef)
            yield _Found(statement, call, Relationship(cls, name, made, site), annotation)


def _is_declared(node: ast.FunctionDef, file: File) -> bool:
    facts = file.function_at(node)
    if facts is None:
        return False
    return is_declared_attribute(file.types, file.function_symbol(facts))


def _read(file: File) -> Read:
    """What the tree of a file tells of its relationships."""
    return file.types.once(("sqlalchemy joins", file.path), lambda: _find(file))


def _find(file: File) -> Read:
    joins: dict[tuple[str, str], ast.expr] = {}
    for node in ast.walk(file.tree):
        facts = file.class_at(node) if isinstance(node, ast.ClassDef) else None
        if not isinstance(node, ast.ClassDef) or facts is None:
            continue
        for one in _relationships(node, facts, file):
            first = one.statement.args.args[:1] if isinstance(one.statement, ast.FunctionDef) else []
            for keyword in one.call.keywords:
                if keyword.arg == "primaryjoin":
                    text = text_of(keyword.value, *(arg.arg for arg in first))
                    tree = parsed(text) if text is not None else None
                    joins[one.one.owner, one.one.attribute] = keyword.value if tree is None else tree
    return Read(joins, dict(_imperative(file)))


def _imperative(file: File) -> Iterator[tuple[str, Tables]]:
    """The classes that a module maps by a call, and their tables, `User.table` among them."""
    assigned: dict[str, ast.expr] = {}
    for statement in file.tree.body:
        match statement:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name()) as target], value=value):
                assigned[ast.unparse(target)] = value
            case (
                ast.Expr(value=ast.Call(func=func, args=[cls, table, *_]))
                | ast.Assign(value=ast.Call(func=func, args=[cls, table, *_]))
            ) if ast.unparse(func).rpartition(".")[2] in ("map_imperatively", "mapper"):
                found = file.type_of(cls)
                table = assigned.get(ast.unparse(table), table)
                if isinstance(found, ClassObject):
                    yield found.cls, tables_of_call(file.types, found.cls, expression(table), file.site(table))


class _Body:
    """One class body."""

    def __init__(self, facts: Class, file: File) -> None:
        self.file = file
        self.facts = facts
        key = ("sqlalchemy style", file.path)
        self.style, self.lazy = file.types.once(key, lambda: (style_of(file.tree), has_lazy_annotations(file.tree)))
        self.hints = Hints(file.project, file.facts, facts, self.style, self.lazy)

    def is_understood(self, annotation: ast.expr | None) -> bool:
        """Whether an annotation is one that SQLAlchemy 2 reads."""
        if annotation is None:
            return False
        described = self.file.annotation(annotation)
        return isinstance(described, Instance) and described.cls in _UNDERSTOOD

    def hits(self, one: _Found) -> Iterator[Hit]:
        name, statement = one.one.attribute, one.statement
        span = self.file.header(statement) if isinstance(statement, ast.FunctionDef) else None
        found = side(self.file.types, one.one, _read(self.file))
        hint, why = self._hint(one, found)
        if hint is None:
            if one.annotation is None or isinstance(statement, ast.FunctionDef):
                self.file.undecided(statement, "TUS301", why)
                return
            message = (
                f"SQLAlchemy 2 refuses the annotation of relationship `{name}`, and what to write in its place cannot "
                f"be told: {why}; write `Mapped[...]`, with `List[...]` in it if it leads to several objects"
            )
            yield Hit(statement, message, safety=Safety.MANUAL, severity=Severity.ERROR)
            return
        self.file.decided(statement, "TUS301", "typed")
        if isinstance(statement, ast.FunctionDef):
            message = f"what `{name}` returns does not say where it leads; write `-> {hint}`"
            if hint.classmethod:
                message += f" and `@classmethod`, which tells type checkers what `{statement.args.args[0].arg}` is"
        elif one.annotation is None:
            message = f"`{name} = relationship(...)` hides what it leads to; write `{name}: {hint} = relationship(...)`"
        else:
            message = f"SQLAlchemy 2 refuses the annotation of relationship `{name}`"
            if hint.container is not None:
                message += ", or (under `__allow_unmapped__`, where it is text) makes one object of the list"
            message += f"; write `{name}: {hint}`"
        if not hint.target:
            message += "; its class is made inside a function, and has no name here"
        severity = Severity.ERROR if one.annotation is not None and span is None else None
        yield Hit(statement, message, clue=hint, span=span, severity=severity)

    def _hint(self, one: _Found, found: Side) -> tuple[RelationshipHint | None, str]:
        many = found.many
        if many is None and found.target and one.annotation is not None:
            described = self.file.annotation(one.annotation)
            if isinstance(described, Instance) and described.cls in _COLLECTIONS:
                many = True
        if many is None:
            return None, found.why
        if _TYPE_COMMENT.search(self.file.comments.get(one.statement.lineno, "")):
            return None, "a comment says its type"
        symbol = self.file.project.klass(found.target)
        module = self._module(symbol) if symbol is not None else None
        if symbol is None or (module is None and not (symbol.facts.parent and one.annotation is None)):
            return None, "the class it leads to cannot be named here"
        container = None
        if many:
            container = self._container(one.one, found.target)
            if container is None:
                return None, "its `collection_class=` is not known"
        holder = self._holder(one)
        if holder != "Mapped":
            container = None
        optional = found.optional and holder == "Mapped"
        known = wants_classmethod(one.statement, self.hints)
        if module is None:
            # What a function makes has no name outside: `Any`, which may be `None` too.
            return RelationshipHint(holder, "", "", container, False, self.style, self.lazy, known), ""
        hint = RelationshipHint(holder, symbol.facts.name, module, container, optional, self.style, self.lazy, known)
        return hint, ""

    def _holder(self, one: _Found) -> str:
        if self.file.qualname(one.call.func) == DYNAMIC_LOADER:
            return "DynamicMapped"
        for keyword in one.call.keywords:
            if keyword.arg == "lazy" and isinstance(keyword.value, ast.Constant):
                return _HOLDERS.get(str(keyword.value.value), "Mapped")
        return "Mapped"

    def _module(self, symbol: ClassSymbol) -> str | None:
        """Where to import a class from; empty where its name is at hand, None where it has none here."""
        if symbol.facts.parent:
            same = symbol.file is self.file.facts and self.facts.parent.startswith(symbol.facts.parent)
            return "" if same else None
        if "." in symbol.facts.qualname:
            return None
        return "" if symbol.file is self.file.facts else symbol.file.module

    def _container(self, one: Relationship, target: str) -> Hint | None:
        made = container_of(self.file.types, one, target)
        if made is None:
            return None
        kind, key = made
        base = self.hints.of(Instance(f"builtins.{kind}"))
        if base is None or kind != "dict":
            return base
        keys = self.hints.of(key) if not isinstance(key, Unknown) else None
        keys = keys or self.hints.of(Instance("typing.Any"))
        return Hint(base.name, base.module, (keys,), base.dotted) if keys is not None else None
