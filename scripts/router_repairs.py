"""Repairs that move code between layers, made on copies of real projects: do these still run, type-check and answer?

    .venv/bin/python scripts/router_repairs.py                   # every project; builds their environments, once
    .venv/bin/python scripts/router_repairs.py --only lnbits     # one of them
    .venv/bin/python scripts/router_repairs.py --keep FOLDER     # leaves the copies there, to be read

business-logic-in-router and commit-in-repository are made one at a time, the first from one point on, so that there is
more to see than a user would be shown. Every changed file must compile and be imported by a process of its own, mypy
must say nothing that it did not say before, `app.openapi()` must be the same, and a second run must change nothing.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from corpus import Project, cache_folder, fetch
from environments import CannotBuild, environment
from measure import Run, table, trueup
from real_projects import digests, fault, modules

EXTRACT, COMMIT = "TUL101", "TUT101"


@dataclass(frozen=True, slots=True)
class Subject:
    """A project, and how it is made to run."""

    name: str
    version: str
    package: str
    app: str
    """Where the application is: a name with its module, with `()` behind it where that makes one, and with `(app)`
    where it gives one its routes.
    """
    extras: str = ""
    also: tuple[str, ...] = ()
    """What it imports and declares nowhere, or needs another version of than it says."""
    settings: tuple[str, ...] = ()
    """What `[tool.trueup]` of the project would say."""
    variables: tuple[tuple[str, str], ...] = ()
    """What must be in the environment for it to be imported; `{home}` is a folder of its own."""
    typed: tuple[str, ...] = ()
    """The packages that mypy looks at, where the whole project takes too long."""


SUBJECTS = (
    Subject("lnbits", "1.6.2", "lnbits", "lnbits.core.init_core_routers(app)", also=("bitstring<4.4",)),
    Subject(
        "fief-server", "0.27.0", "fief", "fief.apps.api.app.app", also=("setuptools<81",),
        variables=(
            ("SECRET", "s"), ("ENCRYPTION_KEY", f"{'A' * 43}="), ("FIEF_CLIENT_ID", "i"), ("FIEF_CLIENT_SECRET", "s"),
        ),
    ),
    Subject(
        "apache-airflow-core", "3.0.2", "airflow", "airflow.api_fastapi.app.create_app()",
        variables=(("AIRFLOW_HOME", "{home}"),), typed=("airflow.api_fastapi",),
    ),
    Subject(
        "langflow-base", "1.13.0", "langflow", "langflow.main.create_app()",
        typed=("langflow.api", "langflow.services"),
    ),
    Subject(
        "argilla", "1.12.1", "argilla", "argilla.server.server.argilla_app", extras="server,listeners",
        also=("pydantic<2", "sqlalchemy<2.1", "numpy<2", "datasets<2.15", "pyarrow<15"),
        settings=('layers.repository = ["**/contexts/**"]',), typed=("argilla.server",),
    ),
    Subject(
        "argilla-server", "1.29.1", "argilla_server", "argilla_server.apis.routes.create_api_v1()",
        settings=('layers.repository = ["**/contexts/**"]',), variables=(("ARGILLA_ENABLE_TELEMETRY", "0"),),
    ),
    # Its services are functions that are given a session, and commit: to the repair the same as repositories
    Subject(
        "dstack", "0.18.30", "dstack", "dstack._internal.server.main.app", extras="server",
        settings=('layers.repository = ["**/server/services/**"]',),
    ),
    Subject(
        "prefect", "2.10.21", "prefect", "prefect.server.api.server.create_app()",
        also=(
            "pydantic<2", "griffe<1", "pendulum>=3,<4", "click<8.2", "anyio<4", "sqlalchemy<2.1", "cachetools",
            "pytest",
        ),
        typed=("prefect.server",),
    ),
)  # fmt: skip


@dataclass
class Report:
    """What became of one project under one of the repairs."""

    project: str
    code: str
    repairs: int = 0
    """Routes whose work moved; repository methods whose commit did."""
    by_hand: int = 0
    files: int = 0
    broken: list[str] = field(default_factory=list)
    """Changed files that do not compile."""
    again: list[str] = field(default_factory=list)
    """Files that a second run changes."""
    modules: int = 0
    """Modules that were changed or made and could be imported before, or are new."""
    lost: list[str] = field(default_factory=list)
    """Those that cannot be imported now, and why."""
    untried: int = 0
    """Changed modules that could not be imported before either."""
    typed: tuple[int, int] | None = None
    """What mypy said before and after, in lines."""
    worse: list[str] = field(default_factory=list)
    """What mypy says now and did not before."""
    routes: int | None = None
    """Paths of the application's OpenAPI; None where there is none to be had."""
    answers: list[str] = field(default_factory=list)
    """Lines of the OpenAPI that changed."""
    problem: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nothing got worse."""
        return not (self.broken or self.again or self.lost or self.worse or self.answers or self.problem)


# The project's own Python ---------------------------------------------------------------------------------------------


def pins(subject: Subject, cache: Path) -> Path:
    """A file with the versions of all that a project needs, resolved once."""
    path = cache / "pins" / f"{subject.name}-{subject.version}-own.txt"
    extras = f"[{subject.extras}]" if subject.extras else ""
    wanted = "\n".join((f"{subject.name}{extras}=={subject.version}", *subject.also)) + "\n"
    head = "".join(f"# {line}\n" for line in wanted.splitlines())
    if not path.exists() or not path.read_text("utf-8").startswith(head):
        path.parent.mkdir(parents=True, exist_ok=True)
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
        command = [uv or "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "-"]
        done = subprocess.run(command, input=wanted, text=True, check=True, capture_output=True)
        path.write_text(head + done.stdout, "utf-8")
    return path


IMPORTER = r"""
import importlib, json, os, sys, traceback
from pathlib import Path

root, names = sys.argv[1], sys.argv[2:]
sys.path.insert(0, root)
package = names[0].partition(".")[0]

def take(name):
    try:
        importlib.import_module(name)
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{one.filename}:{one.lineno}" for one in frames if one.filename.startswith(root)]
        return f"{type(error).__name__}: {error} ({where[-1].removeprefix(root) if where else '-'})"
    return ""

def tried(name):
    # Each in a process that has imported nothing of the project: what goes round in a circle does so from one side only
    read, write = os.pipe()
    child = os.fork()
    if not child:
        sys.stdout = sys.stderr = open(os.devnull, "w")
        failed = take(name)
        foreign = sorted({one for one in sys.modules if one.partition(".")[0] not in (package, "__main__")})
        with os.fdopen(write, "w") as stream:
            json.dump([failed, foreign], stream)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else ["the process ended", []]

results = {}
for name in names:
    results[name], foreign = tried(name)
    for one in foreign:
        if one not in sys.modules:
            try:
                importlib.import_module(one)
            except BaseException:
                pass
print("\n" + json.dumps(results))
"""
"""Says of each module why it cannot be imported; empty where it can."""

ANSWERER = r"""
import importlib, json, os, sys

sys.path.insert(0, sys.argv[1])
said, _, called = sys.argv[2].partition("(")
module, _, name = said.rpartition(".")
found = getattr(importlib.import_module(module), name)
if called == "app)":
    from fastapi import FastAPI
    app = FastAPI()
    found(app)
else:
    app = found() if called else found
schema = app.openapi()
print("\n" + json.dumps(schema, sort_keys=True), flush=True)
os._exit(0)  # whatever threads the application has begun
"""
"""Prints the application's OpenAPI."""


@dataclass(frozen=True, slots=True)
class Runner:
    """The project's own Python, for one copy of the project."""

    subject: Subject
    interpreter: Path
    folder: Path
    """What holds its package."""
    scratch: Path

    def run(self, program: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a program there, away from the user's home."""
        home = self.scratch / "home"
        home.mkdir(exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "COV_"))}
        own = {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        asked = {name: value.replace("{home}", str(home)) for name, value in self.subject.variables}
        return subprocess.run(
            [self.interpreter, "-P", "-W", "ignore", "-c", program, self.folder, *arguments],
            cwd=self.folder, env=kept | own | asked, text=True, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=1800,
        )  # fmt: skip

    def imports(self, names: Sequence[str]) -> dict[str, str]:
        """Module -> why it cannot be imported."""
        if not names:
            return {}
        done = self.run(IMPORTER, names)
        if done.returncode:
            return dict.fromkeys(names, " ".join(done.stderr.split())[-300:])
        found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
        return found

    def openapi(self) -> tuple[str, str]:
        """(what the application says of itself, why that cannot be had)."""
        done = self.run(ANSWERER, [self.subject.app])
        if done.returncode:
            return "", " ".join(done.stderr.split())[-300:] or "-"
        return done.stdout.strip().splitlines()[-1], ""

    def types(self) -> list[str]:
        """What mypy says, without places: what moves to another file is the same error there."""
        command = [
            sys.executable, "-m", "mypy", "--ignore-missing-imports", "--check-untyped-defs", "--no-error-summary",
            "--hide-error-context", "--no-pretty", "--python-executable", str(self.interpreter),
            # What mypy remembers it words in another way
            "--cache-dir", os.devnull, "--config-file", os.devnull,
            *(f"--package={one}" for one in self.subject.typed or (self.subject.package,)),
        ]  # fmt: skip
        variables = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MYPYPATH")}
        done = subprocess.run(
            command, cwd=self.folder, env=variables, text=True, check=False, capture_output=True, timeout=3600
        )
        if done.returncode not in (0, 1):
            raise ValueError(f"mypy ended with {done.returncode}: {(done.stdout + done.stderr)[-400:]}")
        found = [re.sub(r"^\S+?:\d+: ", "", line) for line in done.stdout.splitlines() if ": error:" in line]
        return [re.sub(r"\bon line \d+", "on line N", line) for line in found]


# One project ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of a project as it was."""

    source: Path
    runner: Runner
    types: list[str]
    openapi: str
    untold: str


def examine(subject: Subject, cache: Path, keep: Path | None, codes: Sequence[str]) -> list[Report]:
    """Both repairs on one project."""
    label = f"{subject.name} {subject.version}"
    found = [Report(label, code) for code in codes]
    with tempfile.TemporaryDirectory(prefix=f"repairs-{subject.name}-") as folder:
        scratch = Path(folder).resolve()
        try:
            source = fetch(Project(subject.name, subject.version, "its layers"), cache)
            changed = [repaired(subject, source, one, (keep or scratch).resolve()) for one in found]
            if not any(changed):
                return found
            python = environment(pins(subject, cache), as_named=True)
            original = scratch / "before"
            shutil.copytree(source, original)
            runner = Runner(subject, python, original, scratch)
            before = Before(source, runner, runner.types(), *runner.openapi())
        except (CannotBuild, subprocess.SubprocessError, ValueError, OSError) as error:
            for one in found:
                one.problem = f"{error}: {getattr(error, 'stderr', None) or ''}"[-600:]
            return found
        for one, paths in zip(found, changed, strict=True):
            if paths:
                judge(one, paths, before, (keep or scratch).resolve() / f"{subject.name}-{one.code}")
    return found


def repaired(subject: Subject, source: Path, report: Report, into: Path) -> list[str]:
    """Make one repair on a copy, twice; the files that it changed or made, as paths below the copy."""
    copy = into / f"{subject.name}-{report.code}"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy)
    before = digests(modules(copy))
    settings = [f"--config={one}" for one in ("router-logic-threshold = 1", *subject.settings)]
    check = ("check", ".", "--isolated", "--no-cache", "--select", report.code, *settings)
    told = _ended(trueup((*check, "--output-format", "json"), copy))
    report.by_hand = sum(not one.get("fix") for one in json.loads(told))
    _ended(trueup((*check, "--fix", "--unsafe-fixes"), copy))
    after = modules(copy)
    paths = [path for path, data in digests(after).items() if before.get(path) != data]
    left = _ended(trueup((*check, "--output-format", "json"), copy))
    report.repairs = _methods(told, report.code) - _methods(left, report.code)
    report.files = len(paths)
    report.broken = [f"{path}: {why}" for path in paths if (why := fault(after[path]))]
    trueup((*check, "--fix", "--unsafe-fixes"), copy)
    report.again = [path for path, data in modules(copy).items() if after.get(path) != data]
    return paths


def _ended(run: Run) -> str:
    """What a check printed. Raises ValueError where it did not come to its end."""
    if run.exit not in (0, 1):
        raise ValueError(f"check ended with {run.exit}: {run.stderr[-300:]}")
    return run.stdout


def _methods(output: str, code: str) -> int:
    """How many routes, or methods of repositories, a check reports that a repair could be made for."""
    found = [one for one in json.loads(output) if one.get("fix")]
    return sum(code != COMMIT or "commits inside" in one["message"] for one in found)


def judge(report: Report, paths: Sequence[str], before: Before, copy: Path) -> None:
    """Compare a repaired copy with the project as it was."""
    runner = Runner(before.runner.subject, before.runner.interpreter, copy, before.runner.scratch)
    try:
        old = before.runner.imports([_module(path) for path in paths if (before.source / path).exists()])
        new = runner.imports([_module(path) for path in paths])
        report.untried = sum(bool(old.get(name)) for name in new)
        report.modules = len(new) - report.untried
        report.lost = [f"{name}: {why}" for name, why in new.items() if why and not old.get(name)]
        types = runner.types()
        report.typed = len(before.types), len(types)
        report.worse = sorted((Counter(types) - Counter(before.types)).elements())
        if before.untold:
            report.problem = f"no OpenAPI before: {before.untold}"
            return
        said, why = runner.openapi()
        if why:
            report.answers = [f"none after: {why}"]
            return
        was, now = json.loads(before.openapi), json.loads(said)
        report.routes = len(was["paths"])
        old_lines, new_lines = (json.dumps(one, indent=1, sort_keys=True).splitlines() for one in (was, now))
        report.answers = list(difflib.unified_diff(old_lines, new_lines, n=0, lineterm=""))
    except (subprocess.SubprocessError, ValueError) as error:
        report.problem = str(error)[-600:]


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


# Telling --------------------------------------------------------------------------------------------------------------


HEADINGS = (
    "project", "repair", "made", "by hand", "files", "compile", "imported", "not before", "mypy before", "after", "new",
    "openapi paths", "changed", "twice",
)  # fmt: skip


def summary(reports: Sequence[Report]) -> str:
    """The table, and what got worse."""
    rows: list[Sequence[object]] = [HEADINGS]
    for one in reports:
        was, now = one.typed if one.typed is not None else ("-", "-")
        rows.append((
            one.project, one.code, one.repairs, one.by_hand, one.files, one.files - len(one.broken),
            f"{one.modules - len(one.lost)} of {one.modules}", one.untried, was, now, len(one.worse),
            "-" if one.routes is None else one.routes, len(one.answers), len(one.again),
        ))  # fmt: skip
    text = table(rows)
    for one in reports:
        for kind, lines in (
            ("does not compile", one.broken), ("changed again", one.again), ("not imported", one.lost),
            ("mypy", one.worse), ("openapi", one.answers[:20]), ("problem", [one.problem] if one.problem else []),
        ):  # fmt: skip
            text += "".join(f"{one.project} {one.code}: {kind}: {line}\n" for line in lines)
    return text


def main() -> int:
    """Exit code 1 where something got worse, or could not be looked at."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", metavar="NAME", help="this project (repeatable)")
    parser.add_argument("--code", action="append", choices=(EXTRACT, COMMIT), help="this repair (repeatable)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the repaired copies there")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the results there")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where wheels are kept (%(default)s)")
    options = parser.parse_args()
    names = [subject.name for subject in SUBJECTS]
    if unknown := sorted(set(options.only or ()) - set(names)):
        parser.error(f"no such project: {', '.join(unknown)} (there are {', '.join(names)})")
    reports: list[Report] = []
    for subject in SUBJECTS:
        if not options.only or subject.name in options.only:
            some = examine(subject, options.cache.resolve(), options.keep, options.code or (EXTRACT, COMMIT))
            print(summary(some), flush=True)
            reports += some
    print(summary(reports), end="")
    if options.out:
        options.out.write_text(json.dumps([asdict(one) for one in reports], indent=1) + "\n", "utf-8")
    return int(not all(one.is_fine for one in reports))


if __name__ == "__main__":
    sys.exit(main())
