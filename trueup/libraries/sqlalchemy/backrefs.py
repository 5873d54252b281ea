"""What `backref=` puts on the other class, written as the relationship that stands for it there."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterator, Mapping

from msgspec import Struct

from ...index.extract import expression
from ...index.facts import Attr, Call, Const, Display, Expr, Lambda, Name, Op, Star
from ...index.facts import Mapping as Literal
from ...index.project import ClassSymbol, classes_in
from ...infer import Inference, Site
from ...types import ClassObject, Instance
from ..alembic import is_migration
from .directions import Read, parsed, side
from .foreign_keys import is_found_by_name, table_text, tables_of
from .mapping import mapping, named
from .relationships import (
    BACKREF,
    Relationship,
    cascades,
    class_named,
    own_relationships,
    relationship_of,
    target_of,
)

_COLUMNS = frozenset({"foreign_keys", "remote_side", "order_by", "primaryjoin", "secondaryjoin"})
"""Arguments that may be given as text, which is read when all classes are there."""
_INHERITED = ("viewonly", "post_update", "passive_updates", "sync_backref")
"""What the reverse relationship takes over from the one that has the `backref=`."""
_MARKS = frozenset({"sqlalchemy.orm.foreign", "sqlalchemy.orm.remote"})
_TABLE = "sqlalchemy.Table"
_NEEDS_TREE = "one of its joins is an expression, which can only be read in its own file"


class Backref(Struct, frozen=True):
    """One `backref=`."""

    owner: str
    attribute: str
    """The relationship that has it."""
    target: str
    """The class that gets an attribute by it; empty where that is not known."""
    name: str
    """Of that attribute."""
    path: str
    line: int
    args: tuple[str, ...] = ()
    """The arguments of the relationship to be written there, as source."""
    why: str = ""
    """Why it cannot be written there."""
    needs_tree: bool = False
    """It could, if the expressions of its own file were read."""
    into: str = ""
    """The path of the other class's file, where that is another one and these expressions have been read."""


def backrefs(types: Inference) -> tuple[Backref, ...]:
    """All `backref=`s in the mapped classes of a project, by path and line."""
    return types.shared(_backrefs)


def _backrefs(types: Inference) -> tuple[Backref, ...]:
    found: list[Backref] = []
    none, where = Const("none"), mapping(types)
    for symbol in _with_backrefs(types):
        if not where.is_declarative(symbol.qualname) and symbol.qualname not in where.mixins:
            continue
        made = own_relationships(types, symbol)
        found += [planned(types, one, None) for one in made if one.keywords.get("backref", none) != none]
    twice = [(one.target, one.name) for one in found]
    return tuple(
        [
            _refused(one, f"`{one.target.rpartition('.')[2]}` gets an attribute `{one.name}` from several `backref`s")
            if one.target and one.name and twice.count((one.target, one.name)) > 1
            else one
            for one in found
        ]
    )


def _with_backrefs(types: Inference) -> Iterator[ClassSymbol]:
    """The classes with a `backref=`, by path and line."""
    for path in types.shared(_files_with_backrefs):
        for symbol in classes_in(types.project.files[path]):
            if any(map(_has_backref, _values(types, symbol))):
                yield symbol


def _files_with_backrefs(types: Inference) -> tuple[str, ...]:
    return tuple(types.by_file(_holds_backref))


def _holds_backref(types: Inference, path: str) -> bool:
    file = types.project.files[path]
    values = (value for symbol in classes_in(file) for value in _values(types, symbol))
    return not is_migration(file) and any(map(_has_backref, values))


def _values(types: Inference, symbol: ClassSymbol) -> Iterator[Expr | None]:
    for field in symbol.facts.fields:
        yield field.value
    for name in symbol.facts.methods if symbol.file.stands_in_functions("backref") else ():
        function = types.project.function(f"{symbol.qualname}.{name}")
        if function is not None:
            yield from [value for value, _, _ in function.facts.returned]


def _has_backref(value: Expr | None) -> bool:
    return isinstance(value, Call) and any(key == "backref" for key, _ in value.keywords)


def _refused(one: Backref, why: str) -> Backref:
    return Backref(one.owner, one.attribute, one.target, one.name, one.path, one.line, why=why)


def planned(types: Inference, one: Relationship, trees: Mapping[str, ast.expr] | None) -> Backref:
    """What becomes of a `backref=`; `trees`: the arguments of the relationship, where their file is being read.

    Those of its `backref(...)` stand among them under `backref.name`.
    """
    plan = _Plan(types, one, trees or {})
    why = plan.why()
    args = () if why else plan.args()
    return Backref(
        one.owner,
        one.attribute,
        plan.target,
        plan.name,
        one.site.file.path,
        one.site.line,
        args or (),
        why or ("" if args else plan.problem),
        not why and not args and plan.problem == _NEEDS_TREE,
    )


class _Plan:
    """The relationship that stands for one `backref=`."""

    def __init__(self, types: Inference, one: Relationship, trees: Mapping[str, ast.expr]) -> None:
        self.types = types
        self.one = one
        self.trees = trees
        self.keywords = one.keywords
        self.target = target_of(types, one)
        self.name = ""
        self.own: dict[str, Expr] = {}
        """The arguments of `backref("name", ...)`."""
        self.problem = ""
        given = self.keywords["backref"]
        if isinstance(given, Call) and named(types, given.func, one.site) == BACKREF and given.args:
            self.own = dict(given.keywords)
            given = given.args[0]
        if isinstance(given, Const) and given.kind == "str":
            self.name = given.text

    def why(self) -> str:
        """Why it is left alone."""
        types, one = self.types, self.one
        where, owner = mapping(types), types.project.klass(one.owner)
        if not self.name or "**" in self.own or "**" in self.keywords:
            return "what it says is only known when it runs"
        if not self.target:
            return "the class it leads to is not found"
        target = types.project.klass(self.target)
        if target is None or target.file.path not in types.project.files or is_migration(target.file):
            return "the class it leads to is not of this project"
        cls = target.facts.name
        if owner is None or one.function is not None or not where.is_declarative(one.owner) or where.is_abstract(owner):
            return "each class below its own one makes an attribute of its own by it"
        if not where.is_declarative(self.target) or any(map(where.is_part_of_dataclass, (self.target, one.owner))):
            return f"`{cls}` is mapped in another way"
        if target.facts.parent or "." in target.facts.qualname or owner.facts.parent:
            return "one of the two classes does not stand in a module itself"
        if types.member(self.target, self.name) is not None:
            return f"`{cls}` has an attribute `{self.name}` already"
        if not self.name.isidentifier():
            return "its name is none"
        is_own = target.qualname == owner.qualname and "secondary" not in self.keywords
        if is_own and ("remote_side" in self.keywords) == ("remote_side" in self.own):
            return "one of the two sides needs a `remote_side=`"
        join = self.keywords.get("primaryjoin")
        text = join.text if isinstance(join, Const) and join.kind == "str" else ""
        tree = self.trees.get("primaryjoin")
        if "remote(" in (text or (ast.unparse(tree) if tree is not None else "")):
            return "its join says `remote()`, which is the other way round there"
        return ""

    def args(self) -> tuple[str, ...]:
        """The arguments of the reverse relationship; none where one of them cannot be said there."""
        one = self.one
        short = one.owner.rpartition(".")[2]
        name = short if class_named(self.types, short, self.target) == one.owner else one.owner
        found = [quoted(name)]
        secondary = self.keywords.get("secondary")
        if secondary is not None and secondary != Const("none"):
            table = self._secondary(secondary)
            code = quoted(table) if table else self._table_here(secondary)
            if not code:
                self.problem = (
                    "its `secondary=` is not a table that can be named there: give both sides the table itself"
                )
                return ()
            found.append(f"secondary={code}")
        found.append(f"back_populates={quoted(one.attribute)}")
        for key, value, path in self._taken(bool(secondary)):
            text = self._said(key, value, path)
            if text is None:
                return ()
            found.append(f"{key}={text}")
        return tuple(found)

    def _taken(self, crossed: bool) -> Iterator[tuple[str, Expr, str]]:
        """(argument, its value, under which name that stands among the trees)."""
        for key, value in self.own.items():
            yield key, value, f"backref.{key}"
        joins = {"primaryjoin": "secondaryjoin", "secondaryjoin": "primaryjoin"} if crossed else {}
        for key in ("primaryjoin", "secondaryjoin", "foreign_keys", *_INHERITED):
            there = joins.get(key, key)
            if key not in self.own and there in self.keywords:
                yield key, self.keywords[there], there

    def _secondary(self, value: Expr) -> str:
        if isinstance(value, Const):
            return value.text if value.kind == "str" else ""
        table = value.body if isinstance(value, Lambda) else value
        if not is_found_by_name(self.types, table, self.one.site, self.target):
            return ""
        text = table_text(self.types, table, self.one.site)
        return text if all(part.isidentifier() for part in text.split(".")) else ""

    def _table_here(self, value: Expr) -> str:
        """A table of the file that both classes stand in, as code; a function, as it may be made further down."""
        table = value.body if isinstance(value, Lambda) else value
        target = self.types.project.klass(self.target)
        if not isinstance(table, Name) or target is None or target.file.path != self.one.site.file.path:
            return ""
        bound = [one for one in target.file.scope.bindings if one.name == table.id]
        known = self.types.type_of(table, Site(target.file))
        if [one.how for one in bound] != ["assign"] or not isinstance(known, Instance) or known.cls != _TABLE:
            return ""
        return f"lambda: {table.id}"

    def _said(self, key: str, value: Expr, path: str) -> str | None:
        """An argument as it is written in the other class."""
        if key in _COLUMNS:
            tree = self.trees.get(path) or read_back(value)
            if tree is None:
                self.problem = _NEEDS_TREE
                return None
            if isinstance(tree, ast.Constant):
                return quoted(tree.value) if isinstance(tree.value, str) else ast.unparse(tree)
            lifted = _Lifted(self.types, self.one, isinstance(tree, ast.Lambda))
            new = lifted.visit(copy.deepcopy(tree.body if isinstance(tree, ast.Lambda) else tree))
            if lifted.lost:
                self.problem = f"`{lifted.lost}` in its `{key}=` means nothing to the other class"
                return None
            return quoted(ast.unparse(new))
        tree = read_back(value)
        names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)] if tree is not None else [""]
        if tree is None or not set(names) <= {"set", "list"}:
            self.problem = f"its `{key}=` would have to be imported there"
            return None
        return (
            quoted(tree.value) if isinstance(tree, ast.Constant) and isinstance(tree.value, str) else ast.unparse(tree)
        )


class _Lifted(ast.NodeTransformer):
    """Writes columns and classes as the text of a relationship's argument names them."""

    def __init__(self, types: Inference, one: Relationship, is_lambda: bool) -> None:
        self.types = types
        self.one = one
        self.is_lambda = is_lambda
        self.columns = tables_of(types, one.owner).attributes
        self.lost = ""
        """A name that cannot be said."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        site = self.one.site
        if node.id in self.columns and not self.is_lambda:
            return ast.Attribute(ast.Name(self.one.owner.rpartition(".")[2], ast.Load()), node.id, ast.Load())
        known = self.types.qualname(Name(node.id), site) or ""
        found = self.types.type_of(Name(node.id), site)
        if isinstance(found, ClassObject) and mapping(self.types).is_declarative(found.cls):
            short = found.cls.rpartition(".")[2]
            if class_named(self.types, short, self.one.owner) == found.cls:
                return ast.Name(short, ast.Load())
        if self.is_lambda and class_named(self.types, node.id, self.one.owner):
            return node
        last = known.rpartition(".")[2]
        if known in _MARKS or known == f"sqlalchemy.{last}" or (known.startswith("sqlalchemy.sql.") and last):
            return ast.Name(last, ast.Load())
        text = table_text(self.types, Name(node.id), site)
        if text and is_found_by_name(self.types, Name(node.id), site, self.one.owner):
            tree = parsed(text)
            if tree is not None:
                return tree
        self.lost = self.lost or node.id
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A function that gives a mapped class, as what is imported late is had by."""
        found = self.types.type_of(expression(node), self.one.site)
        if isinstance(found, ClassObject) and mapping(self.types).is_declarative(found.cls):
            short = found.cls.rpartition(".")[2]
            if class_named(self.types, short, self.one.owner) == found.cls:
                return ast.Name(short, ast.Load())
        self.generic_visit(node)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.lost = self.lost or "lambda"
        return node


def read_back(expr: Expr) -> ast.expr | None:
    """The tree of an expression of the facts; None where they do not keep all of it."""
    text = _source(expr)
    return parsed(text) if text is not None else None


def _source(expr: Expr) -> str | None:
    match expr:
        case Const(kind="str", text=text):
            return repr(text) if text else None  # a long text is not kept
        case Const(kind="none"):
            return "None"
        case Const(kind="bool" | "int" | "float", text=text):
            return text
        case Name(id=name):
            return name
        case Attr(value=value, attr=attr):
            inner = _source(value)
            return f"{inner}.{attr}" if inner is not None else None
        case Call(func=func, args=args, keywords=keywords):
            parts = [_source(arg) for arg in args if not isinstance(arg, Star)]
            named_parts = [(key, _source(value)) for key, value in keywords if key != "**"]
            head = _source(func)
            if head is None or len(parts) < len(args) or len(named_parts) < len(keywords):
                return None
            if any(part is None for part in parts) or any(part is None for _, part in named_parts):
                return None
            return f"{head}({', '.join([*[str(p) for p in parts], *[f'{k}={v}' for k, v in named_parts]])})"
        case Display(kind="list" | "tuple" as kind, items=items):
            several = [_source(item) for item in items]
            if any(one is None for one in several):
                return None
            inside = ", ".join(str(one) for one in several)
            return f"[{inside}]" if kind == "list" else f"({inside},)"
        case Literal(keys=keys, values=values):
            pairs = [(_source(k) if k is not None else None, _source(v)) for k, v in zip(keys, values, strict=True)]
            if any(k is None or v is None for k, v in pairs):
                return None
            return "{" + ", ".join(f"{k}: {v}" for k, v in pairs) + "}"
        case Lambda(body=body):
            inner = _source(body)
            return f"lambda: {inner}" if inner is not None else None
        case Op(op=op, left=left, right=right):
            one, two = _source(left), _source(right)
            return f"({one} {op} {two})" if one is not None and two is not None else None
    return None


def quoted(text: str) -> str:
    """A text as a literal, in double quotes."""
    return json.dumps(" ".join(text.split()) if "\n" in text else text, ensure_ascii=False)


def followed_back(types: Inference, cls: str, attribute: str) -> bool:
    """Whether an attribute is a relationship to one object, along whose other side 1.4 saved its own object."""
    one = relationship_of(types, cls, attribute)
    if one is None:
        mine = [other for other in backrefs(types) if other.name == attribute and other.target in types.mro(cls).names]
        giver = relationship_of(types, mine[0].owner, mine[0].attribute) if len(mine) == 1 else None
        return giver is not None and cascades(giver) and side(types, giver, Read()).direction == "to many"
    found = side(types, one, Read())
    if found.many is not False or found.direction != "to one":
        return False
    given = one.keywords.get("backref")
    if isinstance(given, Call) and named(types, given.func, one.site) == BACKREF:
        return cascades(Relationship(found.target, "", given, one.site))
    if given is not None and given != Const("none"):
        return cascades(Relationship(found.target, "", Call(given), one.site))
    name = mapping(types).text(one.keywords.get("back_populates"), one.site)
    other = relationship_of(types, found.target, name) if name else None
    return other is not None and cascades(other)
