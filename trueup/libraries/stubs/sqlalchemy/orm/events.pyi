"""Events."""

from sqlalchemy.orm import AttributeEvents as AttributeEvents
from sqlalchemy.orm import InstanceEvents as InstanceEvents
from sqlalchemy.orm import InstrumentationEvents as InstrumentationEvents
from sqlalchemy.orm import MapperEvents as MapperEvents
from sqlalchemy.orm import QueryEvents as QueryEvents
from sqlalchemy.orm import RegistryEvents as RegistryEvents
from sqlalchemy.orm import SessionEvents as SessionEvents
