"""Types of expressions: each `reveal(x)  # type` line below says what must be inferred, `?` for unknown."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

import pytest

from trueup.index.extract import extract
from trueup.index.project import Project
from trueup.infer import Inference
from trueup.libraries.source import LibrarySource
from trueup.types import show


def infer(files: dict[str, str]) -> Inference:
    """The inference over modules given as {dotted name: source}; `pkg.__init__` is a package."""
    facts = []
    for name, source in files.items():
        is_package = name.endswith("__init__")
        module = name.removesuffix(".__init__")
        path = name.replace(".", "/") + ".py"
        facts.append(extract(path, module, is_package, "", ast.parse(dedent(source))))
    return Inference(Project(facts, LibrarySource()))


def revealed(types: Inference, module: str, source: str) -> list[tuple[int, str, str]]:
    """(line, wanted, found) for each marked line."""
    lines = dedent(source).splitlines()
    found = []
    for site, one in types.call_sites(types.project.modules[module]):
        if getattr(one.call.func, "id", "") == "reveal":
            wanted = re.search(r"#\s*(.+)$", lines[one.pos.line - 1])
            assert wanted is not None, f"line {one.pos.line} has no expectation"
            got = show(types.type_of(one.call.args[0], site)).replace("app.", "")
            found.append((one.pos.line, wanted[1].strip(), got))
    return found


MODELS = """
    from typing import Generic, List, Optional, TypeVar, Type
    from pydantic import BaseModel

    class User(BaseModel):
        name: Optional[str]
        friends: List["User"] = []
        boss: "User | None" = None

    class Admin(User):
        level: int = 1

    T = TypeVar("T")
    M = TypeVar("M", bound=BaseModel)

    class Repo(Generic[M]):
        def __init__(self, model: Type[M]):
            self.model = model
            self.items: dict[str, M] = {}
        def get(self, id) -> Optional[M]: ...
        def all(self) -> List[M]: ...
        def make(self, data):
            return self.model(**data)

    class UserRepo(Repo[User]):
        pass
"""

CASES = {
    "annotations": """
        from __future__ import annotations
        import typing as t
        from typing import *
        from app.models import User, Admin
        import app.models as m
        Alias = List[User]
        def f(a: User, b: Optional[User], c: "m.Admin", d: User | None, e: t.Union[User, Admin], g: Alias,
              h: Dict[str, User], i: tuple[User, int], j: Tuple[User, ...], k: Annotated[User, 1], l: Type[User],
              n: Literal["x"], o: Any, p: "Nope", *args: User, **kw: int):
            reveal(a)  # models.User
            reveal(b)  # models.User | None
            reveal(c)  # models.Admin
            reveal(d)  # models.User | None
            reveal(e)  # models.User | models.Admin
            reveal(g)  # list[models.User]
            reveal(h["x"])  # models.User
            reveal(i[0])  # models.User
            reveal(j[5])  # models.User
            reveal(k)  # models.User
            reveal(l)  # type[models.User]
            reveal(l())  # models.User
            reveal(n)  # str
            reveal(o)  # ?
            reveal(p)  # ?
            reveal(args[0])  # models.User
            reveal(kw)  # dict[str, int]
    """,
    "calls and classes": """
        from app.models import User, Admin
        class Base:
            @classmethod
            def new(cls): return cls()
            @staticmethod
            def user(): return User()
            @property
            def me(self) -> "Base": return self
            def both(self, flag):
                if flag:
                    return User()
                return None
        class Sub(Base):
            def both(self, flag):
                return super().both(flag)
        reveal(User())  # models.User
        reveal(Sub.new())  # main.Base
        reveal(Base.user())  # models.User
        reveal(Sub().me)  # main.Base
        reveal(Base().both(1))  # models.User | None
        reveal(Sub().both(1))  # models.User | None
        reveal(type(User()))  # type[models.User]
        reveal(User().friends[0].boss)  # models.User | None
        reveal(getattr(User(), "friends"))  # list[models.User]
    """,
    "generic repositories": """
        from app.models import Repo, User, UserRepo
        repo = Repo(User)
        mine = UserRepo(User)
        class Service:
            def __init__(self, repo: UserRepo):
                self.repo = repo
                self.last = repo.get(1)
            @property
            def first(self):
                return self.repo.all()[0]
        reveal(repo.get(1))  # models.User | None
        reveal(repo.make({}))  # models.User
        reveal(mine.all())  # list[models.User]
        reveal(mine.items["x"])  # models.User
        reveal(Service(mine).first)  # models.User
        reveal(Service(mine).last)  # models.User | None
    """,
    "flow": """
        from app.models import User, Admin
        def f(flag, x: User):
            reveal(x)  # models.User
            a = None
            if flag:
                a = User()
                reveal(a)  # models.User
            else:
                reveal(a)  # None
            reveal(a)  # None | models.User
            a = Admin()
            reveal(a)  # models.Admin
            if flag:
                b = User()
            else:
                b = Admin()
            reveal(b)  # models.User | models.Admin
            if flag:
                c = 1
                return
            else:
                c = User()
            reveal(c)  # models.User
            for d in [User()]:
                reveal(d)  # models.User
                x = d.boss
            reveal(x)  # models.User | None
            try:
                e = User()
            except ValueError as error:
                reveal(error)  # ValueError
                raise
            reveal(e)  # models.User
            if (w := Admin()):
                reveal(w)  # models.Admin
            x = {"x": x}
            reveal(x["x"])  # models.User | None
    """,
    "isinstance": """
        from app.models import User, Admin
        def f(x, y, z):
            reveal(x)  # ?
            if isinstance(x, User):
                reveal(x)  # models.User
            if isinstance(x, (User, dict)) and reveal(x):  # models.User | dict
                pass
            q = reveal(y) if isinstance(y, Admin) else None  # models.Admin
            if not isinstance(y, Admin):
                return
            reveal(y)  # models.Admin
            assert isinstance(z, User)
            reveal(z)  # models.User
            match x:
                case Admin() as found:
                    reveal(found)  # models.Admin
                    reveal(x)  # models.Admin
    """,
    "issubclass": """
        from app.models import User, Admin
        def f(x, y, z):
            if issubclass(x, User):
                reveal(x)  # type[models.User]
            if isinstance(x, type) and issubclass(x, User):
                reveal(x())  # models.User
            if not issubclass(y, (User, Admin)):
                return
            reveal(y())  # models.User | models.Admin
            if issubclass(z, type(x)):
                reveal(z)  # ?
    """,
    "loops and comprehensions": """
        from app.models import User, UserRepo
        users: list[User] = []
        by_name: dict[str, User] = {}
        a = [reveal(u) for u in users]  # models.User
        b = {k: reveal(v) for k, v in by_name.items()}  # models.User
        reveal(a)  # list[?]
        reveal([u for u in users])  # list[models.User]
        reveal({u.name: u for u in users})  # dict[str | None, models.User]
        reveal(next(u for u in users))  # models.User
        reveal(sorted(users, key=lambda u: u.name)[0])  # models.User
        for i, u in enumerate(users):
            reveal((i, u))  # tuple[int, models.User]
        for x, y in zip(users, by_name):
            reveal((x, y))  # tuple[models.User, str]
        first, *rest = users
        reveal(first)  # models.User
        reveal(rest)  # list[models.User]
        u = 1
        reveal(u)  # int
    """,
    "async, with and generators": """
        from contextlib import contextmanager, asynccontextmanager
        from app.models import User
        async def load() -> User: ...
        async def loads():
            yield User()
        def gen():
            yield User()
        @contextmanager
        def opened():
            yield User()
        @asynccontextmanager
        async def aopened():
            yield User()
        class Holder:
            def __enter__(self): return User()
            def __exit__(self, *a): ...
        async def f():
            reveal(await load())  # models.User
            async for u in loads():
                reveal(u)  # models.User
            for g in gen():
                reveal(g)  # models.User
            with opened() as o:
                reveal(o)  # models.User
            async with aopened() as ao:
                reveal(ao)  # models.User
            with Holder() as h, open("x") as file:
                reveal(h)  # models.User
                reveal(file.read())  # str
    """,
    "depends": """
        from typing import Annotated, Generator
        from fastapi import Depends
        from app.models import User
        def user() -> User: ...
        async def auser() -> User: ...
        def yields() -> Generator[User, None, None]: yield User()
        def plain():
            yield User()
        class Svc:
            def __init__(self, u: User = Depends(user)):
                self.u = u
        Dep = Annotated[User, Depends(user)]
        def route(a=Depends(user), b=Depends(auser), c=Depends(yields), d=Depends(plain), e: Svc = Depends(),
                  f: Dep = None, g: Annotated[User, Depends(user)] = None):
            reveal(a)  # models.User
            reveal(b)  # models.User
            reveal(c)  # models.User
            reveal(d)  # models.User
            reveal(e.u)  # models.User
            reveal(f)  # models.User | None
            reveal(g)  # models.User | None
    """,
    "callers": """
        from app.models import User, Admin
        def all_agree(x, y=None):
            reveal(x)  # models.User
            reveal(y)  # None | models.Admin
        all_agree(User())
        all_agree(User(), y=Admin())
        def none(x):
            reveal(x)  # ?
        def one_unknown(x):
            reveal(x)  # ?
        one_unknown(User())
        one_unknown(mystery())
        def handed_on(x):
            reveal(x)  # ?
        handed_on(User())
        register(handed_on)
    """,
    "decorators": """
        import functools
        from app.models import User
        from somewhere import strange
        def passing(f):
            @functools.wraps(f)
            def wrapper(*a, **k):
                return f(*a, **k)
            return wrapper
        def retry(times):
            def decorate(f):
                @functools.wraps(f)
                async def wrapper(*a, **k):
                    return await f(*a, **k)
                return wrapper
            return decorate
        def swallowing(f):
            return 1
        @passing
        def a() -> User: ...
        @functools.lru_cache(maxsize=None)
        def b() -> User: ...
        @strange
        def c() -> User: ...
        @swallowing
        def d() -> User: ...
        @retry(3)
        async def e() -> User: ...
        @retry(3)
        def f() -> User: ...
        reveal(a())  # models.User
        reveal(b())  # models.User
        reveal(c())  # ?
        reveal(d())  # ?
        async def g():
            reveal(await e())  # models.User
            reveal(f())  # ?
    """,
    "names and imports": """
        from app.models import *
        from app import models
        import app.models
        import unknown_library as lib
        try:
            from fast import User as Fast
        except ImportError:
            Fast = None
        singleton = models.User()
        def f(User):
            reveal(User)  # ?
        def g():
            from app.models import Admin as Boss
            reveal(Boss())  # models.Admin
            def inner():
                reveal(Boss())  # models.Admin
            reveal(singleton)  # models.User
            reveal(app.models.User())  # models.User
            reveal(lib.thing().x)  # unknown_library.thing().x?
            reveal(Fast)  # fast.User?
            reveal(len)  # def builtins.len
            reveal(not_there)  # ?
    """,
    "empty lists": """
        from app.models import User, Admin
        def f(user: User, others):
            for friend in user.friends or []:
                reveal(friend)  # models.User
            found = []
            seen = set()
            for friend in user.friends:
                found.append(friend)
                seen.add(friend.name)
            found.insert(0, Admin())
            reveal(found)  # list[models.User | models.Admin]
            reveal(found[0])  # models.User | models.Admin
            reveal(seen)  # set[str | None]
            nothing = []
            reveal(nothing)  # list[?]
            mixed = []
            mixed.append(User())
            mixed.extend(others)
            reveal(mixed[0])  # ?
    """,
    "pytest fixtures": """
        import pytest
        from app.models import User, Repo
        @pytest.fixture
        def user():
            return User()
        @pytest.fixture(scope="module")
        def repo(user):
            reveal(user)  # models.User
            yield Repo(User)
        def test_it(user, repo, nobody):
            reveal(user)  # models.User
            reveal(repo.get(1))  # models.User | None
            reveal(nobody)  # ?
        def helper(user):
            reveal(user)  # ?
    """,
    "cycles end": """
        def a(n): return b(n)
        def b(n): return a(n)
        def c(n):
            if n: return c(n - 1)
            return "x"
        x = x
        class Loop(Loop): ...
        reveal(a(1))  # Never
        reveal(c(1))  # str
        reveal(x)  # ?
    """,
    "self and what it is assigned": """
        import typing
        T = typing.TypeVar("T")
        class Base:
            item: typing.Optional[int] = None
            def same(self: T) -> T:
                reveal(self)  # main.Base
                return self
            @classmethod
            def make(cls: typing.Type[T], data: dict) -> T:
                reveal(cls)  # type[main.Base]
                return cls()
        class Heir(Base):
            def clear(self):
                self.item = None
        reveal(Heir().item)  # int | None
        reveal(Heir().same())  # main.Heir
        reveal(Heir.make({}))  # main.Heir
    """,
    "None in a class, for those below to fill": """
        from app.models import User, Admin
        class Base:
            KIND = None
            one = None
            nothing = None
            annotated: None = None
            def show(self):
                reveal(self.KIND)  # type[models.User] | type[models.Admin] | None
                reveal(self.one)  # models.User | None
                reveal(self.nothing)  # ?
                reveal(self.annotated)  # None
        class First(Base):
            KIND = User
        class Second(Base):
            KIND = Admin
            one: User = User()
        reveal(First.KIND)  # type[models.User]
        reveal(Second().one)  # models.User
    """,
    "enums and look-alikes": """
        import enum, json
        class Color(enum.Enum):
            red = 1
        data = {"a": 1}
        reveal(Color.red)  # main.Color
        reveal(Color("x"))  # main.Color
        reveal([c for c in Color])  # list[main.Color]
        reveal(data.copy())  # dict[str, int]
        reveal([1].copy())  # list[int]
        reveal(json.loads("1"))  # ?
        reveal("a".split()[0] + "x")  # str
        reveal(1 or None)  # int | None
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_inferred(name: str) -> None:
    source = CASES[name]
    types = infer({"app.__init__": "", "app.models": MODELS, "app.main": source})
    wrong = [(line, wanted, found) for line, wanted, found in revealed(types, "app.main", source) if wanted != found]
    assert not wrong


def test_answers_do_not_depend_on_the_order_of_questions() -> None:
    source = """
        def even(n):
            if n == 0: return 1
            return odd(n - 1)
        def odd(n):
            if n == 0: return "x"
            return even(n - 1)
        reveal(even(1))  # a
        reveal(odd(1))  # b
    """
    forward = revealed(infer({"app.main": source}), "app.main", source)
    types = infer({"app.main": source})
    sites = list(types.call_sites(types.project.modules["app.main"]))
    for site, one in reversed(sites):
        types.type_of(one.call, site)
    assert revealed(types, "app.main", source) == forward
