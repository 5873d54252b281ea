"""A `backref=`, which puts an attribute on another class that no reader and no type checker finds there.

## Why
`backref="author"` in one class makes `Post.author` in another, when the mappers are configured. It stands nowhere in
`Post`, so it can have no annotation, and type checkers take each use of it for an error. SQLAlchemy 2 calls `backref`
legacy: both sides are to be written, and name each other by `back_populates=`.

## Example
```python
class User(Base):
    posts = relationship("Post", backref=backref("author", lazy="joined"))
```
Use instead:
```python
class User(Base):
    posts = relationship("Post", back_populates="author")

class Post(Base):
    author = relationship("User", back_populates="posts", lazy="joined")
```

## Fix safety
The two relationships are mapped as before. Both places, in one file or two, are repaired together or not at all. The
new one takes over what `backref()` was given, and from the other side what SQLAlchemy hands on: `viewonly=`,
`post_update=`, `passive_updates=`, `sync_backref=`, `foreign_keys=`, `primaryjoin=`, and `secondary=`, where the two
joins change places. Columns and tables are named as text (`foreign_keys="[Post.author_id]"`), so that nothing has to
be imported. An expression of another file (`primaryjoin=foreign(user_id) == User.id`) becomes such a text too; the new
relationship then stands at the end of its class. The attribute is there as soon as the class is, no longer only when
the mappers are configured.

There is no fix, and the message says why, where the other class is not found or has such an attribute already, where
several `backref`s make the same one, in mixins and abstract classes, where an argument would have to be imported by the
other file, and where a join marks columns by `remote()`.

## Limits
The table of `secondary=` is named by its text, so it must be one of the base's own metadata, and no `MetaData` of the
project may have a schema: SQLAlchemy 1.4 and 2.0 look that text up in the registry's metadata. Elsewhere it is
`lambda: table` where both classes stand in the table's file, and a person's work where they do not.
Relationships that are put on a class after its body, by `map_imperatively()`, or in an Alembic migration are not looked
at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from trueup.config import Config
from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call, FileFacts
from trueup.infer import Inference
from trueup.libraries.alembic import is_migration
from trueup.libraries.sqlalchemy.backrefs import Backref, backrefs, planned
from trueup.libraries.sqlalchemy.hints import MovedBackref, NewRelationships, RenamedArgument
from trueup.libraries.sqlalchemy.relationships import Relationship
from trueup.model import Hit, Place, Safety, Severity, Span
from trueup.registry import rule
from trueup.types import Instance


def _may_hold(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file has a `backref=`, or a class that gets an attribute by one."""
    if not facts.classes or is_migration(facts):
        return False
    names = {f"{facts.module}.{one.qualname}" for one in facts.classes}
    return any(one.path == facts.path or one.target in names for one in backrefs(types))


@rule(
    "TUS302",
    "legacy-backref",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "flask_sqlalchemy"),
    where=_may_hold,
    url="https://docs.sqlalchemy.org/en/20/orm/backref.html",
    effort=5,
    step="sqlalchemy-relationships",
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts = file.class_at(node)
    if facts is None:
        return
    cls = file.qualified(facts)
    known = [_read(one, file) for one in backrefs(file.types) if cls in (one.owner, one.target)]
    for one, call in known:
        if one.owner == cls and call is not None:
            yield _giving(one, call, file)
    for local in (False, True):
        mine = [one for one, _ in known if one.target == cls and not one.why and one.needs_tree == local]
        if mine:
            yield _getting(mine, node, file)


def _group(one: Backref) -> str:
    return f"TUS302 {one.target}{' by expressions' if one.needs_tree else ''}"


def _members(one: Backref, file: File) -> int:
    """How many places are repaired with one: the relationships, and the class that gets their reverses."""
    same = [other for other in backrefs(file.types) if other.target == one.target]
    if one.needs_tree:
        read = [_read(other, file)[0] for other in same if other.needs_tree]
        same = [other for other in read if not other.into]
    return 1 + sum(not other.why and other.needs_tree == one.needs_tree for other in same)


def _giving(one: Backref, call: ast.Call, file: File) -> Hit:
    text = f"`backref=` of `{one.attribute}` "
    target = one.target.rpartition(".")[2]
    if one.why:
        text += f"makes an attribute that is written nowhere, and cannot be replaced by a machine: {one.why}; write "
        text += "both sides, with `back_populates=`"
        return Hit(call, text, safety=Safety.MANUAL, span=_span(call, file))
    text += f"makes `{target}.{one.name}`, which is written nowhere; write it there, and `back_populates=` here"
    if one.into:
        moved = MovedBackref(one.name, one.args, one.into, target)
        return Hit(call, text, clue=moved, span=_span(call, file))
    clue = RenamedArgument("backref", "back_populates", f'"{one.name}"')
    return Hit(call, text, clue=clue, group=_group(one), members=_members(one, file), span=_span(call, file))


def _span(call: ast.Call, file: File) -> Span:
    keyword = next(keyword for keyword in call.keywords if keyword.arg == "backref")
    return file.span(keyword)


def _getting(mine: list[Backref], node: ast.ClassDef, file: File) -> Hit:
    first = mine[0]
    text = f"`{node.name}.{first.name}` is made by a `backref=` of `{first.owner.rpartition('.')[2]}`"
    text += f", and {len(mine) - 1} more likewise" if len(mine) > 1 else ""
    text += "; write what it is here"
    places = tuple([Place(one.path, one.line, 1, f"`backref=` of `{one.attribute}`") for one in mine[:5]])
    clue = NewRelationships(tuple([(one.name, one.args) for one in mine]), _maker(node, file))
    group, members = _group(first), _members(first, file)
    return Hit(node, text, clue=clue, related=places, group=group, members=members, span=file.header(node))


def _maker(node: ast.ClassDef, file: File) -> str:
    """`db.relationship` for a class that inherits from `db.Model`."""
    for base in node.bases:
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            found = file.type_of(base.value)
            if isinstance(found, Instance) and found.cls.startswith("flask_sqlalchemy."):
                return f"{base.value.id}.relationship"
    return ""


# Reading expressions


def _read(one: Backref, file: File) -> tuple[Backref, ast.Call | None]:
    """A `backref=`, with expressions of this file read where all of it stands here; and its call, if that does."""
    if one.path != file.path:
        return one, None
    call = _calls(file).get((one.owner, one.attribute))
    if call is None or not one.needs_tree:
        return one, call
    target = file.project.klass(one.target)
    made = expression(call)
    if target is None or not isinstance(made, Call):
        return one, call
    into = target.file.path if target.file is not file.facts else ""
    if into and any(name.startswith("flask_sqlalchemy.") for name in file.types.mro(one.target).names):
        return one, call
    trees = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    given = trees.get("backref")
    if isinstance(given, ast.Call):
        trees |= {f"backref.{keyword.arg}": keyword.value for keyword in given.keywords if keyword.arg}
    again = planned(file.types, Relationship(one.owner, one.attribute, made, file.site(call)), trees)
    read = replace(one, args=again.args, why=again.why, needs_tree=True, into=into)
    return read, call


def _calls(file: File) -> dict[tuple[str, str], ast.Call]:
    return file.types.once(("sqlalchemy backrefs", file.path), lambda: dict(_find_calls(file)))


def _find_calls(file: File) -> Iterator[tuple[tuple[str, str], ast.Call]]:
    for node in ast.walk(file.tree):
        facts = file.class_at(node) if isinstance(node, ast.ClassDef) else None
        if not isinstance(node, ast.ClassDef) or facts is None:
            continue
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                    pass
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
                    pass
                case ast.FunctionDef(name=name):
                    returned = [one.value for one in file.walk(statement) if isinstance(one, ast.Return)]
                    if len(returned) != 1 or not isinstance(returned[0], ast.Call):
                        continue
                    call = returned[0]
                case _:
                    continue
            if any(keyword.arg == "backref" for keyword in call.keywords):
                yield (file.qualified(facts), name), call
