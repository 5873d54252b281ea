"""Measures the SQLAlchemy steps of `migrate-v2` on a project made for it: 600 files, 1,500 columns, 400 queries."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from measure import table, trueup

TABLES, COLUMNS, REPOSITORIES, QUERIES, SERVICES = 150, 10, 100, 4, 349
STEPS = ("base", "columns", "relationships", "core", "queries")

BASE = "from sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n"
TYPES = ("Integer", "String(50)", "Text", "Boolean", "DateTime", "Numeric(10, 2)", "Float")


def model(number: int) -> str:
    """A table that refers to the one before, and has a list of those that refer to it."""
    lines = [
        "from sqlalchemy import Boolean, Column, DateTime, Float, ForeignKey, Integer, Numeric, String, Text",
        "from sqlalchemy.orm import relationship\n",
        "from made.base import Base\n\n",
        f"class Thing{number}(Base):",
        f'    __tablename__ = "thing_{number}"\n',
        "    id = Column(Integer, primary_key=True)",
    ]
    referring = number > 0
    if referring:
        lines.append(
            f'    parent_id = Column(Integer, ForeignKey("thing_{number - 1}.id"), nullable=False, index=True)'
        )
    for place in range(COLUMNS - 1 - referring):
        nullable = ", nullable=False" if place % 2 else ""
        lines.append(f"    field_{place} = Column({TYPES[(number + place) % len(TYPES)]}{nullable})")
    lines.append("")
    if referring:
        lines.append(f'    parent = relationship("Thing{number - 1}", back_populates="children")')
    if number < TABLES - 1:
        lines.append(f'    children = relationship("Thing{number + 1}", back_populates="parent")')
    return "\n".join(lines) + "\n"


def repository(number: int) -> str:
    """Four queries on one table."""
    name = f"Thing{number}"
    return f"""from sqlalchemy.orm import Session

from made.models.thing_{number} import {name}


class {name}Repository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, key: int) -> {name} | None:
        return self.session.query({name}).get(key)

    def some(self, wanted: str) -> list[{name}]:
        return self.session.query({name}).filter({name}.field_0 == wanted).order_by({name}.id).all()

    def first_above(self, key: int) -> {name} | None:
        return self.session.query({name}).filter({name}.id > key).first()

    def how_many(self) -> int:
        return self.session.query({name}).filter({name}.field_1.isnot(None)).count()
"""


def service(number: int) -> str:
    """A module that only uses a repository."""
    name = f"Thing{number % REPOSITORIES}"
    return f"""from sqlalchemy.orm import Session

from made.repositories.thing_{number % REPOSITORIES} import {name}Repository


class Service{number}:
    def __init__(self, session: Session) -> None:
        self.things = {name}Repository(session)

    def describe(self, key: int) -> str:
        thing = self.things.get(key)
        return "none" if thing is None else f"{{thing.id}} of {{self.things.how_many()}}"
"""


def write_project(root: Path) -> None:
    """Write the files below a folder."""
    texts = {"made/__init__.py": "", "made/base.py": BASE}
    texts |= {f"made/models/thing_{n}.py": model(n) for n in range(TABLES)}
    texts |= {f"made/repositories/thing_{n}.py": repository(n) for n in range(REPOSITORIES)}
    texts |= {f"made/services/service_{n}.py": service(n) for n in range(SERVICES)}
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="runs; the fastest counts")
    args = parser.parse_args()
    steps = [word for step in STEPS for word in ("--step", f"sqlalchemy-{step}")]
    with tempfile.TemporaryDirectory(prefix="trueup-benchmark-") as scratch:
        root = Path(scratch)
        write_project(root)
        command = ("migrate-v2", "--diff", "--no-cache", "--allow-no-vcs", *steps, ".")
        runs = [trueup(command, root) for _ in range(args.times)]
        fastest = min(runs, key=lambda run: run.seconds)
        if fastest.exit != 1:
            sys.exit(f"exit {fastest.exit}: {fastest.stderr.strip()[-400:]}")
        done = re.search(r"Would repair [^;]*", fastest.stdout + fastest.stderr)
        rows = [
            ("what", "figure"),
            ("files", sum(1 for _ in root.rglob("*.py"))),
            ("columns, queries", f"{TABLES * COLUMNS}, {REPOSITORIES * QUERIES}"),
            ("done", done[0] if done else "-"),
            ("seconds", round(fastest.seconds, 2)),
            ("peak MB", round(fastest.megabytes)),
        ]
        print(table(rows))


if __name__ == "__main__":
    main()
