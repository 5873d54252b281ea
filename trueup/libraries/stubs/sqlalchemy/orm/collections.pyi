"""Collections of related objects."""

from sqlalchemy.orm import attribute_keyed_dict as attribute_keyed_dict
from sqlalchemy.orm import attribute_mapped_collection as attribute_mapped_collection
from sqlalchemy.orm import column_keyed_dict as column_keyed_dict
from sqlalchemy.orm import column_mapped_collection as column_mapped_collection
from sqlalchemy.orm import keyfunc_mapping as keyfunc_mapping
from sqlalchemy.orm import KeyFuncDict as KeyFuncDict
from sqlalchemy.orm import mapped_collection as mapped_collection
from sqlalchemy.orm import MappedCollection as MappedCollection
