"""What the guides show of the legacy shop is what trueup prints of it today."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "fixtures" / "apps" / "legacy_shop"
BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop in a repository of its own."""
    folder = tmp_path_factory.mktemp("outputs") / "shop"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__", ".trueup_cache"))
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "before"]):
        somebody = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *somebody, *arguments], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def plan(shop: Path) -> list[str]:
    """The plan of its migration."""
    return printed(shop, "migrate-v2", "--plan")


def printed(folder: Path, *arguments: str) -> list[str]:
    """The lines that a command prints."""
    git = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = [sys.executable, "-m", "trueup", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **git}, capture_output=True, check=False
    )
    return done.stdout.decode().splitlines()


def block(page: str, beginning: str) -> list[str]:
    """The lines of the one block of a page that begins in a certain way, without the command."""
    (found,) = (one for one in BLOCK.findall((ROOT / page).read_text("utf-8")) if one.startswith(beginning))
    lines = str(found).splitlines()
    return lines[1:] if lines[0].startswith("$ ") else lines


def differing(shown: list[str], there: list[str]) -> list[str]:
    """The lines shown that are not there in that order; `...` stands for other lines, or for the rest of its line."""
    missing = []
    rest = iter(there)
    for line in shown:
        if line.strip() == "...":
            continue
        start = line.removesuffix("...") if line.endswith("...") else None
        if not any(one.startswith(start) if start is not None else one.rstrip() == line for one in rest):
            missing.append(line)
            rest = iter(there)
    return missing


def test_the_checks_are_real(shop: Path) -> None:
    listed = printed(shop, "check", "--output-format", "concise")
    assert not differing(block("README.md", "$ trueup check --output-format concise"), listed)
    assert not differing(block("docs/output.md", "$ trueup check --statistics"), printed(shop, "check", "--statistics"))
    assert not differing(block("docs/layers.md", "$ trueup layers"), printed(shop, "layers"))


def test_the_plan_is_real(plan: list[str]) -> None:
    assert not differing(block("docs/migrate.md", "$ trueup migrate-v2 --plan"), plan)
    assert not differing(block("docs/migrate.md", "From Session to AsyncSession"), plan)


def test_the_migration_is_real(shop: Path) -> None:
    done = printed(shop, "migrate-v2", "--commit", "--markers", "--report", "migration.html")
    assert not differing(block("docs/migrate.md", "$ trueup migrate-v2 --commit"), done)
    assert not differing(block("docs/migrate.md", "What is left for you"), done)
    log = subprocess.run(
        ["git", "log", "-1", "--format=%B", "--grep=TUP5"], cwd=shop, capture_output=True, text=True, check=True
    ).stdout
    assert not differing(block("docs/migrate.md", "trueup(TUP5)"), log.splitlines())
