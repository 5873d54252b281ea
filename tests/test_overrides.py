"""Which implementations a call of an abstract method may run, and which it cannot."""

from __future__ import annotations

import ast
from textwrap import dedent

from trueup.index.extract import extract
from trueup.index.project import Project
from trueup.infer import Inference
from trueup.infer.reach import Route, routes
from trueup.libraries.source import LibrarySource

BASES = """
    from abc import ABC, abstractmethod
    from typing import Protocol

    class Storage(ABC):
        @abstractmethod
        def save(self, name): ...
        def put(self, name):
            return self.save(name)
        def __init__(self): ...
        def close(self):
            raise NotImplementedError
        def name(self):
            return "storage"
    class Mailer(Protocol):
        def send(self, to, text): ...
"""
IMPLEMENTED = """
    from abc import abstractmethod
    from app.bases import Storage

    class Local(Storage):
        def __init__(self):
            super().__init__()
        def save(self, name):
            write()
        def close(self):
            shut()
        def name(self):
            other()
    class Saves:
        def save(self, name):
            upload()
    class Remote(Saves, Storage): ...
    class Cached(Storage):
        @abstractmethod
        def save(self, name): ...
    class Smtp:
        def send(self, to, text):
            connect()
    class Sms:
        def send(self, number):
            dial()
    def write(): ...
    def upload(): ...
    def shut(): ...
    def other(): ...
    def connect(): ...
    def dial(): ...
"""
FAKED = """
    from app.bases import Storage

    class Fake(Storage):
        def save(self, name):
            pretend()
    def pretend(): ...
"""
MAIN = """
    from app.bases import Mailer, Storage
    from app.implemented import Local, Remote, Smtp

    def on_base(storage: Storage):
        storage.save("a")
    def through_the_base(storage: Storage):
        storage.put("a")
    def on_one():
        Local().put("a")
    def on_the_other():
        Remote().put("a")
    def not_implemented(storage: Storage):
        storage.close()
    def does_something(storage: Storage):
        storage.name()
    def made():
        Local()
    def of_protocol(mailer: Mailer):
        mailer.send("a", "b")
"""


def ways(name: str) -> list[Route[bool]]:
    """The ways from a function of MAIN to what is looked for."""
    files = {
        "app/bases.py": BASES,
        "app/implemented.py": IMPLEMENTED,
        "tests/fakes.py": FAKED,
        "app/main.py": MAIN,
    }
    facts = [
        extract(path, path[:-3].replace("/", "."), False, "", ast.parse(dedent(text))) for path, text in files.items()
    ]
    types = Inference(Project(facts, LibrarySource()))
    start = types.project.function(f"app.main.{name}")
    assert start is not None
    wanted = ("write", "upload", "shut", "other", "connect", "dial", "pretend")
    return routes(
        types,
        start,
        lambda target, call: target.name.rpartition(".")[2] in wanted or None,
        through=lambda target, call: target.function is not None,
        depth=5,
    )


def reached(name: str) -> dict[str, int]:
    """What a function of MAIN comes to -> one of how many implementations the way leads through."""
    return {
        route.steps[-1].target.name.rpartition(".")[2]: max(step.target.among for step in route.steps)
        for route in ways(name)
    }


def test_the_way_says_that_it_is_one_of_several() -> None:
    told = [route.steps[0].target.name for route in ways("on_base")]
    assert told == [
        "app.implemented.Local.save (one of 2 implementations)",
        "app.implemented.Saves.save (one of 2 implementations)",
    ]
    assert [route.steps[0].target.name for route in ways("of_protocol")] == ["app.implemented.Smtp.send"]


def test_a_call_on_the_base_may_run_each_implementation() -> None:
    assert reached("on_base") == {"write": 2, "upload": 2}
    assert reached("through_the_base") == {"write": 2, "upload": 2}


def test_an_object_of_a_known_class_runs_its_own() -> None:
    assert reached("on_one") == {"write": 0}
    assert reached("on_the_other") == {"upload": 0}


def test_a_method_that_only_raises_is_abstract_and_one_that_does_something_is_not() -> None:
    assert reached("not_implemented") == {"shut": 1}
    assert reached("does_something") == {}
    assert reached("made") == {}


def test_a_protocol_is_implemented_by_what_has_its_methods_and_parameters() -> None:
    assert reached("of_protocol") == {"connect": 1}
