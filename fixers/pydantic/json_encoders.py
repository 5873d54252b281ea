"""Gives the types of fields the serializers that `json_encoders` meant."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import libcst as cst

from trueup.change import CannotFix, Change, DropImport, InsertAfter, InsertBefore, Remove, Replace, Site
from trueup.libraries.pydantic.encoder_rewrites import Named, Removed, Serialized, Written
from trueup.libraries.pydantic.encoders import KEY
from trueup.model import Finding
from trueup.registry import fix

_Line = cst.SimpleStatementLine | cst.BaseCompoundStatement
_LONG = 100
"""A longer definition is broken up."""


@fix("TUP205", on=(cst.Call, cst.AnnAssign))
def serialized(node: cst.Call | cst.AnnAssign, finding: Finding, site: Site) -> Iterator[Change]:
    """The argument goes, and what it leaves empty; the types of fields get their serializers."""
    if isinstance(node, cst.Call):
        yield from _removed(node, finding.clue, site)
    else:
        yield from _annotated(finding.clue, site)


def _removed(node: cst.Call, clue: Removed, site: Site) -> Iterator[Change]:
    owner = site.class_at(node)
    index = next((n for n, one in enumerate(node.args) if one.keyword is not None and one.keyword.value == KEY), None)
    if owner is None or index is None:
        raise CannotFix("no class holds it")
    less, comments = _without_argument(node, index)
    statement = site.statement(node)
    line = site.parent(statement)
    if less is None and isinstance(line, cst.SimpleStatementLine) and line.body[0] is statement:
        comments = [one.comment.value for one in line.leading_lines if one.comment is not None]
    comments += [one for one in site.comments(node.args[index].value) if one not in comments]
    if clue.names:
        lines = [line for name in clue.names for line in _definition(name, site)]
        above = [cst.EmptyLine(comment=cst.Comment(one)) for one in comments]
        yield _in_front(owner, [lines[0].with_changes(leading_lines=above), *lines[1:]], site)
    if less is None:
        yield Remove(statement, above=bool(clue.names))
        yield DropImport("pydantic", "ConfigDict")
    else:
        yield Replace(node, less)
    for module, name in clue.imports:
        yield DropImport(module, name)


def _in_front(owner: cst.ClassDef, lines: Sequence[_Line], site: Site) -> Change:
    """Lines in front of a class; behind the statement above it where that is plain: the class then stays as it is."""
    around = site.parent(owner)
    body = around.body if isinstance(around, cst.Module | cst.IndentedBlock) else ()
    above = next((one for one, other in itertools.pairwise(body) if other is owner), None)
    if isinstance(above, cst.SimpleStatementLine):
        first = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False), *lines[0].leading_lines])
        return InsertAfter(above, first, *lines[1:])
    changes = isinstance(above, cst.ClassDef) and KEY in site.code_for(above)
    if isinstance(above, cst.FunctionDef | cst.ClassDef) and not changes:
        return InsertAfter(above, *lines)
    return InsertBefore(owner, *lines)


def _without_argument(node: cst.Call, index: int) -> tuple[cst.Call | None, list[str]]:
    """A call with one argument less, None where it was the only one; and the comments above and behind that."""
    if len(node.args) == 1:
        return None, []
    gone, args = node.args[index], list(node.args)
    before: cst.BaseParenthesizableWhitespace = node.whitespace_before_args
    if index:
        comma = args[index - 1].comma
        before = comma.whitespace_after if isinstance(comma, cst.Comma) else before
    after = gone.comma.whitespace_after if isinstance(gone.comma, cst.Comma) else gone.whitespace_after_arg
    last = index == len(args) - 1
    comments = [line.comment.value for line in _lines(before) if line.comment is not None]
    if isinstance(after, cst.ParenthesizedWhitespace) and after.first_line.comment is not None:
        comments.append(after.first_line.comment.value)
    if isinstance(after, cst.ParenthesizedWhitespace):
        first = before.first_line if isinstance(before, cst.ParenthesizedWhitespace) else cst.TrailingWhitespace()
        after = after.with_changes(first_line=first)
    elif isinstance(before, cst.ParenthesizedWhitespace):
        after = before.with_changes(empty_lines=[line for line in before.empty_lines if line.comment is None])
    elif not last:
        after = before
    del args[index]
    if not index:
        return node.with_changes(args=args, whitespace_before_args=after), comments
    one = args[index - 1]
    if last and not isinstance(gone.comma, cst.Comma):
        args[index - 1] = one.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=after)
    elif isinstance(one.comma, cst.Comma):
        args[index - 1] = one.with_changes(comma=one.comma.with_changes(whitespace_after=after))
    return node.with_changes(args=args), comments


def _lines(space: cst.BaseParenthesizableWhitespace) -> Sequence[cst.EmptyLine]:
    return space.empty_lines if isinstance(space, cst.ParenthesizedWhitespace) else ()


def _definition(clue: Named, site: Site) -> Iterator[_Line]:
    serializer = _serializer(clue.encoder, site)
    if clue.kind == "serializer":
        yield from site.statements(f"{clue.name} = {serializer}\n")
        return
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    line = f"{clue.name} = {annotated}[{clue.type}, {serializer}]"
    if len(line) > _LONG:
        indent = site.default_indent
        line = f"{clue.name} = {annotated}[\n{indent}{clue.type},\n{indent}{serializer},\n]"
    yield from site.statements(line + "\n")


def _serializer(encoder: str, site: Site) -> str:
    return f'{site.name_for("pydantic", "PlainSerializer")}({encoder}, when_used="json")'


def _annotated(clue: Serialized, site: Site) -> Iterator[Change]:
    for one in clue.types:
        part = site.at(one.span)
        if part is None:
            raise CannotFix("its type is not where it was")
        yield Replace(part, _type(part, one, site))
    for module, name in clue.imports:
        yield DropImport(module, name)


def _type(part: cst.BaseExpression, clue: Written, site: Site) -> cst.BaseExpression:
    if clue.kind == "alias":
        return site.expression(_name(clue, site))
    serializer = _serializer(clue.encoder, site) if clue.kind == "inline" else _name(clue, site)
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    return site.expression(f"{annotated}[{site.code_for(part)}, {serializer}]")


def _name(clue: Written, site: Site) -> str:
    return site.name_for(clue.module, clue.name) if clue.module else clue.name
