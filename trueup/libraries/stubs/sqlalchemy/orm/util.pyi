"""Aliases."""

from sqlalchemy.orm import aliased as aliased
from sqlalchemy.orm import Bundle as Bundle
from sqlalchemy.orm import join as join
from sqlalchemy.orm import object_mapper as object_mapper
from sqlalchemy.orm import outerjoin as outerjoin
from sqlalchemy.orm import polymorphic_union as polymorphic_union
from sqlalchemy.orm import was_deleted as was_deleted
from sqlalchemy.orm import with_parent as with_parent
from sqlalchemy.orm import with_polymorphic as with_polymorphic
