"""Which functions FastAPI runs on the event loop: each `# on: what` below is one, and every other `def` is none."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

import pytest

from trueup.index.extract import extract
from trueup.index.project import FunctionSymbol, Project
from trueup.infer import Inference
from trueup.libraries.loop import runs_on_loop
from trueup.libraries.source import LibrarySource

ROUTES = """
    from fastapi import APIRouter, FastAPI
    from fastapi.routing import APIRoute
    from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
    from app.routers import Versioned, made, shared

    app = FastAPI()
    own = Versioned()
    built = made("/x")

    @app.get("/a")
    async def a(): ...  # on: route
    @app.get("/b")
    def b(): ...
    @own.post("/c")
    async def c(): ...  # on: route
    @built.put("/d")
    async def d(): ...  # on: route
    @shared.api_route("/e", methods=["GET"])
    async def e(): ...  # on: route
    @app.websocket("/f")
    async def f(socket): ...  # on: websocket
    async def g(): ...  # on: route
    app.add_api_route("/g", g)
    async def h(): ...  # on: route
    routes = [APIRoute("/h", endpoint=h)]
    async def i(): ...
    async def n(): ...  # on: route
    app.get("/n")(n)
    async def timed(request, call_next): ...  # on: middleware
    app.middleware("http")(timed)
    def factory(router: FastAPI | APIRouter):
        @router.get("/j")
        async def j(): ...  # on: route
    class Users:
        def __init__(self):
            self.router = APIRouter()
            self.router.add_api_route("/k", self.k)
        async def k(self): ...  # on: route
        async def l(self): ...
    class Home(HTTPEndpoint):
        async def get(self, request): ...  # on: route
        async def helper(self): ...
    class Echo(WebSocketEndpoint):
        async def on_receive(self, socket, data): ...  # on: websocket
    class Cache:
        def get(self, name): ...
    cache = Cache()
    @cache.get("m")
    async def m(): ...
"""
ROUTERS = """
    from fastapi import APIRouter
    shared = APIRouter()
    class Versioned(APIRouter):
        def post(self, path, **kwargs):
            return super().post("/v1" + path, **kwargs)
    def made(prefix):
        return APIRouter(prefix=prefix)
"""
OTHERS = """
    from contextlib import asynccontextmanager
    from functools import partial
    from typing import Annotated
    from fastapi import APIRouter, BackgroundTasks, Depends as D, FastAPI, Request, Security
    from fastapi.responses import StreamingResponse
    from pydantic import AfterValidator, BaseModel, BeforeValidator, computed_field, field_serializer, field_validator
    from starlette.background import BackgroundTask
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware

    class Item(BaseModel):
        name: str
        @field_validator("name")
        @classmethod
        def check(cls, v): ...  # on: validator
    def annotated(v): ...  # on: validator
    def not_annotated(v): ...
    Code = Annotated[str, AfterValidator(annotated)]
    Unused = Annotated[str, AfterValidator(not_annotated)]
    def parsed(v): ...  # on: validator
    class Body(BaseModel):
        items: list[Item]
        code: Code | None = None
        def plain(self): ...
    class Answer(BaseModel):
        name: str
        @computed_field
        @property
        def shown(self) -> str: ...  # on: serializer
        @field_serializer("name")
        def write(self, v): ...  # on: serializer
        @field_validator("name")
        @classmethod
        def check(cls, v): ...
    class Other(BaseModel):
        name: str
        @field_validator("name")
        @classmethod
        def check(cls, v): ...

    async def current(): ...  # on: dependency
    def sync_dependency(): ...
    async def session():  # on: dependency
        yield 1
    async def aliased(): ...  # on: dependency
    async def given(n): ...  # on: dependency
    Alias = Annotated[int, Security(aliased)]
    class Allowed:
        def __init__(self, role): ...
        async def __call__(self): ...  # on: dependency
    class Sync:
        def __call__(self): ...
    def build(role):
        async def inner(): ...  # on: dependency
        return inner
    router = APIRouter(dependencies=[D(current)])

    async def mail(): ...  # on: background task
    def sync_mail(): ...
    async def after(): ...  # on: background task
    async def rows():  # on: stream
        yield 1
    def sync_rows():
        yield 1
    @router.post("/", dependencies=[D(Allowed("a")), D(Sync())])
    def post(body: Body, tasks: BackgroundTasks, s=D(session), x=D(build("a")), y=D(partial(given, 1))):
        tasks.add_task(mail)
        tasks.add_task(sync_mail)
        return StreamingResponse(rows(), background=BackgroundTask(after))
    async def held():  # on: stream
        yield 1
    @router.get("/parsed")
    def get_parsed(q: Annotated[str, BeforeValidator(parsed)]): ...
    @router.get("/held")
    def get_held():
        stream = held()
        return StreamingResponse(stream)
    @router.get("/answers", response_model=list[Answer])
    def answers(): ...
    @router.get("/rows")
    def get_rows():
        return StreamingResponse(sync_rows())

    class Timing(BaseHTTPMiddleware):
        async def dispatch(self, request, call_next): ...  # on: middleware
    class Raw:
        async def __call__(self, scope, receive, send): ...  # on: middleware
    class Listed:
        async def __call__(self, scope, receive, send): ...  # on: middleware
    class NotAdded:
        async def __call__(self, scope, receive, send): ...
        async def dispatch(self, request): ...
    async def failed(request, error): ...  # on: exception handler
    async def failed_too(request, error): ...  # on: exception handler
    @asynccontextmanager
    async def lifespan(app):  # on: start of the application
        yield
    app = FastAPI(lifespan=lifespan, exception_handlers={400: failed}, middleware=[Middleware(Listed)])
    app.add_middleware(Raw)
    app.add_exception_handler(500, failed_too)
    @app.middleware("http")
    async def log(request, call_next): ...  # on: middleware
    @app.exception_handler(ValueError)
    async def wrong(request, error): ...  # on: exception handler
    @app.exception_handler(KeyError)
    def sync_wrong(request, error): ...
    @app.on_event("startup")
    def start(): ...  # on: start of the application
"""


@pytest.mark.parametrize("source", [ROUTES, OTHERS])
def test_what_runs_on_the_loop(source: str) -> None:
    files = {"app/main.py": source, "app/routers.py": ROUTERS}
    facts = [
        extract(path, path[:-3].replace("/", "."), False, "", ast.parse(dedent(text))) for path, text in files.items()
    ]
    types = Inference(Project(facts, LibrarySource()))
    wanted = {
        number: mark[1]
        for number, line in enumerate(dedent(source).splitlines(), 1)
        if (mark := re.search(r"# on: (.+)$", line))
    }
    main = types.project.files["app/main.py"]
    found = {
        function.pos.line: kind
        for function in main.functions
        if (kind := runs_on_loop(types, FunctionSymbol(f"app.main.{function.qualname}", main, function, (function,))))
    }
    assert found == wanted
