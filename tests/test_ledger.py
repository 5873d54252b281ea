"""After a change only what it can concern is looked at again, and what is found is what a full check finds."""

from __future__ import annotations

import pickle
import random
import re
from pathlib import Path

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.ledger import digest_of
from trueup.model import Finding

PROJECT = {
    "app/__init__.py": "",
    "app/base.py": "from pydantic import BaseModel\n\n\nclass Base(BaseModel):\n    pass\n",
    "app/models.py": (
        "from app.base import Base\n\n\nclass User(Base):\n    name: str\n\n\n"
        "def make():\n    return User(name='a')\n"
    ),
    "app/show.py": "def show(user):\n    return user.dict()\n",
    "app/use.py": "from app.models import make\nfrom app.show import show\n\n\ndef run():\n    return show(make())\n",
    "app/direct.py": "from app.models import make\n\n\ndef direct():\n    return make().json()\n",
    "app/far.py": "import json\n\n\ndef far(text):\n    return json.loads(text)\n",
}  # fmt: skip


class Runs:
    """A project that is checked again and again, each time with what the run before left."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        monkeypatch.chdir(root)
        self.ledger: bytes | None = None
        self.again: list[str] = []
        """The files that the last run looked at."""

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")

    def workspace(self) -> Workspace:
        return Workspace.open(["."], Configs.load(["."], CliOptions()))

    def full(self) -> list[Finding]:
        return self.workspace().check()

    def check(self) -> list[Finding]:
        """What is found with the help of the ledger."""
        workspace = self.workspace()
        workspace.keeps, workspace.earlier = True, self.ledger
        self.again = []
        look = workspace.check_file

        def looked(path: str) -> object:
            self.again.append(path)
            return look(path)

        workspace.check_file = looked  # type: ignore[method-assign, assignment]
        found = workspace.check()
        self.ledger = workspace.ledger()
        return found


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs(tmp_path, monkeypatch)
    made.write(PROJECT | {"pyproject.toml": ""})
    assert [(f.path, f.code) for f in made.check()] == [("app/direct.py", "TUP101"), ("app/show.py", "TUP101")]
    assert len(made.again) == len(PROJECT)
    return made


def test_nothing_changed(runs: Runs) -> None:
    assert runs.check() == runs.full()
    assert runs.again == []


def test_a_file_that_concerns_nobody_is_looked_at_alone(runs: Runs) -> None:
    runs.write({"app/far.py": "import json\n\n\ndef far(text):\n    return json.loads(text + ' ')\n"})
    assert runs.check() == runs.full()
    assert runs.again == ["app/far.py"]


def test_a_base_that_is_no_model_any_more(runs: Runs) -> None:
    runs.write({"app/base.py": "from pydantic import BaseModel\n\n\nclass Base:\n    pass\n"})
    assert runs.check() == runs.full() == []


def test_who_calls_a_function_decides_what_its_parameter_is(runs: Runs) -> None:
    runs.write({"app/far.py": "from app.show import show\n\n\ndef far(text):\n    return show({'a': text})\n"})
    assert runs.check() == runs.full()
    assert "app/show.py" in runs.again
    assert "app/direct.py" not in runs.again


def test_a_function_that_is_handed_on_may_be_called_with_anything(runs: Runs) -> None:
    runs.write({"app/far.py": "from app.show import show\n\n\ndef far(items):\n    return list(map(show, items))\n"})
    assert [f.path for f in runs.check()] == [f.path for f in runs.full()] == ["app/direct.py"]


def test_lines_that_move_move_in_what_others_say(runs: Runs) -> None:
    runs.write({"app/models.py": "\n\n" + PROJECT["app/models.py"]})
    assert runs.check() == runs.full()


def test_a_file_that_comes_or_goes_or_breaks(runs: Runs) -> None:
    runs.write({"app/new.py": "from app.models import make\n\nprint(make().copy())\n"})
    assert runs.check() == runs.full()
    runs.write({"app/new.py": "def (:\n"})
    assert runs.check() == runs.full()
    (runs.root / "app/new.py").unlink()
    assert runs.check() == runs.full()
    assert runs.check() == runs.full()
    assert runs.again == []


@pytest.mark.parametrize("ledger", [b"", b"\x00", b"\x95\x90\x90\x90\x90\x91\x01"])
def test_a_ledger_that_is_none_is_passed_over(runs: Runs, ledger: bytes) -> None:
    runs.ledger = ledger
    assert runs.check() == runs.full()
    assert len(runs.again) == len(PROJECT)


def edited(rnd: random.Random, name: str, text: str) -> str:
    """A text with some change, sensible or not."""
    words = sorted({word for one in PROJECT.values() for word in re.findall(r"[A-Za-z_]+", one)})
    here = sorted(set(re.findall(r"[A-Za-z_]+", text))) or [""]
    return rnd.choice(
        [
            text.replace(rnd.choice(here), rnd.choice(words), 1),
            "# a line\n" + text,
            "".join(text.splitlines(keepends=True)[:-1]),
            f"{text}\n\ndef more(x):\n    return {rnd.choice(words)}(x)\n",
            PROJECT[name],
        ]
    )


def test_any_edits_at_all(runs: Runs) -> None:
    rnd = random.Random(4)
    taken_over = 0
    for _ in range(40):
        name = rnd.choice([name for name, text in PROJECT.items() if text])
        text = edited(rnd, name, (runs.root / name).read_text("utf-8"))
        runs.write({name: text})
        assert runs.check() == runs.full(), text
        taken_over += len(PROJECT) - len(runs.again)
    assert taken_over > 0


def test_answers_are_compared_by_what_they_hold() -> None:
    same = {"a": [1, ("x", None)], "b": frozenset({"p", "q"})}
    assert digest_of(same) == digest_of({"a": [1, ("x", None)], "b": frozenset({"q", "p"})})
    others = [{"a": 1}, {"a": "1"}, {"a": True}, {"a": [1]}, {"a": (1,)}, {"a": None}, {"a": {1}}, {"b": 1}, {}]
    assert len({digest_of(other) for other in others}) == len(others)
    assert digest_of({"a": object()}) == ""


def test_another_process_gets_no_checkers_but_their_names(runs: Runs) -> None:
    workspace = runs.workspace()
    workspace.keeps = True
    found = workspace.check()
    sent = pickle.loads(pickle.dumps(workspace))  # noqa: S301 -- our own bytes, as multiprocessing sends them
    assert sent.check() == found
