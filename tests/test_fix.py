"""One file in one round, and a project round by round: whole fixes, never a broken file, always an end."""

from __future__ import annotations

import ast
import functools
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import libcst as cst
import pytest

from trueup.change import CannotFix, Change, DropImport, InsertBefore, Remove, Replace, Site
from trueup.fix import fix_project, fix_text
from trueup.model import Finding, Safety
from trueup.registry import Fixer

from .handmade import Find, Texts, finding, nodes, repair


def called(*names: str) -> Find:
    """A rule against calls of some names."""

    def find(tree: ast.Module) -> Iterator[ast.AST]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node

    return find


def to(name: str) -> Callable[..., Iterator[Change]]:
    """A fixer that calls something else instead."""

    def fix(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node.func, cst.Name(name))

    return fix


def fixer(code: str, function: Callable[..., Any]) -> dict[str, Fixer]:
    return {code: Fixer(code, (cst.Call,), function)}


def everything(one: Finding) -> bool:
    return one.fixable


# One file in one round


def test_fixes_inside_each_other_are_made_in_one_round() -> None:
    text = "a(a(a(1), a), b(a()))\n"
    assert repair(text, cst.Call, ast.Call, "a", to("c")).text == "c(c(c(1), a), b(c()))\n"


def test_a_fix_around_another_goes_together_with_it() -> None:
    def wait(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, cst.Await(node))

    text = "async def f():\n    a(b(1).c(b()))\n"
    found = [finding(text, node, "W") for node in nodes(text, ast.Call, "a")]
    found += [finding(text, node, "R") for node in nodes(text, ast.Call, "b")]
    result = fix_text(text, found, fixer("W", wait) | fixer("R", to("d")), "m.py")
    assert result.text == "async def f():\n    await a(d(1).c(d()))\n"


def test_of_fixes_that_meet_the_first_is_made_whatever_their_order() -> None:
    def name(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, site.expression("x"))

    text = "f(a(b(), a()), b(a()))\n"
    fixers = fixer("A", name) | fixer("B", to("c"))
    found = [finding(text, node, "A") for node in nodes(text, ast.Call, "a")]
    found += [finding(text, node, "B") for node in nodes(text, ast.Call, "b")]
    results = {fix_text(text, order, fixers, "m.py") for order in itertools.permutations(found)}
    (result,) = results
    assert result.text == "f(x, c(x))\n"
    assert sorted((one.code, one.span.column) for one in result.waiting) == [("A", 10), ("B", 5)]


def test_a_fixer_that_breaks_down_stops_nothing() -> None:
    def broken(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        if node.args:
            raise ZeroDivisionError("no")
        yield Replace(node, cst.Name("x"))

    result = repair("q()\nq(1)\n", cst.Call, ast.Call, "q", broken)
    assert result.text == "x\nq(1)\n"
    reason = "the repair of TUX001 `by-hand` failed at m.py:2: ZeroDivisionError: no"
    assert [held for _, held in result.held] == [reason]
    assert [one.span.line for one in result.failed] == [2]


@pytest.mark.parametrize("bad", [(0,), (6,), (2, 3), (0, 6), (1, 3, 5), tuple(range(7)), ()])
def test_a_fix_that_would_break_the_file_is_found_and_left_out(bad: tuple[int, ...]) -> None:
    def fix(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        walrus = cst.NamedExpr(cst.Name("a"), cst.Name("b"))  # as a statement it takes parentheses
        yield Replace(node, walrus if int(site.code_for(node.args[0])) in bad else cst.Name("x"))

    text = "".join(f"q({number})\n" for number in range(7))
    result = repair(text, cst.Call, ast.Call, "q", fix)
    assert result.text == "".join(f"q({number})\n" if number in bad else "x\n" for number in range(7))
    assert [one.span.line - 1 for one in result.failed] == list(bad)
    assert all(reason.endswith("the file would not parse afterwards") for _, reason in result.held)


def test_what_libcst_cannot_read_is_left_alone() -> None:
    text = "(a): int = 1\nq()\n"
    result = repair(text, cst.Call, ast.Call, "q", to("x"))
    assert (result.text, result.failed) == (text, ())
    assert [reason for _, reason in result.held] == ["libcst cannot parse the file"]
    deep = "x = " + " + ".join(["q()"] * 900) + "\ny = q()\n"
    result = repair(deep, cst.Call, ast.Call, "q", to("z"))
    assert result.text == deep.replace("y = q()", "y = z()"), "only the one statement is too deep"
    assert {reason for _, reason in result.held} == {"it is nested too deeply for libcst"}


def test_no_fixer_no_node_nothing_to_do() -> None:
    text = "q()\n"
    (node,) = nodes(text, ast.Call)
    assert [held for _, held in fix_text(text, [finding(text, node)], {}, "m.py").held] == [
        "no repair is known for TUX001"
    ]
    result = repair(text, cst.ClassDef, ast.Call, "q", to("x"))
    assert [held for _, held in result.held] == [
        "the repair of TUX001 `by-hand` failed at m.py:1: libcst has no ClassDef there"
    ]
    assert [held for _, held in repair(text, cst.Call, ast.Call, "q", to("q")).held] == ["it cannot be repaired here"]
    assert fix_text(text, [], {}, "m.py").text == text


def test_bom_form_feed_tabs_and_mixed_newlines_stay() -> None:
    text = "\ufeff\x0cimport os\r\n\x0c\r\ndef f():\n\tq( 1,\r\n\t  2)  # é\r\n\tx = '''a\n\r\nb'''\n \x0c \nq()"
    result = repair(text, cst.Call, ast.Call, "q", to("new"))
    assert result.text == text.replace("q(", "new(")


def test_blank_lines_around_statements_that_go_together_do_not_add_up() -> None:
    def remove(above: bool, node: cst.FunctionDef, _: Finding, site: Site) -> Iterator[Change]:
        body = site.module.body
        yield from [Remove(one, above=above) for one in body[1:-1]]

    text = "x = 1\n\nA = 1\nB = 2\n\n\ndef f(): ...\n\n\n{}def g(): ...\n\n\ndef last(): ...\n"
    for comment, kept, above in (
        ("", "", False),
        ("# about g\n", "# about g\n\n\n", False),
        ("# about g\n", "", True),
        ("# alone\n\n\n# about g\n", "# alone\n\n\n", True),
    ):
        fix = functools.partial(remove, above)
        result = repair(text.format(comment), cst.FunctionDef, ast.FunctionDef, "f", fix, safety=Safety.UNSAFE)
        assert result.text == f"x = 1\n\n\n{kept}def last(): ...\n", comment


# A project, round by round


def test_rounds_go_on_until_nothing_is_left() -> None:
    """`a` becomes `b` becomes `c`; what one file's fix brings into another shows in the last check."""

    def find_d(tree: ast.Module) -> Iterator[ast.AST]:
        if "b" not in workspace.texts["m.py"] and "a" not in workspace.texts["m.py"]:
            yield from called("d")(tree)

    workspace = Texts({"m.py": "a()\n", "n.py": "d()\n"}, {"A": called("a"), "B": called("b"), "D": find_d})
    fixers = fixer("A", to("b")) | fixer("B", to("c")) | fixer("D", to("e"))
    run = fix_project(workspace, everything, fixers=fixers)
    assert workspace.texts == {"m.py": "c()\n", "n.py": "e()\n"}
    assert run.changed == {"m.py": ("a()\n", "c()\n"), "n.py": ("d()\n", "e()\n")}
    assert [one.code for one in run.fixed] == ["A", "B", "D"]
    assert (run.left, run.held, run.failed, run.rounds) == ([], [], [], 3)
    assert workspace.checks == [None, ["m.py"], ["m.py"], None, ["n.py"], None]


def test_only_what_is_wanted_is_fixed() -> None:
    workspace = Texts({"m.py": "a()\nb()\n"}, {"A": called("a"), "B": (called("b"), {"safety": Safety.UNSAFE})})
    fixers = fixer("A", to("x")) | fixer("B", to("y"))
    run = fix_project(workspace, lambda one: one.safety is Safety.SAFE, fixers=fixers)
    assert workspace.texts == {"m.py": "x()\nb()\n"}
    assert [one.code for one in run.left] == ["B"]
    assert run.held == []


def test_findings_that_are_known_are_not_looked_for() -> None:
    workspace = Texts({"m.py": "a()\n"}, {"A": called("a")})
    known = workspace.check()
    workspace.checks.clear()
    assert fix_project(workspace, lambda _: False, known=known, fixers={}).left == known
    assert workspace.checks == []


def test_a_comment_that_is_lost_takes_unsafe_fixes() -> None:
    def remove(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Remove(site.statement(node))

    rules: dict[str, Any] = {"A": called("a")}
    workspace = Texts({"m.py": "x\na()  # c\n"}, rules)
    run = fix_project(workspace, lambda one: one.safety is Safety.SAFE, fixers=fixer("A", remove))
    assert run.changed == {}
    assert [reason for _, reason in run.held] == ["the comment `# c` would be lost, so it takes --unsafe-fixes"]
    assert fix_project(workspace, everything, fixers=fixer("A", remove)).changed == {"m.py": ("x\na()  # c\n", "x\n")}


def test_fixes_that_undo_each_other_are_stopped() -> None:
    workspace = Texts({"m.py": "a()\n", "n.py": "a()\nc()\n"}, {"A": called("a"), "B": called("b"), "C": called("c")})
    fixers = fixer("A", to("b")) | fixer("B", to("a")) | fixer("C", to("d"))
    run = fix_project(workspace, everything, fixers=fixers)
    assert workspace.texts == {"m.py": "b()\n", "n.py": "a()\nd()\n"}
    reason = "the repairs go round in circles: {} leads back to a text that the file had before"
    assert [(one.path, held) for one, held in run.held] == [("m.py", reason.format("B")), ("n.py", reason.format("A"))]
    assert [one.path for one in run.failed] == ["m.py", "n.py"]


def test_a_fix_that_brings_its_own_finding_back_comes_to_an_end() -> None:
    def grow(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield InsertBefore(site.statement(node), *site.statements("x = 1"))

    workspace = Texts({"m.py": "a()\n"}, {"A": called("a")})
    run = fix_project(workspace, everything, fixers=fixer("A", grow), rounds=4)
    assert run.changed["m.py"][1] == "x = 1\n" * 4 + "a()\n"
    assert [reason for _, reason in run.held] == ["it was not settled after 4 rounds of repairs"]
    assert len(run.failed) == 1


GROUPED: dict[str, Any] = {"A": (called("a"), {"group": "g"}), "B": called("b")}


def test_a_group_is_fixed_wholly() -> None:
    workspace = Texts({"m.py": "a()\n", "n.py": "a()\nb()\na()\n"}, GROUPED)
    run = fix_project(workspace, everything, fixers=fixer("A", to("x")) | fixer("B", to("y")))
    assert workspace.texts == {"m.py": "x()\n", "n.py": "x()\ny()\nx()\n"}
    assert run.rounds == 1


def test_a_group_with_a_member_that_cannot_be_fixed_is_left_alone() -> None:
    def unless_two(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        if node.args:
            raise CannotFix("it has an argument")
        yield Replace(node.func, cst.Name("x"))

    workspace = Texts({"m.py": "a()\nb()\n", "n.py": "a()\na(1)\n"}, GROUPED)
    run = fix_project(workspace, everything, fixers=fixer("A", unless_two) | fixer("B", to("y")))
    assert workspace.texts == {"m.py": "a()\ny()\n", "n.py": "a()\na(1)\n"}
    together = "it goes together with A at n.py:2: it has an argument"
    assert [(one.path, one.span.line, reason) for one, reason in run.held] == [
        ("m.py", 1, together),
        ("n.py", 1, together),
        ("n.py", 2, together),
    ]


def test_a_group_with_a_member_that_is_not_wanted_is_left_alone() -> None:
    workspace = Texts({"m.py": "a()\nb()\n", "n.py": "a()\n"}, GROUPED)
    run = fix_project(workspace, lambda one: one.path == "m.py", fixers=fixer("A", to("x")) | fixer("B", to("y")))
    assert workspace.texts == {"m.py": "a()\ny()\n", "n.py": "a()\n"}
    assert [reason for _, reason in run.held] == ["it goes together with A at n.py:1, which is not to be repaired"]


def test_a_group_waits_wholly(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the group lies in a call that another fix replaces: all of it has to wait for the next round."""

    def unwrap(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, site.expression(f"[{site.code_for(node.args[0])}]"))

    workspace = Texts({"m.py": "a()\n", "n.py": "b(a())\n"}, GROUPED)
    seen: list[dict[str, str]] = []
    update = workspace.update

    def watch(texts: Any, _: Any) -> None:
        seen.append(dict(texts))
        update(texts)

    monkeypatch.setattr(workspace, "update", watch)
    run = fix_project(workspace, everything, fixers=fixer("A", to("x")) | fixer("B", unwrap))
    assert seen == [{"n.py": "[a()]\n"}, {"m.py": "x()\n", "n.py": "[x()]\n"}]
    assert (run.left, run.rounds) == ([], 2)


def test_two_groups_that_meet_take_turns() -> None:
    rules: dict[str, Any] = {"A": (called("a"), {"group": "g"}), "B": (called("b"), {"group": "h"})}

    def unwrap(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, site.expression(f"[{site.code_for(node.args[0])}]"))

    workspace = Texts({"m.py": "a(b(1))\n", "n.py": "b(a(1))\n"}, rules)
    run = fix_project(workspace, everything, fixers=fixer("A", unwrap) | fixer("B", unwrap))
    assert workspace.texts == {"m.py": "[[1]]\n", "n.py": "[[1]]\n"}
    assert (run.left, run.rounds) == ([], 2)


def test_imports_that_other_files_use_stay() -> None:
    def drop(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node.func, cst.Name("x"))
        yield DropImport("lib", "a")

    text = "from lib import a\na()\n"
    users = {
        "from app.one import a\n": True,
        "from app.one import *\n": True,
        "from app import one\none.a\n": True,
        "import app.one\napp.one.a\n": True,
        "from one import a\n": True,
        "from app.one import b\n": False,
        "from app import one\none.b, lib.a\n": False,
    }
    for user, stays in users.items():
        workspace = Texts({"app/one.py": text, "app/two.py": user}, {"A": called("a")})
        fix_project(workspace, everything, fixers=fixer("A", drop))
        assert workspace.texts["app/one.py"] == ("from lib import a\nx()\n" if stays else "x()\n"), user


def rename_a(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node.func, cst.Name("b"))


def rename_b(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
    if node.args:
        raise CannotFix(f"not in process {os.getpid() * 0}")
    yield Replace(node.func, site.reference("lib", "c"))


def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    texts = {f"f{number}.py": f"a()\nb({number % 3 or ''})\nd(a())\n" for number in range(40)}
    fixers = fixer("A", rename_a) | fixer("B", rename_b)
    runs = []
    for jobs in (1, 3):
        workspace = Texts(texts, {"A": called("a"), "B": called("b")})
        runs.append((fix_project(workspace, everything, fixers=fixers, jobs=jobs), workspace.texts))
    assert runs[0] == runs[1]
    assert len(runs[0][0].changed) == 40
