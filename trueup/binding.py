"""How a new node is made to fit where an old one stood: the parentheses it needs, the comma it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import libcst as cst

Line: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement
"""What a body consists of."""

_OPERATORS: dict[type[cst.BaseBinaryOp], int] = {
    cst.BitOr: 7,
    cst.BitXor: 8,
    cst.BitAnd: 9,
    cst.LeftShift: 10,
    cst.RightShift: 10,
    cst.Add: 11,
    cst.Subtract: 11,
    cst.Multiply: 12,
    cst.MatrixMultiply: 12,
    cst.Divide: 12,
    cst.FloorDivide: 12,
    cst.Modulo: 12,
    cst.Power: 14,
}
_UNARY, _ATOM = 13, 16


def strength(node: cst.CSTNode) -> int:
    """How tightly an expression holds together, from 0 (a bare tuple) to 16 (a name, a call, anything in brackets)."""
    if getattr(node, "lpar", ()):
        return _ATOM
    match node:
        case cst.NamedExpr() | cst.Yield() | cst.Tuple() | cst.GeneratorExp():
            return 0
        case cst.Lambda():
            return 1
        case cst.IfExp():
            return 2
        case cst.BooleanOperation():
            return 3 if isinstance(node.operator, cst.Or) else 4
        case cst.UnaryOperation():
            return 5 if isinstance(node.operator, cst.Not) else _UNARY
        case cst.Comparison():
            return 6
        case cst.BinaryOperation():
            return _OPERATORS[type(node.operator)]
        case cst.Await():
            return 15
        case _:
            return _ATOM


def needed(parent: cst.CSTNode, child: cst.CSTNode) -> int:
    """How tightly an expression must hold together to stand where `child` stands in `parent`."""
    match parent:
        case cst.Attribute() | cst.Call() | cst.Subscript() | cst.Await():
            return _ATOM
        case cst.BinaryOperation(operator=cst.Power()):
            return 15 if child is parent.left else _UNARY
        case cst.BinaryOperation():
            return strength_of(parent) + (child is parent.right)
        case cst.UnaryOperation() | cst.BooleanOperation():
            return strength_of(parent)
        case cst.Comparison() | cst.ComparisonTarget() | cst.StarredElement():
            return 7
        case cst.IfExp():
            return 2 if child is parent.orelse else 3
        case cst.CompFor() | cst.CompIf():
            return 3
        case (
            cst.Arg() | cst.Element() | cst.DictElement() | cst.StarredDictElement() | cst.Index() | cst.Slice()
            | cst.Annotation() | cst.Param() | cst.Lambda() | cst.BaseComp() | cst.WithItem() | cst.NamedExpr()
            | cst.Raise() | cst.Assert()
        ):  # fmt: skip
            return 1
        case cst.FormattedStringExpression():
            return 2
        case _:
            return 0


def strength_of(node: cst.BaseExpression) -> int:
    """The strength of an operation's own operator, whatever parentheses it stands in."""
    return strength(node.with_changes(lpar=(), rpar=()))


def fitted(parent: cst.CSTNode, old: cst.CSTNode, new: cst.CSTNode) -> cst.CSTNode:
    """A new node made to fit where an old one stood."""
    if new is old:
        return new
    if isinstance(old, cst.BaseExpression) and isinstance(new, cst.BaseExpression) and not new.lpar:
        if old.lpar and not isinstance(old, cst.Tuple | cst.GeneratorExp):
            new = new.with_changes(lpar=old.lpar, rpar=old.rpar)
        elif strength(new) < min(needed(parent, old), strength(old) if type(old) is type(new) else 99):
            new = new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    for sign in ("comma", "semicolon", "star"):
        if isinstance(getattr(new, sign, None), cst.MaybeSentinel) and hasattr(old, sign):
            new = new.with_changes(**{sign: getattr(old, sign)})
    return new


def separated(parent: cst.CSTNode, old: Sequence[Any], items: list[Any]) -> list[Any]:
    """A changed list with its commas (or semicolons) put right, in the style it had."""
    if not items:
        return items
    if isinstance(items[-1], cst.BaseSmallStatement):
        if items[-1].semicolon is old[-1].semicolon:
            return items
        return [*items[:-1], items[-1].with_changes(semicolon=old[-1].semicolon)]
    if not hasattr(items[-1], "comma") or (isinstance(parent, cst.Tuple) and len(items) == 1):
        return items
    for index, one in enumerate(items if len(items) > 1 else ()):
        if isinstance(one, cst.Arg) and isinstance(one.value, cst.GeneratorExp) and not one.value.lpar:
            brackets = one.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            items[index] = one.with_changes(value=brackets)
    final, style = old[-1].comma, _comma_style(parent, old)
    for index, one in enumerate(items[:-1]):
        if one.comma is final:  # the old last one: its comment stays, what stood before the bracket moves on
            items[index] = one.with_changes(comma=_with_comment_of(final, style))
            if isinstance(one, cst.Arg):
                items[index] = items[index].with_changes(whitespace_after_arg=cst.SimpleWhitespace(""))
        elif isinstance(one.comma, cst.MaybeSentinel):
            items[index] = one.with_changes(comma=style)
    if items[-1].comma is final and isinstance(final, cst.Comma):
        return items
    if isinstance(final, cst.Comma) and len(items) > 1:
        final = final.with_changes(whitespace_after=_without_comment(final.whitespace_after))
    if items[-1].comma is not final:
        items[-1] = items[-1].with_changes(comma=final)
    if isinstance(items[-1], cst.Arg) and items[-1].whitespace_after_arg is not old[-1].whitespace_after_arg:
        items[-1] = items[-1].with_changes(whitespace_after_arg=old[-1].whitespace_after_arg)
    return items


def _comma_style(parent: cst.CSTNode, old: Sequence[Any]) -> cst.Comma | cst.MaybeSentinel:
    """The comma that stands between two of a list, without a comment it may have."""
    for one in old[:-1]:
        if isinstance(one.comma, cst.Comma):
            return cst.Comma(one.comma.whitespace_before, _without_comment(one.comma.whitespace_after))
    opening: cst.BaseParenthesizableWhitespace | None = None
    match parent:
        case cst.Call(whitespace_before_args=opening):
            pass
        case (
            cst.ClassDef(lpar=cst.LeftParen(whitespace_after=opening))
            | cst.List(lbracket=cst.LeftSquareBracket(whitespace_after=opening))
            | cst.Dict(lbrace=cst.LeftCurlyBrace(whitespace_after=opening))
            | cst.Set(lbrace=cst.LeftCurlyBrace(whitespace_after=opening))
        ):
            pass
    if isinstance(opening, cst.ParenthesizedWhitespace):
        return cst.Comma(whitespace_after=_without_comment(opening))
    return cst.MaybeSentinel.DEFAULT


def _with_comment_of(
    old: cst.Comma | cst.MaybeSentinel, style: cst.Comma | cst.MaybeSentinel
) -> cst.Comma | cst.MaybeSentinel:
    """A comma in a given style, with the comment that stood behind an old one."""
    if isinstance(old, cst.Comma) and isinstance(style, cst.Comma):
        was, now = old.whitespace_after, style.whitespace_after
        if isinstance(was, cst.ParenthesizedWhitespace) and isinstance(now, cst.ParenthesizedWhitespace):
            return style.with_changes(whitespace_after=now.with_changes(first_line=was.first_line))
    return style


def _without_comment(blank: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    if not isinstance(blank, cst.ParenthesizedWhitespace):
        return blank
    first = blank.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return blank.with_changes(first_line=first, empty_lines=())


def requoted(held: cst.FormattedString, new: Sequence[cst.CSTNode]) -> list[cst.CSTNode] | None:
    """New nodes with quotes that do not end the f-string they come into (before Python 3.12); None if none will do."""
    quotes = _OtherQuotes(held.end[0])
    quoted = [one.visit(quotes) for one in new]
    return [one for one in quoted if isinstance(one, cst.CSTNode)] if quotes.will_do else None


class _OtherQuotes(cst.CSTTransformer):
    """Writes strings without the quote of an f-string around them."""

    def __init__(self, quote: str) -> None:
        super().__init__()
        self.quote = quote
        self.other = "'" if quote == '"' else '"'
        self.will_do = True

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.SimpleString:
        value = updated_node.value
        if self.quote not in value:
            return updated_node
        if self.other in value or "\\" in value:
            self.will_do = False
        return updated_node.with_changes(value=value.replace(self.quote, self.other))


def _lines(body: Iterable[cst.CSTNode]) -> Iterator[Line]:
    """Statements as lines; small ones that followed each other share one."""
    small: list[cst.BaseSmallStatement] = []
    for one in body:
        if isinstance(one, cst.BaseSmallStatement):
            small.append(one)
            continue
        if small:
            yield _line(small)
            small = []
        yield as_line(one)
    if small:
        yield _line(small)


def _line(small: list[cst.BaseSmallStatement]) -> cst.SimpleStatementLine:
    last = small[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    return cst.SimpleStatementLine([*small[:-1], last])


def as_line(node: cst.CSTNode) -> Line:
    """A statement as one that a body holds. Raises ValueError for anything else."""
    if isinstance(node, cst.BaseSmallStatement):
        return _line([node])
    if isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
        return node
    raise ValueError(f"a {type(node).__name__} where a statement must stand")


def split_leading(node: Line) -> tuple[list[cst.EmptyLine], list[cst.EmptyLine]]:
    """The lines above a statement: those up to the last blank one, and the comments right above it."""
    lines = list(node.leading_lines)
    blank = [index for index, line in enumerate(lines) if line.comment is None]
    cut = blank[-1] + 1 if blank else 0
    return lines[:cut], lines[cut:]


def with_leading(node: Line, lines: Sequence[cst.EmptyLine]) -> Line:
    """A statement with other lines above it."""
    changed = node.with_changes(leading_lines=lines)
    assert isinstance(changed, cst.SimpleStatementLine | cst.BaseCompoundStatement)
    return changed


def _behind(node: Line) -> cst.TrailingWhitespace | None:
    """What stands behind a line, or behind the colon of a compound statement."""
    if isinstance(node, cst.SimpleStatementLine):
        return node.trailing_whitespace
    body = getattr(node, "body", None)
    if isinstance(body, cst.SimpleStatementSuite):
        return body.trailing_whitespace
    return body.header if isinstance(body, cst.IndentedBlock) else None


def dressed(old: Line, new: list[Line], comments: Callable[[], Iterable[str]]) -> Line:
    """The first new statement, with the lines above and the comment behind the old one unless it has its own.

    `comments` are those of all the new statements.
    """
    first = new[0]
    if first is old:
        return first
    if not first.leading_lines and old.leading_lines:
        first = with_leading(first, old.leading_lines)
    behind, own = _behind(old), _behind(first)
    if behind is None or behind.comment is None or own is None or own.comment is not None:
        return first
    if behind.comment.value in comments():
        return first
    if isinstance(first, cst.SimpleStatementLine):
        return first.with_changes(trailing_whitespace=behind)
    held = "header" if isinstance(first.body, cst.IndentedBlock) else "trailing_whitespace"
    return first.with_changes(body=first.body.with_changes(**{held: behind}))


def resplit(line: cst.SimpleStatementLine, body: list[cst.CSTNode]) -> list[cst.CSTNode]:
    """A line with changed statements: as many lines as it takes."""
    if not body:
        return []
    if all(isinstance(one, cst.BaseSmallStatement) for one in body):
        return [line.with_changes(body=body)]
    lines = list(_lines(body))
    simple = [one for one in lines if isinstance(one, cst.SimpleStatementLine)]
    if simple:
        index = lines.index(simple[-1])
        lines[index] = simple[-1].with_changes(trailing_whitespace=line.trailing_whitespace)
    return [with_leading(lines[0], line.leading_lines), *lines[1:]]


def reblock(suite: cst.SimpleStatementSuite, body: list[cst.CSTNode]) -> list[cst.CSTNode]:
    """The statements behind a colon, which become an indented block if they have to."""
    if not body:
        return [suite.with_changes(body=[cst.Pass()])]
    if all(isinstance(one, cst.BaseSmallStatement) for one in body):
        return [suite.with_changes(body=body)]
    return [cst.IndentedBlock(body=list(_lines(body)), header=suite.trailing_whitespace)]
