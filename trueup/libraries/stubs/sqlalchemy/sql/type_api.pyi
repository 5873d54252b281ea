"""What every type of a column can do."""

from sqlalchemy.types import adapt_type as adapt_type
from sqlalchemy.types import ExternalType as ExternalType
from sqlalchemy.types import to_instance as to_instance
from sqlalchemy.types import TypeDecorator as TypeDecorator
from sqlalchemy.types import TypeEngine as TypeEngine
from sqlalchemy.types import UserDefinedType as UserDefinedType
from sqlalchemy.types import Variant as Variant
