"""What each method of the legacy `Query` is in the language of `select()`, and how a repair is told so."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from ...model import Span

GUIDE = "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#migration-orm-usage"
LIBRARIES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy")
SQLALCHEMY = ("sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression")
"""The modules `select`, `func`, `update` and `delete` can be had from."""

SAME = frozenset(
    {
        "where", "filter_by", "join", "outerjoin", "order_by", "group_by", "having", "limit", "offset", "slice",
        "distinct", "prefix_with", "suffix_with", "with_hint", "with_statement_hint", "correlate", "params",
        "select_from", "from_statement", "options", "execution_options", "with_for_update", "add_columns",
        "set_label_style", "correlate_except",
    }
)  # fmt: skip
"""What a statement has under the same name and with the same meaning."""
RENAMED = {
    "filter": "where",
    "add_entity": "add_columns",
    "add_column": "add_columns",
    "with_entities": "with_only_columns",
}
"""What a statement has under another name."""
OPTIONS = {"populate_existing": "populate_existing", "autoflush": "autoflush", "yield_per": "yield_per"}
"""What becomes an execution option: method -> the option's name."""
DROPPED = frozenset({"with_labels", "apply_labels", "enable_assertions", "only_return_tuples"})
"""What changes nothing where the query is run at once."""
EAGERLOADS = "enable_eagerloads"
CLOSERS = {
    "subquery": "subquery",
    "cte": "cte",
    "scalar_subquery": "scalar_subquery",
    "as_scalar": "scalar_subquery",
    "label": "label",
    "exists": "exists",
}
"""What makes a part of another statement of a query: method -> the method of a statement."""
PARTS = frozenset({"statement", "selectable"})
"""Attributes of a query that are the statement itself."""
TERMINALS = frozenset(
    {"all", "first", "one", "one_or_none", "scalar", "count", "get", "update", "delete", "value", "values"}
)
SETS = frozenset({"union", "union_all", "intersect", "intersect_all", "except_", "except_all"})
REFUSED = {
    "with_polymorphic": "`with_polymorphic()` of a query became an entity: `select(with_polymorphic(Entity, ...))`",
    "select_entity_from": "write `select(aliased(Entity, subquery))`, and let what follows refer to the alias",
    "from_self": "write `select(aliased(Entity, statement.subquery()))`, and let what follows refer to the alias",
    "reset_joinpoint": "say in each `join()` what it joins from",
    "with_transformation": "call the function with the statement",
    "with_session": "run the statement with that session",
    "merge_result": "use `sqlalchemy.orm.loading.merge_frozen_result()`",
    "instances": "use `select(...).from_statement(...)`",
    "tuples": "leave it out: rows are tuples",
    "with_parent": "write `.where(with_parent(instance, Entity.relationship))`",
    "paginate": "hand the statement to `db.paginate()`",
    "first_or_404": "hand the statement to `db.first_or_404()`",
    "one_or_404": "hand the statement to `db.one_or_404()`",
    "get_or_404": "write `db.get_or_404(Entity, key)`",
    "ext": "call it on the statement",
    **{
        name: f"put `select(...).from_statement({name.rstrip('_')}(...))` in its place, and let what follows refer to "
        "an alias of it"
        for name in SETS
    },
}
"""Methods no machine can replace: what to do instead."""
MIDDLES = SAME | RENAMED.keys() | OPTIONS.keys() | DROPPED | {EAGERLOADS}
"""The methods that give another query."""
QUERY = ("sqlalchemy.orm.Query", "sqlalchemy.orm.query.Query")
COLLECTIONS = (
    "builtins.list", "typing.Iterable", "typing.Iterator", "typing.Sequence", "typing.Collection",
    "collections.abc.Iterable", "collections.abc.Iterator", "collections.abc.Sequence", "collections.abc.Collection",
)  # fmt: skip
"""What annotations say of a query instead."""
EVIDENCE = frozenset(
    {*SAME, *RENAMED, *TERMINALS, *CLOSERS, *OPTIONS, *REFUSED}
    - {"limit", "offset", "get", "count", "values", "value", "update", "delete", "params", "label", "scalar", "slice",
       "all", "first", "distinct", "options", "tuples", "instances", "where", "join", "union", "ext", "paginate"}
)  # fmt: skip
"""Methods that tell a query of SQLAlchemy from what else is called so."""


class Act(StrEnum):
    """What becomes of one method of a chain."""

    KEEP = "keep"
    RENAME = "rename"
    DROP = "drop"
    COMPARE = "compare"
    """`filter_by(name=x)` -> `where(Entity.name == x)`; `text` is the entity."""
    OPTION = "option"
    """`yield_per(10)` -> `execution_options(yield_per=10)`; `text` is the option's name."""
    SLICE = "slice"
    """`query[a:b]` -> `.slice(a, b)`."""
    LAZY = "lazy"
    """`enable_eagerloads(False)` -> `options(lazyload("*"))`"""
    END = "end"
    """The method that ran the query; it goes."""


class Link(Struct, frozen=True):
    """One method of a chain."""

    act: Act = Act.KEEP
    text: str = ""


class Form(StrEnum):
    """What a chain as a whole becomes."""

    STATEMENT = "statement"
    """A statement that something else runs, or a part of one."""
    RUN = "run"
    """`session.scalars(statement).all()`; which method of the session and of the result say `run` and `end`."""
    COUNT = "count"
    """`session.execute(select(func.count()).select_from(statement.subquery())).scalar_one()`"""
    COUNT_ROWS = "count-rows"
    """The same with the entity itself in `select_from()`, and what was asked of the query on the outer statement."""
    GET = "get"
    """`session.get(Entity, key)`"""
    GETTER = "getter"
    """`session.query(Entity).get` as a function -> `partial(session.get, Entity)`"""
    EXISTS = "exists"
    """`select(1).select_from(Entity).where(...).exists()`"""
    ASK_EXISTS = "ask-exists"
    """`session.query(query.exists()).scalar()` -> `session.scalar(query.exists().select())`"""
    DML = "dml"
    """`session.execute(update(Entity).where(...).values(...))`"""
    ANNOTATION = "annotation"
    """`Query` -> `Select`, `Query[User]` -> `Select[Any]` (by `end`): 2.0 and 2.1 write what it selects in two ways."""


class QueryRewrite(Struct, frozen=True):
    """What becomes of one chain; its links are given from the inside out."""

    form: Form
    links: tuple[Link, ...]
    session: str = ""
    """The session's expression, where the chain begins with a statement and not with `session.query(...)`.

    `app.db:session` where it must be imported from the module in front.
    """
    verb: str = "select"
    """select, update or delete: what takes the place of `session.query`."""
    run: str = ""
    """The session's method: scalars, execute or scalar."""
    unique: bool = False
    end: str = ""
    """The result's method, empty where the result itself is iterated or dropped."""
    one_row: bool = False
    """Whether `.limit(1)` is added."""
    item: str = ""
    """`[0]`: what is read of the list in the end."""
    more: tuple[tuple[Span, QueryRewrite], ...] = ()
    """What becomes of other places of the file along with this one."""


class JoinRewrite(Struct, frozen=True):
    """What becomes of one `join()`: the arguments of each join in its place.

    An argument is code, the number of an old argument, or the number of one and of an element in it.
    """

    hops: tuple[tuple[str | int | tuple[int, int], ...], ...]


class OptionRewrite(Struct, frozen=True):
    """What becomes of one loader option: (function or method, its arguments as code) from left to right.

    What stood among the keywords stays with the last.
    """

    calls: tuple[tuple[str, tuple[str, ...]], ...]
