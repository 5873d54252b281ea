"""Sessions of a scope."""

from sqlalchemy.ext.asyncio import async_scoped_session as async_scoped_session
