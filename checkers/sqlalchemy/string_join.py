"""A join names relationships with strings, or several of them at once, as SQLAlchemy 1 allowed.

## Why
`query.join("posts")`, `join("posts", "tags")`, `join(User.posts, Post.tags)`, `join((Post, condition))` raise in 2.0,
for queries and for `select()` alike: each join is one call with one target, a class or an attribute.

## Example
```python
db.query(User).join("posts").filter(Post.id == 1)
db.query(User).join("posts", "tags")
db.query(User).join((Post, Post.author_id == User.id))
```
Use instead:
```python
db.query(User).join(User.posts).filter(Post.id == 1)
db.query(User).join(User.posts).join(Post.tags)
db.query(User).join(Post, Post.author_id == User.id)
```

## Fix safety
The same SQL is sent: a string names an attribute of the entity the query began with, and in a list each names one of
the class the one before leads to. It is unsafe where the entity's class is not known. There is no fix for `aliased=`
and `from_joinpoint=`, and where a class on the way has no name in the file.

## Limits
Strings in variables are not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import Attr, Const, FileFacts
from trueup.infer import Inference
from trueup.libraries.sqlalchemy.queries import LIBRARIES, JoinRewrite
from trueup.libraries.sqlalchemy.related import related_class
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .query_entities import Entity, chain_entity, is_query_method, lacks, next_entity, string
from .query_items import class_of, is_entity_name

_JOINS = ("join", "outerjoin")
_GONE = ("aliased", "from_joinpoint")
Arg = str | int | tuple[int, int]


def _joins(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file joins anything but strings."""
    callees = [one.call.func for scope in facts.scopes for one in scope.calls]
    return any(isinstance(c, Attr) and c.attr in _JOINS and not isinstance(c.value, Const) for c in callees)


@rule(
    "TUS402",
    "string-join",
    on=ast.Call,
    names=_JOINS,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_JOINS,
    where=_joins,
    url="https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#orm-query-joining-loading-on-relationships-uses-attributes-not-strings",
    effort=3,
    step="sqlalchemy-queries",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or not _is_old(node, file):
        return
    if not is_query_method(node, file):
        return
    gone = next((k.arg for k in node.keywords if k.arg in _GONE), None)
    plan: JoinRewrite | str
    doubt = ""
    if gone is not None:
        plan = f"`{gone}=` is gone: join an `aliased(...)`, and let the conditions refer to it"
    else:
        entity = chain_entity(node, file)
        plan = _plan(node, entity, file)
        if entity is not None and not entity.cls:
            doubt = f"the class of `{entity.text}` is not known"
    what = f"`{func.attr}()` with {_what(node)} raises in SQLAlchemy 2"
    span = file.stretch(
        func.value.end_lineno or 0, func.value.end_col_offset or 0, node.end_lineno or 0, node.end_col_offset or 0
    )
    if isinstance(plan, str):
        yield Hit(node, f"{what}: {plan}", safety=Safety.MANUAL, why=plan, span=span)
        return
    yield Hit(
        node,
        f"{what}: join attributes, one in each call",
        clue=plan,
        safety=Safety.UNSAFE if doubt else None,
        why=doubt,
        span=span,
    )


def _is_old(node: ast.Call, file: File) -> bool:
    """Whether the arguments of a join are such as only SQLAlchemy 1 took."""
    if any(string(arg) is not None or isinstance(arg, ast.Tuple) for arg in node.args):
        return isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Constant)
    if len(node.args) > 1 and all(_relationship(arg, file) for arg in node.args):
        return True
    return any(k.arg in _GONE for k in node.keywords)


def _what(node: ast.Call) -> str:
    if any(string(arg) is not None for arg in node.args):
        return "a string"
    if any(isinstance(arg, ast.Tuple) for arg in node.args):
        return "a tuple"
    return "several relationships" if len(node.args) > 1 else "`aliased=` or `from_joinpoint=`"


def _relationship(node: ast.expr, file: File) -> bool:
    """Whether an expression is the attribute of a relationship."""
    if not isinstance(node, ast.Attribute):
        return False
    cls = class_of(file.type_of(node.value))
    return bool(cls) and bool(related_class(file.types, cls or "", node.attr))


def _plan(node: ast.Call, entity: Entity | None, file: File) -> JoinRewrite | str:
    args = node.args
    if len(args) == 2 and not isinstance(args[1], ast.Tuple) and _is_target(args[0], file):
        return _onto(args[0], args[1], entity, file)
    hops: list[tuple[Arg, ...]] = []
    for index, arg in enumerate(args):
        text = string(arg)
        if text is not None:
            if entity is None:
                return f"which entity `{text}` belongs to is not known: join its attribute"
            if not text.isidentifier():
                return f"`{text}` is no name: join one attribute after the other"
            if lacks(entity, text, file):
                return f"`{entity.text}` has no attribute `{text}`"
            hops.append((f"{entity.text}.{text}",))
            if index < len(args) - 1:
                following = next_entity(entity, text, file, arg)
                if following is None:
                    return f"what class `{entity.text}.{text}` leads to is not known here: join one after the other"
                entity = following
        elif isinstance(arg, ast.Tuple) and len(arg.elts) == 2:
            target, condition = arg.elts
            attr = string(condition)
            if attr is None:
                hops.append(((index, 0), (index, 1)))
            elif entity is None:
                return f"which entity `{attr}` belongs to is not known: join its attribute"
            else:
                hops.append((_of_type(entity, attr, target, file),))
        else:
            hops.append((index,))
    return JoinRewrite(tuple(hops))


def _is_target(node: ast.expr, file: File) -> bool:
    """Whether an expression is a class or a table, not an attribute of one."""
    return is_entity_name(node, file) or not (string(node) is not None or isinstance(node, ast.Tuple | ast.Attribute))


def _onto(target: ast.expr, condition: ast.expr, entity: Entity | None, file: File) -> JoinRewrite | str:
    """`join(Target, "attribute")`."""
    attr = string(condition)
    if attr is None:
        return "write one target and one condition"
    if entity is None:
        return f"which entity `{attr}` belongs to is not known: join its attribute"
    if lacks(entity, attr, file):
        return f"`{entity.text}` has no attribute `{attr}`"
    return JoinRewrite(((_of_type(entity, attr, target, file),),))


def _of_type(entity: Entity, attr: str, target: ast.expr, file: File) -> str:
    """The attribute, narrowed where the target is not the class it leads to anyway."""
    text = f"{entity.text}.{attr}"
    related = related_class(file.types, entity.cls, attr) if entity.cls else ""
    return text if related and file.qualname(target) == related else f"{text}.of_type({file.segment(target)})"
