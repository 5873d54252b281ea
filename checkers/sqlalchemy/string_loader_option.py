"""A loader option or `with_parent()` names attributes with strings, or goes by a name that is gone.

## Why
`joinedload("posts")`, `load_only("id", "name")` and `with_parent(user, "posts")` raise in SQLAlchemy 2, which takes
attributes of mapped classes. `eagerload()` and `joinedload_all()` are gone, and `defer("a", "b")`, which meant a path
and not two columns, is gone in 2.1.

## Example
```python
db.query(User).options(joinedload("posts"), load_only("id", "name"))
db.query(User).options(subqueryload("posts.tags"))
```
Use instead:
```python
db.query(User).options(joinedload(User.posts), load_only(User.id, User.name))
db.query(User).options(defaultload(User.posts).subqueryload(Post.tags))
```

## Fix safety
The same is loaded in the same way. A path loads its last part as the option says and leaves the parts in front as they
are: `defaultload()` says so. It is unsafe where the class of the entity is not known. There is no fix where the option
is not written inside `options()` of a query or `select()`, where a class on the path has no name in the file, and for
`defer()` and `undefer()` with several attributes.

## Limits
Strings in variables, and options that are made outside of `options()`, are reported but not repaired.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import LIBRARIES, OptionRewrite
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, without_none

from .query_entities import Entity, chain_entity, lacks, next_entity, string
from .query_items import Kind, class_of, item_of
from .query_shapes import written_name

_PATHS = frozenset(
    {"joinedload", "subqueryload", "selectinload", "lazyload", "contains_eager", "noload", "raiseload", "immediateload",
     "defaultload"}
)  # fmt: skip
_COLUMNS = frozenset({"defer", "undefer", "load_only"})
_CHAINED = {"joinedload_all": "joinedload", "subqueryload_all": "subqueryload", "eagerload_all": "joinedload",
            "contains_eager_all": "contains_eager"}  # fmt: skip
"""What loaded every part of a path, gone since 1.4: the option it consists of."""
_ALL = (*sorted(_PATHS | _COLUMNS | _CHAINED.keys()), "eagerload", "with_parent")


@rule(
    "TUS403",
    "string-loader-option",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_ALL,
    url="https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#orm-query-joining-loading-on-relationships-uses-attributes-not-strings",
    effort=3,
    step="sqlalchemy-queries",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name not in _ALL or not _is_old(name, node) or not _is_option(node, func, name, file):
        return
    plan: OptionRewrite | str
    doubt = ""
    if name == "with_parent":
        plan = _parent(node, file)
    elif name in ("defer", "undefer") and len(node.args) > 1:
        plan = "several attributes mean a path: write one option for each column"
    else:
        entity = _entity_of(node, file)
        plan = _plan(name, node, entity, file)
        doubt = f"the class of `{entity.text}` is not known" if entity is not None and not entity.cls else ""
    what = _what(name, node)
    if isinstance(plan, str):
        yield Hit(node, f"{what}: {plan}", safety=Safety.MANUAL, why=plan)
        return
    new = ".".join([f"{call}({', '.join(args)})" for call, args in plan.calls])
    yield Hit(node, f"{what}: use `{new}`", clue=plan, safety=Safety.UNSAFE if doubt else None, why=doubt)


def _is_old(name: str, node: ast.Call) -> bool:
    if name in _CHAINED or name == "eagerload":
        return True
    if name in ("defer", "undefer") and len(node.args) > 1:
        return True
    given = node.args[1:] if name == "with_parent" else node.args
    return any(text is not None and text != "*" for text in map(string, given))


def _is_option(node: ast.Call, func: ast.expr, name: str, file: File) -> bool:
    """Whether a call is SQLAlchemy's: by its import, or as a method of a loader option."""
    found = file.qualname(func)
    if found is not None:
        return found.startswith("sqlalchemy.orm.")
    if not isinstance(func, ast.Attribute):
        return False
    inner = func.value
    if isinstance(inner, ast.Call):
        called = inner.func
        last = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        return last in (*_PATHS, "Load", "options", "eagerload") or (last in _CHAINED)
    one = without_none(file.type_of(inner))
    return isinstance(one, Instance) and one.cls.startswith("sqlalchemy.")


def _what(name: str, node: ast.Call) -> str:
    if name in _CHAINED or name == "eagerload":
        return f"`{name}()` is gone"
    if name in ("defer", "undefer") and len(node.args) > 1:
        return f"`{name}()` with several attributes is gone in SQLAlchemy 2.1"
    return f"`{name}()` with a string raises in SQLAlchemy 2"


# Which entity --------------------------------------------------------------------------------------------------------


def _entity_of(node: ast.Call, file: File) -> Entity | None:
    """The entity whose attributes an option names: what the option in front of it leads to, else the query's."""
    func = node.func
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call):
        return _behind(func.value, file)
    child: ast.AST = node
    parent = file.parent(node)
    while isinstance(parent, ast.Call | ast.Attribute | ast.Starred | ast.List):
        if isinstance(parent, ast.Call) and child in parent.args:
            outer = parent.func
            if isinstance(outer, ast.Attribute) and outer.attr == "options":
                return chain_entity(parent, file)
            return None
        child, parent = parent, file.parent(parent)
    return None


def _behind(call: ast.Call, file: File) -> Entity | None:
    """Where a loader option leads: `joinedload(User.posts)` to Post, `Load(User)` to User."""
    func = call.func
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name == "Load" and call.args:
        item = item_of(call.args[0], file)
        return Entity(item.text, item.cls) if item.kind is Kind.ENTITY else None
    last = call.args[-1] if call.args else None
    if isinstance(last, ast.Attribute):
        cls = class_of(file.type_of(last.value))
        return next_entity(Entity(file.segment(last.value), cls), last.attr, file, call) if cls else None
    if last is not None and string(last) is not None:
        entity = _entity_of(call, file)
        for attr in (string(last) or "").split("."):
            entity = next_entity(entity, attr, file, call) if entity is not None else None
        return entity
    return None


# What it becomes -----------------------------------------------------------------------------------------------------


def _plan(name: str, node: ast.Call, entity: Entity | None, file: File) -> OptionRewrite | str:
    if any(isinstance(arg, ast.Starred) for arg in node.args):
        return "its arguments are not written out"
    given = [(string(arg), file.segment(arg)) for arg in node.args]
    new = _CHAINED.get(name, "joinedload" if name == "eagerload" else name)
    if all(text is None for text, _ in given) and name not in _CHAINED:
        return OptionRewrite(((new, tuple([code for _, code in given])),))
    if entity is None and any(text is not None for text, _ in given):
        return "which entity the attributes belong to is not known here: name them, `Entity.attribute`"
    if name in _COLUMNS:
        return _columns(new, given, entity, file)
    parts: list[str] = []
    for text, code in given:
        if text is None:
            parts.append(code)
            entity = _at(code, node, file)
            continue
        for attr in text.split("."):
            if entity is None:
                return f"what class the path leads to in front of `{attr}` is not known here: name its attributes"
            if lacks(entity, attr, file):
                return f"`{entity.text}` has no attribute `{attr}`"
            parts.append(f"{entity.text}.{attr}")
            last = entity
            entity = next_entity(last, attr, file, node)
    inner = new if name in _CHAINED else "defaultload"
    return OptionRewrite(tuple([(inner, (part,)) for part in parts[:-1]] + [(new, (parts[-1],))]))


def _at(code: str, node: ast.Call, file: File) -> Entity | None:
    for arg in node.args:
        if isinstance(arg, ast.Attribute) and file.segment(arg) == code:
            cls = class_of(file.type_of(arg.value))
            return next_entity(Entity(file.segment(arg.value), cls), arg.attr, file, node) if cls else None
    return None


def _columns(name: str, given: list[tuple[str | None, str]], entity: Entity | None, file: File) -> OptionRewrite | str:
    args: list[str] = []
    for text, code in given:
        if text is None:
            args.append(code)
            continue
        assert entity is not None
        if not text.isidentifier():
            return f"`{text}` is a path: write `defaultload(Entity.relationship).{name}(...)`"
        if lacks(entity, text, file):
            return f"`{entity.text}` has no attribute `{text}`"
        args.append(f"{entity.text}.{text}")
    return OptionRewrite(((name, tuple(args)),))


def _parent(node: ast.Call, file: File) -> OptionRewrite | str:
    """`with_parent(user, "posts")`: the class is the instance's, or the method's second argument alone."""
    if isinstance(node.func, ast.Attribute) and file.qualname(node.func) is None:
        return "write `.filter(with_parent(instance, Entity.relationship))`"
    if len(node.args) != 2:
        return "name the attribute, `Entity.relationship`"
    one = without_none(file.type_of(node.args[0]))
    attr = string(node.args[1])
    text = written_name(one.cls, file, node) if isinstance(one, Instance) else None
    if text is None or attr is None:
        return f"what `{file.segment(node.args[0])}` is is not known here: name the attribute, `Entity.{attr}`"
    return OptionRewrite((("with_parent", (file.segment(node.args[0]), f"{text}.{attr}")),))
