"""Sessions of a scope."""

from sqlalchemy.orm import QueryPropertyDescriptor as QueryPropertyDescriptor
from sqlalchemy.orm import scoped_session as scoped_session
