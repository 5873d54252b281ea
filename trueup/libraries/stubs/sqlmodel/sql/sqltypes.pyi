"""Types of columns."""

from sqlmodel import AutoString as AutoString
from sqlmodel import UTCDateTime as UTCDateTime
