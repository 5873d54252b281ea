"""Where a class body or other code uses a column as the object `Column` makes, which `mapped_column()` does not."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Attr, Call, Display, Expr, FileFacts, Star
from trueup.index.facts import Mapping as DictLiteral
from trueup.infer import Inference, Site
from trueup.libraries.sqlalchemy.mapping import mapping, named
from trueup.model import Place
from trueup.types import ClassObject

_OPERATIONS = frozenset(
    {
        "all_", "any_", "asc", "between", "bitwise_and", "bitwise_lshift", "bitwise_not", "bitwise_or",
        "bitwise_rshift", "bitwise_xor", "bool_op", "collate", "concat", "contains", "desc", "distinct", "endswith",
        "icontains", "iendswith", "ilike", "in_", "is_", "is_distinct_from", "is_not", "is_not_distinct_from", "isnot",
        "isnot_distinct_from", "istartswith", "like", "match", "not_ilike", "not_in", "not_like", "notilike", "notin_",
        "notlike", "nulls_first", "nulls_last", "nullsfirst", "nullslast", "op", "regexp_match", "regexp_replace",
        "startswith",
    }
)  # fmt: skip
"""What `mapped_column()` hands on to the column it holds; measured with 2.0.58 and 2.1.9."""
_OBJECT = frozenset(
    {
        "_copy", "cast", "comparator", "compare", "constraints", "copy", "default", "info", "key", "label", "nullable",
        "onupdate", "primary_key", "references", "server_default", "table", "type", "unique",
    }
)  # fmt: skip
"""What code uses of a `Column` that has not been mapped yet, and a `mapped_column()` lacks."""
_INTO_CLASS = ("__table_args__", "__mapper_args__")


def object_uses(node: ast.ClassDef, names: Mapping[str, ast.stmt], file: File) -> dict[str, ast.expr]:
    """Attribute -> the first place in the class that needs it to be a `Column`.

    `names`: attribute -> the statement that makes it; what reads its name before that ends reads something else.
    """
    found: dict[str, ast.expr] = {}
    for name in _loads(node, file):
        made = names.get(name.id)
        if made is None or (name.lineno, name.col_offset) < (made.end_lineno or 0, made.end_col_offset or 0):
            continue
        if name.id not in found and not _works(name, names, file):
            found[name.id] = name
    for attribute, place in _through_class(node, file):
        if attribute in names:
            found.setdefault(attribute, place)
    return found


def _loads(node: ast.ClassDef, file: File) -> Iterator[ast.Name]:
    """The names that the class body itself reads: of its functions only decorators and defaults belong to it."""
    for statement in node.body:
        roots: list[ast.AST] = [statement]
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            defaults = [*statement.args.defaults, *statement.args.kw_defaults]
            roots = [*statement.decorator_list, *[d for d in defaults if d is not None]]
        elif isinstance(statement, ast.ClassDef):
            continue
        for root in roots:
            for one in file.walk(root):
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
                    yield one


def _through_class(node: ast.ClassDef, file: File) -> Iterator[tuple[str, ast.expr]]:
    """`cls.x.label(...)` in a `declared_attr`, which runs while the class is being mapped."""
    for statement in node.body:
        if not isinstance(statement, ast.FunctionDef) or not statement.args.args:
            continue
        if not any("declared_attr" in ast.unparse(decorator) for decorator in statement.decorator_list):
            continue
        first = statement.args.args[0].arg
        for one in file.walk(statement):
            match one:
                case ast.Attribute(value=ast.Attribute(value=ast.Name(id=owner), attr=attribute), attr=used):
                    if owner == first and used in _OBJECT:
                        yield attribute, one


def _works(name: ast.Name, names: Collection[str], file: File) -> bool:
    """Whether a use of a column in its class body works with `mapped_column()` too."""
    child: ast.AST = name
    while (parent := file.parent(child)) is not None:
        match parent:
            case ast.Attribute():
                return parent.attr in _OPERATIONS
            case ast.Compare() | ast.BinOp() | ast.UnaryOp():
                return True
            case ast.Subscript():
                return parent.value is child
            case ast.Tuple() | ast.List() | ast.Dict() | ast.keyword() | ast.Starred():
                child = parent
            case ast.Call():
                return parent.func is not child and _is_sqlalchemys(parent.func, names, file)
            case ast.Assign(targets=targets):
                return all(isinstance(t, ast.Name) and t.id in _INTO_CLASS for t in targets)
            case ast.AnnAssign(target=ast.Name(id=target)):
                return target in _INTO_CLASS
            case _:
                return False
    return False


def _is_sqlalchemys(func: ast.expr, names: Collection[str], file: File) -> bool:
    """Whether what is called is SQLAlchemy's, or an operation of a column."""
    if named(file.types, expression(func), file.site(func)).startswith("sqlalchemy."):
        return True
    root = func
    while isinstance(root, ast.Attribute | ast.Call):
        root = root.value if isinstance(root, ast.Attribute) else root.func
    if isinstance(root, ast.Name) and root.id in names:
        return True
    return root is not func and (file.qualname(root) or "").startswith("sqlalchemy")


# Columns of classes that are not mapped themselves


def unmapped_uses(types: Inference) -> dict[tuple[str, str], Place]:
    """(mixin or abstract class, attribute) -> where code that runs on import uses the attribute as a `Column`."""
    return types.shared(_unmapped_uses)


def _unmapped_uses(types: Inference) -> dict[tuple[str, str], Place]:
    where = mapping(types)
    owners = {cls.rpartition(".")[2] for cls in where.mixins}
    owners |= {c.facts.name for c in types.project.classes() if where.is_abstract(c)}
    found: dict[tuple[str, str], Place] = {}
    for file in types.project.files.values():
        known = {c.name for c in file.classes} | {n for one in file.scope.imports for n in (one.attr, one.name)}
        if owners.isdisjoint(known) and not file.scope.stars:
            continue
        for expr, site in _on_import(file):
            for one in _attributes(expr):
                if one.attr in _OBJECT and isinstance(one.value, Attr):
                    owner = types.type_of(one.value.value, site)
                    if isinstance(owner, ClassObject):
                        member = types.member(owner.cls, one.value.attr)
                        cls = member.owner.qualname if member is not None else owner.cls
                        place = Place(file.path, site.line, site.column + 1, f"`.{one.attr}` of the column")
                        found.setdefault((cls, one.value.attr), place)
    return found


def _on_import(file: FileFacts) -> Iterator[tuple[Expr, Site]]:
    for binding in file.scope.bindings:
        if binding.value is not None:
            yield binding.value, Site(file, None, None, binding.block, binding.line, binding.column)
    for klass in file.classes:
        for field in klass.fields:
            if field.value is not None:
                yield field.value, Site(file, None, klass, 0, field.pos.line, field.pos.column)


def _attributes(expr: Expr) -> Iterator[Attr]:
    match expr:
        case Attr(value=value):
            yield expr
            yield from _attributes(value)
        case Call(func=func, args=args, keywords=keywords):
            yield from _attributes(func)
            for item in (*args, *[value for _, value in keywords]):
                yield from _attributes(item)
        case Display(items=items) | DictLiteral(values=items):
            for item in items:
                yield from _attributes(item)
        case Star(value=value):
            yield from _attributes(value)
