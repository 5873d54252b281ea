"""Results."""

from sqlalchemy.ext.asyncio import AsyncMappingResult as AsyncMappingResult
from sqlalchemy.ext.asyncio import AsyncResult as AsyncResult
from sqlalchemy.ext.asyncio import AsyncScalarResult as AsyncScalarResult
from sqlalchemy.ext.asyncio import AsyncTupleResult as AsyncTupleResult
