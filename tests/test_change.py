"""Each change, alone: what it makes of a text, and that everything around it stays byte for byte."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any, NamedTuple

import libcst as cst
import pytest

from trueup.change import (
    AddImport,
    CannotFix,
    Change,
    InsertAfter,
    InsertBefore,
    InsertFirst,
    Remove,
    Replace,
    Site,
    keyword,
)
from trueup.model import Finding, Safety, Span

from .handmade import repair

Fix = Callable[[Any, Finding, Site], Iterator[Change]]


def rename(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    assert isinstance(node.func, cst.Attribute)
    yield Replace(node.func.attr, cst.Name("new"))


def wait(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, cst.Await(node))


def put(code: str) -> Fix:
    """A fixer that puts an expression, or statements, in the place of its node."""

    def fix(node: cst.CSTNode, _: Finding, site: Site) -> Iterator[Change]:
        new = [site.expression(code)] if isinstance(node, cst.BaseExpression) else site.statements(code)
        yield Replace(node, *new)

    return fix


def remove(node: cst.CSTNode, _: Finding, site: Site) -> Iterator[Change]:
    yield Remove(node)


def remove_statement(node: cst.CSTNode, _: Finding, site: Site) -> Iterator[Change]:
    yield Remove(site.statement(node))


def drop_last(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield Remove(node.args[-1])


def drop_all(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    for argument in node.args:
        yield Remove(argument)


def add_argument(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield InsertAfter(node.args[-1], keyword("k", cst.Name("v")))


def add_argument_first(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield InsertBefore(node.args[0], keyword("k", cst.Name("v")))


def add_base(node: cst.ClassDef, _: Finding, site: Site) -> Iterator[Change]:
    if node.bases:
        yield InsertAfter(node.bases[-1], cst.Arg(cst.Name("Base")))
    else:
        yield Replace(node, node.with_changes(bases=[cst.Arg(cst.Name("Base"))]))


def drop_bases(node: cst.ClassDef, _: Finding, site: Site) -> Iterator[Change]:
    for base in (*node.bases[1:], *node.keywords):
        yield Remove(base)


def decorate(node: cst.FunctionDef, _: Finding, site: Site) -> Iterator[Change]:
    yield InsertAfter(node.decorators[0], cst.Decorator(cst.Name("classmethod")))


def before(node: cst.CSTNode, _: Finding, site: Site) -> Iterator[Change]:
    yield InsertBefore(site.statement(node), *site.statements("new = 1"))


def after(node: cst.CSTNode, _: Finding, site: Site) -> Iterator[Change]:
    yield InsertAfter(site.statement(node), *site.statements("new = 1"))


def class_after(node: cst.CSTNode, _: Finding, site: Site) -> Iterator[Change]:
    yield InsertAfter(site.statement(node), *site.statements("class New:\n    pass\n"))


def around(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    statement = site.statement(node)
    yield InsertBefore(statement, *site.statements("one = 1"))
    yield Replace(statement, *site.statements("two = 2"))
    yield InsertAfter(statement, *site.statements("three = 3"))


def first(node: cst.ClassDef, _: Finding, site: Site) -> Iterator[Change]:
    yield InsertFirst(node, *site.statements("new = 1"))


def annotate(node: cst.Assign, _: Finding, site: Site) -> Iterator[Change]:
    assert isinstance(node.value, cst.Call)
    value = node.value.with_changes(func=cst.Name("column"))
    yield Replace(node, cst.AnnAssign(node.targets[0].target, cst.Annotation(site.expression("M[int]")), value))


class Case(NamedTuple):
    """A fixer, the node it gets, and the name of the nodes it is let loose on."""

    fix: Fix
    on: type[Any]
    kind: type[ast.AST]
    name: str
    texts: str
    """Before and after, with `->` on a line between them."""


CALL = (cst.Call, ast.Call)
CLASS = (cst.ClassDef, ast.ClassDef)
CASES = {
    "a name": Case(rename, *CALL, "old", """
        x = a.old( b.old ( ), é )  # é
        print(é . old())
        ->
        x = a.new( b.new ( ), é )  # é
        print(é . new())
        """),
    "parentheses where await needs them": Case(wait, *CALL, "q", """
        async def f():
            x = q().a
            y = -q() + 1
            return (q())
        ->
        async def f():
            x = (await q()).a
            y = -await q() + 1
            return (await (q()))
        """),
    "parentheses where a condition needs them": Case(put("a or b"), *CALL, "q", """
        not q(); q() if q() else q(); f(q(), *q()); q()[q()]; q() and c; q() or c
        x = q() == 1
        y = f"{q()}", {q(): q()}, lambda: q()
        ->
        not (a or b); a or b if a or b else a or b; f(a or b, *a or b); (a or b)[a or b]; (a or b) and c; a or b or c
        x = (a or b) == 1
        y = f"{a or b}", {a or b: a or b}, lambda: a or b
        """),
    "parentheses where an operation needs them": Case(put("a + b"), *CALL, "q", """
        q() + 1; 1 + q(); q() * 2; q() == 1; q() or 1; -q(); q() ** 2
        ->
        a + b + 1; 1 + (a + b); (a + b) * 2; a + b == 1; a + b or 1; -(a + b); (a + b) ** 2
        """),
    "an argument goes with its comma": Case(drop_last, *CALL, "f", """
        f(a, b)
        f(a)
        f(
            a,
            b,
        )
        f(a
          , b)
        ->
        f(a)
        f()
        f(
            a,
        )
        f(a)
        """),
    "all arguments go": Case(drop_all, *CALL, "f", """
        f(a, *b, c=d, **e)
        f(
            a,
            b,
        )
        ->
        f()
        f()
        """),
    "an argument comes in the style of the others": Case(add_argument, *CALL, "f", """
        f(a, b)
        f(a,)
        f(b for b in a)
        f(
            a,
            b
        )
        f(
            a,  # one
        )
        f(
            a,  # x
            b,  # y
        )
        ->
        f(a, b, k=v)
        f(a, k=v,)
        f((b for b in a), k=v)
        f(
            a,
            b,
            k=v
        )
        f(
            a,  # one
            k=v,
        )
        f(
            a,  # x
            b,  # y
            k=v,
        )
        """),
    "an argument comes first in the style of the others": Case(add_argument_first, *CALL, "f", """
        f(a=b)
        f(
            a=b,  # x
        )
        f(
            a=b,
            c=d
        )
        f(
            *b
        )
        ->
        f(k=v, a=b)
        f(
            k=v,
            a=b,  # x
        )
        f(
            k=v,
            a=b,
            c=d
        )
        f(
            k=v,
            *b
        )
        """),
    "a base": Case(add_base, *CLASS, "", """
        class A: pass
        @d
        class B(X):
            y = 1

            class C(  # q
                D,
            ):
                z = 1
        ->
        class A(Base): pass
        @d
        class B(X, Base):
            y = 1

            class C(  # q
                D,
                Base,
            ):
                z = 1
        """),
    "bases go": Case(drop_bases, *CLASS, "", """
        class A(B, C, metaclass=M): pass
        class D(metaclass=M): pass
        ->
        class A(B): pass
        class D: pass
        """),
    "a decorator": Case(decorate, cst.FunctionDef, ast.FunctionDef, "", """
        class A:
            # c
            @v(1)  # z
            # k
            @other
            def f(cls): pass
        ->
        class A:
            # c
            @v(1)  # z
            @classmethod
            # k
            @other
            def f(cls): pass
        """),
    "the blank lines of a removed statement go": Case(remove, *CLASS, "Config", """
        class A:
            x = 1

            class Config:
                a = 1

            y = 2


        class B:
            class Config:
                a = 1

            y = 2


        class C:
            x = 1

            class Config:
                a = 1
        ->
        class A:
            x = 1

            y = 2


        class B:
            y = 2


        class C:
            x = 1
        """),
    "an emptied body gets a pass": Case(remove_statement, *CALL, "q", """
        class A:
            # why
            q()
        if a: q()
        else:
            q(); q()
        for b in c:
            q()
            d
        ->
        class A:
            # why
            pass
        if a: pass
        else:
            q()
        for b in c:
            d
        """),
    "a comment above a removed statement stays": Case(remove_statement, *CALL, "q", """
        a

        # c
        q()

        b
        ->
        a

        # c

        b
        """),
    "a small statement of several goes": Case(remove_statement, *CALL, "q", """
        a; q(); b
        q(); c;
        if d: e; q()
        ->
        a; b
        c;
        if d: e
        """),
    "a class becomes an assignment, its comments stay": Case(put("model_config = 1"), *CLASS, "Config", """
        class A:
            x = 1

            # why
            class Config:  # how
                a = 1

            y = 2
        ->
        class A:
            x = 1

            # why
            model_config = 1  # how

            y = 2
        """),
    "assignments become classes with room around them": Case(
        put("class Base(Root):\n    pass\n"), cst.Assign, ast.Assign, "", """
        import a

        Base = d()  # the base
        Other = d()
        c()
        ->
        import a


        class Base(Root):  # the base
            pass


        class Base(Root):
            pass


        c()
        """),
    "one of several small statements becomes a class": Case(
        put("class Base(Root):\n    pass\n"), cst.Assign, ast.Assign, "", """
        if a: b(); Base = d(); c()  # e
        ->
        if a:  # e
            b()
            class Base(Root):
                pass
            c()
        """),
    "in front of a statement and its comments": Case(before, *CALL, "q", """
        # top

        # c
        q()
        if a:

            # d
            q()
            b; q(); c
        else: q()
        ->
        # top

        new = 1
        # c
        q()
        if a:

            new = 1
            # d
            q()
            b
            new = 1
            q(); c
        else:
            new = 1
            q()
        """),
    "behind a statement": Case(after, *CALL, "q", """
        q()  # c
        if a:
            b; q(); c
            # d
        else: q()
        ->
        q()  # c
        new = 1
        if a:
            b; q()
            new = 1
            c
            # d
        else:
            q()
            new = 1
        """),
    "on both sides of a statement that is replaced": Case(around, *CALL, "q", """
        a

        # c
        q()  # d
        ->
        a

        one = 1
        # c
        two = 2  # d
        three = 3
        """),
    "a class behind a statement": Case(class_after, *CALL, "q", """
        q()
        a
        class B:
            q()
            b
        ->
        q()


        class New:
            pass


        a
        class B:
            q()

            class New:
                pass

            b
        """),
    "first in a class": Case(first, *CLASS, "", '''
        class A:
            """D."""

            x = 1
        class B:
            """D."""
        class C: pass
        class D: x = 1
        class E:
            # c
            y = 1
        class F:
            ...
        class G:

            x = 2
        ->
        class A:
            """D."""

            new = 1

            x = 1
        class B:
            """D."""
            new = 1
        class C:
            new = 1
        class D:
            new = 1
            x = 1
        class E:
            new = 1
            # c
            y = 1
        class F:
            new = 1
        class G:
            new = 1

            x = 2
        '''),
    "what stays of a replaced statement is not touched": Case(annotate, cst.Assign, ast.Assign, "", """
        class A:
            id   =  Column( Integer ,  # pk
                  primary_key = True )  # c
        ->
        class A:
            id: M[int] = column( Integer ,  # pk
                  primary_key = True )  # c
        """),
    "the other quotes in an f-string": Case(put('x["k"]'), *CALL, "q", """
        a = f"{q()}"
        b = f'{q()}'
        ->
        a = f"{x['k']}"
        b = f'{x["k"]}'
        """),
    "statements of every kind of block": Case(remove_statement, *CALL, "q", """
        try:
            q()
        except A:
            q(); a
        else:
            b
            q()
        finally:
            q()
        match c:
          case 1:
              q()
          case [q]:
              q()
              d
        if e:
            f
        elif g:
            q()
            h
        elif i:
            q()
        else:
            q()
        with a: q()
        while b:
            q()
        else:
            q()
            c
        ->
        try:
            pass
        except A:
            a
        else:
            b
        finally:
            pass
        match c:
          case 1:
              pass
          case [q]:
              d
        if e:
            f
        elif g:
            h
        elif i:
            pass
        else:
            pass
        with a: pass
        while b:
            pass
        else:
            c
        """),
}  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("case", CASES)
def test_a_change(case: str, newline: str) -> None:
    fix, on, kind, name, texts = CASES[case]
    text, expected = dedent(texts.removeprefix("\n")).replace("\n", newline).split(f"->{newline}")
    result = repair(text, on, kind, name, fix)
    assert result.text == expected
    assert not result.failed
    if f"{newline}    " in text and "  case" not in text:  # else there is nothing to learn the indentation from
        indented = repair(text.replace("    ", "\t"), on, kind, name, fix)
        assert indented.text == expected.replace("    ", "\t")


@pytest.mark.parametrize(
    ("fix", "text", "expected"),
    [
        (remove, "a = 1\n\nq()", "a = 1"),
        (remove_statement, "# c\nq()\n", "# c\n"),
        (remove_statement, "q()", ""),
        (after, "q()", "q()\nnew = 1"),
        (before, "if a:\n  q()", "if a:\n  new = 1\n  q()"),
        (after, "if a: q()", "if a:\n    q()\n    new = 1"),
        (before, "# c\nq()\n", "# c\nnew = 1\nq()\n"),
        (put("class B:\n    pass\n"), "q()", "class B:\n    pass"),
    ],
)
def test_the_ends_of_a_file(fix: Fix, text: str, expected: str) -> None:
    assert repair(text, cst.Expr, ast.Expr, "", fix).text == expected


def test_removing_all_of_a_block_takes_two_rounds() -> None:
    """Each of two fixes leaves something of the block; made together they would leave nothing."""
    text = "def f():\n    q()\n    q()\n"
    result = repair(text, *CALL, "q", remove_statement)
    assert result.text == "def f():\n    q()\n"
    assert [one.span.line for one in result.waiting] == [3]


def test_a_tuple_and_a_generator_are_found_without_their_brackets() -> None:
    def name(node: cst.CSTNode, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, cst.Name("x"))

    assert repair("a = ( 1, 2 )\n", cst.Tuple, ast.Tuple, "", name).text == "a = x\n"
    assert repair("f(y for y in (z))\n", cst.GeneratorExp, ast.GeneratorExp, "", name).text == "f(x)\n"


def test_a_comment_that_would_be_lost_makes_a_safe_fix_unsafe() -> None:
    text = "class A:\n    class Config:\n        a = 1  # odd\n    b = 2\n"
    fix = put("model_config = 1")
    held = repair(text, *CLASS, "Config", fix)
    assert held.text == text
    assert [reason for _, reason in held.held] == ["the comment `# odd` would be lost, so it takes --unsafe-fixes"]
    assert not held.failed
    unsafe = repair(text, *CLASS, "Config", fix, safety=Safety.UNSAFE)
    assert unsafe.text == "class A:\n    model_config = 1\n    b = 2\n"


def test_a_comment_that_moves_is_not_lost() -> None:
    def moved(node: cst.ClassDef, _: Finding, site: Site) -> Iterator[Change]:
        comments = "\n".join(site.comments(node))
        yield Replace(node, *site.statements(f"{comments}\nmodel_config = 1"))

    def kept(node: cst.ClassDef, _: Finding, site: Site) -> Iterator[Change]:
        inner = node.body.body[0]
        assert isinstance(inner, cst.SimpleStatementLine)
        yield Replace(node, inner)

    text = "class A:\n    class Config:\n        a = 1  # odd\n    b = 2\n"
    assert repair(text, *CLASS, "Config", kept).text == "class A:\n    a = 1  # odd\n    b = 2\n"
    assert repair(text, *CLASS, "Config", moved).text == "class A:\n    # odd\n    model_config = 1\n    b = 2\n"


def test_changes_that_contradict_each_other() -> None:
    def inside(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, cst.Name("x"))
        yield Replace(node.func, cst.Name("y"))

    def twice(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, cst.Name("x"))
        yield Remove(node)

    def foreign(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(cst.Name("q"), cst.Name("y"))

    def several(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node.func, cst.Name("x"), cst.Name("y"))

    for fix in (inside, twice, foreign, several):
        result = repair("q()\n", *CALL, "q", fix)
        assert result.text == "q()\n"
        assert len(result.failed) == 1


def test_a_fixer_that_cannot() -> None:
    def cannot(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Remove(node)
        raise CannotFix("its type is not known")

    def nothing(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield from ()

    for fix, reason in ((cannot, "its type is not known"), (nothing, "it cannot be repaired here")):
        result = repair("q()\n", *CALL, "q", fix)
        assert [held[1] for held in result.held] == [reason]
        assert not result.failed


def test_code_that_no_quotes_fit_into_an_f_string() -> None:
    text = 'a = f"{q()}"\n'
    result = repair(text, *CALL, "q", put("""x["'"]"""))
    assert (result.text, result.failed) == (text, ())


def test_the_site() -> None:
    text = dedent("""\
        # top
        class A:
            def f(self):
                if a:
                    q(1,  # one
                      2)  # two
        """).replace("    ", "\t")
    seen: list[object] = []

    def look(node: cst.Call, found: Finding, site: Site) -> Iterator[Change]:
        function, klass = site.function_at(node), site.class_at(node)
        assert function is not None
        assert klass is not None
        seen.extend((function.name.value, klass.name.value, site.indent(node), site.default_indent, site.newline))
        seen.extend((site.comments(node), site.code_for(node), site.code_for(cst.Name("new")), site.text == text))
        seen.append(type(site.statement(node.args[0])).__name__)
        seen.append([type(one).__name__ for one in site.ancestors(klass)])
        assert (site.place(node), site.place(node.args[1])) == ((5, 3), (6, 5))
        with pytest.raises(CannotFix):
            site.expression("a b")
        with pytest.raises(CannotFix):
            site.statements("a b")
        yield AddImport("os")

    assert repair(text, *CALL, "q", look).text == "# top\n\nimport os\n\n\n" + text.removeprefix("# top\n")
    code = "q(1,  # one\n\t\t\t  2)"
    assert seen == ["f", "A", "\t\t\t", "\t", "\n", ["# one", "# two"], code, "new", True, "Expr", ["Module"]]


def test_new_imports_from_one_module_are_one_statement() -> None:
    def add(node: cst.Call, found: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, site.expression("r()"))
        yield from (AddImport("typing", name) for name in ("Optional", "Any"))
        yield from (AddImport("multiprocessing", f"a_rather_long_name_{number}") for number in range(3))
        yield from (AddImport("b", name, type_checking=True) for name in ("Y", "X"))

    assert repair("import os\n\nq()\n", *CALL, "q", add).text == dedent("""\
        import os
        from multiprocessing import (
            a_rather_long_name_0,
            a_rather_long_name_1,
            a_rather_long_name_2,
        )
        from typing import TYPE_CHECKING, Any, Optional

        if TYPE_CHECKING:
            from b import X, Y

        r()
        """)


def test_new_imports_of_several_kinds_stand_apart() -> None:
    def add(node: cst.Call, found: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, site.expression("r()"))
        yield from (AddImport(module, module[0].upper()) for module in ("zoneinfo", "alpha", "typing"))

    new = "from typing import T\nfrom zoneinfo import Z\n\nfrom alpha import A\n\n"
    assert repair("from .here import q\n\nq()\n", *CALL, "q", add).text == new + "from .here import q\n\nr()\n"
    new = "import os\nfrom typing import T\nfrom zoneinfo import Z\n\nfrom alpha import A\n\n"
    assert repair("import os\n\nq()\n", *CALL, "q", add).text == new + "r()\n"


def test_what_stands_elsewhere_is_repaired_along() -> None:
    text = "import m\nq(1)\nx = m.old\n"

    def along(node: cst.Call, found: Finding, site: Site) -> Iterator[Change]:
        assert site.at(found.node) is node
        other = site.at(Span(17, 22, 3, 5, 3, 10))
        assert isinstance(other, cst.Attribute)
        assert site.at(Span(17, 21, 3, 5, 3, 9)) is None, "no node ends there"
        yield Replace(other, cst.Name("new"))

    assert repair(text, *CALL, "q", along).text == "import m\nq(1)\nx = new\n"
