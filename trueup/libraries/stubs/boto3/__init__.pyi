"""AWS."""

from typing import Any

from boto3.resources.base import ServiceResource
from boto3.session import Session as Session
from botocore.client import BaseClient

DEFAULT_SESSION: Session | None

def client(service_name: str, *args: Any, **kwargs: Any) -> BaseClient: ...
def resource(service_name: str, *args: Any, **kwargs: Any) -> ServiceResource: ...
def set_stream_logger(name: str = ..., level: int = ..., format_string: str | None = ...) -> None: ...
def setup_default_session(**kwargs: Any) -> None: ...
