"""What stands in an outline stands where it stood, and what was left out is never answered for."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest

from trueup.edits import Lines
from trueup.model import Span
from trueup.outline import LeftOut, outline_of
from trueup.tree import Tree

SHOP = Path(__file__).parent.parent / "fixtures" / "apps" / "legacy_shop"

CODE = textwrap.dedent(
    '''\
    """A module."""
    import os


    @decorated
    @twice(lambda x: x)
    def first(a, b=1):
        """Has a docstring."""
        if a:
            return b
            # a comment that ends a block

        # one that ends the body
        return os.sep  # and one behind


    class Second(Base):
        """A class."""

        name: str = "x"

        @property
        def long(self):
            one = 1
            two = 2
            three = 3
            four = 4
            return one + two + three + four

        async def wanted(self):
            return 1

        def short(self): return 2
        # the class ends

    # before the third
    class Third: pass


    async def last():
        one = 1
        two = 2
        three = 3
        four = 4
        return one + two + three + four
    '''
)


def _span(node: ast.stmt, lines: Lines) -> Span:
    assert node.end_lineno is not None
    end = lines.offset(node.end_lineno, node.end_col_offset or 0) - lines.start(node.end_lineno)
    column = lines.offset(node.lineno, node.col_offset) - lines.start(node.lineno)
    return Span(0, 0, node.lineno, column + 1, node.end_lineno, end + 1)


def _definitions(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_same_everywhere(text: str) -> int:
    """Ask for each definition alone; how many outlines left something out."""
    tree, lines = ast.parse(text), Lines(text)
    whole, made = Tree(text, tree), 0
    for node in _definitions(tree):
        span = _span(node, lines)
        made += outline_of(text, lines, tree, [span]) is not None
        part = Tree(text, tree, [span])
        found, expected = part.at(span), whole.at(span)
        assert [type(one) for one in found] == [type(one) for one in expected]
        for mine, other in zip(found, expected, strict=True):
            assert mine.deep_equals(other)
            assert part.outer(mine) == whole.outer(other)
            assert part.span(mine) == whole.span(other)
            assert part.indent(mine) == whole.indent(other)
        assert part.module.default_indent == whole.module.default_indent
        assert part.module.default_newline == whole.module.default_newline
    return made


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("indent", ["    ", "  ", "\t"])
def test_each_definition_stands_where_it_stood(newline: str, indent: str) -> None:
    text = CODE.replace("    ", indent).replace("\n", newline)
    assert _is_same_everywhere(text) > 3
    assert _is_same_everywhere(text.rstrip()) > 3


def test_each_definition_of_the_shop_stands_where_it_stood() -> None:
    made = sum(_is_same_everywhere(path.read_bytes().decode()) for path in sorted(SHOP.rglob("*.py")))
    assert made > 50


def test_what_is_left_out_is_not_answered_for() -> None:
    tree, lines = ast.parse(CODE), Lines(CODE)
    by_name = {node.name: node for node in _definitions(tree)}
    part = Tree(CODE, tree, [_span(by_name["wanted"], lines)])
    [wanted] = [one for one in part.at(_span(by_name["wanted"], lines)) if isinstance(one, cst.FunctionDef)]
    for name in ("first", "long", "last", "Second"):
        with pytest.raises(LeftOut):
            part.at(_span(by_name[name], lines))
    with pytest.raises(LeftOut):
        _ = part.whole
    around = list(part.ancestors(wanted))
    assert [type(one) for one in around] == [cst.IndentedBlock, cst.ClassDef, cst.Module]
    assert [part.is_whole(one) for one in (wanted, *around)] == [True, False, False, False]
    with pytest.raises(ValueError, match="not of the parsed file"):
        part.outer(cst.Name("new"))


def test_short_files_and_whole_classes_stay_as_they_are() -> None:
    tree, lines = ast.parse(CODE), Lines(CODE)
    everything = [_span(node, lines) for node in _definitions(tree)]
    assert outline_of(CODE, lines, tree, everything) is None
    outline = outline_of(CODE, lines, tree, [everything[1]])
    assert outline is not None
    assert "def long" in outline.text
    assert "def _():" in outline.text
