"""Loader options."""

from sqlalchemy.orm import contains_eager as contains_eager
from sqlalchemy.orm import defaultload as defaultload
from sqlalchemy.orm import defer as defer
from sqlalchemy.orm import immediateload as immediateload
from sqlalchemy.orm import joinedload as joinedload
from sqlalchemy.orm import lazyload as lazyload
from sqlalchemy.orm import Load as Load
from sqlalchemy.orm import load_only as load_only
from sqlalchemy.orm import noload as noload
from sqlalchemy.orm import raiseload as raiseload
from sqlalchemy.orm import selectin_polymorphic as selectin_polymorphic
from sqlalchemy.orm import selectinload as selectinload
from sqlalchemy.orm import subqueryload as subqueryload
from sqlalchemy.orm import undefer as undefer
from sqlalchemy.orm import undefer_group as undefer_group
from sqlalchemy.orm import with_expression as with_expression
