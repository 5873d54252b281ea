"""The pages under `docs/rules/` are what the rules say of themselves today."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from rule_pages import MARK, RULES, texts  # noqa: E402


def test_they_are_up_to_date() -> None:
    wanted = texts()
    there = {path.name: path.read_text("utf-8") for path in RULES.glob("*.md") if not path.name.startswith("coverage-")}
    other = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
    assert not other, f"run scripts/rule_pages.py: {other}"


def test_nearly_all_show_an_example() -> None:
    without = [name for name, text in texts().items() if name != "README.md" and "\n## Example\n" not in text]
    assert len(without) < 12, without


def test_no_example_keeps_a_mark() -> None:
    assert not [name for name, text in texts().items() if MARK.search(text)]


def test_the_site_names_every_guide() -> None:
    listed = set(re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    docs = ROOT / "docs"
    assert listed >= {path.name for path in docs.glob("*.md")}
    assert all((docs / name).is_file() for name in listed)
