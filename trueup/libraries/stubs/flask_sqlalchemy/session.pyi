"""Sessions."""

from sqlalchemy.orm import Session as _Session

class Session(_Session): ...
