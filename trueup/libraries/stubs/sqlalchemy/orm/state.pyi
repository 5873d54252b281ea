"""The state of an instance."""

from sqlalchemy.orm import AttributeState as AttributeState
from sqlalchemy.orm import InstanceState as InstanceState
