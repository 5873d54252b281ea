"""Makes a declarative base a class below `DeclarativeBase`, and imports its helpers from where they stand now."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence

import libcst as cst

from trueup.change import (
    CannotFix,
    Change,
    DropImport,
    InsertAfter,
    InsertBefore,
    InsertFirst,
    Remove,
    Replace,
    Site,
    keyword,
)
from trueup.libraries.sqlalchemy.bases import (
    AllowUnmapped,
    BaseRewrite,
    MovedNames,
    QuotedAnnotation,
    RefusedAnnotation,
)
from trueup.model import Finding
from trueup.registry import fix

_OLD = ("sqlalchemy.orm", "sqlalchemy.ext.declarative", "sqlalchemy.ext.declarative.api", "sqlalchemy.orm.decl_api")
_UNNEEDED = ("declarative_base", "as_declarative", "DeclarativeMeta")
_ATTRIBUTES = {"metadata": "metadata", "type_annotation_map": "type_annotation_map", "constructor": "__init__"}
"""Arguments that become attributes of the class."""


@fix("TUS101", on=(cst.Assign, cst.AnnAssign, cst.ClassDef, cst.FunctionDef, cst.ImportFrom, cst.Attribute))
def made_a_class(node: cst.CSTNode, finding: Finding, site: Site) -> Iterator[Change]:
    clue = finding.clue
    if isinstance(clue, MovedNames):
        yield from _moved(node, clue, site)
        return
    if isinstance(clue, QuotedAnnotation):
        assert isinstance(node, cst.AnnAssign)
        yield Replace(node.annotation.annotation, cst.SimpleString(f'"{clue.text}"'))
        return
    if isinstance(clue, AllowUnmapped):
        assert isinstance(node, cst.ClassDef)
        yield InsertFirst(node, _assigned("__allow_unmapped__", cst.Name("True")))
        return
    if isinstance(clue, RefusedAnnotation):
        assert isinstance(node, cst.FunctionDef)
        yield Replace(node, node.with_changes(returns=None))
        return
    assert isinstance(clue, BaseRewrite)
    if isinstance(node, cst.Assign | cst.AnnAssign):
        yield _new_class(node, clue, site)
    else:
        assert isinstance(node, cst.ClassDef)
        yield from _below_the_base(node, clue, site)
    for module in _OLD:
        for name in _UNNEEDED:
            yield DropImport(module, name)
    yield DropImport("sqlalchemy.ext", "declarative")


# Bases


def _new_class(node: cst.Assign | cst.AnnAssign, clue: BaseRewrite, site: Site) -> Change:
    call = node.value
    assert isinstance(call, cst.Call)
    given = _given(call)
    bases = [cst.Arg(base) for base in _bases(given.get("cls"))]
    bases.append(cst.Arg(site.reference("sqlalchemy.orm", "DeclarativeBase", at=node)))
    body = _body(given, _registry(call), clue, site, node)
    lines = [cst.SimpleStatementLine([one]) for one in body or [cst.Pass()]]
    return Replace(node, cst.ClassDef(cst.Name(clue.name), cst.IndentedBlock(lines), bases=bases))


def _given(call: cst.Call) -> dict[str, cst.BaseExpression]:
    """The arguments by name, written as if each began the line it stands on."""
    given: dict[str, cst.BaseExpression] = {}
    space: cst.BaseParenthesizableWhitespace = call.whitespace_before_args
    for arg in call.args:
        if arg.keyword is not None:
            depth = len(space.last_line.value) if isinstance(space, cst.ParenthesizedWhitespace) else 0
            value = arg.value.visit(_Shallower(depth)) if depth else arg.value
            assert isinstance(value, cst.BaseExpression)
            given[arg.keyword.value] = value
        if isinstance(arg.comma, cst.Comma):
            space = arg.comma.whitespace_after
    return given


class _Shallower(cst.CSTTransformer):
    """Takes blanks from the beginnings of the lines inside parentheses."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.depth = depth

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        last = updated_node.last_line.value
        lines = [line.with_changes(whitespace=self._less(line.whitespace)) for line in updated_node.empty_lines]
        return updated_node.with_changes(last_line=cst.SimpleWhitespace(last[self.depth :]), empty_lines=lines)

    def _less(self, space: cst.SimpleWhitespace) -> cst.SimpleWhitespace:
        return cst.SimpleWhitespace(space.value[self.depth :])


def _bases(cls: cst.BaseExpression | None) -> list[cst.BaseExpression]:
    """The classes that `cls=` names; `object` goes without saying."""
    if cls is None:
        return []
    parts = [element.value for element in cls.elements] if isinstance(cls, cst.Tuple) else [cls]
    return [part for part in parts if not (isinstance(part, cst.Name) and part.value == "object")]


def _registry(call: cst.Call) -> cst.BaseExpression | None:
    """The registry whose method makes the base."""
    func = call.func
    if isinstance(func, cst.Attribute) and func.attr.value in ("generate_base", "as_declarative_base"):
        return func.value
    return None


def _body(
    given: dict[str, cst.BaseExpression],
    registry: cst.BaseExpression | None,
    clue: BaseRewrite,
    site: Site,
    at: cst.CSTNode,
) -> list[cst.BaseSmallStatement]:
    """The attributes of the new class."""
    body: list[cst.BaseSmallStatement] = []
    if registry is not None:
        body.append(_assigned("registry", registry))
    elif "class_registry" in given:
        maker = site.reference("sqlalchemy.orm", "registry", at=at)
        if isinstance(maker, cst.Name) and site.function_at(at) is not None:
            raise CannotFix("inside a function, the class body would not find the `registry` of SQLAlchemy")
        body.append(_assigned("registry", cst.Call(maker, [keyword("class_registry", given["class_registry"])])))
    for name, attribute in _ATTRIBUTES.items():
        value = given.get(name)
        if value is not None and not (isinstance(value, cst.Name) and value.value == "None"):
            body.append(_assigned(attribute, value))
    if clue.allow_unmapped:
        body.append(_assigned("__allow_unmapped__", cst.Name("True")))
    return body


def _assigned(name: str, value: cst.BaseExpression) -> cst.Assign:
    return cst.Assign([cst.AssignTarget(cst.Name(name))], value)


def _below_the_base(node: cst.ClassDef, clue: BaseRewrite, site: Site) -> Iterator[Change]:
    """`@as_declarative() class Base`, `class Base(metaclass=DeclarativeMeta)` -> `class Base(DeclarativeBase)`."""
    base = cst.Arg(site.reference("sqlalchemy.orm", "DeclarativeBase", at=node))
    kept = [arg for arg in node.bases if not (isinstance(arg.value, cst.Name) and arg.value.value == "object")]
    new = node.with_changes(
        bases=[*_apart(kept), base], keywords=[], decorators=[], lpar=cst.LeftParen(), rpar=cst.RightParen()
    )
    given: dict[str, cst.BaseExpression] = {}
    registry = None
    if node.decorators:
        decorator = node.decorators[0].decorator
        if isinstance(decorator, cst.Call):
            given = _given(decorator)
            registry = _registry(decorator)
    body = _body(given, registry, clue, site, node)
    yield Replace(node, _with_first(new, body))


def _apart(bases: Sequence[cst.Arg]) -> list[cst.Arg]:
    return [arg.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))) for arg in bases]


def _with_first(node: cst.ClassDef, body: Sequence[cst.BaseSmallStatement]) -> cst.ClassDef:
    """A class with statements put at the top of its body, behind the docstring."""
    if not body:
        return node
    lines = [cst.SimpleStatementLine([one]) for one in body]
    if not isinstance(node.body, cst.IndentedBlock):
        return node.with_changes(body=cst.IndentedBlock(lines))
    old = list(node.body.body)
    behind = 1 if node.get_docstring() is not None else 0
    rest = old[behind:]
    if len(rest) == 1 and isinstance(rest[0], cst.SimpleStatementLine) and isinstance(rest[0].body[0], cst.Pass):
        rest = []
    blank = cst.EmptyLine(indent=False, whitespace=cst.SimpleWhitespace(""))
    if behind:
        lines[0] = lines[0].with_changes(leading_lines=[blank])
    if rest and isinstance(rest[0], cst.FunctionDef | cst.ClassDef) and not rest[0].leading_lines:
        rest[0] = rest[0].with_changes(leading_lines=[blank])
    return node.with_changes(body=node.body.with_changes(body=[*old[:behind], *lines, *rest]))


# Imports


def _moved(node: cst.CSTNode, clue: MovedNames, site: Site) -> Iterator[Change]:
    if isinstance(node, cst.Attribute):
        yield Replace(node, site.reference("sqlalchemy.orm", clue.names[0]))
        yield DropImport("sqlalchemy.ext", "declarative")
        return
    assert isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar)
    moved = [alias for alias in node.names if isinstance(alias.name, cst.Name) and alias.name.value in clue.names]
    kept = [alias for alias in node.names if alias not in moved]
    fresh = [cst.ImportAlias(alias.name, alias.asname) for alias in moved]
    module = site.expression("sqlalchemy.orm")
    assert isinstance(module, cst.Attribute)
    home = _import_of_orm(node, site)
    if home is None and not kept:
        yield Replace(node, node.with_changes(module=module))
        return
    if home is None:
        yield InsertAfter(node, cst.ImportFrom(module, fresh))
    else:
        yield from _put_in(home, fresh)
    if not kept:
        yield Remove(node)
    for alias in moved if kept else ():
        yield Remove(alias)


def _put_in(names: Sequence[cst.ImportAlias], fresh: Sequence[cst.ImportAlias]) -> Iterator[Change]:
    """Import more names: each at its place if they are sorted, else at the end."""
    order = [_order(name) for name in names]
    if order != sorted(order):
        yield InsertAfter(names[-1], *fresh)
        return
    places: dict[int, list[cst.ImportAlias]] = {}
    for one in sorted(fresh, key=_order):
        places.setdefault(bisect(order, _order(one)), []).append(one)
    for place, more in places.items():
        yield InsertBefore(names[place], *more) if place < len(names) else InsertAfter(names[-1], *more)


def _order(alias: cst.ImportAlias) -> tuple[bool, str]:
    """As isort orders names: classes before functions."""
    name = str(alias.name.value)
    return (not name[:1].isupper(), name.lower())


def _import_of_orm(node: cst.ImportFrom, site: Site) -> Sequence[cst.ImportAlias] | None:
    """The names that the module imports from `sqlalchemy.orm`, with nothing but imports between here and there."""
    lines = list(site.module.body)
    here = next((index for index, one in enumerate(lines) if one is site.parent(node)), None)
    if here is None or site.comments(node):
        return None
    for there, other in enumerate(lines):
        between = lines[min(here, there) : max(here, there) + 1]
        if all(_imports(one) is not None for one in between) and isinstance(found := _imports(other), cst.ImportFrom):
            if isinstance(found.names, cst.ImportStar) or found.module is None or found.relative:
                continue
            if site.code_for(found.module) == "sqlalchemy.orm":
                return found.names
    return None


def _imports(line: cst.CSTNode) -> cst.Import | cst.ImportFrom | None:
    """The import that a line holds and nothing else."""
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
        only = line.body[0]
        return only if isinstance(only, cst.Import | cst.ImportFrom) else None
    return None
