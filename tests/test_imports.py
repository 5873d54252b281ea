"""Where imports come and go, and by which name something is had."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from textwrap import dedent

import libcst as cst
import pytest

from trueup.change import AddImport, CannotFix, Change, DropImport, Replace, Site
from trueup.fix import fix_text
from trueup.imports import with_imports
from trueup.model import Finding
from trueup.registry import Fixer

from .handmade import finding, nodes, repair


def changed(
    text: str, *changes: AddImport | DropImport, path: str = "app/models.py", exported: tuple[str, ...] = ()
) -> str:
    """A text with imports added and dropped."""
    adds = [one for one in changes if isinstance(one, AddImport)]
    drops = [one for one in changes if isinstance(one, DropImport)]
    new = with_imports(text, ast.parse(text), path, adds, drops, exported)
    ast.parse(new)
    wanted = [*adds, *(AddImport("typing", "TYPE_CHECKING") for one in adds if one.type_checking)]
    assert with_imports(new, ast.parse(new), path, wanted, drops, exported) == new, "a second time changes nothing"
    return new


FIELD = AddImport("pydantic", "Field")
ADDED = {
    "into an import of the module, sorted": (FIELD, """
        from pydantic import BaseModel, validator
        ->
        from pydantic import BaseModel, Field, validator
        """),
    "as isort sorts": (AddImport("sqlalchemy", "JSON"), """
        from sqlalchemy import Column, ForeignKey, select
        ->
        from sqlalchemy import JSON, Column, ForeignKey, select
        """),
    "behind the others where they are not sorted": (FIELD, """
        from pydantic import validator, BaseModel
        ->
        from pydantic import validator, BaseModel, Field
        """),
    "a line of its own where the others have one": (FIELD, """
        from pydantic import (
            BaseModel,  # the base
            validator,
        )
        ->
        from pydantic import (
            BaseModel,  # the base
            Field,
            validator,
        )
        """),
    "first and last of lines, without a last comma": (AddImport("m", "Z"), """
        from m import (
            A,
            B  # c
        )
        ->
        from m import (
            A,
            B,  # c
            Z
        )
        """),
    "first of lines": (AddImport("m", "A"), """
        from m import (
            B,
            C,
        )
        ->
        from m import (
            A,
            B,
            C,
        )
        """),
    "into brackets": (FIELD, """
        from pydantic import (BaseModel,
                              validator)
        ->
        from pydantic import (BaseModel, Field, validator)
        """),
    "behind a backslash": (FIELD, """
        from pydantic import BaseModel, \\
            validator
        ->
        from pydantic import BaseModel, \\
            validator, Field
        """),
    "broken up where a line would become too long": (AddImport("sqlalchemy", "UniqueConstraint"), """
        from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, Numeric, String, Text
        ->
        from sqlalchemy import (
            Boolean,
            Column,
            DateTime,
            ForeignKey,
            Integer,
            Numeric,
            String,
            Text,
            UniqueConstraint,
        )
        """),
    "a new line among its like, sorted": (AddImport("sqlalchemy.ext.asyncio", "AsyncSession"), """
        import os

        from fastapi import FastAPI
        from sqlalchemy import Column
        from sqlalchemy.orm import relationship

        from app.db import Base
        ->
        import os

        from fastapi import FastAPI
        from sqlalchemy import Column
        from sqlalchemy.ext.asyncio import AsyncSession
        from sqlalchemy.orm import relationship

        from app.db import Base
        """),
    "behind its relatives where they are not sorted": (AddImport("sqlalchemy.orm", "Mapped"), """
        from sqlalchemy import Column
        from fastapi import FastAPI
        import uvicorn
        ->
        from sqlalchemy import Column
        from sqlalchemy.orm import Mapped
        from fastapi import FastAPI
        import uvicorn
        """),
    "a section of its own": (FIELD, """
        import os
        from .base import Base

        x = 1
        ->
        import os

        from pydantic import Field
        from .base import Base

        x = 1
        """),
    "a module": (AddImport("sqlalchemy", "", "sa"), """
        from sqlalchemy import Column
        ->
        import sqlalchemy as sa
        from sqlalchemy import Column
        """),
    "under another name": (AddImport("typing", "Annotated", "A"), """
        from typing import Any
        ->
        from typing import Annotated as A, Any
        """),
    "behind the docstring and the future": (FIELD, '''
        """Doc."""
        from __future__ import annotations

        x = 1
        ->
        """Doc."""
        from __future__ import annotations

        from pydantic import Field

        x = 1
        '''),
    "behind the docstring alone": (FIELD, '''
        """Doc."""

        x = 1
        ->
        """Doc."""

        from pydantic import Field

        x = 1
        '''),
    "behind the comment that opens the file": (FIELD, """
        #!/usr/bin/env python
        # coding: utf-8

        # of x
        x = 1
        ->
        #!/usr/bin/env python
        # coding: utf-8

        from pydantic import Field

        # of x
        x = 1
        """),
    "into a file that begins with a class": (FIELD, """
        class A:
            pass
        ->
        from pydantic import Field


        class A:
            pass
        """),
    "before what uses it": (FIELD, """
        import os
        x = Field()
        from pydantic import BaseModel
        ->
        import os

        from pydantic import Field
        x = Field()
        from pydantic import BaseModel
        """),
    "not into what is imported in a function, a try or an if": (FIELD, """
        import os
        try:
            from pydantic import A
        except ImportError:
            pass
        if os:
            from pydantic import B


        def f():
            from pydantic import Field
        ->
        import os

        from pydantic import Field
        try:
            from pydantic import A
        except ImportError:
            pass
        if os:
            from pydantic import B


        def f():
            from pydantic import Field
        """),
    "not into a star": (FIELD, """
        from pydantic import *
        ->
        from pydantic import *
        from pydantic import Field
        """),
    "never twice": (FIELD, """
        from pydantic import BaseModel, Field
        ->
        from pydantic import BaseModel, Field
        """),
    "for types, into the block": (AddImport("app.users", "User", type_checking=True), """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from app.items import Item
        ->
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from app.items import Item
            from app.users import User
        """),
    "for types, with a block of their own": (AddImport("app.users", "User", type_checking=True), """
        from typing import Any

        x = 1
        ->
        from typing import TYPE_CHECKING, Any

        if TYPE_CHECKING:
            from app.users import User

        x = 1
        """),
    "behind several statements on a line": (FIELD, """
        import os; import re; x = [
            1]
        y = 1
        ->
        import os; import re; x = [
            1]

        from pydantic import Field
        y = 1
        """),
}  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("case", ADDED)
def test_an_import_is_added(case: str, newline: str) -> None:
    change, texts = ADDED[case]
    text, expected = dedent(texts.removeprefix("\n")).replace("\n", newline).split(f"->{newline}")
    assert changed(text, change) == expected


def test_an_import_into_an_empty_file_and_one_without_a_last_newline() -> None:
    assert changed("", FIELD) == "from pydantic import Field\n"
    assert changed("x = 1", FIELD) == "from pydantic import Field\n\nx = 1"
    assert changed("import os", FIELD) == "import os\n\nfrom pydantic import Field"


DROPPED = {
    "one of several": ("from m import A, B, C\nC, A\n", "from m import A, C\nC, A\n"),
    "the only one, with its blank lines": ("import os\n\nfrom m import B\n\n\nos\n", "import os\n\n\nos\n"),
    "the first line of the file": ("from m import B\n\nos\n", "os\n"),
    "one that is used stays": ("from m import A, B\nB\n", None),
    "one in an annotation that is a string stays": ("from m import A, B\ndef f(x: 'list[B]'): pass\n", None),
    "one in a type comment stays": ("from m import B\nx = []  # type: list[B]\n", None),
    "one in __all__ stays": ("from m import B\n__all__ = ['B']\n", None),
    "one that is exported by its spelling stays": ("from m import B as B\n", None),
    "one with a comment stays": ("from m import B  # noqa\n", None),
    "one of several with a comment stays": ("from m import (\n    A,  # a\n    B,\n)\n", None),
    "one on a line with others stays": ("import os; from m import B\n", None),
    "one in a function stays": ("def f():\n    from m import B\n", None),
    "one in a string is none": ('from m import B\nx = "B"\n', 'x = "B"\n'),
    "of lines": ("from m import (\n    A,\n    B,\n    C,\n)\nA, C\n", "from m import (\n    A,\n    C,\n)\nA, C\n"),
    "the last of lines": ("from m import (\n    A,\n    B\n)\nA\n", "from m import (\n    A,\n)\nA\n"),
    "for types": (
        "if TYPE_CHECKING:\n    from a import A\n    from m import B\nx: A\n",
        "if TYPE_CHECKING:\n    from a import A\nx: A\n",
    ),
    "the only one for types stays": ("if TYPE_CHECKING:\n    from m import B\n", None),
}


@pytest.mark.parametrize("case", DROPPED)
def test_an_import_is_dropped(case: str) -> None:
    text, expected = DROPPED[case]
    assert changed(text, DropImport("m", "B")) == (text if expected is None else expected)


def test_an_import_that_others_may_use_is_not_dropped() -> None:
    text = "from m import B\nx = 1\n"
    drop = DropImport("m", "B")
    assert changed(text, drop) == "x = 1\n"
    assert changed(text, drop, path="app/__init__.py") == text
    assert changed(text, drop, exported=("B",)) == text


def test_a_module_is_dropped() -> None:
    assert changed("import json\nimport os\nos\n", DropImport("json")) == "import os\nos\n"
    assert changed("import json as j\nj\n", DropImport("json")) == "import json as j\nj\n"


def test_a_new_import_stands_where_the_old_one_stood() -> None:
    text = "from typing import Generic\n\nfrom pydantic.generics import GenericModel\n\nx = Generic\n"
    new = changed(text, AddImport("pydantic", "BaseModel"), DropImport("pydantic.generics", "GenericModel"))
    assert new == "from typing import Generic\n\nfrom pydantic import BaseModel\n\nx = Generic\n"


def test_a_module_in_a_package_is_dropped_where_it_has_a_name_of_its_own() -> None:
    assert changed("import a.b as c\nx = 1\n", DropImport("a.b")) == "x = 1\n"
    assert changed("import a.b as c\nx = c\n", DropImport("a.b")) == "import a.b as c\nx = c\n"
    assert changed("import a.b\nx = 1\n", DropImport("a.b")) == "import a.b\nx = 1\n"


def test_dropping_and_adding_in_one_statement() -> None:
    text = "from pydantic import BaseModel, validator\n\n\nclass A(BaseModel):\n    field_validator\n"
    new = changed(text, DropImport("pydantic", "validator"), AddImport("pydantic", "field_validator"))
    assert new == text.replace("validator\n\n", "field_validator\n\n", 1)


def asks(module: str | tuple[str, ...], name: str, text: str, type_checking: bool = False) -> str:
    """The text after `here` was replaced by what a name is called there."""

    def fix(node: cst.Name, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, site.reference(module, name, type_checking=type_checking))

    result = repair(text, cst.Name, ast.Name, "here", fix, path="app/models.py")
    assert not result.failed
    return result.text


NAMES = {
    "imported": ("from m import N\nhere\n", "from m import N\nN\n"),
    "imported under another name": ("from m import N as K\nhere\n", "from m import N as K\nK\n"),
    "of an imported module": ("import m\nhere\n", "import m\nm.N\n"),
    "of an imported module with another name": ("import m as k\nhere\n", "import m as k\nk.N\n"),
    "new": ("x\nhere\n", "from m import N\n\nx\nN\n"),
    "new beside others": ("import m\nfrom m import A\nhere\n", "import m\nfrom m import A, N\nN\n"),
    "taken by a class": ("class N: pass\nhere\n", "from m import N as m_N\n\n\nclass N: pass\nm_N\n"),
    "taken by another import": ("from k import N\nhere\n", "from k import N\nfrom m import N as m_N\nm_N\n"),
    "taken in the function": (
        "from m import N\ndef f(N):\n    here\n",
        "from m import N, N as m_N\ndef f(N):\n    m_N\n",
    ),
    "taken in another function": ("from m import N\ndef f(N): pass\nhere\n", "from m import N\ndef f(N): pass\nN\n"),
    "taken in the class": (
        "from m import N\nclass A:\n    N = 1\n    here\n    def f(self): here\n",
        "from m import N, N as m_N\nclass A:\n    N = 1\n    m_N\n    def f(self): N\n",
    ),
    "taken by a global": (
        "def f():\n    global N\n    N = 1\nhere\n",
        "from m import N as m_N\n\n\ndef f():\n    global N\n    N = 1\nm_N\n",
    ),
    "imported in a try only": (
        "try:\n    from m import N\nexcept ImportError:\n    pass\nhere\n",
        "from m import N\n\ntry:\n    from m import N\nexcept ImportError:\n    pass\nN\n",
    ),
    "imported in a function only": (
        "def f():\n    from m import N\nhere\n",
        "from m import N\n\n\ndef f():\n    from m import N\nN\n",
    ),
    "perhaps in a star": ("from k import *\nN\nhere\n", "from k import *\nfrom m import N as m_N\nN\nm_N\n"),
    "bound by a comprehension around it": (
        "from m import N\n[here for N in x]\n",
        "from m import N, N as m_N\n[m_N for N in x]\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMES)
def test_a_name(case: str) -> None:
    text, expected = NAMES[case]
    assert asks("m", "N", text) == expected


def test_a_name_of_a_module_in_a_package() -> None:
    assert asks("p.m", "N", "from p import m as k\nhere\n") == "from p import m as k\nk.N\n"
    assert asks("p.m", "N", "import p.m\nhere\n") == "import p.m\np.m.N\n"
    assert asks("p.m", "N", "import p\nhere\n") == "import p\nfrom p.m import N\nN\n"


def test_a_relative_import_is_known_where_the_package_is() -> None:
    def fix(node: cst.Name, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, site.reference("app.core.db", "N"))

    texts = {
        "from .db import N as K\nhere\n": "from .db import N as K\nK\n",
        "from . import db\nhere\n": "from . import db\ndb.N\n",
        "from ..core import db\nhere\n": "from ..core import db\ndb.N\n",
        "from .db import M\nhere\n": "from .db import M, N\nN\n",
        "from ....db import M\nhere\n": "from app.core.db import N\n\nfrom ....db import M\nN\n",
    }
    for text, expected in texts.items():
        found = [finding(text, node) for node in nodes(text, ast.Name, "here")]
        fixers = {"TUX001": Fixer("TUX001", (cst.Name,), fix)}
        assert fix_text(text, found, fixers, "app/core/x.py", package="app.core").text == expected
    assert changed("from .db import M\n", AddImport(".db", "N")) == "from .db import M, N\n"


def test_a_name_that_several_modules_have() -> None:
    modules = ("typing", "typing_extensions")
    text = "from typing_extensions import Annotated\nhere\n"
    assert asks(modules, "Annotated", text) == text.replace("here", "Annotated")
    assert asks(modules, "Annotated", "here\n") == "from typing import Annotated\n\nAnnotated\n"


def test_a_builtin_is_not_shadowed() -> None:
    assert asks("m", "id", "id(1)\nhere\n") == "from m import id as m_id\n\nid(1)\nm_id\n"
    assert asks("m", "id", "here\n") == "from m import id\n\nid\n"


def test_a_name_for_types() -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from m import N\n\nx: here\n"
    assert asks("m", "N", text, type_checking=True) == text.replace("here", "N")
    assert "\nfrom m import N\n" in asks("m", "N", text)


def test_two_fixes_that_want_one_name_for_two_things() -> None:
    def fix(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, site.reference("a" if node.args else "b", "N"))

    assert repair("q(1)\nq()\nq(1)\n", cst.Call, ast.Call, "q", fix).text == (
        "from a import N\nfrom b import N as b_N\n\nN\nb_N\nN\n"
    )


def test_adding_a_name_that_is_taken_is_held() -> None:
    def fix(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        yield Replace(node, cst.Name("N"))
        yield AddImport("m", "N")

    result = repair("N = 1\nq()\n", cst.Call, ast.Call, "q", fix)
    assert [reason for _, reason in result.held] == ["the name `N` means something else in this file"]


def test_no_name_is_left() -> None:
    def fix(node: cst.Call, _: Finding, site: Site) -> Iterator[Change]:
        with pytest.raises(CannotFix):
            site.name_for("m", "N")
        yield Replace(node, cst.Name("x"))

    taken = " = ".join(["N", "m_N", *(f"m_N_{number}" for number in range(2, 100))])
    assert repair(f"{taken} = 1\nq()\n", cst.Call, ast.Call, "q", fix).text == f"{taken} = 1\nx\n"
