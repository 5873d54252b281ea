"""Properties of mappers."""

from sqlalchemy.orm import InspectionAttr as InspectionAttr
from sqlalchemy.orm import MANYTOMANY as MANYTOMANY
from sqlalchemy.orm import MANYTOONE as MANYTOONE
from sqlalchemy.orm import MapperProperty as MapperProperty
from sqlalchemy.orm import ONETOMANY as ONETOMANY
from sqlalchemy.orm import PropComparator as PropComparator
from sqlalchemy.orm import RelationshipDirection as RelationshipDirection
