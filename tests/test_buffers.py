"""Files as an editor has them: what is half typed disturbs no other file; what is known is not looked for again."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest

from trueup.buffers import Buffers
from trueup.cli import app
from trueup.config import CliOptions
from trueup.index.cache import Cache
from trueup.infer import Inference, classes

MODELS = "from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    name: str\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "models.py").write_text(MODELS, encoding="utf-8")
    (tmp_path / "uses.py").write_text(
        "from models import User\n\n\ndef f(u: User):\n    return u.dict()\n", encoding="utf-8"
    )
    return tmp_path


def test_what_is_half_typed_is_to_other_files_what_it_was(project: Path) -> None:
    buffers = Buffers(CliOptions(), cache=False)

    def found(name: str, text: str) -> list[str]:
        buffers.put(str(project / name), text)
        return [one.code for one in buffers.check(str(project / name))]

    uses = (project / "uses.py").read_text("utf-8")
    assert found("uses.py", uses) == ["TUP101"]
    assert found("models.py", MODELS + "class Other(\n") == ["TU000"]
    assert found("uses.py", uses) == ["TUP101"]
    assert found("models.py", MODELS + "class Other:\n    pass\n") == []
    assert found("models.py", "# moved\n" + MODELS.replace("BaseModel)", "object)")) == []
    assert found("uses.py", uses) == []
    assert found("models.py", MODELS) == []
    assert found("uses.py", "#\n" + uses) == ["TUP101"]


def test_an_editor_begins_with_what_a_check_has_left(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    step: Any = vars(classes)["_orders_in"]

    @functools.wraps(step)
    def counted(types: Inference, path: str) -> Any:
        made.append(path)
        return step(types, path)

    monkeypatch.setattr(classes, "_orders_in", counted)
    assert app.run(["check", "-q", "--exit-zero", "."]) == 0
    assert made == ["models.py", "uses.py"]
    made.clear()
    assert [one.code for one in Buffers(CliOptions()).check(str(project / "uses.py"))] == ["TUP101"]
    assert made == []
    (project / "models.py").write_text("# moved\n" + MODELS, encoding="utf-8")
    assert [one.code for one in Buffers(CliOptions()).check(str(project / "uses.py"))] == ["TUP101"]
    assert made == ["models.py"]


def test_what_an_editor_has_read_is_kept(project: Path) -> None:
    Buffers(CliOptions()).check(str(project / "uses.py"))
    assert set(Cache(str(project / ".trueup_cache")).facts()) == {str(project / "models.py"), str(project / "uses.py")}
