"""Writes `docs/rules/`: a page for every rule, of its docstring and one of its cases, and a table of them all."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path

from trueup.model import Rule, Safety
from trueup.registry import load_checkers
from trueup.report.pages import page
from trueup.tool_rules import TOOL_RULES

ROOT = Path(__file__).parent.parent
RULES = ROOT / "docs" / "rules"
MARK = re.compile(r"[ \t]*# ! (TU[A-Z]\d{3}(?:[ ,]+TU[A-Z]\d{3})*)[ \t]*$", re.MULTILINE)
LONGEST = 60
"""Lines of an example."""

FAMILIES = {
    "TU": "trueup's own work",
    "TUP": "Pydantic 1 to 2",
    "TUS": "SQLAlchemy 1 to 2, SQLModel",
    "TUA": "The event loop",
    "TUT": "Transactions",
    "TUL": "Layers",
    "TUF": "FastAPI",
    "TUC": "Conventions",
}


def file_name(rule: Rule) -> str:
    """What a rule's page is called."""
    return f"{rule.name}.md"


def texts() -> dict[str, str]:
    """File name -> content, of all that is written."""
    rules = {checker.rule.code: checker.rule for checker in load_checkers()}
    every = {**TOOL_RULES, **rules}
    pages = {file_name(rule): page(rule) + _example(rule) for rule in every.values()}
    return {"README.md": _table(every.values()), **pages}


def _table(rules: Iterable[Rule]) -> str:
    listed = sorted(rules, key=lambda rule: rule.code)
    strange = {rule.code for rule in listed if rule.code.rstrip("0123456789") not in FAMILIES}
    if strange:
        sys.exit(f"of no family: {sorted(strange)}")
    parts = [
        "# Rules\n",
        "Every rule, by family: how bad what it finds is, and who repairs it (`safe`: `--fix`; `unsafe`: `--fix",
        "--unsafe-fixes`; `manual`: a person). `trueup explain CODE` prints the same pages.\n",
        "Which known change has which rule: [Pydantic](coverage-pydantic.md), [SQLAlchemy](coverage-sqlalchemy.md),",
        "[async code](coverage-async.md), [layers, transactions and FastAPI](coverage-conventions.md).",
    ]
    for family, title in FAMILIES.items():
        mine = [rule for rule in listed if rule.code.rstrip("0123456789") == family]
        parts += [f"\n## {title}\n", "| code | name | severity | fix | what it finds |", "|--|--|--|--|--|"]
        for rule in mine:
            summary = rule.summary.replace("|", "\\|")
            cells = (rule.code, f"[{rule.name}]({file_name(rule)})", rule.severity.value, rule.fix.value, summary)
            parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


def _example(rule: Rule) -> str:
    """The shortest of a rule's cases: what its repair changes, or where it finds something."""
    folder = ROOT.joinpath("fixtures", *rule.module.split(".")[-2:])
    cases = sorted(folder.iterdir()) if rule.module and folder.is_dir() else []
    is_repaired = rule.fix is not Safety.MANUAL
    told = [
        _diff(case) if is_repaired else _finds(case, rule.code) for case in cases if not case.name.startswith("skip_")
    ]
    lengths = sorted((text.count("\n"), text) for text in told if text)
    if not lengths or lengths[0][0] > LONGEST:
        return ""
    return f"\n## Example\n\n```{'diff' if is_repaired else 'python'}\n{lengths[0][1]}```\n"


def _diff(case: Path) -> str:
    return "".join(_changes(case))


def _changes(case: Path) -> Iterator[str]:
    for after in sorted((case / "after").rglob("*.py")):
        name = after.relative_to(case / "after").as_posix()
        before = case / "before" / name
        old = MARK.sub("", before.read_text("utf-8")) if before.is_file() else ""
        new = MARK.sub("", after.read_text("utf-8"))
        lines = unified_diff(old.splitlines(), new.splitlines(), name, name, n=2, lineterm="")
        yield from (line.rstrip() + "\n" for line in lines)


def _finds(case: Path, code: str) -> str:
    """The first file with a finding; the marks become plain comments."""
    for path in sorted((case / "before").rglob("*.py")):
        text = path.read_text("utf-8")
        if any(code in found[1] for found in MARK.finditer(text)):
            return MARK.sub(lambda found: f"  # {found[1]}", text).strip() + "\n"
    return ""


def main() -> None:
    """Write what is new or different, and take away the pages of rules that are gone."""
    wanted = texts()
    for path in RULES.glob("*.md"):
        if path.name not in wanted and not path.name.startswith("coverage-"):
            path.unlink()
    changed = 0
    for name, text in wanted.items():
        path = RULES / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed += 1
    sys.stdout.write(f"{changed} of {len(wanted)} pages written\n")


if __name__ == "__main__":
    main()
