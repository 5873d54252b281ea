"""URLs and addresses."""

from typing import Any

from pydantic import AmqpDsn as AmqpDsn
from pydantic import AnyHttpUrl as AnyHttpUrl
from pydantic import AnyUrl as AnyUrl
from pydantic import AnyWebsocketUrl as AnyWebsocketUrl
from pydantic import ClickHouseDsn as ClickHouseDsn
from pydantic import CockroachDsn as CockroachDsn
from pydantic import EmailStr as EmailStr
from pydantic import FileUrl as FileUrl
from pydantic import FtpUrl as FtpUrl
from pydantic import HttpUrl as HttpUrl
from pydantic import IPvAnyAddress as IPvAnyAddress
from pydantic import IPvAnyInterface as IPvAnyInterface
from pydantic import IPvAnyNetwork as IPvAnyNetwork
from pydantic import KafkaDsn as KafkaDsn
from pydantic import MariaDBDsn as MariaDBDsn
from pydantic import MongoDsn as MongoDsn
from pydantic import MySQLDsn as MySQLDsn
from pydantic import NameEmail as NameEmail
from pydantic import NatsDsn as NatsDsn
from pydantic import PostgresDsn as PostgresDsn
from pydantic import RedisDsn as RedisDsn
from pydantic import SnowflakeDsn as SnowflakeDsn
from pydantic import stricturl as stricturl
from pydantic import UrlConstraints as UrlConstraints
from pydantic import validate_email as validate_email
from pydantic import WebsocketUrl as WebsocketUrl

class MultiHostDsn(AnyUrl):
    def hosts(self) -> list[dict[str, Any]]: ...
