"""Code that a repair puts into other files: into those that are there, and into new ones, all of it or nothing."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst as cst
import pytest

from trueup.additions import Addition, CannotAdd, Definition, extended
from trueup.change import AddImport, Change, Remove, Replace, Site
from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.files import Kind
from trueup.fix import FixRun, fix_project, fix_text
from trueup.model import Finding, Safety, Severity, Span
from trueup.registry import Fixer
from trueup.report.diff import unified
from trueup.saving import write_all

from .handmade import Texts, finding, nodes

HEAD = '"""What was moved."""\n'
ERROR = Definition("Gone", "class Gone(Exception):\n    pass\n")
SAVE = Addition(
    "s.py", "save", "def save() -> date:\n    raise Gone\n", "", (ERROR,), (AddImport("datetime", "date"),), HEAD
)


def test_a_new_file_gets_its_head_its_imports_and_what_the_code_needs() -> None:
    assert extended(None, "s.py", [SAVE]) == (
        '"""What was moved."""\n\nfrom datetime import date\n\n\nclass Gone(Exception):\n    pass\n\n\n'
        "def save() -> date:\n    raise Gone\n"
    )


def test_what_is_there_stays_and_is_not_put_there_twice() -> None:
    old = (
        "\ufefffrom datetime import date\r\n\r\n\r\nclass Gone(Exception):\r\n    status = 410  # ours\r\n\r\n\r\nx = 1"
    )
    assert extended(old, "s.py", [SAVE]) == old + "\r\n\r\n\r\ndef save() -> date:\r\n    raise Gone\r\n"


def test_what_the_code_needs_can_stand_in_front() -> None:
    before = (
        Definition("log", "log = get()", True),
        Definition("Base", "class Base(Exception):\n    pass\n", True),
        Definition("Gone", "class Gone(Base):\n    pass\n", True),
    )
    save = Addition("s.py", "save", "def save():\n    raise Gone\n", "", before)
    assert extended("import x\n\n\n# What loads\n@x\ndef load():\n    pass\n", "s.py", [save]) == (
        "import x\n\nlog = get()\n\n\nclass Base(Exception):\n    pass\n\n\nclass Gone(Base):\n    pass\n\n\n"
        "# What loads\n@x\ndef load():\n    pass\n\n\ndef save():\n    raise Gone\n"
    )


def test_code_goes_to_the_end_of_a_class() -> None:
    method = Addition("s.py", "save", '    def save(self) -> str:\n        return """\na\n"""\n', "Store")
    old = "class Store:\n    def load(self):\n        return 1\n    # the end\n\n\nstore = Store()\n"
    assert extended(old, "s.py", [method]) == (
        "class Store:\n    def load(self):\n        return 1\n\n"
        '    def save(self) -> str:\n        return """\na\n"""\n'
        "    # the end\n\n\nstore = Store()\n"
    )
    both = [method, Addition("s.py", "drop", "    def drop(self):\n        pass\n", "Store")]
    assert extended("class Store:\n    x = 1", "s.py", both).endswith('"""\n\n    def drop(self):\n        pass\n')


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        ("def save(): ...\n", "there is a `save` already"),
        ("from m import save\n", "there is a `save` already"),
        ("date = 1\n", "`date` means something else there"),
        ("def f(:\n", "it would not parse afterwards"),
    ],
)
def test_no_name_is_taken_from_another(old: str, reason: str) -> None:
    with pytest.raises(CannotAdd, match=reason):
        extended(old, "s.py", [SAVE])


def test_a_class_must_be_there_and_have_no_such_method() -> None:
    method = Addition("s.py", "save", "    def save(self): ...\n", "Store")
    with pytest.raises(CannotAdd, match="there is no class `Store`"):
        extended("Store = 1\n", "s.py", [method])
    with pytest.raises(CannotAdd, match="`Store` has a `save` already"):
        extended("class Store:\n    save = None\n", "s.py", [method])


# Repairs -------------------------------------------------------------------------------------------------------------


def move(node: cst.Call, found: Finding, site: Site) -> Iterator[Change]:
    """`a(name)` becomes `name()`, which is defined in another file."""
    name = site.code_for(node.args[0])
    yield Replace(node, site.expression(f"{name}()"))
    path = site.code_for(node.args[1])[1:-1] if len(node.args) > 1 else "s.py"
    yield Addition(path, name, f"def {name}():\n    pass\n", head=HEAD)


def calls(tree: ast.Module) -> Iterator[ast.AST]:
    yield from (
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "a"
    )


MOVE = {"A": Fixer("A", (cst.Call,), move)}


def run(texts: dict[str, str], **rest: Any) -> tuple[FixRun, dict[str, str]]:
    workspace = Texts(texts, {"A": (calls, rest)})
    return fix_project(workspace, lambda one: one.fixable, fixers=MOVE), workspace.texts


def test_repairs_of_several_files_make_one() -> None:
    done, texts = run({"m.py": "a(x)\na(y)\n", "n.py": "a(z)\n"})
    assert texts == {
        "m.py": "x()\ny()\n",
        "n.py": "z()\n",
        "s.py": HEAD + "".join(f"\n\ndef {name}():\n    pass\n" for name in "xyz"),
    }
    assert done.changed["s.py"] == ("", texts["s.py"])
    assert (done.made, done.left, done.held) == (["s.py"], [], [])
    assert done.tied == [("m.py", "s.py"), ("m.py", "s.py"), ("n.py", "s.py")]


def test_a_file_that_is_repaired_itself_gets_both() -> None:
    done, texts = run({"m.py": "a(x)\n", "s.py": "a(y, 'm.py')\n"})
    assert texts == {"m.py": "x()\n\n\ndef y():\n    pass\n", "s.py": "y()\n\n\ndef x():\n    pass\n"}
    assert done.made == []


def test_of_two_repairs_for_one_name_the_first_is_made() -> None:
    done, texts = run({"m.py": "a(x)\n", "n.py": "a(x)\n"})
    assert texts["m.py"] == "x()\n" and texts["n.py"] == "a(x)\n"
    assert [reason for _, reason in done.held] == ["its code cannot go to s.py: there is a `x` already"]


def test_where_code_may_not_go_nothing_is_changed() -> None:
    done, texts = run({"m.py": "a(x, 'excluded.py')\na(y)\n"})
    assert texts["m.py"] == "a(x, 'excluded.py')\ny()\n"
    assert [reason for _, reason in done.held] == ["its code cannot go to excluded.py: it is excluded"]


def test_a_group_with_code_that_cannot_go_there_is_left_alone() -> None:
    done, texts = run({"m.py": "a(x, 'excluded.py')\n", "n.py": "a(y)\n"}, group="g", members=2)
    assert texts == {"m.py": "a(x, 'excluded.py')\n", "n.py": "a(y)\n"}
    assert (done.changed, len(done.held)) == ({}, 2)


def test_one_file_alone_does_not_get_half_a_repair() -> None:
    text = "a(x)\n"
    (node,) = nodes(text, ast.Call)
    result = fix_text(text, [finding(text, node, "A")], MOVE, "m.py")
    assert result.text == text
    assert "puts code into another file" in result.held[0][1]


def test_what_moves_away_is_imported_back() -> None:
    def away(node: cst.FunctionDef, found: Finding, site: Site) -> Iterator[Change]:
        yield Remove(node)
        yield Addition("s.py", "f", "def f():\n    pass\n")
        yield AddImport("s", "f")

    def functions(tree: ast.Module) -> Iterator[ast.AST]:
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.lineno == 1)

    text = "def f():\n    pass\n\n\nf()\n"
    workspace = Texts({"m.py": text}, {"F": functions})
    fix_project(workspace, lambda one: one.path == "m.py", fixers={"F": Fixer("F", (cst.FunctionDef,), away)})
    assert workspace.texts == {"m.py": "from s import f\n\nf()\n", "s.py": "def f():\n    pass\n"}


# On disk -------------------------------------------------------------------------------------------------------------


def workspace(root: Path, **texts: str) -> Workspace:
    for name, text in texts.items():
        (root / f"{name}.py").write_text(text)
    opened = Workspace.open([str(root)], Configs.load([str(root)], CliOptions(), cwd=str(root)))
    opened.use([])
    opened.check()
    return opened


def written(opened: Workspace) -> tuple[list[str], list[str]]:
    """The names that were written, and what went wrong, where m.py became `x()` and s.py was made."""
    changed = {"m.py": ("a(x)\n", "x()\n"), "s.py": ("", "new\n")}
    opened.update({path: new for path, (_, new) in changed.items()})
    span = Span(0, 1, 1, 1, 1, 2)
    fixed = [Finding("m.py", "A", "a", Severity.ADVICE, Safety.UNSAFE, "x", span, span, "Call")]
    done, problems = write_all(opened, changed, fixed, [("m.py", "s.py")])
    assert all(problem.kind is Kind.OPERATION for problem in problems)
    return done, [f"{problem.path} {problem.message}" for problem in problems]


def test_a_new_file_is_written_as_others_are(tmp_path: Path) -> None:
    opened = workspace(tmp_path, m="a(x)\n")
    assert opened.takes("s.py") is False
    assert written(opened) == (["m.py", "s.py"], [])
    assert (tmp_path / "s.py").read_text() == "new\n"
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "s.py").stat().st_mode & 0o777 == 0o666 & ~mask
    assert sorted(path.name for path in tmp_path.glob("*trueup-tmp")) == []
    opened.update({"s.py": "newer\n"})
    assert opened.write("s.py") is None
    assert (tmp_path / "s.py").read_text() == "newer\n"


def test_no_file_is_overwritten_and_then_nothing_is_changed(tmp_path: Path) -> None:
    opened = workspace(tmp_path, m="a(x)\n")
    assert opened.takes("s.py") is False
    (tmp_path / "s.py").write_text("of somebody else\n")
    problems = [
        "s.py is not made: there is one by now",
        "m.py is not changed: its repair goes together with one in s.py",
    ]
    assert written(opened) == ([], problems)
    assert (tmp_path / "s.py").read_text() == "of somebody else\n"
    assert (tmp_path / "m.py").read_text() == "a(x)\n"
    assert opened.check() == []


def test_a_new_file_goes_where_the_other_cannot_be_changed(tmp_path: Path) -> None:
    opened = workspace(tmp_path, m="a(x)\n")
    assert opened.text("m.py") == "a(x)\n"
    opened.update({"m.py": "a(x)\n"})
    (tmp_path / "m.py").write_text("of somebody else\n")
    done, problems = written(opened)
    assert (done, [one.partition(" ")[0] for one in problems]) == ([], ["m.py", "s.py"])
    assert not (tmp_path / "s.py").exists()
    assert "s.py" not in [file.path for file in opened.files]


def test_where_a_file_may_be_made(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.trueup]\nextend-exclude = ["out"]\n')
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "there.py").write_text("")
    opened = workspace(tmp_path, m="", broken="def f(:\n")
    told = {name: opened.takes(name) for name in ("m.py", "broken.py", "s.py", "no/s.py", "out/s.py", "out/there.py")}
    assert told == {
        "m.py": True,
        "broken.py": "it cannot be read",
        "s.py": False,
        "no/s.py": "there is no such folder",
        "out/s.py": "it would be excluded",
        "out/there.py": "it is there, and is not being checked",
    }
    configs = Configs.load([str(tmp_path)], CliOptions(), cwd=str(tmp_path))
    alone = Workspace.open([str(tmp_path / "m.py")], configs)
    assert alone.takes("broken.py") == "it is not being checked: check the whole project"
    buffer = Workspace.open([str(tmp_path)], configs, overlay={"m.py": "x = 1\n"})
    assert buffer.takes("s.py") == "what is not read from disk makes no files"


def test_git_makes_a_new_file_of_the_diff(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    patch = unified("a b.py", "", "x = 1\n", is_new=True)
    assert patch.startswith(b"--- /dev/null\n+++ b/a b.py\t\n@@ -0,0 +1 @@\n+x = 1\n")
    subprocess.run(["git", "apply"], input=patch, cwd=tmp_path, check=True)
    assert (tmp_path / "a b.py").read_text() == "x = 1\n"
