"""Serializers."""

from pydantic import field_serializer as field_serializer
from pydantic import model_serializer as model_serializer
from pydantic import PlainSerializer as PlainSerializer
from pydantic import SerializeAsAny as SerializeAsAny
from pydantic import WrapSerializer as WrapSerializer
