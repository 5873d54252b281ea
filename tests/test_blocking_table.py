"""What the table of blocking calls knows, and that it speaks of things by the names the stubs give them."""

from __future__ import annotations

import pytest

from trueup.index.project import Project
from trueup.infer import Inference
from trueup.libraries.blocking import (
    DATABASE_BRIDGES,
    OFFLOADERS,
    Blocking,
    Level,
    blocking_call,
    built_in,
    extend,
)
from trueup.libraries.source import LibrarySource

FAMILIES = [
    ("sleep", "H", "time.sleep", "asyncio.sleep"),
    ("console", "H", "builtins.input", "builtins.print"),
    ("process", "H", "subprocess.Popen.communicate", "asyncio.create_subprocess_exec"),
    ("requests", "H", "requests.Session.send", "requests.Response.json"),
    ("urllib", "H", "urllib.request.urlopen", "urllib.parse.urlparse"),
    ("httpx", "H", "httpx.Client.get", "httpx.AsyncClient.get"),
    ("socket", "H", "socket.getaddrinfo", "asyncio.AbstractEventLoop.getaddrinfo"),
    ("mail", "H", "smtplib.SMTP", "email.message.EmailMessage"),
    ("wait", "H", "concurrent.futures.Future.result", "asyncio.Future.result"),
    ("event-loop", "H", "asyncio.run", "asyncio.create_task"),
    ("sqlalchemy", "H", "sqlalchemy.orm.Session.commit", "sqlalchemy.ext.asyncio.AsyncSession.commit"),
    ("sqlalchemy", "M", "sqlalchemy.orm.Session.close", "sqlalchemy.ext.asyncio.AsyncSession.close"),
    ("database-driver", "H", "sqlite3.Cursor.execute", "psycopg.AsyncCursor.execute"),
    ("orm", "H", "peewee.Model.get", "peewee.Model.alias"),
    ("redis", "H", "redis.Redis.get", "redis.asyncio.Redis.get"),
    ("search", "H", "pymongo.collection.Collection.find_one", "pymongo.collection.Collection.find"),
    ("cloud", "H", "botocore.client.BaseClient.get_object", "botocore.client.BaseClient.generate_presigned_url"),
    ("cloud", "M", "boto3.client", "boto3.setup_default_session"),
    ("service", "H", "stripe.Charge.create", "stripe.Webhook.construct_event"),
    ("broker", "H", "celery.result.AsyncResult.get", "celery.result.AsyncResult.forget"),
    ("broker", "M", "celery.Task.delay", "celery.Task.signature"),
    ("hashing", "H", "bcrypt.hashpw", "hashlib.sha256"),
    ("dataframe", "H", "pandas.read_csv", "pandas.DataFrame.copy"),
    ("media", "H", "cv2.imread", "PIL.Image.new"),
    ("tree", "H", "shutil.rmtree", "shutil.which"),
    ("tree", "M", "os.walk", "os.getcwd"),
    ("archive", "M", "zipfile.ZipFile.extractall", "zipfile.ZipFile.namelist"),
    ("file", "M", "builtins.open", "io.BytesIO"),
    ("metadata", "L", "os.path.exists", "os.path.join"),
]
HARMLESS = """
sqlalchemy.orm.Session.add sqlalchemy.orm.Session.add_all sqlalchemy.orm.Session.delete sqlalchemy.orm.Session.expunge
sqlalchemy.orm.Session.query sqlalchemy.orm.Query.filter sqlalchemy.orm.Query.exists sqlalchemy.select
sqlalchemy.Result.all sqlalchemy.ScalarResult.first jwt.encode jwt.decode jose.jwt.decode json.loads json.dumps
hashlib.sha256 redis.Redis.pipeline redis.Redis.from_url redis.asyncio.Redis.get queue.Queue.get_nowait redis.Redis
""".split()


@pytest.mark.parametrize(("family", "level", "blocks", "does_not"), FAMILIES)
def test_a_family_fires_and_stays_silent(family: str, level: str, blocks: str, does_not: str) -> None:
    found = blocking_call(blocks)
    assert found is not None
    assert (found.family, found.level) == (family, level)
    assert found.instead
    assert blocking_call(does_not) is None


def test_every_family_and_level_is_tested() -> None:
    entries = [*built_in().exact.values(), *built_in().within.values()]
    assert {(e.family, e.level.value) for e in entries if e is not None} == {(f, lv) for f, lv, _, _ in FAMILIES}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_not_block_is_not_in_it(name: str) -> None:
    assert blocking_call(name) is None


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("openai.OpenAI().chat.completions.create", "openai.OpenAI.*"),
        ("MySQLdb.connect().cursor().execute", "MySQLdb.connect.*"),
        ("smtplib.SMTP().sendmail", "smtplib.SMTP.sendmail"),
        ("minio.api.Minio.get_object", "minio.Minio.*"),
        ("stripe._payment_intent.PaymentIntent.create", "stripe.PaymentIntent.*"),
        ("mysql.connector.pooling.connect", "mysql.connector.connect"),
    ],
)
def test_foreign_paths_and_private_homes_mean_the_public_name(name: str, entry: str) -> None:
    found = blocking_call(name)
    assert found is not None
    assert found.entry == entry


@pytest.mark.parametrize("name", ["", ".", "time", "sleep", "redis", "redis.Redis", "minio.Minio()", "time.sleep.x"])
def test_what_is_no_entry_is_none(name: str) -> None:
    assert blocking_call(name) is None


def test_a_method_is_asked_of_the_nearest_class_that_is_known() -> None:
    table = built_in()
    client = ["app.Storage", "botocore.client.BaseClient", "builtins.object"]
    assert table.method(client, "put_object") == table.call("botocore.client.BaseClient.put_object")
    assert table.method(client, "get_paginator") is None
    assert table.method(["app.Storage", "builtins.object"], "put_object") is None
    own = extend([], ["app.Storage.put_object"])
    assert own.method(client, "put_object") is None


def test_configuration_adds_and_takes_away_and_leaves_the_table_as_it_was() -> None:
    table = extend(
        ["app.db.fetch -> `app.db.afetch`", "app.legacy.*", "jwt.decode", "redis.Redis.pipeline"],
        ["time.sleep", "redis.*", "cv2.dnn.*", "app.legacy.now"],
    )
    assert table.call("app.db.fetch") == Blocking("app.db.fetch", Level.HIGH, "configured", "`app.db.afetch`")
    legacy = table.call("app.legacy.deep.save")
    assert legacy is not None
    assert legacy.entry == "app.legacy.*"
    assert legacy.instead
    assert table.call("app.legacy.now") is None
    assert table.call("jwt.decode") is not None
    assert table.call("time.sleep") is None
    assert table.call("redis.Redis.get") is None
    assert table.call("redis.lock.Lock.acquire") is None
    assert table.call("cv2.dnn.blobFromImage") is None
    assert table.call("cv2.imread") is not None
    assert table.call("requests.get") == blocking_call("requests.get")
    assert blocking_call("time.sleep") is not None
    assert blocking_call("app.db.fetch") is None


@pytest.mark.parametrize(
    "line", ["", "sleep", "*", "a..b", "a.b.", ".a.b", "a.b*", "a.*.b", "a b.c", "1a.b", "-> x", "a.b ->", "a.b - x"]
)
def test_a_line_that_says_nothing_is_refused_and_named(line: str) -> None:
    with pytest.raises(ValueError, match="`"):
        extend([line])


def test_a_harmless_line_takes_no_arrow() -> None:
    with pytest.raises(ValueError, match=r"a\.b -> c"):
        extend([], ["a.b -> c"])


PROJECT = Project([], LibrarySource())
INFERENCE = Inference(PROJECT)


def trouble(name: str) -> str:
    """What is wrong with a name of the table, where the stubs know the module: it would never be asked for."""
    parts = name.split(".")
    known = [i for i in range(len(parts) - 1, 0, -1) if PROJECT.module(".".join(parts[:i])) is not None]
    if not known:
        return ""
    head = known[0]
    symbol = PROJECT.lookup(".".join(parts[:head]), parts[head])
    if symbol is None:
        return "not in the stub"
    if symbol.qualname != ".".join(parts[: head + 1]):
        return f"canonical is {symbol.qualname}"
    if len(parts) == head + 1:
        return ""
    member = INFERENCE.member(symbol.qualname, parts[head + 1])
    if member is None or member.function is None:
        return "no such method in the stub"
    return "" if member.function.qualname == name else f"canonical is {member.function.qualname}"


def test_what_the_stubs_know_is_called_what_they_call_it() -> None:
    names = [*built_in().exact, *built_in().within, *OFFLOADERS, *DATABASE_BRIDGES]
    assert {n: trouble(n) for n in names if trouble(n)} == {}


def test_what_runs_elsewhere_does_not_block_for_long() -> None:
    levels = {name: found.level for name in OFFLOADERS if (found := blocking_call(name)) is not None}
    assert levels == {
        "celery.Task.apply_async": Level.MEDIUM,
        "celery.Task.delay": Level.MEDIUM,
        "concurrent.futures.Executor.map": Level.HIGH,  # gives up its results as it is iterated
    }
