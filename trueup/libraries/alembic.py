"""Which files are Alembic migrations: models in them are frozen as they were, and stay."""

from __future__ import annotations

from pathlib import PurePath

from ..index.facts import FileFacts


def is_migration(file: FileFacts) -> bool:
    """Whether a file is a revision, or stands in a folder of migrations."""
    if any(binding.name == "down_revision" for binding in file.scope.bindings):
        return True
    folders = [part.lower() for part in PurePath(file.path).parts[:-1]]
    return any(part in ("alembic", "migrations") or part.endswith(("_migrations", "_alembic")) for part in folders)
