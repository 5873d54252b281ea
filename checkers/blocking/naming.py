"""How functions are called in messages."""

from __future__ import annotations


def short(name: str) -> str:
    """`Session.commit` of `sqlalchemy.orm.Session.commit`, `get_user` of `app.crud.get_user`."""
    parts = name.split(".")
    return ".".join(parts[-2:]) if len(parts) > 1 and parts[-2][:1].isupper() else parts[-1]
