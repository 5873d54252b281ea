"""What holds for any program: fixes come to an end, break nothing, lose nothing, and leave the rest alone."""

from __future__ import annotations

import ast
import random
import re
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.change import Change, InsertAfter, InsertBefore, InsertFirst, Remove, Replace, Site, keyword
from trueup.fix import fix_project, fix_text
from trueup.fix_text import TextFix
from trueup.model import Finding, Safety
from trueup.registry import Fixer

from .handmade import Texts, finding

# Fixers: each is for the calls of a function that is called like itself, and leaves none behind ----------------------


def number(node: cst.Call) -> str:
    """What is unique about a call: its first argument."""
    value = node.args[0].value
    assert isinstance(value, cst.Integer)
    return value.value


def renamed(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node.func, cst.Name("done"))


def wrapped(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, cst.Call(cst.Name("outer"), [cst.Arg(node.with_changes(func=cst.Name("done")))]))


def condition(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    """Binds too loosely for most places: takes parentheses there."""
    yield Replace(node, cst.BooleanOperation(node.with_changes(func=cst.Name("done")), cst.Or(), cst.Name("other")))


def unwrapped(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, node.args[-1].value)


def removed(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    statement = site.statement(node)
    assert isinstance(statement, cst.Expr)
    yield Remove(statement)


def marked(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    """Two changes in two places, and an import: both or none."""
    which = number(node)
    yield InsertBefore(site.statement(node), *site.statements(f"before_{which} = 1"))
    yield Replace(node.func, site.reference("lib", f"made_{which}"))


def followed(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    which = number(node)
    yield InsertAfter(site.statement(node), *site.statements(f"class After_{which}:\n    pass\n"))
    yield Replace(node.func, cst.Name(f"made_{which}"))


def extended(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node.func, cst.Name("done"))
    yield InsertAfter(node.args[-1], keyword("added", cst.Name("x")))
    yield Remove(node.args[0])


def as_class(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    statement = site.statement(node)
    assert isinstance(statement, cst.Expr)
    yield Replace(statement, *site.statements(f"class Made_{number(node)}:\n    x = 1\n"))


def first(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    owner = site.class_at(node)
    assert owner is not None
    yield InsertFirst(owner, *site.statements(f"first_{number(node)} = 1"))
    yield Replace(node.func, cst.Name(f"made_{number(node)}"))


def crashing(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node.func, cst.Name("done"))
    raise RuntimeError("always")


def breaking(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    statement = site.statement(node)
    assert isinstance(statement, cst.Expr)
    yield Replace(statement, cst.Expr(cst.NamedExpr(cst.Name("a"), cst.Name("b"))))


ANYWHERE = (renamed, wrapped, condition, unwrapped, marked, followed, extended)
"""Fixers for a call that may stand anywhere; in a class also `first`."""
ALONE = (removed, as_class)
"""Fixers for a call that is a statement."""
FAULTY = (crashing, breaking)
LOSSY = {"removed", "as_class", "unwrapped", "extended"}
"""Fixers that take code away, and what stands in it."""
FIXERS = {one.__name__: Fixer(one.__name__, (cst.Call,), one) for one in (*ANYWHERE, *ALONE, *FAULTY, first)}


def rule(name: str) -> Callable[[ast.Module], Iterator[ast.AST]]:
    def find(tree: ast.Module) -> Iterator[ast.AST]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node

    return find


# Programs: `@` becomes another number each time, `>` a step of indentation --------------------------------------------

names = st.sampled_from(["keep_@", "x", "é", "'# no comment'", '"\\""', "1.5", "None", "(yield_)", "[]", "{**y}"])


def calls(inner: st.SearchStrategy[str], fixers: tuple[Any, ...]) -> st.SearchStrategy[str]:
    called = st.sampled_from([one.__name__ for one in fixers])
    return st.builds("{}(@, {})".format, called, inner)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        calls(inner, ANYWHERE),
        st.builds("{}.attr".format, calls(inner, ANYWHERE)),
        st.builds("{}[{}]".format, calls(inner, ANYWHERE), inner),
        st.builds("({} + {})".format, inner, inner),
        st.builds("({} and not {})".format, inner, inner),
        st.builds("(lambda: {})".format, inner),
        st.builds("[i for i in ({})]".format, inner),
        st.builds("keep_@({}, *{}, k={})".format, inner, inner, inner),
        st.builds("keep_@(  # c@\n{},  # c@\n{}  # c@\n)".format, inner, inner),
        st.builds("({}\n\n  # c@\n  - {})".format, inner, inner),
        st.builds("f'{{{}}}'".format, calls(st.sampled_from(["x", "y.z"]), ANYWHERE)),
    )


expressions = st.recursive(names, larger, max_leaves=6)
simple = st.one_of(
    expressions,
    st.builds("{}  # c@".format, calls(expressions, (*ALONE, *ANYWHERE))),
    calls(expressions, ALONE),
    st.builds("keep_@ = {}".format, expressions),
    st.builds("keep_@: é = {}  # c@".format, expressions),
    st.builds("{}; keep_@; {}".format, calls(expressions, ALONE), expressions),
    st.builds("assert {}, keep_@;".format, expressions),
    st.builds("keep_@ = '''\n  text # @\n\t'''; {}".format, expressions),
    st.just("pass"),
)
comments = st.sampled_from(["# c@", "", "\n", "# c@\n", "\n# c@"])


def indented(lines: str) -> str:
    return "\n".join(">" + line if line else line for line in lines.split("\n"))


@st.composite
def blocks(draw: st.DrawFn, statements: st.SearchStrategy[str]) -> str:
    """The body of a compound statement, with what stands above its lines."""
    body = draw(st.lists(st.tuples(comments, statements), min_size=1, max_size=3))
    return "\n" + indented("\n".join(part for above, one in body for part in (above, one) if part != ""))


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block = st.one_of(blocks(inner), blocks(inner), st.builds(" {}".format, simple.filter(lambda one: "\n" not in one)))
    deep = blocks(inner)
    in_class = blocks(st.one_of(inner, st.builds("keep_@ = {}".format, calls(expressions, (first,)))))
    return st.one_of(
        st.builds("if {}:{}".format, expressions, block),
        st.builds("if {}:  # c@{}\nelif {}:{}\nelse:{}".format, expressions, deep, expressions, block, deep),
        st.builds("for keep_@ in {}:{}".format, expressions, block),
        st.builds("class K_@(B):{}".format, in_class),
        st.builds("class K_@:\n>'''Doc.'''\n{}".format, in_class),
        st.builds("@keep_@\n# c@\ndef f_@(a, b={}):{}\n\n".format, expressions, block),
        st.builds("async def f_@(a):\n>'''Doc.'''{}".format, deep),
        st.builds("try:{}\nexcept E:  # c@{}\nfinally:{}".format, deep, deep, block),
        st.builds("with keep_@ as w:{}".format, block),
        st.builds("match keep_@:\n>case [{}]:\n{}".format, st.just("1"), deep.map(lambda one: indented(one[1:]))),
    )


statements = st.recursive(simple, compound, max_leaves=8)


@st.composite
def programs(draw: st.DrawFn, body: st.SearchStrategy[str] = statements) -> str:
    """A whole file."""
    parts = draw(st.lists(st.tuples(comments, body), min_size=1, max_size=4))
    head = draw(
        st.sampled_from(["", "# c@\n", "'''Doc.'''\n", "import os\nfrom other import keep_@\n\n", "#!/bin/x\n\n# c@\n"])
    )
    text = head + "\n".join(part for above, one in parts for part in (above, one)) + "\n"
    text = text.replace(">", draw(st.sampled_from(["    ", "\t", "  "])))
    count = iter(range(10**6))
    text = re.sub("@(?=[^\\w]|$)|(?<=_)@", lambda _: str(next(count)), text)
    newline = draw(st.sampled_from(["\n", "\r\n", "mixed"]))
    if newline == "mixed":
        choice = draw(st.randoms(use_true_random=False))
        text = re.sub("\n", lambda _: choice.choice(["\n", "\r\n"]), text)
    else:
        text = text.replace("\n", newline)
    text = text if draw(st.booleans()) else text.rstrip()
    return ("\ufeff" if draw(st.booleans()) else "") + text


def found(text: str, names: list[str], safety: Safety = Safety.UNSAFE) -> list[Finding]:
    body = text.removeprefix("\ufeff")
    tree = ast.parse(body)
    return [finding(body, node, name, safety=safety) for name in names for node in rule(name)(tree)]


ALL = sorted(FIXERS)
SOUND = [name for name in ALL if name not in {one.__name__ for one in FAULTY}]


def parses(text: str) -> bool:
    try:
        ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError:
        return False
    return True


def once(text: str, names: list[str] = ALL, safety: Safety = Safety.UNSAFE) -> tuple[list[Finding], TextFix]:
    findings = found(text, names, safety)
    return findings, fix_text(text, findings, FIXERS, "app/m.py")


# Properties -----------------------------------------------------------------------------------------------------------


@given(programs())
def test_programs_are_python(text: str) -> None:
    assert parses(text)


@given(programs(), st.randoms(use_true_random=False))
def test_one_round(text: str, chance: random.Random) -> None:
    findings, result = once(text)
    assert parses(result.text)

    # Every finding has one fate, whatever the order.
    held = [one for one, _ in result.held]
    assert Counter([*result.applied, *held, *result.waiting]) == Counter(findings)
    assert set(result.failed) <= set(held)
    chance.shuffle(findings)
    assert fix_text(text, findings, FIXERS, "app/m.py") == result

    # Progress: a fix has to wait only for one that is made.
    assert result.applied or not result.waiting
    # What fails are the faulty ones.
    assert {one.code for one in result.failed} <= {one.__name__ for one in FAULTY}


@given(programs())
def test_a_fix_is_whole(text: str) -> None:
    _, result = once(text)
    for prefix in ("before", "After", "first"):
        for which in re.findall(rf"\b{prefix}_(\d+)", result.text):
            assert re.search(rf"\bmade_{which}\(", result.text)
    for one in result.applied:
        call = text.removeprefix("\ufeff").encode()[one.node.start :].decode()
        which = re.match(r"\w+\((\d+)", call)
        assert which is not None
        wanted = {"marked": "before", "followed": "After", "first": "first"}.get(one.code)
        if wanted is not None and not LOSSY & {other.code for other in result.applied}:
            assert len(re.findall(rf"\b{wanted}_{which[1]}\b", result.text)) == 1


@given(programs())
def test_renaming_touches_nothing_but_the_names(text: str) -> None:
    findings, result = once(text, ["renamed"])
    body = text.removeprefix("\ufeff").encode()
    for one in sorted(findings, key=lambda one: one.node.start, reverse=True):
        assert body[one.node.start :].startswith(b"renamed(")
        body = body[: one.node.start] + b"done" + body[one.node.start + len("renamed") :]
    assert result.text.removeprefix("\ufeff").encode() == body
    assert len(result.applied) == len(findings)


@given(programs())
def test_what_is_not_touched_stays(text: str) -> None:
    findings, result = once(text)
    assert result.text.startswith("\ufeff") == text.startswith("\ufeff")
    if text.count("\r\n") == text.count("\n"):
        assert result.text.count("\r\n") == result.text.count("\n")
    if "\r" not in text:
        assert "\r" not in result.text
    # Where every statement is removed, the blank lines above them are what the file ends with.
    assert (result.text[-1:] in "\r\n") == (text[-1:] in "\r\n") or not result.text.strip("\ufeff\r\n")
    # Lines that hold nothing of a call that is fixed are there as they were, in the same order.
    touched = {line for one in findings for line in range(one.node.line, one.node.end_line + 1)}
    lines = iter(re.split(r"\r?\n", result.text.removeprefix("\ufeff")))
    for place, line in enumerate(re.split(r"\r?\n", text.removeprefix("\ufeff")), 1):
        # A line with several statements may have to be divided.
        if re.search(r"keep_\d|# c\d|text #", line) and place not in touched and ";" not in line:
            assert line in lines


@given(programs())
def test_safe_fixes_keep_every_comment(text: str) -> None:
    _, result = once(text, SOUND, Safety.SAFE)
    before, after = (Counter(re.findall(r"# c\d+", one)) for one in (text, result.text))
    assert after == before


@given(programs())
def test_rounds_come_to_an_end(text: str) -> None:
    rules: Any = {name: (rule(name), {"safety": Safety.UNSAFE}) for name in ALL}
    body = text.removeprefix("\ufeff")
    workspace = Texts({"m.py": body}, rules)
    run = fix_project(workspace, lambda one: one.fixable, fixers=FIXERS, rounds=40)
    assert parses(workspace.texts["m.py"])
    assert {one.code for one in run.left} <= {one.__name__ for one in FAULTY}
    assert [one for one, _ in run.held] == run.left
    assert (body, workspace.texts["m.py"]) == run.changed.get("m.py", (body, body))
    again = fix_project(workspace, lambda one: one.fixable, fixers=FIXERS)
    assert (again.changed, again.rounds) == ({}, 0)


class Expected(ast.NodeTransformer):
    """Does to chosen calls of a tree what their fixers do to its text."""

    def __init__(self, chosen: dict[ast.AST, str]) -> None:
        self.chosen = chosen

    def visit_Call(self, node: ast.Call) -> ast.expr:
        code = self.chosen.get(node)
        self.generic_visit(node)
        done = ast.Call(ast.Name("done", ast.Load()), node.args, node.keywords)
        match code:
            case "renamed":
                return done
            case "wrapped":
                return ast.Call(ast.Name("outer", ast.Load()), [done], [])
            case "condition":
                return ast.BoolOp(ast.Or(), [done, ast.Name("other", ast.Load())])
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        """`a or (b or c)` means the same as `a or b or c`."""
        self.generic_visit(node)
        values: list[ast.expr] = []
        for one in node.values:
            same = isinstance(one, ast.BoolOp) and type(one.op) is type(node.op)
            values += one.values if isinstance(one, ast.BoolOp) and same else [one]
        return ast.BoolOp(node.op, values)


LIBRARY = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))


@pytest.mark.parametrize("path", random.Random(5).sample(LIBRARY, 24), ids=lambda path: path.stem)
def test_real_code(path: Path) -> None:
    """Of the standard library's own code, too, a fix changes just what it says."""
    text = path.read_bytes().decode("utf-8")
    tree = ast.parse(text)
    chance = random.Random(path.stem)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    chosen = {
        finding(text, node, chance.choice(["renamed", "wrapped", "condition"]), safety=Safety.UNSAFE): node
        for node in chance.sample(calls, min(len(calls), 40))
    }
    result = fix_text(text, list(chosen), FIXERS, str(path))
    assert not result.held
    expected = Expected({chosen[one]: one.code for one in result.applied}).visit(tree)
    assert ast.dump(Expected({}).visit(ast.parse(result.text))) == ast.dump(expected)


@settings(max_examples=settings().max_examples // 3)
@given(st.lists(programs(), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_groups_are_whole(texts: list[str], chance: random.Random) -> None:
    """Each finding gets one of three groups, or none; in the end a group is fixed wholly or not at all."""
    seed = chance.random()

    def grouped(name: str) -> Callable[[ast.Module], Iterator[ast.AST]]:
        return rule(name)

    rules: Any = {
        name: (grouped(name), {"group": random.Random(f"{seed}{name}").choice(["", "g", "h", "i"])}) for name in ALL
    }
    files = {f"m{index}.py": text.removeprefix("\ufeff") for index, text in enumerate(texts)}
    workspace = Texts(files, rules)
    run = fix_project(workspace, lambda one: one.fixable, fixers=FIXERS, rounds=1)
    before = Counter(one.group for one in Texts(files, rules).check())
    done = Counter(one.group for one in run.fixed)
    for group in ("g", "h", "i"):
        assert done[group] in (0, before[group])
    assert all(parses(text) for text in workspace.texts.values())
