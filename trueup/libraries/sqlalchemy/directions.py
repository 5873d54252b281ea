"""In which direction a relationship leads, and whether one, several or no object is there."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from ...index.extract import expression
from ...index.facts import Attr, Const, Display, Expr, Lambda, Name
from ...infer import Inference
from ...types import ClassObject
from .foreign_keys import Key, Tables, tables_of
from .joins import Pair, pairs_of
from .mapping import handed, mapping, named
from .relationships import (
    DYNAMIC_LOADER,
    Relationship,
    class_named,
    relationship_of,
    relationships_of,
    target_of,
)

Direction = Literal["to one", "to many", "many to many"]


class Side(Struct, frozen=True):
    """What is known of a relationship."""

    target: str = ""
    """The class it leads to; empty where that is not known."""
    direction: Direction | None = None
    many: bool | None = None
    """Whether a collection is there."""
    optional: bool = True
    """Whether a single object may be missing."""
    why: str = ""
    """Why `many` is not known."""


class Read(Struct, frozen=True):
    """What the tree of one file says that facts do not keep."""

    joins: Mapping[tuple[str, str], ast.expr] = field(default_factory=dict)
    """(class, attribute) -> the `primaryjoin=` of that relationship; others are read from strings."""
    tables: Mapping[str, Tables] = field(default_factory=dict)
    """Class -> the tables it is mapped to by a call."""


def side(types: Inference, one: Relationship, read: Read, partner: bool = True) -> Side:
    """All that can be said of a relationship.

    `read`: what the caller's tree says. `partner`: whether the other side may be asked.
    """
    keywords = one.keywords
    if "**" in keywords or any(not isinstance(arg, Name | Attr | Const | Lambda) for arg in one.call.args[:1]):
        return Side(why="its arguments are only known when it runs")
    target = target_of(types, one)
    if not target:
        return Side(why="the class it leads to is not found")
    asked = _Asked(types, one, target, read)
    direction, keys = asked.direction()
    if direction is None and partner:
        direction = _seen_from_partner(types, one, target, keywords, read)
    uselist = keywords.get("uselist")
    many: bool | None
    if uselist in (Const("bool", "True"), Const("bool", "False")):
        many = uselist == Const("bool", "True")
    elif uselist is not None and uselist != Const("none"):
        return Side(target, direction, why="`uselist=` is not a literal")
    elif (
        one.keywords.get("lazy") in (Const("str", "dynamic"), Const("str", "write_only"))
        or _is_dynamic(types, one)
        or "collection_class" in keywords
    ):
        many = True
    else:
        many = None if direction is None else direction != "to one"
    optional = direction != "to one" or not keys or any(key.nullable is not False for key in keys)
    return Side(target, direction, many, optional, asked.why if many is None else "")


def _is_dynamic(types: Inference, one: Relationship) -> bool:
    return named(types, one.call.func, one.site) == DYNAMIC_LOADER


def _seen_from_partner(
    types: Inference,
    one: Relationship,
    target: str,
    keywords: dict[str, Expr],
    read: Read,
) -> Direction | None:
    """The direction, as `back_populates=` names a relationship of the opposite one."""
    name = mapping(types).text(keywords.get("back_populates"), one.site)
    if not name:
        return None
    other = relationship_of(types, target, name)
    if other is None:
        # Of a mixin that a parameter brings. Another one may be given: then a list is what does no harm.
        others = [one for cls in handed(types, target) for one in relationships_of(types, cls) if one.attribute == name]
        sides = {side(types, one, read, False).direction for one in others}
        return "to many" if sides == {"to one"} else None
    found = side(types, other, read, False).direction
    opposite: dict[Direction, Direction] = {"to one": "to many", "to many": "to one", "many to many": "many to many"}
    return opposite[found] if found is not None else None


class _Asked:
    """One relationship between two classes, and the evidence for its direction."""

    def __init__(self, types: Inference, one: Relationship, target: str, read: Read) -> None:
        self.types = types
        self.one = one
        self.target = target
        join = read.joins.get((one.owner, one.attribute))
        self.here: Tables = read.tables.get(one.owner) or tables_of(types, one.owner)
        self.there: Tables = read.tables.get(target) or tables_of(types, target)
        owners, targets = types.mro(one.owner).names, types.mro(target).names
        self.owners, self.targets = owners, targets
        self.is_own = target in owners or one.owner in targets
        """It leads to its own class, or to one that is above or below it: the same columns are on both sides."""
        where = mapping(types)
        open_ends = (one.owner in where.mixins, *(handed(types, cls) for cls in (one.owner, target)))
        self.is_open = any(open_ends) or not types.mro(one.owner).complete or not types.mro(target).complete
        """Either side may have columns that are not seen."""
        self.why = ""
        self.join = join
        given = one.keywords.get("primaryjoin")
        if join is None and isinstance(given, Const) and given.kind == "str":
            self.join = parsed(given.text)
        self.by_call = frozenset(read.tables)
        self.has_join = given is not None and given != Const("none")
        self.pairs: tuple[Pair, ...] | None = None
        if self.join is not None:
            self.pairs = pairs_of(self.join, self._column)

    def direction(self) -> tuple[Direction | None, tuple[Key, ...]]:
        """The direction, and the keys that decide whether the other object may be missing."""
        keywords = self.one.keywords
        if keywords.get("secondary", Const("none")) != Const("none"):
            return "many to many", ()
        if self.is_own:
            return self._to_itself()
        if self.pairs is not None and (marked := self._by_marks(self.pairs)) is not None:
            return marked, ()
        foreign = keywords.get("foreign_keys")
        if foreign is not None:
            columns = self._columns(foreign)
            mine = [attribute for cls, attribute in columns or () if self._is_mine(cls)]
            if columns and len(mine) == len(columns):
                chosen = [key for key in self.here.refers(self.there) if {key.attribute, key.column} & set(mine)]
                exact = len({key.attribute for key in chosen}) == len(mine) and self._is_plain(chosen)
                return "to one", tuple(chosen) if exact else ()
            if columns and not mine and all(cls in self.targets for cls, _ in columns):
                return "to many", ()
            self.why = "its `foreign_keys=` cannot be told to be of one side"
            return None, ()
        owners = self.owners
        # Both may inherit from one class, and refer to its table by that.
        out = tuple([key for key in self.here.refers(self.there) if key.table not in self.here.names])
        back = tuple([key for key in self.there.refers(self.here) if key.table not in self.there.names])
        if self.has_join and self.is_open:
            if not self.pairs:
                self.why = "its join is only known when it runs"
                return None, ()
            out = tuple([k for k in out if self._joins(k, self.owners, self.pairs)])
            back = tuple([k for k in back if self._joins(k, self.targets, self.pairs)])
        elif self.pairs is not None and self.pairs:
            out = tuple([k for k in out if self._joins(k, self.owners, self.pairs)]) if back else out
            back = tuple([k for k in back if self._joins(k, self.targets, self.pairs)]) if out else back
        if out and back:
            self.why = "foreign keys lead both ways"
        elif out:
            return "to one", out if self._is_plain(list(out)) else ()
        elif back:
            return "to many", ()
        elif self.pairs and (joined := tuple([k for k in self.here.keys if self._joins(k, owners, self.pairs)])):
            return "to one", joined if self._is_plain(list(joined)) else ()
        else:
            self.why = "no foreign key between the two is found"
        return None, ()

    def _to_itself(self) -> tuple[Direction | None, tuple[Key, ...]]:
        keywords = self.one.keywords
        if self.pairs is not None and any(pair.left.remote or pair.right.remote for pair in self.pairs):
            return self._by_remote_marks(self.pairs), ()
        keys = tuple(
            [key for key in self.here.refers(self.there) or self.there.refers(self.here) if self._is_inner(key)]
        )
        names = {name for key in keys for name in (key.attribute, key.column)}
        foreign = keywords.get("foreign_keys")
        if foreign is not None:
            names = {attribute for _, attribute in self._columns(foreign) or ()}
            keys = tuple([key for key in keys if {key.attribute, key.column} & names])
        elif self.pairs is not None and any(p.left.foreign or p.right.foreign for p in self.pairs):
            names = {e.attribute for pair in self.pairs for e in (pair.left, pair.right) if e.foreign}
        if not names or self.one.owner != self.target:
            self.why = "its class is above or below the one it leads to" if names else "no foreign key is found"
            return None, ()
        remote = keywords.get("remote_side")
        if remote is None or remote == Const("none"):
            return "to many", ()
        columns = self._columns(remote)
        if not columns:
            self.why = "its `remote_side=` is not known"
            return None, ()
        if all(attribute in names for _, attribute in columns):
            return "to many", ()
        return "to one", keys if self._is_plain(list(keys)) else ()

    def _is_inner(self, key: Key) -> bool:
        """Whether a key refers to its own table, and is not that by which a class's table hangs on its base's."""
        return key.table in self.here.names or key.table.rpartition(".")[2] in self.here.names

    # What a join says

    def _by_marks(self, pairs: tuple[Pair, ...]) -> Direction | None:
        """By `foreign(...)` around the columns of one side."""
        marked = [end for pair in pairs for end in (pair.left, pair.right) if end.foreign]
        if not marked or any(not end.cls for end in marked):
            return None
        if all(end.cls in self.owners for end in marked):
            return "to one"
        return "to many" if all(end.cls in self.targets for end in marked) else None

    def _by_remote_marks(self, pairs: tuple[Pair, ...]) -> Direction | None:
        ends = [end for pair in pairs for end in (pair.left, pair.right)]
        if any(end.remote and end.foreign for end in ends):
            return "to many"
        keys = {name for key in self.here.keys if self._is_inner(key) for name in (key.attribute, key.column)}
        remote = [end.attribute for end in ends if end.remote]
        if any(end.foreign for end in ends) or (remote and not any(one in keys for one in remote)):
            return "to one"
        self.why = "its join cannot be told apart from its reverse"
        return "to many" if remote and all(one in keys for one in remote) else None

    def _joins(self, key: Key, owners: tuple[str, ...], pairs: tuple[Pair, ...]) -> bool:
        """Whether a join compares a foreign key with what it refers to."""
        names = {key.attribute, key.column}
        for pair in pairs:
            for end, other in ((pair.left, pair.right), (pair.right, pair.left)):
                if end.attribute in names and end.cls in owners and other.cls and other.cls not in owners:
                    return True
        return False

    def _is_plain(self, keys: list[Key]) -> bool:
        """Whether keys alone decide if there is an object: no further condition stands in the join."""
        if not self.has_join:
            return True
        if self.join is None or self.pairs is None:
            return False
        names = {name for key in keys for name in (key.attribute, key.column)}
        body = self.join.body if isinstance(self.join, ast.Lambda) else self.join
        if not isinstance(body, ast.Compare):
            return False
        return any({pair.left.attribute, pair.right.attribute} & names for pair in self.pairs)

    # Columns

    def _column(self, node: ast.expr) -> tuple[str, str]:
        """(class, attribute) that an expression of a join is; empty where it is neither side's."""
        match node:
            case ast.Name(id=name) if name in self.here.attributes:
                return self.one.owner, name
            case ast.Attribute(value=ast.Attribute(value=cls, attr="c" | "columns"), attr=name):
                if isinstance(cls, ast.Attribute) and cls.attr == "__table__":
                    return self._class_of(cls.value), name
                return self._class_of(cls) or self._mapped_to(cls), name
            case ast.Attribute(value=cls, attr=name):
                return self._class_of(cls), name
        return "", ""

    def _mapped_to(self, table: ast.expr) -> str:
        """The class that a call maps to a table which stands at it: `Post.table`."""
        found = self._class_of(table.value) if isinstance(table, ast.Attribute) else ""
        return found if found in self.by_call else ""

    def _class_of(self, node: ast.expr) -> str:
        function = self.one.site.function
        if isinstance(node, ast.Name):
            if function is not None and function.params and node.id == function.params[0].name:
                return self.one.owner
            for cls in (self.one.owner, self.target):
                if cls.rpartition(".")[2] == node.id:
                    return cls
        if isinstance(node, ast.Name | ast.Attribute | ast.Call):
            found = self.types.type_of(expression(node), self.one.site)
            if isinstance(found, ClassObject):
                return found.cls
            return "" if isinstance(node, ast.Call) else class_named(self.types, ast.unparse(node), self.one.owner)
        return ""

    def _is_mine(self, cls: str) -> bool:
        return cls in self.owners

    def _columns(self, expr: Expr) -> list[tuple[str, str]] | None:
        """(class, attribute) of each column in `foreign_keys=` or `remote_side=`; None where one is not known."""
        match expr:
            case Const(kind="str", text=text):
                tree = parsed(text)
                if tree is None:
                    return None
                items = tree.elts if isinstance(tree, ast.List | ast.Tuple | ast.Set) else [tree]
                found = [self._column(unmarked(item)) for item in items]
                return found if all(cls for cls, _ in found) else None
            case Lambda(body=body):
                return self._columns(body)
            case Display(items=items):
                several = [self._columns(item) for item in items]
                if any(one is None for one in several):
                    return None
                return [column for one in several for column in one or ()]
            case Name(id=name):
                return [(self.one.owner, name)] if name in self.here.attributes else None
            case Attr(value=Name(id=first), attr=name):
                cls = self._class_of(ast.Name(first, ast.Load()))
                return [(cls, name)] if cls else None
            case Attr(value=Attr(value=value, attr="c" | "columns"), attr=name):
                inner = value.value if isinstance(value, Attr) and value.attr == "__table__" else value
                found_cls = self.types.type_of(inner, self.one.site)
                return [(found_cls.cls, name)] if isinstance(found_cls, ClassObject) else None
            case Attr(value=value, attr=name):
                found_cls = self.types.type_of(value, self.one.site)
                return [(found_cls.cls, name)] if isinstance(found_cls, ClassObject) else None
        return None


def parsed(text: str) -> ast.expr | None:
    """The tree of an expression written as text."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def unmarked(node: ast.expr) -> ast.expr:
    """A column without `foreign(...)` and `remote(...)` around it."""
    while isinstance(node, ast.Call) and len(node.args) == 1 and ast.unparse(node.func) in ("foreign", "remote"):
        node = node.args[0]
    return node
