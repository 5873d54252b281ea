"""Markers."""

from sqlalchemy.orm import class_mapper as class_mapper
from sqlalchemy.orm import DynamicMapped as DynamicMapped
from sqlalchemy.orm import EXT_CONTINUE as EXT_CONTINUE
from sqlalchemy.orm import EXT_SKIP as EXT_SKIP
from sqlalchemy.orm import EXT_STOP as EXT_STOP
from sqlalchemy.orm import InspectionAttr as InspectionAttr
from sqlalchemy.orm import MANYTOMANY as MANYTOMANY
from sqlalchemy.orm import MANYTOONE as MANYTOONE
from sqlalchemy.orm import Mapped as Mapped
from sqlalchemy.orm import NO_VALUE as NO_VALUE
from sqlalchemy.orm import object_mapper as object_mapper
from sqlalchemy.orm import ONETOMANY as ONETOMANY
from sqlalchemy.orm import WriteOnlyMapped as WriteOnlyMapped
