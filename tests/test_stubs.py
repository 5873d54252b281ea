"""The stubs hold together, and the inference reads out of them what the libraries give."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from trueup.index.extract import extract
from trueup.index.project import Project
from trueup.infer import Inference, Site
from trueup.libraries.compiled import STUBS
from trueup.libraries.source import LibrarySource
from trueup.types import Callee, ClassObject, Instance, Type, Union, Unknown

PATHS = sorted(STUBS.rglob("*.pyi"))


def module_name(path: Path) -> str:
    parts = path.relative_to(STUBS).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


BY_NAME = {module_name(p): p for p in PATHS}
PACKAGES = sorted({n.partition(".")[0] for n in BY_NAME})
STUBS_ALONE = Project([], LibrarySource())


def modules_of(package: str) -> list[str]:
    return [n for n in sorted(BY_NAME) if n == package or n.startswith(package + ".")]


def bound(body: list[ast.stmt]) -> set[str]:
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {a.asname or a.name.partition(".")[0] for a in node.names}
        elif isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def annotations_of(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """What the definitions of one body, nested classes left out, say about types."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            a = node.args
            every = [*a.posonlyargs, *a.args, *a.kwonlyargs, *[v for v in (a.vararg, a.kwarg) if v]]
            yield from [p.annotation for p in every if p.annotation is not None]
            if node.returns is not None:
                yield node.returns
        elif isinstance(node, ast.AnnAssign):
            yield node.annotation


def names_in(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


@pytest.mark.parametrize("package", PACKAGES)
def test_stubs_are_plain_and_complete(package: str) -> None:
    for name in modules_of(package):
        is_plain_and_complete(tree(BY_NAME[name]))


def is_plain_and_complete(module: ast.Module) -> None:
    assert ast.get_docstring(module)
    everywhere = bound(module.body) | bound(tree(BY_NAME["builtins"]).body)
    plain = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.AnnAssign, ast.Assign, ast.Expr)
    for node in module.body:
        assert isinstance(node, (*plain, ast.Import, ast.ImportFrom)), ast.unparse(node)
        used = names_in(node) - {"self", "cls"}
        assert used <= everywhere | bound(getattr(node, "body", [])), used - everywhere
    bodies = [module.body, *[n.body for n in ast.walk(module) if isinstance(n, ast.ClassDef)]]
    for body in bodies:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.returns is not None, node.name
                assert ast.unparse(node.body[0]) == "...", node.name


@pytest.mark.parametrize("package", PACKAGES)
def test_no_member_hides_the_type_an_annotation_means(package: str) -> None:
    for name in modules_of(package):
        for node in ast.walk(tree(BY_NAME[name])):
            if isinstance(node, ast.ClassDef):
                own = bound([n for n in node.body if not isinstance(n, ast.ClassDef)])
                for annotation in annotations_of(node.body):
                    assert not names_in(annotation) & own, f"{name}.{node.name}: {ast.unparse(annotation)}"


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_stub_imports_is_in_the_stubs(package: str) -> None:
    for name in modules_of(package):
        for node in ast.walk(tree(BY_NAME[name])):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                for alias in node.names:
                    target = f"{node.module}.{alias.name}"
                    found = STUBS_ALONE.lookup(str(node.module), alias.name)
                    assert found is not None, target
                    assert found.qualname in BY_NAME or found.qualname.rpartition(".")[0] in BY_NAME, target
            elif isinstance(node, ast.Import):
                assert all(a.name in BY_NAME for a in node.names)


def test_every_package_on_the_way_to_a_stub_is_a_stub() -> None:
    assert not {n.rpartition(".")[0] for n in BY_NAME if "." in n} - set(BY_NAME)


def test_builtins_has_every_name_of_python() -> None:
    here = {n for n in dir(builtins) if not n.startswith("_") and n not in ("True", "False", "None")}
    missing = here - bound(tree(BY_NAME["builtins"]).body) - {"copyright", "credits", "license"}
    assert missing <= {"PythonFinalizationError"}  # 3.13


def shown(one: Type) -> str:
    if isinstance(one, Instance):
        args = ", ".join(shown(a) for a in one.args)
        name = one.cls.removeprefix("builtins.").removeprefix("m.")
        return f"{name}[{args}]" if args else name
    if isinstance(one, ClassObject):
        return f"type[{shown(Instance(one.cls, one.args))}]"
    if isinstance(one, Callee):
        return f"def {one.qualname}"
    if isinstance(one, Union):
        return " | ".join(shown(i) for i in one.items)
    return "?" if isinstance(one, Unknown) else repr(one)


def revealed(source: str) -> list[tuple[str, str, str]]:
    """(code, expected, found) of each `reveal(code)  # expected` of a module."""
    facts = extract("m.py", "m", False, "", ast.parse(source))
    inference = Inference(Project([facts], LibrarySource()))
    lines = source.splitlines()
    found = []
    for function, scope in [(None, facts.scope), *[(f, f.scope) for f in facts.functions]]:
        for one in scope.calls:
            code, _, expected = lines[one.pos.line - 1].partition("  # ")
            if code.strip().startswith("reveal(") and one.pos.column == len(code) - len(code.lstrip()):
                site = Site(facts, function, None, one.block, one.pos.line, one.pos.column)
                found.append((code.strip(), expected, shown(inference.type_of(one.call.args[0], site))))
    return found


PYDANTIC = """
from typing import List, Optional
from pydantic import BaseModel, RootModel, SecretStr, TypeAdapter, conlist, constr, parse_obj_as
from pydantic.generics import GenericModel
from pydantic.v1 import BaseModel as OldModel
from pydantic_settings import BaseSettings

class Item(BaseModel):
    name: constr(min_length=1)
    tags: conlist(str, min_items=1)
    secret: SecretStr
    parent: Optional["Item"] = None
class Page(GenericModel): ...
class Items(RootModel[List[Item]]): ...
class Old(OldModel): ...
class Config(BaseSettings): ...

def f(item: Item) -> None:
    reveal(item.dict())  # dict[str, ?]
    reveal(item.copy(update={}))  # Item
    reveal(item.json())  # str
    reveal(Item.parse_obj({}).copy())  # Item
    reveal(item.dict)  # def pydantic.BaseModel.dict
    reveal(Old().dict)  # def pydantic.v1.BaseModel.dict
    reveal(Page.construct)  # def pydantic.BaseModel.construct
    reveal(Config().model_dump)  # def pydantic.BaseModel.model_dump
    reveal(item.__fields_set__)  # set[str]
    reveal(Item.__fields__)  # dict[str, pydantic.fields.ModelField]
    reveal(item.name)  # str
    reveal(item.tags)  # list[str]
    reveal(item.secret.get_secret_value())  # str
    reveal(item.parent)  # Item | NoneType
    reveal(Items([]).root)  # list[Item]
    reveal(parse_obj_as(List[Item], []))  # list[Item]
    reveal(TypeAdapter(Item).validate_python({}))  # Item
"""
SQLALCHEMY = """
import sqlalchemy as sa
from sqlalchemy import Column, Integer, create_engine, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.declarative import declarative_base as old_base
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declarative_base, relationship
from sqlalchemy.orm import scoped_session, sessionmaker

class Base(DeclarativeBase): ...
Legacy = declarative_base()
class User(Base):
    id: Mapped[int]
    orders: Mapped[list["Order"]] = relationship()
class Order(Legacy):
    id = Column(Integer)
    user = relationship("User")

engine = create_engine("")
SessionLocal = sessionmaker(autoflush=False, bind=engine)
AsyncLocal = async_sessionmaker(create_async_engine(""), expire_on_commit=False)
Scoped = scoped_session(SessionLocal)
Mixed = sessionmaker(class_=AsyncSession)

def f(session: Session, user: User, order: Order) -> None:
    reveal(old_base)  # def sqlalchemy.orm.declarative_base
    reveal(Order.metadata)  # sqlalchemy.MetaData
    reveal(user.orders)  # list[Order]
    reveal(order.id)  # ?
    reveal(order.user)  # ?
    reveal(session.query(User).filter(User.id == 1).order_by(User.id).first())  # User | NoneType
    reveal(session.query(User, Order).all())  # list[sqlalchemy.Row[?]]
    reveal(session.query(User.id).all())  # list[?]
    reveal(session.get(User, 1))  # User | NoneType
    reveal(session.merge(user))  # User
    reveal(session.scalars(select(User).where(User.id == 1)).all())  # list[User]
    reveal(session.scalars(insert(User).returning(User)).one())  # User
    reveal(session.scalar(select(func.count()).select_from(User)))  # int | NoneType
    reveal(session.execute(select(User)).scalars().first())  # User | NoneType
    reveal(session.execute(select(User)).scalar_one_or_none())  # User | NoneType
    reveal(session.execute(select(User, Order)).first())  # sqlalchemy.Row[tuple[User, Order]] | NoneType
    reveal(session.execute(text("")))  # sqlalchemy.CursorResult[?, ?]
    reveal(session.execute(update(User)).rowcount)  # int
    reveal(SessionLocal())  # sqlalchemy.orm.Session
    reveal(Mixed())  # sqlalchemy.ext.asyncio.AsyncSession
    reveal(Scoped.query(User).one())  # User
    reveal(session.commit)  # def sqlalchemy.orm.Session.commit
    reveal(Scoped.commit)  # def sqlalchemy.orm.Session.commit
    with SessionLocal.begin() as s:
        reveal(s)  # sqlalchemy.orm.Session
    with engine.begin() as connection:
        reveal(connection.execute(select(User)).first())  # sqlalchemy.Row[tuple[User]] | NoneType
    for one in session.scalars(select(User)):
        reveal(one)  # User
    for one in session.query(User):
        reveal(one)  # User
    reveal(sa.inspect(engine).get_table_names())  # list[str]

async def g(session: AsyncSession) -> None:
    reveal(await session.get(User, 1))  # User | NoneType
    reveal((await session.execute(select(User))).scalars().all())  # list[User]
    reveal(await session.scalar(select(User)))  # User | NoneType
    reveal(session.commit)  # def sqlalchemy.ext.asyncio.AsyncSession.commit
    async with AsyncLocal() as s:
        reveal(s)  # sqlalchemy.ext.asyncio.AsyncSession
    async with create_async_engine("").begin() as connection:
        reveal(connection)  # sqlalchemy.ext.asyncio.AsyncConnection
    async for one in await session.stream_scalars(select(User)):
        reveal(one)  # User
"""
OTHER_MODELS = """
from beanie import Document
from flask_sqlalchemy import SQLAlchemy
from sqlmodel import Session, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

class Hero(SQLModel, table=True): ...
class Team(SQLModel, table=True): ...
class Log(Document): ...
db = SQLAlchemy()
class Post(db.Model): ...

def f(session: Session) -> None:
    reveal(Hero().dict)  # def sqlmodel.SQLModel.dict
    reveal(Hero().copy)  # def pydantic.BaseModel.copy
    reveal(Hero.from_orm({}))  # Hero
    reveal(session.exec(select(Hero)).all())  # list[Hero]
    reveal(session.exec(select(Hero, Team)).all())  # list[tuple[Hero, Team]]
    reveal(session.exec)  # def sqlmodel.Session.exec
    reveal(session.commit)  # def sqlalchemy.orm.Session.commit
    reveal(db.Column)  # type[sqlalchemy.Column]
    reveal(db.relationship)  # def sqlalchemy.orm.relationship
    reveal(db.session.query(Post).first())  # Post | NoneType
    reveal(Post.query.filter_by().all())  # list[Post]
    for hero, team in session.exec(select(Hero, Team)):
        reveal(team)  # Team

async def g(session: AsyncSession) -> None:
    reveal((await session.exec(select(Hero))).first())  # Hero | NoneType
    reveal(await Log.get(1))  # Log | NoneType
    reveal(await Log.find().to_list())  # list[Log]
"""
CLIENTS = """
import asyncio
import aiohttp, boto3, httpx, pymongo, redis, requests, sqlite3
import numpy as np
import pandas as pd
import redis.asyncio as aioredis
from fastapi import FastAPI, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.testclient import TestClient

def make(x: int) -> list[str]: ...

def f(file: UploadFile) -> None:
    reveal(requests.get(""))  # requests.Response
    reveal(requests.get("").json)  # def requests.Response.json
    reveal(requests.Session().get)  # def requests.Session.get
    reveal(httpx.Client().get("").json)  # def httpx.Response.json
    reveal(TestClient(FastAPI()).get("/").json)  # def httpx.Response.json
    reveal(redis.from_url("").get)  # def redis.Redis.get
    reveal(redis.Redis().pipeline().execute)  # def redis.client.Pipeline.execute
    reveal(boto3.client("s3"))  # botocore.client.BaseClient
    reveal(pymongo.MongoClient()["db"]["c"].find_one)  # def pymongo.collection.Collection.find_one
    reveal(sqlite3.connect("").execute("").fetchall)  # def sqlite3.Cursor.fetchall
    reveal(pd.read_csv("").query("").copy())  # pandas.DataFrame
    reveal(np.array([1]).copy())  # numpy.ndarray
    reveal(file.file.read)  # def tempfile.SpooledTemporaryFile.read

async def g(request: Request) -> None:
    reveal(request.json)  # def starlette.requests.Request.json
    reveal(await request.body())  # bytes
    reveal(aioredis.Redis().get)  # def redis.asyncio.Redis.get
    reveal(await run_in_threadpool(make, 1))  # list[str]
    reveal(await asyncio.to_thread(make, 1))  # list[str]
    async with httpx.AsyncClient() as client:
        reveal(await client.get(""))  # httpx.Response
    async with aiohttp.ClientSession() as session, session.get("") as response:
        reveal(response)  # aiohttp.ClientResponse
    a, b = await asyncio.gather(request.body(), asyncio.sleep(1, "x"))
    reveal(a)  # bytes
    reveal(b)  # str
"""
PYTHON = """
import copy, functools, itertools, json, os, re
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

class Model: ...
def load(x: int) -> Model: ...

def f(m: Model, unknown) -> None:
    reveal({}.copy())  # dict[?, ?]
    reveal({"a": m}.copy())  # dict[str, Model]
    reveal([m].copy())  # list[Model]
    reveal({m}.copy())  # set[Model]
    reveal({"a": m}.get("a"))  # Model | NoneType
    reveal({"a": m}["a"])  # Model
    reveal([m][0])  # Model
    reveal([m][1:])  # list[Model]
    reveal(sorted([m]) + [m])  # list[Model]
    reveal(list(map(load, [1])))  # list[Model]
    reveal(next(iter([m])))  # Model
    reveal(max([m], key=str))  # Model
    reveal(max([m], default=None))  # Model | NoneType
    reveal(copy.deepcopy(m))  # Model
    reveal(functools.partial(load, 1)())  # Model
    reveal(ThreadPoolExecutor().submit(load, 1).result())  # Model
    reveal(deque([m]).popleft())  # Model
    reveal(list(itertools.chain([m], [m])))  # list[Model]
    reveal(json.loads(""))  # ?
    reveal(os.environ.copy())  # dict[str, str]
    reveal(os.path.join("a", "b"))  # str
    reveal(Path("a").parent / "b")  # pathlib.Path
    reveal(open("f").read())  # str
    reveal(open("f", "rb").read())  # bytes
    reveal(re.match("", ""))  # re.Match[str] | NoneType
    reveal(datetime.now() - timedelta(1))  # datetime.datetime
    reveal(datetime.now().date())  # datetime.date
    reveal("a b".split()[0].encode())  # bytes
    reveal(unknown.copy())  # ?
    for key, value in {"a": m}.items():
        reveal(value)  # Model
    for index, value in enumerate([m]):
        reveal(value)  # Model
    for left, right in zip([m], [1]):
        reveal(left)  # Model
    with open("f") as file:
        for line in file:
            reveal(line)  # str
"""


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(PYDANTIC, id="pydantic"),
        pytest.param(SQLALCHEMY, id="sqlalchemy"),
        pytest.param(OTHER_MODELS, id="other-models"),
        pytest.param(CLIENTS, id="clients"),
        pytest.param(PYTHON, id="python"),
    ],
)
def test_inference_reads_the_stubs(source: str) -> None:
    answers = revealed(source)
    assert len(answers) == source.count("reveal(")
    assert [(code, found) for code, _, found in answers] == [(code, expected) for code, expected, _ in answers]


def canonical(name: str) -> str | None:
    module, _, attr = name.rpartition(".")
    found = STUBS_ALONE.lookup(module, attr)
    return found.qualname if found is not None else None


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("pydantic.main.BaseModel", "pydantic.BaseModel"),
        ("pydantic.v1.main.BaseModel", "pydantic.v1.BaseModel"),
        ("pydantic.env_settings.BaseSettings", "pydantic.BaseSettings"),
        ("pydantic.class_validators.validator", "pydantic.validator"),
        ("pydantic.tools.parse_obj_as", "pydantic.parse_obj_as"),
        ("typing.List", "builtins.list"),
        ("typing_extensions.Annotated", "typing.Annotated"),
        ("sqlalchemy.schema.Column", "sqlalchemy.Column"),
        ("sqlalchemy.types.String", "sqlalchemy.String"),
        ("sqlalchemy.sql.expression.select", "sqlalchemy.select"),
        ("sqlalchemy.engine.Row", "sqlalchemy.Row"),
        ("sqlalchemy.engine.base.Connection", "sqlalchemy.Connection"),
        ("sqlalchemy.orm.session.Session", "sqlalchemy.orm.Session"),
        ("sqlalchemy.orm.exc.NoResultFound", "sqlalchemy.exc.NoResultFound"),
        ("sqlalchemy.ext.declarative.declared_attr", "sqlalchemy.orm.declared_attr"),
        ("sqlalchemy.ext.asyncio.session.AsyncSession", "sqlalchemy.ext.asyncio.AsyncSession"),
        ("sqlalchemy.dialects.postgresql.INTEGER", "sqlalchemy.INTEGER"),
        ("sqlalchemy.dialects.postgresql.json.JSONB", "sqlalchemy.dialects.postgresql.JSONB"),
        ("sqlmodel.Column", "sqlalchemy.Column"),
        ("sqlmodel.orm.session.Session", "sqlmodel.Session"),
        ("fastapi.routing.APIRouter", "fastapi.APIRouter"),
        ("fastapi.param_functions.Depends", "fastapi.Depends"),
        ("fastapi.responses.JSONResponse", "starlette.responses.JSONResponse"),
        ("fastapi.concurrency.run_in_threadpool", "starlette.concurrency.run_in_threadpool"),
        ("httpx2.AsyncClient", "httpx.AsyncClient"),
    ],
)
def test_one_thing_has_one_name(spelled: str, name: str) -> None:
    assert canonical(spelled) == name
