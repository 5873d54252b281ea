"""Which calls of `query` are a session's, where its type is known and where it is told by its use."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import CLOSERS, EVIDENCE, LIBRARIES, MIDDLES, PARTS, REFUSED, TERMINALS
from trueup.libraries.sqlalchemy.sessions import is_session
from trueup.types import Foreign, Instance, Unknown, without_none

from .query_chains import Chain, chain_from, seeds
from .query_heads import Seed
from .query_items import Item, Kind, item_of

_ENDS = CLOSERS.keys() | PARTS | TERMINALS | REFUSED.keys() | {"[]", "session", "whereclause", "column_descriptions"}
"""What a chain on a query may end in."""


_COLUMN = "sqlalchemy.ColumnElement"


def queried(file: File, code: str) -> Iterator[Seed]:
    """The calls of `query` that are a session's; `code` is given where the others are to be counted."""
    handed = _run_in_sync(file)
    known_here: dict[tuple[str, str], str] = {}
    """(function or class, expression) -> why it is taken for a session there."""
    asked: dict[str, str] = {}
    """Expression -> why it is taken for a session anywhere in the file."""
    doubts: dict[int, str] = {}
    """id of a call -> why it is taken for a session's."""
    for call in seeds(file):
        assert isinstance(call.func, ast.Attribute)
        text = file.segment(call.func.value)
        known = is_session(file.types, file.type_of(call.func.value))
        doubt = _taken_for_session(call, text, file) if known is None else ""
        if doubt:
            doubts[id(call)] = doubt
            known_here.setdefault((_home(call, text, file), text), doubt)
        if doubt or known:
            asked.setdefault(text, f"the type of `{text}` is not known; it is taken for a session, as elsewhere here")
    for call in seeds(file):
        assert isinstance(call.func, ast.Attribute)
        receiver = call.func.value
        if any(id(node) in handed for node in _around(call, file)):
            continue
        one = file.type_of(receiver)
        known = is_session(file.types, one)
        text = file.segment(receiver)
        if known:
            yield Seed(call, text)
        elif known is None:
            doubt = doubts.get(id(call)) or known_here.get((_home(call, text, file), text), "")
            if not doubt and "." in text and _goes_on_as_query(chain_from(call, file)):
                doubt = asked.get(text, "")
            if doubt:
                yield Seed(call, text, (doubt,))
                known = True
            elif code and _may_be_query(call, file):
                why = one.why if isinstance(one, Unknown) and one.why else "its type is not known"
                file.undecided(call, code, f"`{text}.query`: {why}")
                continue
        if code:
            file.decided(call, code, "typed" if known else "other")


def _home(call: ast.Call, text: str, file: File) -> str:
    """Where an expression means the same thing: the class of one that begins with `self`, else the function."""
    if text.startswith(("self.", "cls.")) and (klass := file.class_at(call)) is not None:
        return klass.qualname
    function = file.function_at(call)
    return f"{function.qualname}()" if function is not None else ""


def _taken_for_session(call: ast.Call, text: str, file: File) -> str:
    """Why an object of unknown type is taken for a session; empty if it is not."""
    items = [item_of(arg, file) for arg in call.args]
    begin = f"the type of `{text}` is not known; it is taken for a session, "
    if any(item.cls for item in items if item.kind is Kind.ENTITY):
        return f"{begin}as it is asked for a mapped class"
    pairs: list[tuple[ast.expr, Item]] = list(zip(call.args, items, strict=True))
    if any(item.kind is Kind.COLUMN and _is_mapped_column(arg, file) for arg, item in pairs):
        return f"{begin}as it is asked for mapped columns"
    if any(item.kind is Kind.COLUMN and _is_sql(arg, file) for arg, item in pairs):
        return f"{begin}as it is asked for an expression of SQLAlchemy's"
    chain = chain_from(call, file)
    names = {part.name for part in chain.parts}
    entity = any(item.kind is Kind.ENTITY for item in items)
    if (entity and names & TERMINALS) or (any(item.kind is not Kind.UNKNOWN for item in items) and names & EVIDENCE):
        return f"{begin}for the query's methods"
    if not _goes_on_as_query(chain):
        return ""
    later = {*names, *_called_later(chain, file)}
    at_home = _knows_sqlalchemy(file)
    if later & EVIDENCE and (at_home or entity):
        return f"{begin}for the query's methods"
    if (at_home and entity) or (_is_called_session(call) and (at_home or entity)):
        return f"{begin}for what it is asked"
    return ""


def _may_be_query(call: ast.Call, file: File) -> bool:
    """Whether a call that nothing tells more of is worth a person's look."""
    chain = chain_from(call, file)
    if any(part.name in EVIDENCE for part in chain.parts):
        return True
    assert isinstance(call.func, ast.Attribute)
    return _knows_sqlalchemy(file) and _goes_on_as_query(chain) and not isinstance(call.func.value, ast.Name)


def _knows_sqlalchemy(file: File) -> bool:
    return any(name in file.facts.imported for name in LIBRARIES)


def _goes_on_as_query(chain: Chain) -> bool:
    """Whether nothing is done to what a call gives that is not done to a query: `.result()`, `.where_equals()`."""
    return all(part.name in MIDDLES or part.name in _ENDS for part in chain.parts)


def _called_later(chain: Chain, file: File) -> Iterator[str]:
    """The methods that are called on a variable which a chain is bound to, in the same function."""
    match file.parent(chain.top):
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            function = file.function_at(chain.top)
            for load in file.nodes(ast.Name):
                if load.id == name and isinstance(load.ctx, ast.Load) and file.function_at(load) is function:
                    yield from (part.name for part in chain_from(load, file).parts)


def _is_called_session(call: ast.Call) -> bool:
    """Whether what is asked is called a session: `db_session`, `self.get_session()`."""
    assert isinstance(call.func, ast.Attribute)
    node = call.func.value
    while isinstance(node, ast.Call):
        node = node.func
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return "session" in name.lower() or name.lower() in ("sess", "sesh")


def _is_sql(arg: ast.expr, file: File) -> bool:
    """Whether an argument is certainly a column or the like, by its type."""
    one = without_none(file.type_of(arg))
    match arg:
        case ast.Call(func=ast.Attribute(attr="exists", value=ast.Call() | ast.Name()), args=[], keywords=[]):
            return _is_run(arg, file)
    if isinstance(one, Foreign):
        return one.path.startswith(("sqlalchemy.func.", "sqlalchemy.sql.func.", "sqlalchemy.orm.aliased"))
    # Whole statements and texts are given to what somebody wrapped around a session: `self.query(select(User))`.
    return isinstance(one, Instance) and _COLUMN in file.types.mro(one.cls).names


def _is_run(arg: ast.expr, file: File) -> bool:
    """Whether what an argument of `query` gives is run: `query(other.exists()).scalar()`."""
    call = file.parent(arg)
    return isinstance(call, ast.Call) and any(part.name in TERMINALS for part in chain_from(call, file).parts)


def _is_mapped_column(arg: ast.expr, file: File) -> bool:
    return any(
        isinstance(node, ast.Attribute) and (item := item_of(node.value, file)).kind is Kind.ENTITY and bool(item.cls)
        for node in ast.walk(arg)
    )


def _around(node: ast.AST, file: File) -> Iterator[ast.AST]:
    parent = file.parent(node)
    while parent is not None:
        yield parent
        parent = file.parent(parent)


def _run_in_sync(file: File) -> set[int]:
    """The ids of the functions and lambdas that an async session's `run_sync()` gets: they are left as they are."""
    if "run_sync" not in file.facts.attributes:
        return set()
    found: set[int] = set()
    names: set[str] = set()
    for node in file.nodes(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr="run_sync"), args=[first, *_]):
                found.add(id(first))
                if isinstance(first, ast.Name | ast.Attribute):
                    names.add(first.id if isinstance(first, ast.Name) else first.attr)
    found.update(id(node) for node in file.nodes(ast.FunctionDef) if node.name in names)
    return found
