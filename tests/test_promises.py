"""What every rule owes: a page, a fixture that fires and one that stays silent, a repair exactly if it promises one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from trueup.migrate.steps import rules_by_step
from trueup.model import Rule, Safety
from trueup.registry import load_checkers, load_fixers, rules

ROOT = Path(__file__).parent.parent
FAMILIES = {
    "pydantic": "TUP",
    "sqlalchemy": "TUS",
    "blocking": "TUA",
    "transactions": "TUT",
    "layers": "TUL",
    "fastapi": "TUF",
    "conventions": "TUC",
}
"""Folder -> the three letters of the codes in it."""

MODULES = {
    checker.rule.code: checker.function.__module__.removeprefix("trueup.checkers.").replace(".", "/")
    for checker in load_checkers()
    if checker.function.__module__.startswith("trueup.checkers.")
}
"""Code -> the path that checker, fixer and fixtures share, `pydantic/v1_validator` say."""

every_rule = pytest.mark.parametrize("rule", [rules()[code] for code in MODULES], ids=lambda rule: rule.code)


def cases(path: str) -> Iterator[Path]:
    """The fixture cases of a rule."""
    folder = ROOT / "fixtures" / path
    return (case for case in sorted(folder.iterdir()) if case.is_dir()) if folder.is_dir() else iter(())


def test_there_are_rules_of_every_wing() -> None:
    assert {path.split("/")[0] for path in MODULES.values()} == {
        folder.name for folder in (ROOT / "checkers").iterdir() if (folder / "__init__.py").is_file()
    }


@every_rule
def test_its_path_is_its_identity(rule: Rule) -> None:
    family, _, module = MODULES[rule.code].rpartition("/")
    assert rule.name == module.replace("_", "-")
    assert re.fullmatch(r"TU[A-Z][1-9][0-9]{2}", rule.code)
    assert rule.family == FAMILIES[family]


@every_rule
def test_it_has_a_page(rule: Rule) -> None:
    first, *rest = rule.page.strip().split("\n\n")
    assert re.fullmatch(r"[A-Z`].*\.", first, re.DOTALL), "the page begins with one sentence"
    assert len(rule.summary) <= 120, "the first sentence must fit into a table"
    headings = re.findall(r"^## (.*)$", "\n\n".join(rest), re.MULTILINE)
    repair = ["Fix safety"] if rule.fix is not Safety.MANUAL else ["What to do"]
    promised = [heading for heading in headings if heading in ("Why", "Fix safety", "What to do", "Limits")]
    assert promised == ["Why", *repair, "Limits"], "the sections of a page, in this order"
    sections = re.split(r"^## .*$", rule.page, flags=re.MULTILINE)[1:]
    assert all(section.strip() for section in sections), "no section is empty"
    assert not rule.url or rule.url.startswith("https://")


@every_rule
def test_it_has_a_case_that_fires_and_one_that_stays_silent(rule: Rule) -> None:
    names = [case.name for case in cases(MODULES[rule.code])]
    silent = [name for name in names if name.startswith("skip_")]
    assert silent, "a case that must stay silent, skip_<why>"
    firing = [
        case.name
        for case in cases(MODULES[rule.code])
        if any(rule.code in marks(path.read_text("utf-8", "replace")) for path in case.glob("before/**/*.py"))
    ]
    assert firing, f"a case with a `# ! {rule.code}` mark"
    assert not set(firing) & set(silent)


def marks(source: str) -> set[str]:
    """The codes that `# ! CODE` marks at the ends of lines promise."""
    lists = re.findall(r"# ! (.*)$", source, re.MULTILINE)
    return {code for codes in lists for code in re.findall(r"TU[A-Z]\d{3}", codes)}


@every_rule
def test_a_rule_that_repairs_shows_it(rule: Rule) -> None:
    repaired = [case.name for case in cases(MODULES[rule.code]) if (case / "after").is_dir()]
    assert bool(repaired) == (rule.fix in (Safety.SAFE, Safety.UNSAFE))


def test_exactly_the_promised_repairs_exist_and_stand_where_their_checkers_do() -> None:
    fixers = {
        code: fixer.function.__module__.removeprefix("trueup.fixers.").replace(".", "/")
        for code, fixer in load_fixers().items()
        if fixer.function.__module__.startswith("trueup.fixers.")
    }
    promised = {code: path for code, path in MODULES.items() if rules()[code].fix is not Safety.MANUAL}
    assert fixers == promised


def test_nothing_is_orphaned() -> None:
    wings = {wing: {p.relative_to(ROOT / wing).as_posix() for p in modules(wing)} for wing in ("checkers", "fixers")}
    fixtures = {p.relative_to(ROOT / "fixtures").as_posix() for p in (ROOT / "fixtures").glob("*/*") if p.is_dir()}
    rules_of_a_family = {path for path in fixtures if path.split("/")[0] in FAMILIES}
    assert sorted(rules_of_a_family - set(MODULES.values())) == []
    for wing in ("checkers", "fixers"):
        registered = {path for path in wings[wing] if decorated(ROOT / wing / f"{path}.py")}
        assert sorted(registered - set(MODULES.values())) == []


def modules(wing: str) -> list[Path]:
    """The modules of a wing, without suffix."""
    return [path.with_suffix("") for path in (ROOT / wing).rglob("*.py") if path.stem != "__init__"]


def decorated(path: Path) -> bool:
    """Whether a module registers a checker or a fixer."""
    tree = ast.parse(path.read_bytes())
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return any(
        isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in ("rule", "fix")
        for function in functions
        for decorator in function.decorator_list
    )


def test_every_step_is_one_of_the_migration() -> None:
    by_step = rules_by_step(rules().values())  # raises where a rule names a step that is none
    assert sorted(rule.code for found in by_step.values() for rule in found) == sorted(
        rule.code for rule in rules().values() if rule.step
    )
