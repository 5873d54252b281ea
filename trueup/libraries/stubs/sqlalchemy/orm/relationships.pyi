"""Relationships."""

from sqlalchemy.orm import foreign as foreign
from sqlalchemy.orm import Relationship as Relationship
from sqlalchemy.orm import RelationshipProperty as RelationshipProperty
from sqlalchemy.orm import remote as remote
