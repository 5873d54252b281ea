"""URLs and addresses."""

from pydantic.v1 import AmqpDsn as AmqpDsn
from pydantic.v1 import AnyHttpUrl as AnyHttpUrl
from pydantic.v1 import AnyUrl as AnyUrl
from pydantic.v1 import CockroachDsn as CockroachDsn
from pydantic.v1 import EmailStr as EmailStr
from pydantic.v1 import FileUrl as FileUrl
from pydantic.v1 import HttpUrl as HttpUrl
from pydantic.v1 import IPvAnyAddress as IPvAnyAddress
from pydantic.v1 import IPvAnyInterface as IPvAnyInterface
from pydantic.v1 import IPvAnyNetwork as IPvAnyNetwork
from pydantic.v1 import KafkaDsn as KafkaDsn
from pydantic.v1 import MongoDsn as MongoDsn
from pydantic.v1 import MultiHostDsn as MultiHostDsn
from pydantic.v1 import NameEmail as NameEmail
from pydantic.v1 import PostgresDsn as PostgresDsn
from pydantic.v1 import RedisDsn as RedisDsn
from pydantic.v1 import stricturl as stricturl
from pydantic.v1 import validate_email as validate_email
