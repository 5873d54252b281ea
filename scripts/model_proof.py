"""Models of real projects, migrated to SQLAlchemy 2: do they load, and are tables, mappers and types as they were?

    .venv/bin/python scripts/model_proof.py                    # every project; builds their environments, once
    .venv/bin/python scripts/model_proof.py --only mlflow      # one of them
    .venv/bin/python scripts/model_proof.py --keep FOLDER      # leaves the migrated copies there, to be read

Each project is looked at three times: as it was beside SQLAlchemy 1.4, as it was beside 2.x (with something in place of
what 2.x no longer has), and migrated beside 2.x. Between the last two, `CREATE TABLE` and `CREATE INDEX` must be equal
byte for byte in three dialects, and all that is known of mappers; from the first one may differ what 2.x itself does
otherwise: the order of columns from mixins. mypy may not say more of SQLAlchemy than before, a second migration must
change nothing. Nothing is written but to the cache and to temporary folders.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import router_repairs
from corpus import PROJECTS, cache_folder, fetch
from environments import CannotBuild, environment
from measure import table, trueup
from real_projects import modules

ORACLE = Path(__file__).resolve().parent.parent / "tests" / "oracles" / "ddl.py"
DIALECTS = ("sqlite", "postgresql", "mysql")
OLD, NEW = "1.4.54", "2.0.58"
STEPS = ("base", "columns", "relationships", "core", "queries")

UNMAPPED = """
from sqlalchemy.orm import DeclarativeMeta
def init(cls, name, bases, body, made=DeclarativeMeta.__init__, **rest):
    for one in cls.__mro__:
        if vars(one).get("__annotations__") and "Mapped" not in str(one.__annotations__):
            one.__annotations__ = {}
    made(cls, name, bases, body, **rest)
DeclarativeMeta.__init__ = init
"""
"""Annotations that do not say `Mapped`, which 1.4 did not look at."""

LISTS = """
import sqlalchemy, sqlalchemy.sql, sqlalchemy.sql.expression
def flat(made):
    def take(*args, whereclause=None, from_obj=None, group_by=None, **rest):
        if not (args and isinstance(args[0], list)):
            return made(*args, **rest)
        if made is case:
            return made(*args[0], *args[1:], **rest)
        found = made(*args[0])
        for one in (*args[1:], *([whereclause] if whereclause is not None else [])):
            found = found.where(one)
        found = found if from_obj is None else found.select_from(from_obj)
        return found if group_by is None else found.group_by(group_by)
    return take
select, case = sqlalchemy.select, sqlalchemy.case
for home in (sqlalchemy, sqlalchemy.sql, sqlalchemy.sql.expression):
    home.select, home.case = flat(select), flat(case)
"""
"""`select([...])` and `case([...])` as they were."""

ENCODING = """
import sqlalchemy
def create_engine(*args, made=sqlalchemy.create_engine, encoding=None, **rest):
    return made(*args, **rest)
sqlalchemy.create_engine = create_engine
"""
"""`create_engine(encoding=...)` as it was."""

POOLS = """
import sqlalchemy.pool
if not hasattr(sqlalchemy.pool, "FallbackAsyncAdaptedQueuePool"):
    sqlalchemy.pool.FallbackAsyncAdaptedQueuePool = sqlalchemy.pool.AsyncAdaptedQueuePool
"""
"""A pool that 2.1 does not have any more."""

AUTH = """[mlflow]
default_permission = READ
database_uri = sqlite:///basic_auth.db
admin_username = admin
admin_password = password
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A project, where its models are, and how these are made to run."""

    name: str
    package: str
    start: str
    """The program that brings all its tables to life."""
    around: tuple[str, ...]
    """Modules and packages that are imported, each module in a process of its own: models, and who asks for them."""
    typed: tuple[str, ...]
    """What mypy looks at."""
    also: tuple[str, ...] = ()
    """What it imports and declares nowhere, or needs another version of than it says."""
    gone: str = ""
    """What it uses of SQLAlchemy that 2.x does not have: put there for the project as it was, beside 2.x."""
    still: str = ""
    """What of this a migration leaves to a person, so that the migrated project needs it too."""
    variables: tuple[tuple[str, str], ...] = ()
    settings: str = ""
    """What is in `settings.ini` of its home."""


SUBJECTS = (
    Subject(
        "galaxy-data", "galaxy", "import galaxy.model, galaxy.model.tool_shed_install", ("galaxy.model",),
        ("galaxy.model",), gone=LISTS,
        also=("galaxy-util<23.1", "galaxy-files<23.1", "galaxy-objectstore<23.1", "galaxy-tool-util<23.1"),
    ),
    Subject("jupyterhub", "jupyterhub", "import jupyterhub.orm", ("jupyterhub",), ("jupyterhub",)),
    Subject(
        "mlflow", "mlflow",
        "import mlflow.store.tracking.dbmodels.models, mlflow.store.model_registry.dbmodels.models\n"
        "import mlflow.server.auth.sqlalchemy_store",
        ("mlflow.store", "mlflow.server.auth"), ("mlflow.store", "mlflow.server.auth"), also=("flask-wtf",),
        gone=POOLS, variables=(("MLFLOW_AUTH_CONFIG_PATH", "{home}/settings.ini"),), settings=AUTH,
    ),
    Subject(
        "apache-airflow", "airflow",
        "import airflow.models; airflow.models.import_all_models(); import airflow.auth.managers.fab.models",
        ("airflow.models", "airflow.jobs", "airflow.auth.managers.fab.models"),
        ("airflow.models", "airflow.jobs", "airflow.auth.managers.fab.models"),
        also=("flask-session<0.6", "pendulum<3"), gone=ENCODING, still=ENCODING,
        variables=(("AIRFLOW_HOME", "{home}"),),
    ),
    Subject(
        "prefect", "prefect",
        "from prefect.server.database.dependencies import provide_database_interface; provide_database_interface()",
        ("prefect.server.database", "prefect.server.models"), ("prefect.server.database", "prefect.server.models"),
        also=("pydantic<2", "griffe<1", "pendulum>=3,<4", "click<8.2", "anyio<4", "cachetools", "pytest", "greenlet"),
    ),
)  # fmt: skip


@dataclass
class Report:
    """What became of one project."""

    project: str
    sqlalchemy: str
    files: int = 0
    """Files that the migration changed."""
    again: list[str] = field(default_factory=list)
    """Files that a second one changes."""
    modules: int = 0
    """Modules that were looked at."""
    imported: dict[str, int] = field(default_factory=dict)
    """How many of them can be imported: `old`, `between` (as it was, beside 2.x), `new`."""
    refused: dict[str, int] = field(default_factory=dict)
    """Why others cannot be, and how many."""
    lost: list[str] = field(default_factory=list)
    """Those that could be imported with 1.4, and cannot now."""
    found: dict[str, int] = field(default_factory=dict)
    """`tables`, `columns` (mapped ones), `relationships`."""
    tables: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Dialect -> how many tables are equal byte for byte, of how many."""
    ddl: list[str] = field(default_factory=list)
    """Statements that are not."""
    mappers: list[str] = field(default_factory=list)
    """What is mapped in another way, as lines of a difference."""
    since: list[str] = field(default_factory=list)
    """What differs from 1.4, in tables and relationships."""
    types: tuple[int, int] | None = None
    """mypy's errors before and after."""
    spoken: tuple[int, int] | None = None
    """Those of them that speak of SQLAlchemy."""
    said: list[str] = field(default_factory=list)
    """What mypy says of SQLAlchemy now and did not before."""
    other: list[str] = field(default_factory=list)
    """The same of other things."""
    problem: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether all holds that is promised."""
        grown = self.spoken is None or self.spoken[1] > self.spoken[0]
        return not (self.again or self.lost or self.ddl or self.mappers or self.since or grown or self.problem)


SPEAKS = re.compile(
    r"sqlalchemy|declarative|\b(?:Mapped|WriteOnlyMapped|DynamicMapped|MappedColumn|mapped_column|(?:\w*Column|Table|"
    r"From|Cursor|Scalar|SQLCore|BinaryExpression|Unary|Text)(?:Element|Clause|Operations|Result)?|Query|RowReturning\w*"
    r"|AppenderQuery|Select\w*|\w*Session|scoped_session|sessionmaker|InstrumentedAttribute|QueryableAttribute|\w*Result"
    r"|_?Relationship\w*|relationship|Row|RowMapping|Engine|Connection|MetaData|Subquery|CTE|Alias\w*|hybrid_\w+"
    r"|Base|MapperProperty|Type(?:Engine|Decorator)|Update|Delete|Insert|Executable)\b"
)
"""The names of its classes, as mypy says them."""


def pins(subject: Subject, version: str, sqlalchemy: str, cache: Path) -> Path:
    """A file with the versions of all that a project needs beside a version of SQLAlchemy, resolved once."""
    path = cache / "pins" / f"{subject.name}-{version}-sqlalchemy-{sqlalchemy}.txt"
    wanted = "\n".join((f"{subject.name}=={version}", "setuptools<81", *subject.also)) + "\n"
    # What of Alembic is newer goes with 2.x alone.
    overrides = f"sqlalchemy=={sqlalchemy}\nalembic<1.20\n"
    head = "".join(f"# {line}\n" for line in (wanted + overrides).splitlines())
    if not path.exists() or not path.read_text("utf-8").startswith(head):
        path.parent.mkdir(parents=True, exist_ok=True)
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
        with tempfile.NamedTemporaryFile("w", suffix=".in") as override:
            override.write(overrides)
            override.flush()
            command = [uv or "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
            done = subprocess.run(
                [*command, "--override", override.name, "-"], input=wanted, text=True, check=True, capture_output=True
            )
        path.write_text(head + done.stdout, "utf-8")
    return path


def runner(subject: Subject, python: Path, copy: Path, scratch: Path, stand_in: str) -> router_repairs.Runner:
    """One copy beside one SQLAlchemy; `stand_in` runs before all else."""
    home = Path(tempfile.mkdtemp(dir=scratch))
    (home / "sitecustomize.py").write_text(stand_in, "utf-8")
    (home / "every_model.py").write_text(subject.start, "utf-8")
    (scratch / "home").mkdir(exist_ok=True)
    (scratch / "home" / "settings.ini").write_text(subject.settings, "utf-8")
    variables = (*subject.variables, ("PYTHONPATH", str(home)))
    own = router_repairs.Subject(subject.name, "", subject.package, "", variables=variables, typed=subject.typed)
    return router_repairs.Runner(own, python, copy, scratch)


DUMPER = """
import json, runpy, sys
from pathlib import Path
sys.path.append(str(Path(sys.argv[2]).parents[2]))  # the oracle looks with what trueup looks with
oracle = runpy.run_path(sys.argv[2])
print("\\n" + json.dumps(oracle["dump"](sys.argv[1] + "=every_model")))
"""


def dumped(one: router_repairs.Runner) -> dict[str, Any]:
    """What the oracle of tables says of a project. Raises ValueError where it cannot be asked."""
    done = one.run(DUMPER, [str(ORACLE)])
    if done.returncode:
        raise ValueError(f"no tables: {' '.join(done.stderr.split())[-600:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def names(subject: Subject, copy: Path) -> list[str]:
    """The modules that are imported."""
    found = []
    for path in sorted(copy.rglob("*.py")):
        name = ".".join(path.relative_to(copy).with_suffix("").parts).removesuffix(".__init__")
        # Files that Alembic runs are no modules, and those of tests ask for what nobody has installed.
        if any(f"{name}.".startswith(f"{one}.") for one in subject.around) and not re.search(
            r"(^|\.)(migrations|versions|alembic|tests?|unittest_utils|__main__)(\.|$)", name
        ):
            found.append(name)
    return found


def migrated(report: Report, source: Path, copy: Path) -> None:
    """Migrate a copy, twice. Raises ValueError where that fails."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy)
    before = modules(copy)
    steps = [word for step in STEPS for word in ("--step", f"sqlalchemy-{step}")]
    command = ("migrate-v2", ".", "--allow-no-vcs", "--no-cache", "--isolated", *steps)
    run = trueup(command, copy)
    if run.exit not in (0, 3):
        raise ValueError(f"migrate-v2 ended with {run.exit}: {run.stderr[-500:]}")
    after = modules(copy)
    report.files = sum(before.get(path) != data for path, data in after.items())
    trueup(command, copy)
    report.again = [path for path, data in modules(copy).items() if after.get(path) != data]


def compare_tables(report: Report, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Byte for byte: each table in each dialect that can express it."""
    for dialect in DIALECTS:
        was, now = old["ddl"].get(dialect, {}), new["ddl"].get(dialect, {})
        tables = sorted(name for name in {*was, *now} if was.get(name) or now.get(name))
        equal = [name for name in tables if name in was and name in now and was[name] == now[name]]
        report.tables[dialect] = len(equal), len(tables)
        report.ddl += [f"{dialect}: {name}: {changed(was.get(name), now.get(name))}" for name in tables
                       if name not in equal]  # fmt: skip


def changed(old: Sequence[str] | None, new: Sequence[str] | None) -> str:
    """The lines in which statements differ."""
    texts = [Counter(line.strip() for text in one or () for line in text.split("\n")) for one in (old, new)]
    gone, come = texts[0] - texts[1], texts[1] - texts[0]
    return f"-{sorted(gone)} +{sorted(come)}" if gone or come else "the order of lines"


def compare_mappers(old: Mapping[str, Any], new: Mapping[str, Any], kept: re.Pattern[str] | None = None) -> list[str]:
    """Each attribute that is mapped in another way; of the facts only those that `kept` matches."""
    found = []
    for cls in sorted({*old["mapped"], *new["mapped"]}):
        was, now = old["mapped"].get(cls, {}), new["mapped"].get(cls, {})
        for name in sorted({*was, *now}):
            facts = [[fact for fact in one.get(name, ["-"]) if not kept or kept.match(fact)] for one in (was, now)]
            if facts[0] != facts[1]:
                gone, come = ([f for f in facts[i] if f not in facts[1 - i]] for i in (0, 1))
                found.append(f"{cls}.{name}: -{gone} +{come}")
    return found


def unordered(statements: Sequence[str] | None) -> list[list[str]] | None:
    """Statements without what SQLAlchemy 2 says otherwise of one and the same model, such as `DEFAULT ((now()))`."""
    if statements is None:
        return None
    plain = [re.sub(r" START WITH 1$| STORED(?=,?$)|[()]", "", one, flags=re.MULTILINE) for one in statements]
    return sorted(sorted(" ".join(line.rstrip(",").split()) for line in one.split("\n")) for one in plain)


KEPT = re.compile(r"(-$|to|direction|uselist|back_populates|lazy|order_by|secondary|viewonly|cascade)(=|$)")


def since(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What is not as it was with 1.4: tables but for the order of lines, relationships."""
    found = []
    for dialect in DIALECTS:
        was, now = old["ddl"].get(dialect, {}), new["ddl"].get(dialect, {})
        found += [
            f"{dialect}: {name}: {changed(was.get(name), now.get(name))}"
            for name in sorted({*was, *now})
            if unordered(was.get(name, [])) != unordered(now.get(name, []))
        ]
    return found + compare_mappers(old, new, KEPT)


def judge_types(report: Report, before: Sequence[str], after: Sequence[str]) -> None:
    """What mypy says, counted."""
    report.types = len(before), len(after)
    report.spoken = sum(map(bool, map(SPEAKS.search, before))), sum(map(bool, map(SPEAKS.search, after)))
    come = sorted((Counter(after) - Counter(before)).elements())
    report.said = [line for line in come if SPEAKS.search(line)]
    report.other = [line for line in come if not SPEAKS.search(line)]


def examine(subject: Subject, cache: Path, keep: Path | None, sqlalchemy: str, *, typed: bool) -> Report:
    """Everything about one project."""
    (project,) = (one for one in PROJECTS if one.name == subject.name)
    report = Report(f"{project.name} {project.version}", sqlalchemy)
    with tempfile.TemporaryDirectory(prefix=f"models-{project.name}-") as folder:
        scratch = Path(folder).resolve()
        try:
            source = fetch(project, cache)
            first = environment(pins(subject, project.version, OLD, cache), as_named=True)
            python = environment(pins(subject, project.version, sqlalchemy, cache), as_named=True)
            copy = (keep or scratch).resolve() / f"{project.name}-migrated"
            migrated(report, source, copy)
            original = scratch / "before"
            shutil.copytree(source, original)
            old = runner(subject, first, original, scratch, "")
            between = runner(subject, python, original, scratch, UNMAPPED + subject.gone)
            new = runner(subject, python, copy, scratch, subject.still)
            look(report, names(subject, original), old, between, new)
            if typed:
                judge_types(report, between.types(), new.types())
        except (CannotBuild, subprocess.SubprocessError, ValueError, OSError) as error:
            report.problem = f"{error}: {getattr(error, 'stderr', None) or ''}"[-900:]
    return report


def look(
    report: Report,
    asked: Sequence[str],
    old: router_repairs.Runner,
    between: router_repairs.Runner,
    new: router_repairs.Runner,
) -> None:
    """Import the modules, compare tables and mappers. Raises ValueError where there are none."""
    results = {"old": old.imports(asked), "between": between.imports(asked), "new": new.imports(asked)}
    report.modules = len(asked)
    report.imported = {label: sum(not why for why in one.values()) for label, one in results.items()}
    report.refused = dict(
        Counter(f"{label}: {why}" for label, one in results.items() for why in one.values() if why).most_common()
    )
    report.lost = [f"{name}: {why}" for name, why in results["new"].items() if why and not results["old"][name]]
    dumps = {label: dumped(one) for label, one in (("old", old), ("between", between), ("new", new))}
    for label, one in dumps.items():
        if one["failed"]:
            raise ValueError(f"{label}: {one['failed']}")
    facts = [how for attributes in dumps["new"]["mapped"].values() for how in attributes.values()]
    related = sum(any(fact.startswith("direction=") for fact in how) for how in facts)
    report.found = {
        "tables": len(dumps["new"]["ddl"]["sqlite"]), "columns": len(facts) - related, "relationships": related,
    }  # fmt: skip
    compare_tables(report, dumps["between"], dumps["new"])
    report.mappers = compare_mappers(dumps["between"], dumps["new"])
    report.since = since(dumps["old"], dumps["new"])


HEADINGS = (
    "project", "tables", "columns", "relationships", "files", "modules", "imported 1.4", "2.x", "migrated", *DIALECTS,
    "mappers", "since 1.4", "mypy before", "after", "of SQLAlchemy", "after", "twice",
)  # fmt: skip


def summary(reports: Sequence[Report], *, short: bool = False) -> str:
    """The table, and what differs unless it is to be `short`."""
    rows: list[Sequence[object]] = [HEADINGS]
    for one in reports:
        equal = [f"{a} of {b}" for a, b in one.tables.values()] or ["-"] * len(DIALECTS)
        rows.append((
            one.project, *(one.found.get(name, "-") for name in HEADINGS[1:4]), one.files, one.modules,
            *(one.imported.get(label, "-") for label in ("old", "between", "new")), *equal,
            len(one.mappers), len(one.since), *(one.types or "--"), *(one.spoken or "--"), len(one.again),
        ))  # fmt: skip
    text = table(rows)
    for one in () if short else reports:
        for kind, lines in (
            ("changed again", one.again),
            ("cannot be imported", [f"{many} x {' '.join(why.split())[:240]}" for why, many in one.refused.items()]),
            ("lost", one.lost),
            ("table", one.ddl),
            ("mapper", one.mappers),
            ("since 1.4", one.since),
            ("mypy of SQLAlchemy", one.said),
            ("mypy", one.other),
            ("problem", [one.problem] if one.problem else []),
        ):
            text += "".join(f"{one.project}: {kind}: {line}\n" for line in lines)
    return text


def main() -> int:
    """Exit code 1 where something got worse, or could not be looked at."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", metavar="NAME", help="this project (repeatable)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the migrated copies there")
    parser.add_argument("--sqlalchemy", default=NEW, metavar="VERSION", help="the version afterwards (%(default)s)")
    parser.add_argument("--no-types", action="store_true", help="do not ask mypy")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the results there")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where wheels are kept (%(default)s)")
    options = parser.parse_args()
    known = [subject.name for subject in SUBJECTS]
    if unknown := sorted(set(options.only or ()) - set(known)):
        parser.error(f"no such project: {', '.join(unknown)} (there are {', '.join(known)})")
    reports: list[Report] = []
    for subject in SUBJECTS:
        if not options.only or subject.name in options.only:
            cache = options.cache.resolve()
            reports.append(examine(subject, cache, options.keep, options.sqlalchemy, typed=not options.no_types))
            print(summary(reports[-1:]), flush=True)
    if len(reports) > 1:
        print(summary(reports, short=True), end="")
    if options.out:
        options.out.write_text(json.dumps([asdict(one) for one in reports], indent=1) + "\n", "utf-8")
    return int(not all(one.is_fine for one in reports))


if __name__ == "__main__":
    sys.exit(main())
