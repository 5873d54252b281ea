"""From files to findings: the whole project is seen, output is the same whatever the jobs, one fault stops nothing."""

from __future__ import annotations

import ast
import multiprocessing
import os
import pickle
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trueup import results, triggers
from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.file import File
from trueup.index.cache import Cache, file_name
from trueup.model import Finding, Hit, Rule, Safety, Severity, Span
from trueup.registry import Checker
from trueup.saving import write_all
from trueup.types import show

TYPED = Rule("TUX901", "type-of-shown", Severity.ERROR, Safety.MANUAL)
CRASHING = Rule("TUX902", "crashing", Severity.ERROR, Safety.MANUAL)


def shown(node: ast.Call, file: File) -> Iterator[Hit]:
    """Reports the type of the argument of each `show(...)`."""
    if isinstance(node.func, ast.Name) and node.func.id == "show":
        yield Hit(node, show(file.type_of(node.args[0])))


def crash(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    """Fails on a class called Bad."""
    if node.name == "Bad":
        raise ValueError("no\nway")
    yield Hit(node, "class")


def workspace(root: Path, *paths: str, **options: object) -> Workspace:
    """A workspace below a folder whose only rules are the two above."""
    configs = Configs.load([str(root / p) for p in paths] or [str(root)], CliOptions(), cwd=str(root))
    opened = Workspace.open([str(root / p) for p in paths] or [str(root)], configs, **options)  # type: ignore[arg-type]
    checkers = [Checker(TYPED, (ast.Call,), shown), Checker(CRASHING, (ast.ClassDef,), crash)]
    opened.use(checkers)
    return opened


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below a folder that is a project."""
    for name, text in {"pyproject.toml": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def told(findings: list[Finding]) -> list[tuple[str, int, str]]:
    """(path, line, message)."""
    return [(f.path, f.span.line, f.message) for f in findings]


def test_a_named_file_is_seen_with_its_project(tmp_path: Path) -> None:
    write(tmp_path, {"app/models.py": "class User: ...\n", "app/use.py": "from .models import User\nshow(User())\n"})
    found = workspace(tmp_path, "app/use.py").check()
    assert told(found) == [("app/use.py", 2, "app.models.User")]


def test_jobs_do_not_change_what_is_found(tmp_path: Path) -> None:
    files = {"base.py": "class Base:\n    def me(self): return self\n"}
    for number in range(60):
        files[f"m{number}.py"] = f"from base import Base\nclass C{number}(Base): ...\nshow(C{number}().me())\n"
    files["m7.py"] = "def ("
    files["m8.py"] = "class Bad: ...\n"
    write(tmp_path, files)
    alone, many = workspace(tmp_path), workspace(tmp_path, jobs=2)
    assert alone.check() == many.check()
    assert alone.crashed
    assert many.crashed


def many_files(root: Path) -> None:
    """As many files as several processes are worth."""
    files = {f"m{number}.py": f"import m{number + 1}\nshow(m{number + 1}.x)\nx = {number}\n" for number in range(60)}
    write(root, {**files, "m60.py": "x = ''\n"})


def test_the_processes_that_read_also_check_and_end_then(tmp_path: Path) -> None:
    many_files(tmp_path)
    (tmp_path / "m3.py").write_bytes(b"x = '\xff'\n")
    alone, many = workspace(tmp_path), workspace(tmp_path, jobs=2)
    (tmp_path / "m5.py").unlink()
    many.start()
    assert len(multiprocessing.active_children()) == 2
    assert many.check() == alone.check()
    assert multiprocessing.active_children() == []
    assert [problem.path for problem in alone.problems] == ["m5.py"]
    assert many.problems == alone.problems
    many.update({"m1.py": "x = b''\n"})
    assert told(many.check(["m0.py"])) == [("m0.py", 2, "bytes")]


def test_processes_that_are_not_needed_for_the_check_end_too(tmp_path: Path) -> None:
    many_files(tmp_path)
    many = workspace(tmp_path, jobs=2)
    many.index()
    assert told(many.check(["m0.py"])) == [("m0.py", 2, "int")]
    assert multiprocessing.active_children() == []


def test_a_tree_is_used_for_its_text_alone(tmp_path: Path) -> None:
    many_files(tmp_path)
    many = workspace(tmp_path, jobs=2)
    many.lasts = True
    try:
        many.index()
        many.update({"m7.py": "import m8\n\nx = m8.x\nshow(x)\n"})
        assert ("m7.py", 4, "int") in told(many.check())
    finally:
        many.close()


def die(opened: Workspace, todo: object, *options: object) -> None:
    """What happens to a process where memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
@pytest.mark.parametrize("part", ["_parse_some", "_learn", "_check_as_asked"])
def test_processes_that_are_killed_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    many_files(tmp_path)
    expected = workspace(tmp_path).check()
    many = workspace(tmp_path, jobs=2)
    monkeypatch.setattr(Workspace, part, die)
    assert many.check() == expected
    assert multiprocessing.active_children() == []


def test_a_rule_that_fails_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "class Bad: ...\nshow(1)\n", "b.py": "class Good: ...\n"})
    opened = workspace(tmp_path)
    assert told(opened.check()) == [
        ("a.py", 1, "rule TUX902 (crashing) failed on this line: ValueError: no way; the other rules went on"),
        ("a.py", 2, "int"),
        ("b.py", 1, "class"),
    ]
    assert opened.crashed


def test_a_file_that_does_not_parse_is_one_finding(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = (\n", "b.py": "show(1)\n"})
    found = workspace(tmp_path).check()
    assert [(f.path, f.code) for f in found] == [("a.py", "TU000"), ("b.py", "TUX901")]
    assert "syntax error" in found[0].message


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="no syntax is newer")
def test_newer_syntax_says_which_python_to_run_with(tmp_path: Path) -> None:
    text, version = ("type X = int\n", "3.12") if sys.version_info < (3, 12) else ('x = t"{1}"\n', "3.14")
    write(tmp_path, {"a.py": text})
    [found] = workspace(tmp_path).check()
    assert f"run trueup with Python {version} or newer" in found.message


@pytest.mark.parametrize(
    "text", ["x = " + "(" * 5000 + ")" * 5000, "x = " + "-" * 20000 + "1", "x = " + "+".join(["a()"] * 5000)]
)
def test_deep_nesting_ends_well(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.py": text + "\n", "b.py": "show(1)\n"})
    found = workspace(tmp_path).check()
    assert {f.path for f in found} >= {"b.py"}
    assert all(f.code == "TU000" for f in found if f.path == "a.py")


def test_changed_texts_stand_for_those_on_disk(tmp_path: Path) -> None:
    write(tmp_path, {"models.py": "class User: ...\n", "use.py": "import models\nshow(models.User())\n"})
    opened = workspace(tmp_path)
    assert told(opened.check()) == [("models.py", 1, "class"), ("use.py", 2, "models.User")]
    opened.update({"models.py": "def User(): return 1\n"})
    assert told(opened.check()) == [("use.py", 2, "int")]
    assert opened.write("models.py") is None
    assert (tmp_path / "models.py").read_text("utf-8") == "def User(): return 1\n"


def test_a_workspace_survives_the_way_to_another_process(tmp_path: Path) -> None:
    write(tmp_path, {"models.py": "class User: ...\n", "use.py": "import models\nshow(models.User())\n"})
    opened = workspace(tmp_path)
    opened.index()
    sent = pickle.loads(pickle.dumps(opened))  # noqa: S301 -- our own bytes, as multiprocessing sends them
    assert sent.project.modules.keys() == opened.project.modules.keys()
    assert told(sent.check()) == told(opened.check())


def test_facts_are_kept_and_changes_are_seen(tmp_path: Path) -> None:
    write(tmp_path, {"models.py": "class User: ...\n", "use.py": "import models\nshow(models.User())\n"})
    cache = tmp_path / "cache"
    first = workspace(tmp_path, cache_dir=cache).check()
    assert workspace(tmp_path, cache_dir=cache).check() == first
    (tmp_path / "models.py").write_text("def User(): return ''\n", encoding="utf-8")
    assert told(workspace(tmp_path, cache_dir=cache).check()) == [("use.py", 2, "str")]


@pytest.mark.parametrize("broken", [b"", b"garbage" * 1000, None])
def test_a_corrupt_cache_is_ignored(tmp_path: Path, broken: bytes | None) -> None:
    write(tmp_path, {"a.py": "show(1)\n"})
    folder = tmp_path / "cache"
    first = workspace(tmp_path, "a.py", cache_dir=folder).check()
    path = folder / file_name()
    if broken is None:
        with sqlite3.connect(path) as db:
            db.execute("UPDATE files SET facts = x'00', seen = 1 << 62")
        db.close()
    else:
        path.write_bytes(broken)
    assert workspace(tmp_path, "a.py", cache_dir=folder).check() == first


def test_a_folder_that_cannot_hold_a_cache_is_none(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "show(1)\n", "file": ""})
    assert told(workspace(tmp_path, "a.py", cache_dir=tmp_path / "file" / "cache").check()) == [("a.py", 1, "int")]


def test_results_are_remembered_until_something_changes(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "show(1)\n"})
    cache = Cache(str(tmp_path / "cache"))

    def key() -> str:
        opened = workspace(tmp_path, "a.py")
        keys = results.run_keys(opened.files, [], opened.configs, cache)
        assert keys is not None
        return keys.exact

    opened = workspace(tmp_path, "a.py")
    kept = results.Results(opened.check(), 3, {"TUX901": []}, {"TUX901": {"typed": 2}})
    before = key()
    assert before == key()
    assert results.recall(cache, before) is None
    results.remember(cache, before, kept)
    assert results.recall(cache, before) == kept
    (tmp_path / "a.py").write_text("show(2)\n", encoding="utf-8")
    assert key() != before
    (tmp_path / "pyproject.toml").write_text("[tool.trueup]\nignore = ['TUX9']\n", encoding="utf-8")
    assert key() != before


def test_a_group_is_written_together_or_not_at_all(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1\n", "b.py": "b = 1\n", "c.py": "c = 1\n"})
    opened = workspace(tmp_path)
    first = opened.check()
    old = {name: opened.text(name) for name in ("a.py", "b.py", "c.py")}
    opened.update({name: text.replace("1", "2") for name, text in old.items()})
    (tmp_path / "b.py").write_text("b = 'of somebody else'\n", encoding="utf-8")
    span = Span(0, 1, 1, 1, 1, 2)
    fixed = [
        Finding(path, "TUX901", "x", Severity.ERROR, Safety.SAFE, "x", span, span, "Name", group="g", members=2)
        for path in ("a.py", "b.py")
    ]
    changed = {name: (text, text.replace("1", "2")) for name, text in old.items()}
    written, problems = write_all(opened, changed, fixed)
    assert first == []
    assert written == ["c.py"]
    assert [problem.path for problem in problems] == ["b.py", "a.py"]
    assert [(tmp_path / name).read_text("utf-8") for name in ("a.py", "b.py", "c.py")] == [
        "a = 1\n",
        "b = 'of somebody else'\n",
        "c = 2\n",
    ]


def test_triggers_are_words_or_strings_around_whole_words() -> None:
    text = "class Räuber(Base):\n    orm_mode = True\n    x: 'AnyUrl' = f(y)!=3\n    b._c\n"
    there = [
        "orm_mode",
        "orm_mode =",
        "AnyUrl",
        "!=",
        "f(",
        "Räuber",
        "(Base):",
        "'AnyUrl' = f",
        "*Url",
        "orm_*",
        "._*",
        r"re:\bf\(y",
    ]
    missing = ["re:f\\(z", "mode", "Url", "orm_mode=", "äub", "f (", "zz", "==", "*zz*"]
    for plain in (False, True):
        told = text.replace("ä", "a") if plain else text
        wanted = [(one.replace("ä", "a") if plain else one,) for one in (*there, *missing)]
        assert triggers.Triggers(wanted).standing_in(told) == set(range(len(there)))
    assert triggers.Triggers([("zz", "Base"), (), ("zz",)]).standing_in(text) == {0, 1}
