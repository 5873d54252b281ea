"""Mappers."""

from sqlalchemy.orm import class_mapper as class_mapper
from sqlalchemy.orm import configure_mappers as configure_mappers
from sqlalchemy.orm import Mapper as Mapper
from sqlalchemy.orm import reconstructor as reconstructor
from sqlalchemy.orm import validates as validates
