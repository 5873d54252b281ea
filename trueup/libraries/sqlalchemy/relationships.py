"""The relationships of mapped classes, and the classes they lead to."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from ...index.facts import Attr, Call, Const, Expr, FileFacts, Lambda, Name, Scope
from ...index.project import ClassSymbol, FunctionSymbol, classes_in
from ...infer import Inference, Site
from ...types import ClassObject
from .columns import is_declared_attribute
from .mapping import mapping, named
from .places import body_site

RELATIONSHIP = "sqlalchemy.orm.relationship"
RELATION = "sqlalchemy.orm.relation"
DYNAMIC_LOADER = "sqlalchemy.orm.dynamic_loader"
BACKREF = "sqlalchemy.orm.backref"
MAKERS = frozenset({RELATIONSHIP, RELATION, DYNAMIC_LOADER})


class Relationship(Struct, frozen=True):
    """One `relationship(...)` of a class body, or one that a `declared_attr` of it returns."""

    owner: str
    attribute: str
    call: Call
    site: Site
    annotation: Expr | None = None
    function: FunctionSymbol | None = None
    """The `declared_attr`."""

    @property
    def keywords(self) -> dict[str, Expr]:
        """Its arguments by name, those given by position too."""
        given = dict(zip(("argument", "secondary"), self.call.args, strict=False))
        return {**given, **dict(self.call.keywords)}


# Finding them


def own_relationships(types: Inference, symbol: ClassSymbol) -> Iterator[Relationship]:
    """The relationships that a class's own statement holds."""
    for made in symbol.facts.fields:
        if isinstance(made.value, Call) and not made.method:
            site = body_site(types, symbol, made)
            if is_maker(types, made.value, site):
                yield Relationship(symbol.qualname, made.name, made.value, site, made.annotation)
    for name in symbol.facts.methods:
        function = types.project.function(f"{symbol.qualname}.{name}")
        if function is None or not function.facts.decorators or len(function.facts.returned) != 1:
            continue
        value, line, column = function.facts.returned[0]
        site = Site(function.file, function.facts, None, 0, line, column)
        if is_declared_attribute(types, function) and isinstance(value, Call) and is_maker(types, value, site):
            yield Relationship(symbol.qualname, name, value, site, function.facts.returns, function)


def is_maker(types: Inference, call: Call, site: Site) -> bool:
    """Whether a call makes a relationship."""
    return isinstance(call.func, Name | Attr) and named(types, call.func, site) in MAKERS


def relationships_of(types: Inference, cls: str) -> tuple[Relationship, ...]:
    """The relationships of a class's own statement, remembered."""

    def found() -> tuple[Relationship, ...]:
        symbol = types.project.klass(cls)
        if symbol is None or symbol.file.path not in types.project.files:
            return ()
        return tuple(own_relationships(types, symbol))

    known: tuple[Relationship, ...] = types.remember(("sqlalchemy.relationships", cls), found, ())
    return known


def relationship_of(types: Inference, cls: str, attribute: str) -> Relationship | None:
    """The relationship that an attribute of a class is, inherited ones too."""
    for name in types.mro(cls).names:
        for one in relationships_of(types, name):
            if one.attribute == attribute:
                return replace(one, owner=cls) if one.function is not None else one
    return None


# Where they lead


def target_of(types: Inference, one: Relationship) -> str:
    """The class a relationship leads to; empty where it is not known."""
    return _class(types, one.keywords.get("argument"), one.owner, one.site)


def _class(types: Inference, expr: Expr | None, owner: str, site: Site) -> str:
    match expr:
        case Const(kind="str", text=text):
            return class_named(types, text, owner)
        case Lambda(body=body):
            return _class(types, body, owner, site)
        case Name() | Attr():
            found = types.type_of(expr, site)
            if isinstance(found, ClassObject):
                return found.cls
            if isinstance(expr, Name) and site.function is None and site.klass is not None:
                return class_named(types, expr.id, owner)  # of a lambda: the name is bound further down
    return ""


def class_named(types: Inference, text: str, owner: str) -> str:
    """The mapped class that a string means to a class: of those below the same base; empty where there are several."""
    path = text.strip()
    found = _mapped_by_name(types).get(path.rpartition(".")[2], ())
    if "." in path:
        found = tuple([one for one in found if one == path or one.endswith(f".{path}")])
    if len(found) > 1:
        roots = roots_of(types, owner)
        found = tuple([one for one in found if roots & roots_of(types, one)])
    if not found and "." not in path:
        # Mapped by a call, `map_imperatively(Post, ...)`: the class itself says nothing of it.
        symbol = types.project.klass(owner)
        other = types.project.lookup(symbol.file.module, path) if symbol is not None else None
        return other.qualname if isinstance(other, ClassSymbol) and types.project.is_own(other.qualname) else ""
    return found[0] if len(found) == 1 else ""


def roots_of(types: Inference, cls: str) -> frozenset[str]:
    """What a class shares with those that it shares a registry of names with: its bases, but for mixins."""
    mixins, project = mapping(types).mixins, types.project
    own = [name for name in types.mro(cls).names if project.is_own(name)]
    # What a variable names, `Base = declarative_base()`, is no class of the project.
    return frozenset(name for name in own if name not in mixins or project.klass(name) is None)


def may_name_mapped(types: Inference, file: FileFacts) -> bool:
    """Whether a file has a name that a mapped class of the project has."""
    known = _mapped_by_name(types)
    names = (one.attr or one.name for scope in _scopes(file) for one in scope.imports)
    if any(name in known for name in names) or any(name in known for name in file.attributes):
        return True
    return bool(file.scope.stars) or any(one.name in known for one in file.classes)


def _scopes(file: FileFacts) -> Iterator[Scope]:
    yield file.scope
    for function in file.functions:
        yield function.scope


def _mapped_by_name(types: Inference) -> dict[str, tuple[str, ...]]:
    return types.shared(_find_mapped_by_name)


def _find_mapped_by_name(types: Inference) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pairs in types.by_file(_mapped_in).values():
        for name, cls in pairs:
            found[name] = (*found.get(name, ()), cls)
    return found


def _mapped_in(types: Inference, path: str) -> tuple[tuple[str, str], ...]:
    """(name, class) of the mapped classes of a file."""
    where = mapping(types)
    return tuple(
        (one.facts.name, one.qualname)
        for one in classes_in(types.project.files[path])
        if where.is_declarative(one.qualname) and not where.is_abstract(one)
    )


# Cascades


def cascades(one: Relationship) -> bool:
    """Whether objects on the other end of a relationship get into the session with its own."""
    keywords = one.keywords
    if keywords.get("viewonly", Const("none")) == Const("bool", "True"):
        return False
    if keywords.get("cascade_backrefs") == Const("bool", "False"):
        return False
    given = keywords.get("cascade")
    if given is None:
        return True
    parts = [part.strip() for part in given.text.split(",")] if isinstance(given, Const) else []
    return "all" in parts or "save-update" in parts
