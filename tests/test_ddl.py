"""The tables stay: every SQLAlchemy fixture that can be imported makes the same ones before and after its repair."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.fix import fix_project
from trueup.verify.probes.tables import DIALECTS

from .oracles.ddl import differences, dumps

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

CASES = sorted(case for case in (ROOT / "fixtures" / "sqlalchemy").glob("*/*/") if (case / "before").is_dir())
PINS = ROOT / "tests" / "oracles" / "pins"
NEW = ("2.0", "2.1")
RULES = ("TUS",)

REPAIRED = ("annotated_already", "annotated_as_text", "aliases_are_kept")
"""Where SQLAlchemy 2 maps the old code in another way than 1.4 did, and the repair makes that good."""

OTHER_TABLES = ("computed_without_persisted", "float_without_type")
"""Rules whose repairs change tables on purpose: 2.1 makes others of the same code than 2.0 did."""
WRONG_ANNOTATIONS = ("annotation_against_column", "float_without_type")
"""Rules about annotations that do not fit: only a person can say which side is right."""
NOT_IMPORTED = ("skip_run_sync",)
"""What needs `greenlet`, which is in no environment."""

Dump = dict[str, Any]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """The programs of the fixtures: as they are, and with all that is repaired."""
    found = []
    for case in CASES:
        folder = tmp_path_factory.mktemp(f"ddl_{case.parent.name}_{case.name}", numbered=False)
        old, new = folder / "old", folder / "new"
        shutil.copytree(case / "before", old)
        shutil.copytree(case / "before", new)
        configs = Configs.load([str(new)], CliOptions(select=RULES), cwd=str(new))
        workspace = Workspace.open([str(new)], configs)
        for path in fix_project(workspace, lambda finding: finding.fixable).changed:
            assert workspace.write(path) is None
        found.append((old, new))
    return found


@pytest.fixture(scope="module")
def dumped(programs: list[tuple[Path, Path]]) -> dict[str, list[tuple[Dump, Dump]]]:
    """Version -> what each program's tables are like, before and after."""
    found = {}
    for version in ("1.4", *NEW):
        python = environment(PINS / f"sqlalchemy-{version}.txt")
        old, new = (dumps(python, [pair[index] for pair in programs]) for index in (0, 1))
        found[version] = list(zip(old, new, strict=True))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("version", NEW)
def test_the_tables_are_the_same_byte_for_byte(version: str, dumped: dict[str, list[tuple[Dump, Dump]]]) -> None:
    compared = 0
    for case, (old, new) in zip(CASES, dumped[version], strict=True):
        if not old["failed"] and case.name not in REPAIRED and case.parent.name not in OTHER_TABLES:
            assert not new["failed"], f"{case}: {new['failed']}"
            assert differences(old, new) == [], case
            compared += sum(map(len, old["ddl"].values()))
    assert compared > 100, "tables and dialects"


@pytest.mark.slow
@pytest.mark.parametrize("version", NEW)
def test_relationships_lead_where_they_led(version: str, dumped: dict[str, list[tuple[Dump, Dump]]]) -> None:
    compared = 0
    for case, (old, _), (_, new) in zip(CASES, dumped["1.4"], dumped[version], strict=True):
        if case.name.startswith("manual_") or old["failed"] or new["failed"]:
            continue
        for cls, attributes in old["mapped"].items():
            for name, facts in attributes.items():
                if any(fact.startswith("direction=") for fact in facts):
                    assert kept(new["mapped"][cls][name]) == kept(facts), f"{case}: {cls}.{name}"
                    compared += 1
    assert compared > 100, "relationships"


def kept(facts: list[str]) -> list[str]:
    """What of a relationship is the same in all versions."""
    names = ("to", "direction", "uselist", "back_populates", "lazy", "order_by", "secondary", "viewonly")
    return [fact for fact in facts if fact.partition("=")[0] in names]


@pytest.mark.slow
@pytest.mark.parametrize("version", NEW)
def test_the_tables_are_those_of_the_old_version(version: str, dumped: dict[str, list[tuple[Dump, Dump]]]) -> None:
    compared = 0
    for case, (old, _), (_, new) in zip(CASES, dumped["1.4"], dumped[version], strict=True):
        if case.name.startswith("manual_") or old["failed"] or case.name in NOT_IMPORTED:
            continue
        assert not new["failed"], f"{case}: {new['failed']}"
        for dialect in DIALECTS:
            before, after = old["ddl"][dialect], new["ddl"][dialect]
            for table in {*before, *after}:
                if before.get(table, "") is not None and after.get(table, "") is not None:
                    assert unordered(before[table]) == unordered(after[table]), f"{case}: {table} in {dialect}"
                    compared += 1
    assert compared > 100, "tables and dialects"


@pytest.mark.slow
@pytest.mark.parametrize("version", NEW)
def test_the_annotations_say_what_the_columns_hold(version: str, dumped: dict[str, list[tuple[Dump, Dump]]]) -> None:
    pairs = zip(CASES, dumped[version], strict=True)
    lies = {case.name: new["lies"] for case, (_, new) in pairs if case.parent.name not in WRONG_ANNOTATIONS}
    assert {name: found for name, found in lies.items() if found} == {}


def unordered(statements: list[str]) -> list[list[str]]:
    """Statements without what SQLAlchemy 2 says otherwise of one and the same model.

    It puts the columns of mixins behind those of the class, no longer says where a sequence starts, and (from 2.1 on)
    leaves it to PostgreSQL whether a computed column is stored.
    """
    plain = [re.sub(r" START WITH 1$| STORED(?=,?$)", "", one, flags=re.MULTILINE) for one in statements]
    return [sorted(line.rstrip(",") for line in one.split("\n")) for one in plain]


@pytest.mark.slow
@pytest.mark.parametrize("version", NEW)
def test_tables_that_describe_databases_are_nobodys(version: str, tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(
        "from sqlalchemy import Column, Integer, MetaData, Table\n"
        "from sqlalchemy.dialects.mssql import information_schema\n"
        "from sqlalchemy.dialects.oracle import dictionary\n"
        "from sqlalchemy.dialects.postgresql import pg_catalog\n"
        "users = Table('users', MetaData(), Column('id', Integer, primary_key=True))\n",
        "utf-8",
    )
    (found,) = dumps(environment(PINS / f"sqlalchemy-{version}.txt"), [tmp_path])
    assert not found["failed"]
    assert {dialect: list(tables) for dialect, tables in found["ddl"].items()} == {one: ["users"] for one in DIALECTS}


@pytest.mark.slow
def test_the_driver_is_the_same_in_all_versions(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(
        "from sqlalchemy import CHAR, Column, Integer, MetaData, Table\n"
        "from sqlalchemy.types import TypeDecorator\n"
        "class Key(TypeDecorator):\n"
        "    impl = CHAR\n"
        "    cache_ok = True\n"
        "    def load_dialect_impl(self, dialect):\n"
        "        return dialect.type_descriptor(CHAR(32))\n"
        "keys = Table('keys', MetaData(), Column('key', Key, primary_key=True))\n",
        "utf-8",
    )
    found = [dumps(environment(PINS / f"sqlalchemy-{version}.txt"), [tmp_path])[0] for version in ("1.4", *NEW)]
    assert found[0]["ddl"] == found[1]["ddl"] == found[2]["ddl"]
    assert "CHAR(32)" in found[2]["ddl"]["postgresql"]["keys"][0]
