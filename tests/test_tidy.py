"""What ruff tidies after repairs: only what these disturbed, and only where the project has ruff for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.ruff import RuffFailed
from trueup.tidy import Folders, Use, tidied

from .plugin import Plugged

LINTS = "[tool.ruff.lint]\nselect = ['F', 'I']\n"
FORMATS = LINTS + "[tool.ruff.format]\n"


def tidy(
    folder: Path, config: str, before: str, now: str, exported: tuple[str, ...] = (), name: str = "pkg/m.py"
) -> str:
    """The text that comes of a file."""
    (folder / "pkg").mkdir(exist_ok=True)
    (folder / "pkg" / "own.py").write_text("")
    (folder / "pyproject.toml").write_text(config)
    place = str(folder / name)
    found = tidied({"m.py": (before, now)}, lambda path: place, lambda path: exported, cwd=str(folder))
    return found.get("m.py", now)


BEFORE = "import os\nimport re\nfrom typing import List, Optional\n\na: Optional[int] = re.x\n"
NOW = "import os\nimport re\nfrom typing import List, Optional\n\na: int | None = re.x\n"
SHORTER = "import os\nimport re\nfrom typing import List\n\na: int | None = re.x\n"


def test_imports_that_the_repairs_left_unused_go(tmp_path: Path) -> None:
    assert tidy(tmp_path, LINTS, BEFORE, NOW) == SHORTER  # `os` and `List` were unused before
    assert tidy(tmp_path, LINTS, BEFORE.replace("\n", "\r\n"), NOW.replace("\n", "\r\n")) == SHORTER.replace(
        "\n", "\r\n"
    )


@pytest.mark.parametrize("config", ["", "[tool.ruff.lint]\nselect = ['E']\n", "[tool.ruff]\nexclude = ['pkg']\n"])
def test_they_stay_where_the_project_does_not_ask_ruff(tmp_path: Path, config: str) -> None:
    assert tidy(tmp_path, config, BEFORE, NOW) == NOW


def test_they_stay_where_others_need_them(tmp_path: Path) -> None:
    assert tidy(tmp_path, LINTS, BEFORE, NOW, exported=("Optional",)) == NOW
    assert tidy(tmp_path, LINTS, BEFORE, NOW, name="pkg/__init__.py") == NOW
    assert (
        tidy(tmp_path, LINTS, BEFORE + "# x\n", NOW.replace("List, Optional", "List, Optional  # noqa: F401"))
        != SHORTER
    )


SORTED = "import os\n\nfrom pydantic import BaseModel\n\nfrom pkg.own import x\n\nprint(os, BaseModel, x)\n"
MIXED = SORTED.replace("import x\n", "import x\nfrom typing import Any\n").replace(", x)", ", x, Any)")


def test_what_was_sorted_is_sorted_again(tmp_path: Path) -> None:
    assert tidy(tmp_path, LINTS, SORTED, MIXED).startswith("import os\nfrom typing import Any\n\nfrom pydantic")
    untidy = "import sys\n" + SORTED.replace("print(", "print(sys, ")
    assert (
        tidy(tmp_path, LINTS, untidy, "import sys\n" + MIXED.replace("print(", "print(sys, ")).count("from typing") == 1
    )
    assert tidy(tmp_path, LINTS, "import sys\n" + SORTED, "import sys\n" + MIXED) == "import sys\n" + MIXED


def test_what_was_formatted_is_formatted_again(tmp_path: Path) -> None:
    before = "def f(a):\n    return a.dict()\n"
    now = "def f(a):\n    return a.model_dump( mode = 'json' )\n"
    assert tidy(tmp_path, FORMATS, before, now) == 'def f(a):\n    return a.model_dump(mode="json")\n'
    assert tidy(tmp_path, LINTS, before, now) == now


def test_lines_that_nobody_touched_stay_as_they_are(tmp_path: Path) -> None:
    rest = "\ndef g( a,b ):\n    return [ a,\n      b ]\nx = { 'a':1 }\n"
    before = "def f(a):\n    return a.dict()\n" + rest
    now = "def f(a):\n    return a.model_dump( mode = 'json' )\n" + rest
    wanted = 'def f(a):\n    return a.model_dump(mode="json")\n' + rest
    assert tidy(tmp_path, FORMATS, before, now) == wanted
    assert tidy(tmp_path, FORMATS, now, wanted) == wanted


def test_who_uses_the_formatter(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert Folders().use(str(deep)) == Use(False, False)
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 99\n")
    folders = Folders()
    assert folders.use(str(deep)) == folders.use(str(tmp_path)) == Use(True, False)
    (tmp_path / ".pre-commit-config.yaml").write_text("repos:\n  - hooks:\n      - id: ruff-format\n")
    assert Folders().use(str(deep)) == Use(True, True)
    (tmp_path / "a" / "ruff.toml").write_text("[lint]\n")
    assert Folders().use(str(deep)) == Use(True, False)
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert Folders().use(str(deep)) == Use(True, False)


def test_a_ruff_that_fails_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuffFailed, match="nonsense"):
        tidy(tmp_path, "[tool.ruff]\nnonsense = 1\n", BEFORE, NOW)


def test_fix_and_diff_and_the_migration_tidy_alike(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = Plugged(tmp_path / "project", tmp_path / "plugin")
    text = "from m import old\n\n\ndef f():\n    return old()\n"
    project.write({"pyproject.toml": FORMATS, "a.py": text, "m.py": "def old():\n    pass\n"})
    wanted = "def f():\n    return new()\n"
    shown = project.run("check", "--diff")
    assert shown.out.endswith("-from m import old\n-\n-\n def f():\n-    return old()\n+    return new()\n")
    project.run("migrate-v2")
    assert project.read()["a.py"] == wanted
    project.git("checkout", "-q", ".")
    ran = project.run("check", "--fix")
    assert (ran.code, project.read()["a.py"]) == (0, wanted)
    project.write({"a.py": text, "pyproject.toml": "[tool.ruff]\nnonsense = 1\n"})
    ran = project.run("check", "--fix")
    assert project.read()["a.py"] == text.replace("return old", "return new")
    assert "trueup: what was changed is not tidied: ruff failed: Failed to parse" in ran.err
    assert ran.code == 0
