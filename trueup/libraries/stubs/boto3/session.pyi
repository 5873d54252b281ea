"""Sessions."""

from typing import Any

from boto3.resources.base import ServiceResource
from botocore.client import BaseClient

class Session:
    profile_name: str
    region_name: str
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def client(self, service_name: str, *args: Any, **kwargs: Any) -> BaseClient: ...
    def get_credentials(self) -> Any: ...
    def resource(self, service_name: str, *args: Any, **kwargs: Any) -> ServiceResource: ...
