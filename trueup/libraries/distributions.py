"""Which distributions the migrated code needs, and from which version on."""

from __future__ import annotations

from msgspec import Struct


class Floor(Struct, frozen=True):
    """A distribution and the first version that will do; `below`: the first that may not."""

    name: str
    version: str
    below: str
    added_for: str = ""
    """The top-level package that a project which imports it must depend on for it; empty: never added."""
    gone_extras: tuple[str, ...] = ()


FLOORS: dict[str, tuple[Floor, ...]] = {
    "pydantic": (
        # 2.7 is the first that today's FastAPI works with.
        Floor("pydantic", "2.7", "3", gone_extras=("dotenv",)),
        Floor("pydantic-settings", "2.0", "3", added_for="pydantic_settings"),
        Floor("pydantic-extra-types", "2.0", "3", added_for="pydantic_extra_types"),
        # 0.100 is the first that knows Pydantic 2.
        Floor("fastapi", "0.100", ""),
        Floor("email-validator", "2.0", "3"),
    ),
    "sqlalchemy": (Floor("sqlalchemy", "2.0", "3"),),
    # 0.20 is the first whose clients are told whether to follow redirects.
    "httpx": (Floor("httpx", "0.20", "", added_for="httpx"),),
    "httpx2": (Floor("httpx2", "2.0", "", added_for="httpx2"),),
}
"""Library whose rules repaired something, or that repairs bring along -> what the project must depend on then."""
NEEDS = (
    ("dotenv_filtering", "pydantic-settings", "2.14"),
    ("UrlConstraints", "pydantic", "2.10"),
    ("validate_by_name", "pydantic", "2.11"),
    ("polymorphic_serialization", "pydantic", "2.13"),
    ("openapi_examples", "fastapi", "0.103"),
)
"""Name in the code -> the distribution that has it, and since when."""
