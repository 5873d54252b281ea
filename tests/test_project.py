"""What a name means across files: imports of every kind, hierarchies, cycles."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from tests.test_infer import infer
from trueup.index.expressions import every_part, expression
from trueup.index.extract import extract
from trueup.index.facts import Attr, Name, Sub
from trueup.index.project import ForeignSymbol, ModuleSymbol

BASE = {
    "pkg.__init__": "from .models import User as Person\nfrom . import models\nfrom .stars import *\n",
    "pkg.models": "class User: ...\nclass _Hidden: ...\ndef make(): ...\nvalue = 1\n",
    "pkg.stars": """
        __all__ = ['visible']
        __all__ += ['more']
        def visible(): ...
        def more(): ...
        def unlisted(): ...
    """,
    "pkg.sub.__init__": "",
    "pkg.sub.deep": "from ..models import User\nfrom ...pkg.models import make\nfrom .. import models as m\n",
    "space.inside": "from pkg import Person\n",
    "star": "from pkg.models import *\n",
    "tries": """
        try:
            from pkg.models import User
        except ImportError:
            User = None
        try:
            import missing_library as lib
        except ImportError:
            lib = None
    """,
    "tried_stars": """
        try:
            from pkg.models import *
        except ImportError:
            from pkg.old_models import *
    """,
    "pkg.old_models": "class User: ...\nclass Gone: ...\n",
    "checks": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from pkg.models import User
        else:
            User = object
    """,
    "shadows": """
        from pkg.models import User
        class User: ...
        from pkg.models import make as other
        def make(): ...
    """,
    "cycle_a": "from cycle_b import thing\nclass Here: ...\n",
    "cycle_b": "from cycle_a import thing\nfrom cycle_a import Here\n",
    "dotted": "import pkg.models\nimport pkg.sub.deep as deep\nimport os.path\n",
}

LOOKUPS = [
    ("pkg", "Person", "pkg.models.User"),
    ("pkg", "models", "pkg.models"),
    ("pkg", "visible", "pkg.stars.visible"),
    ("pkg", "more", "pkg.stars.more"),
    ("pkg", "unlisted", None),
    ("pkg.sub.deep", "User", "pkg.models.User"),
    ("pkg.sub.deep", "make", "pkg.models.make"),
    ("pkg.sub.deep", "m", "pkg.models"),
    ("space.inside", "Person", "pkg.models.User"),
    ("space", "inside", "space.inside"),
    ("star", "User", "pkg.models.User"),
    ("star", "_Hidden", None),
    ("star", "value", "pkg.models.value"),
    ("tries", "User", "pkg.models.User"),
    ("tries", "lib", "missing_library"),
    ("tried_stars", "User", "pkg.models.User"),
    ("tried_stars", "Gone", "pkg.old_models.Gone"),
    ("checks", "User", "pkg.models.User"),
    ("shadows", "User", "shadows.User"),
    ("shadows", "make", "shadows.make"),
    ("shadows", "other", "pkg.models.make"),
    ("cycle_b", "Here", "cycle_a.Here"),
    ("cycle_a", "thing", None),
    ("dotted", "pkg", "pkg"),
    ("dotted", "deep", "pkg.sub.deep"),
    ("nowhere", "x", "nowhere.x"),
]


@pytest.mark.parametrize(("module", "name", "wanted"), LOOKUPS)
def test_lookup(module: str, name: str, wanted: str | None) -> None:
    project = infer(BASE).project
    found = project.lookup(module, name)
    if name == "thing":
        assert found is None or isinstance(found, ForeignSymbol)
        return
    assert (found.qualname if found is not None else None) == wanted


def test_modules_and_packages_without_files() -> None:
    project = infer(BASE).project
    assert project.is_module("space")
    assert project.module("space") is None
    assert project.lookup("pkg", "sub") == ModuleSymbol("pkg.sub")
    assert isinstance(project.lookup("tries", "lib"), ForeignSymbol)
    assert project.is_own("pkg.models.User.name")
    assert not project.is_own("sqlalchemy.Column")


HIERARCHY = {
    "base": """
        from lib_unknown import Strange
        import base as me
        class Root: ...
        class Mixin: ...
        class A(Mixin, Root): ...
        class B(A): ...
        class Odd(Strange): ...
        class Self(Self): ...
        class Outer:
            class Inner(Root): ...
        class Diamond1(Root): ...
        class Diamond2(Root): ...
        class Diamond(Diamond1, Diamond2): ...
        Made = make_base()
        class OfMade(Made): ...
        Alias = B
        class OfAlias(Alias): ...
        if True:
            class Conditional(Root): ...
    """,
    "other": "from base import *\nimport base\nclass C(B): ...\nclass D(base.Outer.Inner): ...\n",
}


@pytest.mark.parametrize(
    ("cls", "names", "complete"),
    [
        ("other.C", "other.C base.B base.A base.Mixin base.Root builtins.object", True),
        ("other.D", "other.D base.Outer.Inner base.Root builtins.object", True),
        ("base.Odd", "base.Odd lib_unknown.Strange", False),
        ("base.Self", "base.Self", False),
        ("base.Diamond", "base.Diamond base.Diamond1 base.Diamond2 base.Root builtins.object", True),
        ("base.OfMade", "base.OfMade base.Made", False),
        ("base.OfAlias", "base.OfAlias base.Alias base.B base.A base.Mixin base.Root builtins.object", True),
        ("base.Conditional", "base.Conditional base.Root builtins.object", True),
    ],
)
def test_mro(cls: str, names: str, complete: bool) -> None:
    mro = infer(HIERARCHY).mro(cls)
    assert (" ".join(mro.names), mro.complete) == (names, complete)


def test_a_class_given_to_a_declarative_base_is_above_its_models() -> None:
    types = infer(
        {
            "db": """
                from sqlalchemy.orm import declarative_base
                class Stored:
                    def dict(self): ...
                Base = declarative_base(cls=Stored)
            """,
            "models": "from db import Base\nclass User(Base): ...\n",
        }
    )
    assert {"db.Stored", "db.Base", "sqlalchemy.orm.DeclarativeBase"} <= set(types.mro("models.User").names)
    member = types.member("models.User", "dict")
    assert member is not None
    assert member.owner.qualname == "db.Stored"


def test_subclass_is_open_where_a_base_is_unknown() -> None:
    types = infer(HIERARCHY)
    assert types.is_subclass("other.C", "base.Root") is True
    assert types.is_subclass("base.Root", "base.A") is False
    assert types.is_subclass("base.Odd", "base.Root") is None


def test_what_a_function_changes_in_place() -> None:
    text = """
        class Counter:
            def count(self, other):
                self.n += 1
                self.plain = 1
                other.name, self.all["x"] = 1, 2
                for other.last in []:
                    del self.all["y"]
                n = 1
                n += 1
    """
    facts = extract("m.py", "m", False, "", ast.parse(dedent(text)))
    changes = [one for one, _, _ in facts.functions[0].changes]
    mine, other = Name("self"), Name("other")
    assert changes[:2] == [Attr(mine, "n"), Attr(other, "name")]
    assert [type(one) for one in changes] == [Attr, Attr, Sub, Attr, Sub]


def test_every_part_of_an_expression() -> None:
    whole = expression(ast.parse("a.b(*c, key={d: [e, 'text']})[f] or (lambda: g + h)", mode="eval").body)
    parts = list(every_part((whole, None, 1)))
    assert sorted(one.id for one in parts if isinstance(one, Name)) == list("acdefgh")
    assert parts[0] is whole and parts.index(Attr(Name("a"), "b")) < parts.index(Name("a"))


def test_a_ring_of_hundreds_of_star_imports_comes_to_an_end() -> None:
    files = {f"ring.m{n}": f"from ring.m{(n + 1) % 600} import *\nclass C{n}: ...\n" for n in range(600)}
    project = infer({"ring.__init__": "", **files}).project
    near = project.lookup("ring.m0", "C50")
    assert near is not None
    assert near.qualname == "ring.m50.C50"
    assert isinstance(project.lookup("ring.m0", "C500"), ForeignSymbol)
    assert isinstance(project.lookup("ring.m0", "missing"), ForeignSymbol)
    again = project.lookup("ring.m450", "C500")
    assert again is not None
    assert again.qualname == "ring.m500.C500"
