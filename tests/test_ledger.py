"""After a change only what it can concern is looked at again, and what is found is what a full check finds."""

from __future__ import annotations

import functools
import pickle
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.infer import Inference, classes
from trueup.infer.hierarchy import Mro
from trueup.ledger import decode
from trueup.model import Finding
from trueup.registry import rules
from trueup.rests import decoder_of, digest_of
from trueup.run import Checked, Part

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

    def workspace(self, cache: Path | None = None) -> Workspace:
        return Workspace.open(["."], Configs.load(["."], CliOptions()), cache_dir=cache)

    def full(self) -> list[Finding]:
        return self.workspace().check()

    def check(self) -> list[Finding]:
        """What is found with the help of the ledger, and of the cache, which tells what files were before."""
        workspace = self.workspace(self.root / ".trueup_cache")
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


def test_a_change_that_says_nothing_new_concerns_nobody_else(runs: Runs) -> None:
    models = (runs.root / "app/models.py").read_text("utf-8")
    runs.check()
    runs.write({"app/models.py": models + "# a remark\n"})
    assert runs.check() == runs.full()
    assert runs.again == ["app/models.py"]
    runs.write({"app/models.py": "# a remark\n" + models})
    assert runs.check() == runs.full()
    assert "app/direct.py" in runs.again, "its lines have moved"
    runs.write({"app/models.py": "# a remark\n" + models.replace("(Base)", "")})
    assert [f.path for f in runs.check()] == []


def test_what_was_read_since_is_not_what_the_ledger_is_about(runs: Runs) -> None:
    models = (runs.root / "app/models.py").read_text("utf-8")
    runs.check()
    ledger = runs.ledger
    runs.write({"app/models.py": models.replace("(Base)", "")})
    runs.check()  # it fills the cache, and its ledger is lost
    runs.ledger = ledger
    runs.write({"app/models.py": models.replace("(Base)", "") + "# a remark\n"})
    assert runs.check() == []


def test_only_those_parts_of_a_table_are_made_again_that_a_change_concerns(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    step = vars(classes)["_orders_in"]

    @functools.wraps(step)
    def counted(types: Inference, path: str) -> tuple[Mro, ...]:
        made.append(path)
        found: tuple[Mro, ...] = step(types, path)
        return found

    monkeypatch.setattr(classes, "_orders_in", counted)
    runs.write({"app/far.py": PROJECT["app/far.py"] + "    return json.loads('1')\n"})
    found = runs.check()
    assert made == ["app/far.py"]
    assert found == runs.full()
    made.clear()
    runs.write({"app/base.py": "from pydantic import Field\n\n\nclass Base:\n    pass\n"})
    assert runs.check() == []
    assert made == ["app/base.py", "app/models.py"]


def test_all_that_is_known_of_a_project_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that a later run would have to look for again is one whose function does not say what it gives."""
    monkeypatch.chdir(Path(__file__).parent.parent / "fixtures/apps/legacy_shop")
    workspace = Workspace.open(["."], Configs.load(["."], CliOptions(select=("ALL",))))
    workspace.keeps = True
    workspace.check()
    ledger = decode(workspace.ledger())
    assert ledger is not None
    tables = [rest for rest in ledger.rests if rest.digest]
    assert len({rest.name for rest in tables}) > 30
    lost = []
    for rest in tables:
        decoder = decoder_of(rest.module, rest.name)
        if decoder is None or (not rest.parts and digest_of(decoder.decode(rest.value)) != rest.digest):
            lost.append(rest.name)
        assert not rest.parts or len(rest.parts) == len(ledger.known)
    assert lost == []
    assert {rest.name for rest in tables if rest.parts} > {"class_orders", "_on_loop", "_paths_with_entries"}


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


def test_any_edits_at_all_in_one_workspace(runs: Runs) -> None:
    rnd = random.Random(5)
    texts = dict(PROJECT)
    workspace = runs.workspace()
    workspace.keeps = True
    workspace.check()
    for _ in range(30):
        changed = {name: edited(rnd, name, texts[name]) for name in rnd.sample(sorted(texts), rnd.randint(1, 2))}
        texts |= changed
        workspace.update(changed)
        runs.write(changed)
        found, full = ([f for f in some if f.code != "TU000"] for some in (workspace.check(), runs.full()))
        assert found == full


@pytest.mark.parametrize("jobs", [1, 2])
def test_rules_that_are_checked_at_different_times(runs: Runs, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """What each set of rules finds is what a check of everything finds of theirs, here and in processes that stay."""
    monkeypatch.setattr("trueup.check.pays", lambda _, jobs: jobs > 1)
    rnd = random.Random(6)
    texts = dict(PROJECT)
    workspace = runs.workspace()
    workspace.keeps, workspace.lasts, workspace.jobs = True, True, jobs
    codes = sorted(code for code in rules() if code.startswith("TUP"))
    workspace.apart = [frozenset(codes[n::3]) for n in range(3)]
    looked_at: list[str] = []
    look = workspace.check_file

    def looked(path: str, only: Part = None) -> Checked:
        looked_at.append(path)
        return look(path, only)

    if jobs == 1:
        monkeypatch.setattr(workspace, "check_file", looked)
    try:
        workspace.check()
        for _ in range(25):
            changed = {name: edited(rnd, name, texts[name]) for name in rnd.sample(sorted(texts), rnd.randint(1, 2))}
            texts |= changed
            workspace.update(changed)
            runs.write(changed)
            full = [f for f in runs.full() if f.code != "TU000"]
            for parts in rnd.sample([(0,), (1, 2), (0, 1, 2), (2,)], 2):
                only = frozenset[str]().union(*[workspace.apart[n] for n in parts])
                workspace.only = only
                if rnd.random() < 0.5:
                    some = rnd.sample(sorted(texts), 3)
                    found = [f for f in workspace.check(some) if f.code != "TU000"]
                    assert found == [f for f in full if f.code in only and f.path in some]
                found = [f for f in workspace.check() if f.code != "TU000"]
                assert found == [f for f in full if f.code in only]
    finally:
        workspace.close()
    assert len(looked_at) < 25 * 2 * len(PROJECT)  # as many as without anything that is known


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
    workspace.update({"app/far.py": PROJECT["app/far.py"] + "    return json.loads('1')\n"})
    found = workspace.check()
    assert pickle.loads(pickle.dumps(workspace)).check() == found  # noqa: S301


_MADE: list[object] = []
"""The questions below, each time that one of them is answered."""


def _calls_of(types: Inference, name: str) -> int:
    _MADE.append(name)
    return len(types.calls_named(name))


def _names_in(types: Inference, path: str) -> tuple[str, ...]:
    _MADE.append(path)
    return tuple(one.name for one in types.project.files[path].classes)


def _all_names(types: Inference) -> tuple[str, ...]:
    _MADE.append("all")
    return tuple(name for path in dict.keys(types.project.files) for name in types.shared(_names_in, path))


def test_an_answer_outlives_a_change_that_it_does_not_rest_on(runs: Runs) -> None:
    workspace = runs.workspace()

    def asked() -> list[object]:
        types = workspace.types
        return [types.shared(_calls_of, "show"), types.shared(_calls_of, "loads"), types.shared(_all_names)]

    def kept(question: Callable[..., object], *args: str) -> bool:
        before = len(_MADE)
        workspace.types.shared(question, *args)
        return len(_MADE) == before

    assert asked() == [1, 1, ("Base", "User")]
    workspace.update({"app/far.py": PROJECT["app/far.py"] + "    return json.loads('1')\n"})
    assert kept(_calls_of, "show")
    assert kept(_names_in, "app/models.py")
    assert not kept(_calls_of, "loads")
    assert not kept(_names_in, "app/far.py")
    assert kept(_all_names), "what it was made from has come out as it was"
    assert asked() == [1, 2, ("Base", "User")]
    workspace.update({"app/models.py": PROJECT["app/models.py"].replace("User", "Person")})
    assert kept(_names_in, "app/base.py")
    assert not kept(_all_names)
    assert asked() == [1, 2, ("Base", "Person")]
    workspace.update({"app/far.py": "show(1)\n"})
    assert asked() == [2, 0, ("Base", "Person")]
    workspace.update({"app/far.py": "show(\n"})
    assert asked() == [1, 0, ("Base", "Person")]
    workspace.update({"app/far.py": "show((\n"})
    assert asked() == [1, 0, ("Base", "Person")]


def _fails_at_first(types: Inference) -> dict[str, str]:
    _MADE.append("failing")
    found = types.by_file(_name_of)
    if len(_MADE) == 1:
        raise RecursionError
    return found


def _name_of(types: Inference, path: str) -> str:
    return types.project.files[path].module if "app/m" in path else ""


def _uses_it_twice(types: Inference) -> int:
    return len(types.by_file(_name_of)) + len(types.by_file(_name_of))


def test_a_table_is_made_file_by_file(runs: Runs) -> None:
    types = runs.workspace().types
    _MADE.clear()
    with pytest.raises(RecursionError):
        types.shared(_fails_at_first)
    assert types.shared(_fails_at_first) == {"app/models.py": "app.models"}
    with pytest.raises(RuntimeError, match="once in each"):
        types.shared(_uses_it_twice)
    with pytest.raises(RuntimeError, match="once in each"):
        types.by_file(_name_of)
