"""Real projects written for Pydantic 1, migrated, and every module of theirs imported under Pydantic 2.

Each project gets an environment with the dependencies its wheel declares, lifted where they would not have Pydantic 2,
and one beside Pydantic 1, where its modules are imported as they were.
Nothing is written but to the cache and to temporary folders; the first run downloads some 1.5 GB.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus import PROJECTS, cache_folder, fetch
from environments import CannotBuild, environment

LIFTED = (
    "pydantic[email,dotenv]==2.14.3", "pydantic-settings==2.16.3", "pydantic-extra-types==2.11.1", "fastapi==0.165.0",
    "email-validator==2.4.0",
)  # fmt: skip
ADDED = ("pydantic-settings", "pydantic-extra-types", "email-validator", "setuptools<81")
"""What a migrated project imports and an unmigrated one does not declare; and what every environment once had."""
BEFORE = ("pydantic[email,dotenv]<2", "fastapi<0.100", "email-validator<2")
ADDED_BEFORE = ("email-validator", "python-dotenv", "setuptools<81")


@dataclass(frozen=True, slots=True)
class Subject:
    """A project and how to make it run."""

    name: str
    package: str
    extras: str = ""
    also: tuple[str, ...] = ()
    """What it imports and declares nowhere."""
    lifted: tuple[str, ...] = ()
    """Declared dependencies that would not go with Pydantic 2, or with Python 3.11, as they are declared."""
    before: tuple[str, ...] = ()
    """The same beside Pydantic 1."""


SUBJECTS = (
    Subject("argilla", "argilla", "server,listeners", also=("datasets<2.15", "openai<1", "spacy", "pyarrow<15")),
    # griffe 1 has no `griffe.dataclasses`, anyio 4 no `start_blocking_portal`.
    Subject(
        "prefect",
        "prefect",
        also=("cachetools", "pytest", "mkdocs"),
        lifted=("griffe<1", "pendulum>=3,<4", "click<8.2", "anyio<4"),
        before=("griffe<1", "pendulum>=3,<4", "click<8.2", "anyio<4", "sqlalchemy<2.1"),
    ),
    Subject(
        "zenml",
        "zenml",
        "server",
        lifted=("sqlmodel==0.0.50", "sqlalchemy_utils>=0.42", "fastapi-utils>=0.8", "alembic", "pandas<3", "ipython<9"),
    ),
    Subject(
        "feast",
        "feast",
        "aws,gcp,redis,postgres,snowflake,trino,hbase,cassandra,hazelcast,rockset,spark,ge",
        also=("pytest", "testcontainers", "s3fs", "cryptography", "cffi", "mangum", "pymysql"),
        lifted=(
            "pyarrow<15",
            "numpy<1.24",
            "dask<2024",
            "scipy<1.12",
            "google-cloud-bigquery<3.12",
            "sqlalchemy>=2,<2.1",
        ),
        before=("pyarrow<15", "numpy<1.24", "dask<2024", "scipy<1.12", "google-cloud-bigquery<3.12"),
    ),
    Subject(
        "fastapi-amis-admin",
        "fastapi_amis_admin",
        also=("greenlet", "jinja2"),
        before=("sqlmodel<0.0.9", "sqlalchemy<2"),
    ),
    Subject("openapi-python-client", "openapi_python_client"),
    Subject("chromadb", "chromadb", also=("pytest", "hypothesis", "pypika", "pandas")),
)


@dataclass
class Failure:
    """Modules that cannot be imported for one reason."""

    error: str
    where: str
    """`path:line` of the innermost frame inside the package, else the module that was missing."""
    modules: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """What the migration lists as left to do in that statement, `code: message`."""
    before: int = 0
    """How many of the modules could be imported beside Pydantic 1, as they were."""


@dataclass
class Report:
    """What is known of one project after its run."""

    name: str
    version: str
    modules: int = 0
    before: int | None = None
    """Modules that could be imported beside Pydantic 1, before the migration; None where that cannot be tried."""
    untried: str = ""
    """Why not."""
    imported: int = 0
    behind: int = 0
    """Modules that can be imported once something stands in for names that are gone."""
    failures: list[Failure] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    """`category: path:line: text` -> how often; `(listed)` behind it where trueup reports something there."""
    unfinished: list[list[str]] = field(default_factory=list)
    """Path and name of models that nobody can use: names in their annotations mean nothing."""
    changed_files: int = 0
    repaired: str = ""
    """The last line that the migration said."""
    again: list[str] = field(default_factory=list)
    """Files that a second migration changes."""
    unlisted: list[str] = field(default_factory=list)
    """Modules that could be imported before and cannot now, for a reason that nothing is listed for."""
    problem: str = ""


def pins(subject: Subject, version: str, cache: Path, *, before: bool = False) -> Path:
    """A file with the versions of all that a project needs, resolved once; `before`: beside Pydantic 1."""
    path = cache / "pins" / f"{subject.name}-{version}{'-before' if before else ''}.txt"
    extras = f"[{subject.extras}]" if subject.extras else ""
    wanted = "\n".join((f"{subject.name}{extras}=={version}", *(ADDED_BEFORE if before else ADDED), *subject.also))
    lifted = "\n".join((*BEFORE, *subject.before) if before else (*LIFTED, *subject.lifted))
    head = "".join(f"# {line}\n" for line in f"{wanted}\n{lifted}".splitlines())
    if not path.exists() or not path.read_text("utf-8").startswith(head):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            wants, lifts = Path(scratch) / "wanted.in", Path(scratch) / "lifted.in"
            wants.write_text(wanted, "utf-8")
            lifts.write_text(lifted, "utf-8")
            uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
            done = subprocess.run(
                [uv or "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--override", lifts, wants],
                text=True, check=True, stdout=subprocess.PIPE,
            )  # fmt: skip
        path.write_text(head + done.stdout, "utf-8")
    return path


IMPORTER = r"""
import importlib, json, os, re, sys, traceback, warnings
from pathlib import Path

root, package = Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(root))
sys.dont_write_bytecode = True
names = []
for path in sorted((root / package).rglob("*.py"), key=lambda path: (len(path.parts), path)):
    parts = path.relative_to(root).with_suffix("").parts
    if all(part.isidentifier() for part in parts) and parts[-1] != "__main__":
        names.append(".".join(parts).removesuffix(".__init__"))

def named(category):
    return any(one.__name__ in ("PydanticDeprecationWarning", "FastAPIDeprecationWarning") for one in category.__mro__)

def foreign_home(error):
    # The package whose own code does not go with this Pydantic
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        top = frame.filename.rpartition("site-packages/")[2].partition("/")[0]
        if frame.filename.startswith(str(root)):
            return ""
        if "site-packages/" in frame.filename and not top.startswith("pydantic"):
            return f" (in {top})"
    return ""

def take(name):
    # -> what went wrong, and the warnings
    caught = []

    def note(message, category, filename, lineno, file=None, line=None):
        # Pydantic warns of a class from its own code: what counts is the statement of the project
        pydantics = "pydantic" in f"{filename} {message}".lower()
        frame = None if filename.startswith(str(root)) else sys._getframe(1)
        while frame is not None and not frame.f_code.co_filename.startswith(str(root)):
            frame = frame.f_back
        if frame is not None:
            filename, lineno = frame.f_code.co_filename, frame.f_lineno
        caught.append((message, category, filename, lineno, pydantics))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = note
        try:
            importlib.import_module(name)
            failed = None
        except BaseException as error:
            frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(str(root))]
            where = [f"{Path(f.filename).relative_to(root)}:{f.lineno}" for f in frames]
            text = re.sub(r"0x[0-9a-f]+", "0x", str(error)).strip()
            failed = [f"{type(error).__name__}: {text}{foreign_home(error)}", where[-1] if where else ""]
            if isinstance(error, ModuleNotFoundError):
                failed.append(error.name or "")
    said = set()
    foreign = [one for one in sys.modules if failed and one.partition(".")[0] not in (package, "__main__")]
    for message, category, filename, lineno, pydantics in caught:
        text = str(message).split("\n")[0]
        if named(category) or (category is UserWarning and pydantics):
            place = Path(filename)
            place = place.relative_to(root) if place.is_relative_to(root) else Path(*place.parts[-2:])
            said.add(f"{category.__name__}: {place}:{lineno}: {text}")
    return failed, sorted(said), foreign

def load(foreign):
    # What a module that failed had loaded by then, so that the next one need not
    with warnings.catch_warnings(action="ignore"):
        for one in foreign:
            try:
                importlib.import_module(one)
            except BaseException:
                pass

class Meta(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn

    def __getitem__(cls, key):
        return cls

class StandIn(metaclass=Meta):
    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return args[0] if args else self

    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        from pydantic_core import core_schema
        return core_schema.any_schema()

def stand_in(error):
    # Puts something in the place of a name that is gone, so that what lies behind it can be seen
    found = re.search(r"cannot import name '(\w+)' from '([\w.]+)'", error)
    found = found or re.search(r"`([\w.]+):(\w+)` has been (?:removed|moved)", error)
    if not found:
        return False
    home, name = (found[1], found[2]) if "`" in error else (found[2], found[1])
    if home.partition(".")[0] == package:
        return False
    setattr(importlib.import_module(home), name, type(name, (StandIn,), {}))
    return True

def tried(name):
    # In a copy of the process: a module that fails half-way would leave tables and registries behind
    read, write = os.pipe()
    child = os.fork()
    if not child:
        sys.stdout = sys.stderr = open(os.devnull, "w")
        try:
            import signal
            signal.setitimer(signal.ITIMER_PROF, 120)  # of its own time: the machine may be busy
            signal.alarm(1200)
            answer = json.dumps(take(name)).encode()
        except BaseException as error:
            answer = json.dumps([[f"{type(error).__name__}: {error}", ""], [], []]).encode()
        while answer:
            answer = answer[os.write(write, answer):]
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        data = stream.read()
    os.waitpid(child, 0)
    return json.loads(data) if data else [["it took two minutes, or ended the process", ""], [], []]

results, behind = {}, {}
for name in names:
    parents = [name[:dot.start()] for dot in re.finditer(r"\.", name)]
    for one in parents:
        behind.setdefault(name, []).extend(why for why in behind.get(one, ()) if why not in behind[name])
    if broken := [one for one in parents if one in results and results[one][0]]:
        results[name] = [results[broken[0]][0], [], behind.get(name, [])]
        continue
    for _ in range(60):
        failed, said, foreign = tried(name)
        if not failed:
            take(name)
            break
        load(foreign)
        if not stand_in(failed[0]):
            break
        behind.setdefault(name, []).append(failed)
    results[name] = [failed, said, behind.get(name, [])]

def unfinished():
    # Models that can be made in no way: a name in their annotations means nothing
    import pydantic
    found = []
    for module in [one for name, one in sorted(sys.modules.items()) if name.partition(".")[0] == package]:
        for cls in [one for one in vars(module).values() if isinstance(one, type)]:
            if not issubclass(cls, pydantic.BaseModel) or cls.__module__ != module.__name__:
                continue
            try:
                complete = cls.model_rebuild(raise_errors=False) is not False
            except Exception as error:
                complete = False
            if not complete:
                place = Path(sys.modules[cls.__module__].__file__).relative_to(root)
                found.append([f"{place}", cls.__qualname__])
    return found

with warnings.catch_warnings(action="ignore"):
    import pydantic
    models = unfinished() if pydantic.VERSION[0] != "1" else []
Path(sys.argv[3]).write_text(json.dumps([results, models]))
"""
"""Says of each module why it cannot be imported (error, place, missing module), what it warned of, and the same reasons
for the names that something had to stand in for: a module that is imported thanks to these does not count as imported.
And which models nobody can use, for they are never complete.
"""


Result = tuple[list[str] | None, list[str], list[list[str]]]
"""Of one module: why it cannot be imported, what it warned of, for which names something stood in."""


def imported(python: Path, copy: Path, package: str, scratch: Path) -> tuple[dict[str, Result], list[list[str]]]:
    """Module -> what became of importing it in that environment; and path and name of the models nobody can use."""
    answer = scratch / "imports.json"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "COV_"))}
    variables = kept | {"HOME": str(scratch / "home"), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    (scratch / "home").mkdir(exist_ok=True)
    done = subprocess.run(
        [python, "-P", "-c", IMPORTER, copy, package, answer],
        cwd=scratch, env=variables, text=True, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, "import", done.stdout)
    found: tuple[dict[str, Result], list[list[str]]] = json.loads(answer.read_text("utf-8"))
    return found


def trueup(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command of this trueup in a folder; whatever its exit code."""
    command = [sys.executable, "-P", "-m", "trueup", *arguments]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)


def listed(said: str) -> set[tuple[str, str, int]]:
    """Code, file and line of all that a migration listed as left for a person."""
    found = set()
    code, left = "", False
    for line in said.splitlines():
        if not line.startswith(" "):
            left = (left and not line.startswith(("Undecided", "Worth a look"))) or line.startswith("What is left")
        if heading := re.match(r"(?:  )?([A-Z]{2,3}\d{3}) ", line):
            code = heading[1]
        if left and (place := re.fullmatch(r"    (.+):(\d+(?:, \d+)*)", line)):
            found |= {(code, place[1], int(one)) for one in place[2].split(", ")}
    return found


def known(copy: Path, where: str, findings: Iterable[dict[str, Any]]) -> list[str]:
    """What is reported within the statement of a module that holds a place `path:line`."""
    path, _, line = where.rpartition(":")
    if not path:
        return []
    tree = ast.parse((copy / path).read_bytes())
    at = int(line)
    held = [node for node in tree.body if node.lineno <= at <= (node.end_lineno or at)]
    first, last = (held[0].lineno, held[0].end_lineno or at) if held else (at, at)
    if held and isinstance(held[0], ast.ClassDef | ast.FunctionDef) and held[0].decorator_list:
        first = held[0].decorator_list[0].lineno
    return [
        f"{one['code']} line {one['location']['row']}: {one['message']}"
        for one in findings
        if Path(one["filename"]).resolve() == (copy / path).resolve() and first <= one["location"]["row"] <= last
    ]


def old_imports(subject: Subject, version: str, source: Path, cache: Path, scratch: Path) -> dict[str, Result] | str:
    """What became of importing the project as it was beside Pydantic 1, or why that cannot be tried."""
    copy = scratch / "before"
    try:
        python = environment(pins(subject, version, cache, before=True), as_named=True)
        shutil.copytree(source / subject.package, copy / subject.package)
        return imported(python, copy, subject.package, scratch)[0]
    except (CannotBuild, subprocess.CalledProcessError) as error:
        return " ".join(f"{error}: {getattr(error, 'output', '') or ''}".split())[-400:]


def examine(subject: Subject, cache: Path, keep: Path | None, only_imports: bool) -> Report:
    """Everything about one project."""
    (project,) = (one for one in PROJECTS if one.name == subject.name)
    report = Report(project.name, project.version)
    with tempfile.TemporaryDirectory(prefix=f"import-{project.name}-") as folder:
        scratch = Path(folder).resolve()
        try:
            source = fetch(project, cache)
            python = environment(pins(subject, project.version, cache), as_named=True)
            copy = (keep.resolve() if keep else scratch) / project.name
            if not only_imports:
                shutil.rmtree(copy, ignore_errors=True)
                copy.mkdir(parents=True)
                shutil.copytree(source / subject.package, copy / subject.package)
                migrate(report, copy, source)
            findings = left(copy, scratch)
            results, report.unfinished = imported(python, copy, subject.package, scratch)
            was = old_imports(subject, project.version, source, cache, scratch)
        except (CannotBuild, subprocess.CalledProcessError, ValueError, OSError) as error:
            report.problem = f"{error}: {str(getattr(error, 'output', ''))[-600:]}"
            return report
        judge(report, results, was, copy, findings)
    return report


def left(copy: Path, scratch: Path) -> list[dict[str, Any]]:
    """The findings that a migration lists as left for a person."""
    again = scratch / "again"
    shutil.copytree(copy, again)
    places = listed(trueup(MIGRATE, again).stdout)
    check = trueup(("check", ".", "--select", "ALL", "--no-cache", "--output-format", "json"), copy)
    found: list[dict[str, Any]] = json.loads(check.stdout)
    return [
        one
        for one in found
        if (one["code"], str(Path(one["filename"]).relative_to(copy)), one["location"]["row"]) in places
    ]


MIGRATE = ("migrate-v2", ".", "--allow-no-vcs", "--no-cache")


def migrate(report: Report, copy: Path, source: Path) -> None:
    """Migrate a copy, twice."""
    first = trueup(MIGRATE, copy)
    if first.returncode not in (0, 3):
        raise ValueError(f"migrate-v2 ended with {first.returncode}: {first.stderr[-500:]}")
    report.repaired = first.stdout.strip().splitlines()[-1]
    after = {path: path.read_bytes() for path in sorted(copy.rglob("*.py"))}
    report.changed_files = sum(data != (source / path.relative_to(copy)).read_bytes() for path, data in after.items())
    trueup(MIGRATE, copy)
    report.again = [str(path.relative_to(copy)) for path, data in after.items() if path.read_bytes() != data]


def judge(
    report: Report,
    results: dict[str, Result],
    was: dict[str, Result] | str,
    copy: Path,
    findings: Sequence[dict[str, Any]],
) -> None:
    """Group what the imports said by its reason."""
    report.modules = len(results)
    once = (
        {module for module, (failed, _, behind) in was.items() if not failed and not behind}
        if isinstance(was, dict)
        else set()
    )
    report.before = len(once) if isinstance(was, dict) else None
    report.untried = was if isinstance(was, str) else ""
    report.imported = sum(not failed and not behind for failed, _, behind in results.values())
    report.behind = sum(not failed and bool(behind) for failed, _, behind in results.values())
    warned = Counter(text for _, said, _ in results.values() for text in said)
    for text, count in sorted(warned.items()):
        place = re.match(r"\w+: (.*?:\d+): ", text)
        listed = bool(place and (copy / place[1].rpartition(":")[0]).exists() and known(copy, place[1], findings))
        # Version 2 warns of encoders at each class that inherits them, the migration lists those that have them
        listed = listed or ("`json_encoders`" in text and any(one["code"] == "TUP205" for one in findings))
        report.warnings[text + (" (listed)" if listed else "")] = count
    groups: dict[tuple[str, str], Failure] = {}
    for module, (last, _, behind) in results.items():
        for failed in [*behind, *([last] if last else [])]:
            error, where = failed[0], failed[1]
            if len(failed) > 2 and not failed[2].startswith(module.split(".")[0]):
                where = ""  # one extra that is not installed is one reason, wherever it is imported
            group = groups.setdefault((error, where), Failure(error, where))
            if module not in group.modules:
                group.modules.append(module)
    for group in groups.values():
        group.known = known(copy, group.where, findings)
        group.before = sum(module in once for module in group.modules)
    told = [one for one in groups.values() if one.known or re.search(r" \(in \w+\)$", one.error)]
    report.unlisted = sorted(once - {m for m, (f, _, b) in results.items() if not f and not b})
    report.unlisted = [module for module in report.unlisted if not any(module in one.modules for one in told)]
    report.failures = sorted(groups.values(), key=lambda one: (-len(one.modules), one.error, one.where))


def summary(reports: Sequence[Report]) -> str:
    """What a person reads."""
    lines = []
    for one in reports:
        missing = sum(len(f.modules) for f in one.failures if f.error.startswith("ModuleNotFoundError") and not f.where)
        was = "unknown" if one.before is None else str(one.before)
        head = (
            f"{one.name} {one.version}: {one.imported} of {one.modules} modules imported (before: {was}), {one.behind} "
            f"where something stands in for names that are gone, {missing} want a package that is not declared, "
            f"{one.modules - one.imported - one.behind - missing} fail; {one.changed_files} files changed, "
            f"{len(one.again)} the second time; {len(one.warnings)} places warn, "
            f"{sum(not text.endswith('(listed)') for text in one.warnings)} of them not listed; "
            f"{len(one.unlisted)} modules fail for a reason that is not listed"
        )
        lines += [head, *([f"  {one.repaired}"] if one.repaired else [])]
        if one.problem:
            lines.append(f"  {one.problem}")
        if one.untried:
            lines.append(f"  not imported beside Pydantic 1: {one.untried}")
        lines += [f"  changed again: {path}" for path in one.again]
        lines += [f"  not listed: {module}" for module in one.unlisted]
        for group in one.failures:
            many = f" and {len(group.modules) - 1} more" if len(group.modules) > 1 else ""
            lines.append(f"  {group.where or '-'}: {' '.join(group.error.split())[:300]}")
            lines.append(f"      {group.modules[0]}{many}; {group.before} of them could be imported before")
            lines += [f"      listed: {text[:200]}" for text in group.known]
            if group.where and group.before and not group.known and not re.search(r" \(in \w+\)$", group.error):
                lines.append("      nothing is listed there")
        lines += [f"  never complete: {path}: {model}" for path, model in one.unfinished]
        lines += [
            f"  {text if len(text) < 220 else f'{text[:200]} ... {text[-10:]}'} ({count})"
            for text, count in one.warnings.items()
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Exit code 1 when a project could not be tried, or a second migration changes something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="this project (repeatable)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the migrated copies there")
    parser.add_argument("--only-imports", action="store_true", help="take the copies in --keep as they are")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the results there")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where wheels are kept (%(default)s)")
    options = parser.parse_args()
    if options.only_imports and not options.keep:
        parser.error("--only-imports needs --keep")
    names = [subject.name for subject in SUBJECTS]
    if unknown := sorted(set(options.only or ()) - set(names)):
        parser.error(f"no such project: {', '.join(unknown)} (there are {', '.join(names)})")
    reports = []
    for subject in SUBJECTS:
        if not options.only or subject.name in options.only:
            reports.append(examine(subject, options.cache.resolve(), options.keep, options.only_imports))
            print(summary(reports[-1:]), end="", flush=True)
    if options.out:
        options.out.write_text(json.dumps([asdict(one) for one in reports], indent=1) + "\n", "utf-8")
    return int(any(one.problem or one.again for one in reports))


if __name__ == "__main__":
    sys.exit(main())
