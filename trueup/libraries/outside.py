"""Which calls of libraries tell the outside world something that cannot be taken back: mails, messages, tasks."""

from __future__ import annotations

from ..index.facts import Call
from ..index.project import FunctionSymbol
from ..infer import Inference
from ..types import Callee

_HTTP = ("post", "put", "patch", "delete")
_CLIENTS = (
    "requests", "requests.Session", "requests.sessions.Session", "httpx", "httpx.Client", "httpx.AsyncClient", "httpx2",
    "httpx2.Client", "httpx2.AsyncClient", "aiohttp.ClientSession", "aiohttp.client.ClientSession",
)  # fmt: skip
_SENDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("a request to another service", _CLIENTS, _HTTP),
    ("a mail", ("smtplib.SMTP", "smtplib.SMTP_SSL", "aiosmtplib.SMTP"), ("send_message", "sendmail")),
    ("a mail", ("aiosmtplib",), ("send",)),
    ("a mail", ("fastapi_mail.FastMail",), ("send_message",)),
    ("a mail", ("emails.Message", "emails.message.Message"), ("send",)),
    ("a task", ("celery.Task", "celery.app.task.Task"), ("delay", "apply_async", "send_task")),
    ("a task", ("celery.Celery", "celery.app.base.Celery"), ("send_task",)),
    ("a task", ("arq.ArqRedis", "arq.connections.ArqRedis"), ("enqueue_job",)),
    ("a task", ("rq.Queue",), ("enqueue", "enqueue_in", "enqueue_at")),
    ("a message", ("redis.Redis", "redis.asyncio.Redis", "redis.client.Redis"), ("publish",)),
    ("a message", ("kafka.KafkaProducer", "aiokafka.AIOKafkaProducer"), ("send", "send_and_wait")),
    ("a message", ("confluent_kafka.Producer",), ("produce",)),
    ("a message", ("slack_sdk.WebClient", "slack_sdk.web.async_client.AsyncWebClient"), ("chat_postMessage",)),
    ("a message", ("boto3.client",), ("send_email", "send_message", "send_message_batch", "publish")),
)  # fmt: skip
"""(what it is, the classes and modules, the functions)."""
_KNOWN = {f"{owner}.{name}": what for what, owners, names in _SENDS for owner in owners for name in names}


def sends(qualname: str) -> str | None:
    """What a call of a function of a library sends, `a mail` say; None where it sends nothing, as far as is known."""
    return _KNOWN.get(qualname)


def is_task(types: Inference, function: FunctionSymbol) -> bool:
    """Whether Celery makes a task of a function: `@app.task`, `@shared_task(bind=True)`."""
    site = types.definition_site(function.facts, function.file)
    for decorator in function.facts.decorators:
        maker = types.type_of(decorator.func if isinstance(decorator, Call) else decorator, site)
        if isinstance(maker, Callee) and maker.qualname in ("celery.shared_task", "celery.Celery.task"):
            return True
    return False
