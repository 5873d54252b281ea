"""The pages of commands and settings are what trueup says of itself today, and their examples hold."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from trueup.settings import KEYS, Table

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from reference_pages import DOCS, EXAMPLES, texts


def test_they_are_up_to_date() -> None:
    other = [name for name, text in texts().items() if (DOCS / name).read_text("utf-8") != text]
    assert not other, f"run scripts/reference_pages.py: {other}"


@pytest.mark.parametrize("key", KEYS)
def test_each_example_is_a_setting(key: str) -> None:
    example = EXAMPLES[key]
    told = tomllib.loads(example if example.startswith("[") else f"[tool.trueup]\n{example}")["tool"]["trueup"]
    assert list(told) == [key]
    Table.of(told, "example", ".")


def test_the_settings_in_short_name_every_key() -> None:
    text = (DOCS / "settings.md").read_text("utf-8")
    assert not [key for key in KEYS if f"`{key}`" not in text]
