"""Runs trueup on copies of real projects and says what went wrong, what was found and what it cost."""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from corpus import PROJECTS, Project, cache_folder, fetch
from measure import TIMEOUT, Run, python, table, trueup

# Running --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Report:
    """What is known of one project after the run; `problems` should be empty."""

    name: str
    version: str
    files: int = 0
    lines: int = 0
    changed_files: int = 0
    problems: list[dict[str, str]] = field(default_factory=list)
    """Each: `where`, `detail` and `kind`: not-fetched, crash, hung, unparsable, not-idempotent, cache-differs, lost."""
    findings_before: dict[str, int] = field(default_factory=dict)
    """Code -> how many."""
    findings_after: dict[str, int] = field(default_factory=dict)
    undecided: int | None = None
    """Receivers whose type stayed Unknown, by the migration's own count; None: it gave none."""
    receivers: dict[str, dict[str, int]] = field(default_factory=dict)
    """Code -> verdict (`typed`: the rule's business; `other`: certainly not; `undecided`) -> how many places."""
    runs: dict[str, dict[str, float]] = field(default_factory=dict)
    kept: str = ""
    sampled: list[dict[str, Any]] = field(default_factory=list, repr=False)
    """Findings of the rule that `--sample` asks for; not part of the JSON."""

    def problem(self, kind: str, where: str, detail: str) -> None:
        """Note a fault of trueup's."""
        self.problems.append({"kind": kind, "where": where, "detail": detail})

    def judge(self, label: str, run: Run, fine: Sequence[int]) -> bool:
        """Note what a command cost and whether it ended as it should."""
        self.runs[label] = run.cost
        if run.exit == -signal.SIGKILL and run.seconds >= TIMEOUT:
            self.problem("hung", label, f"killed after {TIMEOUT} s")
        elif run.exit not in fine:
            self.problem("crash", label, f"exit {run.exit}: {tail(run.stderr)}")
        elif "Traceback (most recent call last)" in run.stdout + run.stderr:
            self.problem("crash", label, f"a traceback: {tail(run.stderr)}")
        else:
            return True
        return False

    def found(self, label: str, run: Run) -> list[dict[str, Any]] | None:
        """The findings that `check --output-format json` printed; None where it failed."""
        if not self.judge(label, run, (0, 1)):
            return None
        try:
            findings: list[dict[str, Any]] = json.loads(run.stdout)
        except ValueError as error:
            self.problem("crash", label, f"its output is no JSON: {error}")
            return None
        return findings


def tail(text: str) -> str:
    """The last lines of what a command said."""
    return " / ".join(text.strip().splitlines()[-6:])[-600:]


def modules(folder: Path) -> dict[str, bytes]:
    """The Python files below a folder: relative path -> bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.py"))
        if path.is_file() and not path.is_symlink()
    }


def digests(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Path -> digest."""
    return {path: blake2b(data, digest_size=16).digest() for path, data in files.items()}


def fault(data: bytes) -> str:
    """Why Python will not compile it; empty where it will. More than parsing: `return` outside a function too."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(data, "module", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def by_rule(found: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Code -> how many, sorted by code."""
    return dict(sorted(Counter(str(finding["code"]) for finding in found).items()))


def examine(project: Project, cache: Path, keep: Path | None, sample: str) -> Report:
    """Everything about one project. With `sample` (a code or a name) it is only checked, and nothing is migrated."""
    report = Report(project.name, project.version)
    try:
        source = fetch(project, cache)
    except subprocess.CalledProcessError as error:
        report.problem("not-fetched", project.pin, tail(str(error.stderr)))
        return report
    with tempfile.TemporaryDirectory(prefix=f"trueup-{project.name}-") as scratch:
        copy = (keep or Path(scratch)) / project.name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy)
        check(report, copy, Path(scratch) / "cache", sample, source)
        if not sample:
            migrate(report, copy)
            if keep:
                report.kept = f"diff -ru {source} {copy}"
    return report


RECEIVERS = """
import json
from trueup.check import Workspace
workspace = Workspace.open(["."])
workspace.check()
print(json.dumps(workspace.verdicts, sort_keys=True))
"""
"""Prints for each rule that must know a type how often it was known; no command shows it of every project."""

CHECK = ("check", ".", "--output-format", "json")


def check(report: Report, copy: Path, cache: Path, sample: str, source: Path) -> None:
    """Check a project cold, filling the cache, and warm; all three must say the same."""
    before = modules(copy)
    report.files = len(before)
    report.lines = sum(data.count(b"\n") for data in before.values())
    cold = trueup((*CHECK, "--no-cache"), copy)
    found = report.found("check", cold)
    if found is None:
        return
    report.findings_before = by_rule(found)
    if sample:
        for finding in found:
            if sample in (finding["code"], finding["name"]):
                finding["filename"] = str(source / Path(finding["filename"]).resolve().relative_to(copy.resolve()))
                report.sampled.append(finding)
        return
    for label in ("check, fills the cache", "check, warm"):
        cached = trueup((*CHECK, "--cache-dir", str(cache)), copy)
        if report.judge(label, cached, (0, 1)) and cached.stdout != cold.stdout:
            report.problem("cache-differs", label, "findings are not those of --no-cache")
    verdicts = python(("-P", "-c", RECEIVERS), copy)
    if report.judge("receivers", verdicts, (0,)):
        report.receivers = json.loads(verdicts.stdout)
    if digests(modules(copy)) != digests(before):
        report.problem("lost", "check", "files were changed by a command that must not write")


MIGRATE = ("migrate-v2", ".", "--allow-no-vcs", "--no-cache")


def migrate(report: Report, copy: Path) -> None:
    """Migrate a copy twice: every file must still compile, and the second time nothing may change."""
    before = modules(copy)
    first = trueup(MIGRATE, copy)
    report.judge("migrate-v2", first, (0, 3))
    report.undecided = undecided(first)
    after = modules(copy)
    report.changed_files = sum(data != before.get(path) for path, data in after.items())
    for path in sorted(before.keys() - after.keys()):
        report.problem("lost", path, "the file is gone")
    for path, data in after.items():
        if data != before.get(path) and (why := fault(data)) and not fault(before.get(path, b"")):
            report.problem("unparsable", path, why)

    report.judge("migrate-v2 again", trueup(MIGRATE, copy), (0, 3))
    again = modules(copy)
    for path, data in again.items():
        if data != after.get(path):
            report.problem("not-idempotent", path, first_difference(after.get(path, b""), data))

    left = report.found("check after", trueup((*CHECK, "--no-cache"), copy))
    report.findings_after = by_rule(left or ())


def undecided(run: Run) -> int | None:
    """How many undecided receivers a migration listed."""
    counts = [int(number) for number in re.findall(r"(\d+) undecided", run.stdout + run.stderr)]
    return counts[-1] if counts else None


def first_difference(old: bytes, new: bytes) -> str:
    """Where two versions of a file part."""
    pairs = zip(old.splitlines(), new.splitlines(), strict=False)
    for number, (a, b) in enumerate(pairs, start=1):
        if a != b:
            return f"line {number}: {a.decode(errors='replace').strip()!r} -> {b.decode(errors='replace').strip()!r}"
    return "its end"


# Telling --------------------------------------------------------------------------------------------------------------


HEADINGS = (
    "project", "files", "lines", "found", "left", "changed", "undecided", "check s", "warm s", "migrate s", "peak MB",
    "problems",
)  # fmt: skip


def summary(reports: Sequence[Report]) -> str:
    """The table of all projects, findings by rule, and every problem."""
    rows: list[Sequence[object]] = [HEADINGS]
    for report in reports:
        seconds = {label: cost["seconds"] for label, cost in report.runs.items()}
        rows.append((
            f"{report.name} {report.version}", report.files, report.lines, sum(report.findings_before.values()),
            sum(report.findings_after.values()), report.changed_files,
            "-" if report.undecided is None else report.undecided,
            seconds.get("check", 0.0), seconds.get("check, warm", 0.0), seconds.get("migrate-v2", 0.0),
            int(max((cost["megabytes"] for cost in report.runs.values()), default=0)), len(report.problems),
        ))  # fmt: skip
    text = table(rows) + "\n"
    before = Counter[str]()
    after = Counter[str]()
    for report in reports:
        before.update(report.findings_before)
        after.update(report.findings_after)
    if before or after:
        rules = [(code, before[code], after[code]) for code in sorted(before | after)]
        text += table([("rule", "before", "after migrate-v2"), *rules]) + "\n"
    verdicts = ("typed", "other", "undecided")
    receivers = Counter[tuple[str, str]]()
    for report in reports:
        receivers.update({(code, v): n for code, counts in report.receivers.items() for v, n in counts.items()})
    if receivers:
        shown = [
            (code, *(receivers[code, verdict] for verdict in verdicts)) for code in sorted({c for c, _ in receivers})
        ]
        text += table([("receivers", *verdicts), *shown]) + "\n"
    for report in reports:
        for one in report.problems:
            text += f"{report.name}: {one['kind']}: {one['where']}: {one['detail']}\n"
        if report.kept:
            text += f"{report.name}: {report.kept}\n"
    return text


def comparison(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What is different from an earlier run: problems, findings by rule, and times that moved by a fifth or more."""
    earlier = {one["name"]: one for one in old["projects"]}
    lines = []
    for report in new["projects"]:
        name = report["name"]
        past = earlier.get(name)
        if past is None:
            lines.append(f"{name}: not in the earlier run")
            continue
        if past["version"] != report["version"]:
            lines.append(f"{name}: {past['version']} -> {report['version']}")
        was = {(one["kind"], one["where"]) for one in past["problems"]}
        now = {(one["kind"], one["where"]) for one in report["problems"]}
        lines += [f"{name}: new problem: {kind}: {where}" for kind, where in sorted(now - was)]
        lines += [f"{name}: solved: {kind}: {where}" for kind, where in sorted(was - now)]
        for key in ("findings_before", "findings_after"):
            for code in sorted(past[key].keys() | report[key].keys()):
                a, b = past[key].get(code, 0), report[key].get(code, 0)
                if a != b:
                    lines.append(f"{name}: {code} {key.removeprefix('findings_')}: {a} -> {b}")
        for key in ("undecided", "changed_files"):
            if past[key] != report[key]:
                lines.append(f"{name}: {key.replace('_', ' ')}: {past[key]} -> {report[key]}")
        for label in past["runs"].keys() & report["runs"].keys():
            for unit in ("seconds", "megabytes"):
                a, b = past["runs"][label][unit], report["runs"][label][unit]
                if abs(b - a) > max(0.2 * a, 0.2 if unit == "seconds" else 20):
                    lines.append(f"{name}: {label}: {a} -> {b} {unit}")
    return "\n".join(lines or ["No difference."]) + "\n"


def excerpt(finding: Mapping[str, Any], context: int = 4) -> str:
    """A finding with the source around it, for reading by eye."""
    path, row = finding["filename"], finding["location"]["row"]
    source = Path(path).read_bytes().decode("utf-8", "replace").splitlines()
    last = finding["end_location"]["row"]
    shown = [
        f"{'>' if row <= number <= last else ' '} {number:5} {source[number - 1]}"
        for number in range(max(1, row - context), min(len(source), max(last, row) + context) + 1)
    ]
    head = f"{path}:{row}:{finding['location']['column']}: {finding['code']} {finding['message']}"
    related = [f"  {one['filename']}:{one['location']['row']}: {one['message']}" for one in finding["related"]]
    return "\n".join([head, *related, *shown]) + "\n"


def arguments() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="this project (repeatable)")
    parser.add_argument("--large", action="store_true", help="also those whose wheel is over 50 MB")
    parser.add_argument("--list", action="store_true", help="list the projects and why they are there")
    parser.add_argument("--jobs", type=int, default=1, help="projects at once; more than 1 spoils the times")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the results there")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="say what is different from that run")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the migrated copies there")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where wheels are kept (%(default)s)")
    parser.add_argument(
        "--sample", nargs=2, metavar=("N", "RULE"), help="only check, and print N findings of a rule with their source"
    )
    parser.add_argument("--seed", type=int, default=0, help="which N; the same seed, the same findings")
    return parser


def main() -> int:
    """Exit code 1 when any project shows a problem."""
    options = arguments().parse_args()
    known = {project.name: project for project in PROJECTS}
    if unknown := [name for name in options.only or () if name not in known]:
        arguments().error(f"no such project: {', '.join(unknown)} (see --list)")
    chosen = [known[name] for name in options.only or ()] or [p for p in PROJECTS if options.large or not p.large]
    if options.list:
        for project in PROJECTS:
            print(f"{project.pin:32} {project.why}{' (large)' if project.large else ''}")
        return 0
    keep = options.keep.resolve() if options.keep else None
    options.cache.mkdir(parents=True, exist_ok=True)
    number, code = (int(options.sample[0]), options.sample[1]) if options.sample else (0, "")

    # A fresh process a project: a child's peak memory is at least its parent's at the fork, so keep parents small.
    reports: dict[str, Report] = {}
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        futures = [pool.submit(examine, project, options.cache.resolve(), keep, code) for project in chosen]
        for future in as_completed(futures):
            report = future.result()
            reports[report.name] = report
            state = f"{len(report.problems)} problems" if report.problems else "fine"
            print(f"{report.name}: {state}", file=sys.stderr, flush=True)
    ordered = [reports[project.name] for project in chosen]

    if code:
        pool_of = [finding for report in ordered for finding in report.sampled]
        picked = random.Random(options.seed).sample(pool_of, min(number, len(pool_of)))
        print("\n".join(excerpt(finding) for finding in picked))
        print(f"{len(picked)} of {len(pool_of)} findings of {code} in {len(ordered)} projects, seed {options.seed}")
    else:
        print(summary(ordered), end="")
    projects = [{k: v for k, v in asdict(report).items() if k != "sampled"} for report in ordered]
    result = {"python": sys.version.split()[0], "projects": projects}
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.compare:
        print(comparison(json.loads(options.compare.read_text(encoding="utf-8")), result), end="")
    return int(any(report.problems for report in ordered))


if __name__ == "__main__":
    sys.exit(main())
