"""Settings, custom types, errors and responses do the same on the old libraries as, migrated, on the current ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

SHOP = ROOT / "fixtures" / "apps" / "legacy_shop"
LEGACY, CURRENT = SHOP / "requirements-legacy.txt", SHOP / "requirements-current.txt"

CODE = {
    "config.py": """\
from typing import Optional

from pydantic import BaseSettings, Field, PostgresDsn, validator


class Settings(BaseSettings):
    url: str = Field("sqlite://", env="DATABASE_URL")
    token: str = Field("t", env=["TOKEN", "API_TOKEN"])
    debug: bool = False
    nick: str = "n"
    user: str = "u"
    uri: Optional[PostgresDsn] = None

    class Config:
        env_prefix = "APP_"
        fields = {"nick": {"env": "NICK"}}

        @classmethod
        def customise_sources(cls, init_settings, env_settings, file_secret_settings):
            return env_settings, init_settings

    @validator("uri", pre=True, always=True)
    def assemble(cls, v, values):
        return v or PostgresDsn.build(
            scheme="postgresql", user=values.get("user"), password="p", host="h", port="5432", path="/db"
        )


def where(settings: Settings):
    return "see " + settings.uri, settings.uri.startswith("postgresql"), settings.uri + "?x=1"
""",
    "kinds.py": """\
from pydantic import AnyUrl, BaseModel


class Slug(str):
    @classmethod
    def __get_validators__(cls):
        yield cls.validate

    @classmethod
    def __modify_schema__(cls, field_schema):
        field_schema.update(pattern="^[a-z-]+$")

    @classmethod
    def validate(cls, value):
        if not isinstance(value, str):
            raise TypeError("string required")
        if value != value.lower():
            raise ValueError("invalid slug")
        return cls(value)


class Duration(int):
    @classmethod
    def __get_validators__(cls):
        yield cls.parse

    @classmethod
    def parse(cls, v):
        return cls(int(v))


class Bucket(AnyUrl):
    allowed_schemes = {"s3"}


class Page(BaseModel):
    slug: Slug
    lasts: Duration = 0
    bucket: Bucket = None
""",
    "faults.py": """\
from datetime import date, datetime

from pydantic import BaseModel, PydanticValueError, ValidationError, validator
from pydantic.error_wrappers import ErrorWrapper


class NotFoundError(PydanticValueError):
    code = "not_found"
    msg_template = "{what} not found"


class User(BaseModel):
    name: str
    day: date = None
    total: int = 0

    @validator("name")
    def known(cls, v):
        if v == "nobody":
            raise NotFoundError(what="User")
        return v


class Frozen(BaseModel):
    x: int

    class Config:
        allow_mutation = False


def create(name, hint: object):
    if name == "taken":
        raise ValidationError([ErrorWrapper(ValueError("taken"), loc="name")], model=User)
    if name == "both":
        raise ValidationError(
            [ErrorWrapper(NotFoundError(what="x"), loc=("name", 0)), ErrorWrapper(TypeError(hint), loc=("age",))], User
        )
    return User(name=name)


def explain(error: ValidationError):
    found = []
    for one in error.errors():
        if one["type"] == "value_error.missing":
            found.append("missing")
        if one["type"] == "type_error.integer":
            found.append("number")
    return found


def make(number: int, price: float):
    return User(name=number, day=datetime(2020, 1, 2, 3), total=price)


def change():
    try:
        Frozen(x=1).x = 2
    except TypeError:
        return "caught"
""",
    "web.py": """\
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, validator
from pydantic.error_wrappers import ErrorWrapper

app = FastAPI()


class Item(BaseModel):
    name: str

    @validator("name")
    def check(cls, v):
        if v == "bad":
            raise ValueError("bad name")
        return v


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, exc: RequestValidationError):
    return JSONResponse({"detail": exc.errors()}, status_code=422)


@app.post("/items")
def items(item: Item):
    if item.name == "taken":
        raise RequestValidationError([ErrorWrapper(ValueError("taken"), ("body", "name"))])
    return item
""",
}
PROBE = """\
import json, os, warnings

warnings.simplefilter("ignore")
import config, faults, kinds, web
from fastapi.testclient import TestClient


def told(errors):
    return sorted([[str(i) for i in e["loc"]], e["msg"].replace("Value error, ", "")] for e in errors)


def attempt(call):
    try:
        made = call()
    except Exception as error:
        return [type(error).__name__, told(error.errors())] if hasattr(error, "errors") else [type(error).__name__]
    if hasattr(made, "model_dump_json"):
        return json.loads(made.model_dump_json())
    return json.loads(made.json()) if hasattr(made, "json") else made


found = {"settings": attempt(config.Settings)}
os.environ.update(DATABASE_URL="pg://", API_TOKEN="token", NICK="nn", APP_NICK="wrong", APP_DEBUG="1")
found["environment"] = attempt(lambda: config.Settings(debug=False))
found["urls"] = attempt(lambda: config.where(config.Settings()))
for value in ("a-b", "A", 5):
    found[f"slug {value}"] = attempt(lambda: kinds.Page(slug=value, lasts="7"))
    found[f"type {value}"] = attempt(lambda: type(kinds.Page(slug=value).slug).__name__)
found["bucket"] = attempt(lambda: kinds.Page(slug="a", bucket="s3://b/x"))
found["no bucket"] = attempt(lambda: kinds.Page(slug="a", bucket="http://b/x"))[0]
schema = getattr(kinds.Page, "model_json_schema", None) or kinds.Page.schema
found["schema"] = [schema()["properties"]["slug"], schema()["properties"]["lasts"]["type"]]
for name in ("taken", "both", "free", "nobody"):
    found[f"create {name}"] = attempt(lambda: faults.create(name, "hint"))
try:
    faults.User(total="x")
except Exception as error:
    found["explained"] = faults.explain(error)
found["converted"] = attempt(lambda: faults.make(5, 1.7))
found["frozen"] = attempt(faults.change)
client = TestClient(web.app, raise_server_exceptions=False)
for name in ("free", "bad", "taken"):
    answer = client.post("/items", json={"name": name})
    body = answer.json() if answer.status_code < 500 else {}
    found[f"web {name}"] = [answer.status_code, told(body["detail"]) if "detail" in body else body]
print(json.dumps(found, sort_keys=True, indent=1))
"""


def probe(folder: Path, python: Path) -> dict[str, object]:
    """What the code in a folder does under an interpreter."""
    done = subprocess.run([python, "probe.py"], cwd=folder, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_migrated_code_does_what_it_did(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    for name, text in CODE.items():
        (before / name).write_text(text)
    shutil.copytree(before, after)
    command = [sys.executable, "-P", "-m", "trueup", "migrate-v2", str(after), "--allow-no-vcs"]
    ran = subprocess.run(command, text=True, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for folder in (before, after):
        (folder / "probe.py").write_text(PROBE)
    assert probe(after, environment(CURRENT)) == probe(before, environment(LEGACY))
