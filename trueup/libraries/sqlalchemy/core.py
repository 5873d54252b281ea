"""How the calls of Core were written in SQLAlchemy 1, and what becomes of each argument."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

LIBRARIES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy")
SQLALCHEMY = ("sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression")
"""The modules `select` and its like can be had from."""
MIGRATION = "https://docs.sqlalchemy.org/en/20/changelog/migration_20.html"


class Part(Struct, frozen=True):
    """One argument as it is handed on: the how-manieth of the old call, or code of its own."""

    index: int
    unpack: bool = False
    """A list: its elements one by one, or a star in front of it."""
    keyword: str = ""
    code: str = ""
    """`literal` or a name of `sqlalchemy` that stands in the argument's place."""


class CallRewrite(Struct, frozen=True):
    """What stays of a call, and the methods that are called on what it gives."""

    keep: tuple[Part, ...]
    calls: tuple[tuple[str, tuple[Part, ...]], ...] = ()


class Signature(Struct, frozen=True):
    """The arguments of a function of SQLAlchemy 1 that 2 wants said by methods."""

    names: tuple[str, ...]
    """What the positional arguments are."""
    kept: int
    """How many of them version 2 takes too."""
    unpacked: bool = False
    """Whether the first was a list."""
    extra: tuple[str, ...] = ()
    """Arguments that have no place of their own."""
    dialects: bool = False
    """Whether it takes `mysql_limit=` and the like."""


_SELECT = ("columns", "whereclause", "from_obj", "distinct", "having", "correlate", "prefixes", "suffixes")
_MORE = ("order_by", "group_by", "limit", "offset", "use_labels", "for_update", "bind")
_DML = ("bind", "prefixes", "returning", "return_defaults")
_UNION = Signature((), 99, extra=("order_by", "group_by", "limit", "offset", "bind", "use_labels", "for_update"))
SIGNATURES: Mapping[str, Signature] = {
    "sqlalchemy.select": Signature(_SELECT, 1, unpacked=True, extra=_MORE),
    "sqlalchemy.exists": Signature(("columns", "whereclause"), 1, unpacked=True, extra=("from_obj",)),
    "sqlalchemy.FromClause.select": Signature(("whereclause",), 0, extra=(*_SELECT[2:], *_MORE)),
    "sqlalchemy.Exists.select": Signature(("whereclause",), 0),
    "sqlalchemy.insert": Signature(("table", "values", "inline", *_DML), 1, dialects=True),
    "sqlalchemy.dialects.postgresql.insert": Signature(("table", "values", "inline", *_DML), 1, dialects=True),
    "sqlalchemy.dialects.mysql.insert": Signature(("table", "values", "inline", *_DML), 1, dialects=True),
    "sqlalchemy.dialects.sqlite.insert": Signature(("table", "values", "inline", *_DML), 1, dialects=True),
    "sqlalchemy.update": Signature(
        ("table", "whereclause", "values", "inline", *_DML, "preserve_parameter_order"), 1, dialects=True
    ),
    "sqlalchemy.delete": Signature(("table", "whereclause", "bind", "returning", "prefixes"), 1, dialects=True),
    "sqlalchemy.TableClause.insert": Signature(("values", "inline"), 0, extra=_DML, dialects=True),
    "sqlalchemy.TableClause.update": Signature(
        ("whereclause", "values", "inline"), 0, extra=(*_DML, "preserve_parameter_order"), dialects=True
    ),
    "sqlalchemy.TableClause.delete": Signature(("whereclause",), 0, extra=_DML, dialects=True),
    **{
        f"sqlalchemy.{name}": _UNION
        for name in ("union", "union_all", "intersect", "intersect_all", "except_", "except_all")
    },
}
"""Function or method -> what version 1 took."""

METHODS: Mapping[str, str] = {
    "whereclause": "where",
    "from_obj": "select_from",
    "having": "having",
    "prefixes": "prefix_with",
    "suffixes": "suffix_with",
    "order_by": "order_by",
    "group_by": "group_by",
    "limit": "limit",
    "offset": "offset",
    "values": "values",
    "returning": "returning",
}
"""Argument -> the method that says the same."""
LISTS = frozenset({"from_obj", "prefixes", "suffixes", "order_by", "group_by", "returning"})
"""Arguments that took a list, whose methods take the elements."""
FLAGS: Mapping[str, tuple[str, str]] = {
    "distinct": ("distinct", ""),
    "for_update": ("with_for_update", ""),
    "inline": ("inline", ""),
    "return_defaults": ("return_defaults", ""),
    "use_labels": ("set_label_style", "LABEL_STYLE_TABLENAME_PLUS_COL"),
}
"""Argument that is True or False -> the method that says True, and what that takes."""
ORDER = ("whereclause", "from_obj", "distinct", "group_by", "having", "order_by", "limit", "offset")
"""In which order the methods are written, as SQL has them; others follow."""
DIALECTS = ("mysql_", "mariadb_", "postgresql_", "sqlite_", "mssql_", "oracle_")


class MethodRewrite(Struct, frozen=True):
    """What becomes of one method call."""

    name: str
    """What it is called now."""
    argument: str = ""
    """A name of `sqlalchemy` that it takes."""
    inspected: str = ""
    """`receiver` or `argument`: what is put into `inspect(...)`."""
    assigned: str = ""
    """The variable that holds what it gives."""


RENAMED: Mapping[str, str] = {
    "sqlalchemy.SelectBase.as_scalar": "scalar_subquery",
    "sqlalchemy.GenerativeSelect.apply_labels": "set_label_style",
    "sqlalchemy.GenerativeSelect.with_labels": "set_label_style",
    "sqlalchemy.Select.column": "add_columns",
    "sqlalchemy.Table.tometadata": "to_metadata",
    "sqlalchemy.Inspector.reflecttable": "reflect_table",
}
"""Method -> its new name."""
INSPECTED: Mapping[str, str] = {
    "sqlalchemy.Engine.table_names": "get_table_names",
    "sqlalchemy.Engine.has_table": "has_table",
    "sqlalchemy.Inspector.from_engine": "",
    "sqlalchemy.Table.exists": "has_table",
}
"""Method that asks about the database -> the method of an inspector."""
APPENDS: Mapping[str, str] = {
    "sqlalchemy.Select.append_whereclause": "where",
    "sqlalchemy.Select.append_column": "add_columns",
    "sqlalchemy.Select.append_from": "select_from",
    "sqlalchemy.Select.append_group_by": "group_by",
    "sqlalchemy.Select.append_having": "having",
    "sqlalchemy.Select.append_order_by": "order_by",
}
"""Method that changed a statement -> the method that gives a new one."""
MANUAL: Mapping[str, str] = {
    "sqlalchemy.Subquery.as_scalar": "of a subquery is deprecated: call `scalar_subquery()` on the statement itself",
    "sqlalchemy.Engine.run_callable": "is gone in SQLAlchemy 2: call the function with a connection",
    "sqlalchemy.Engine.transaction": "is gone in SQLAlchemy 2: call the function inside `with engine.begin()`",
    "sqlalchemy.Connection.run_callable": "is gone in SQLAlchemy 2: call the function with the connection",
    "sqlalchemy.Connection.transaction": "is gone in SQLAlchemy 2: call the function inside `with connection.begin()`",
    "sqlalchemy.Connection.connect": "is gone in SQLAlchemy 2: use the connection itself, and close it once",
    "sqlalchemy.Join.alias": "of a join is gone in SQLAlchemy 2: say `select(...).select_from(join).subquery()`",
}
"""Method that nothing takes the place of -> what is said."""
