"""Selects."""

from typing import TypeVar

from sqlalchemy import all_ as all_
from sqlalchemy import and_ as and_
from sqlalchemy import any_ as any_
from sqlalchemy import asc as asc
from sqlalchemy import between as between
from sqlalchemy import case as case
from sqlalchemy import cast as cast
from sqlalchemy import collate as collate
from sqlalchemy import desc as desc
from sqlalchemy import distinct as distinct
from sqlalchemy import extract as extract
from sqlalchemy import funcfilter as funcfilter
from sqlalchemy import label as label
from sqlalchemy import not_ as not_
from sqlalchemy import nulls_first as nulls_first
from sqlalchemy import nulls_last as nulls_last
from sqlalchemy import or_ as or_
from sqlalchemy import over as over
from sqlalchemy import Select as Select
from sqlalchemy import try_cast as try_cast
from sqlalchemy import tuple_ as tuple_
from sqlalchemy import type_coerce as type_coerce
from sqlalchemy import within_group as within_group
from sqlmodel import col as col
from sqlmodel import select as select

_T = TypeVar("_T")

class SelectOfScalar(Select[tuple[_T], _T]): ...
