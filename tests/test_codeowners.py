"""Who owns a file: the last pattern that means it, as GitHub and GitLab read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.codeowners import NOBODY, owners, owners_in

TEXT = """\
# everything
*            @all
/docs/       @writers @all   # both
*.pyi        types@example.org
apps/        @apps
/apps/free/
a\\ b.py     @blank

[Section][2] @section
/billing/
^[Optional]
/late/ @late
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", "@all"),
        ("docs/x/a.py", "@writers @all"),
        ("x/docs/a.py", "@all"),
        ("x/a.pyi", "types@example.org"),
        ("x/apps/a.py", "@apps"),
        ("apps/free/a.py", NOBODY),
        ("a b.py", "@blank"),
        ("billing/a.py", "@section"),
        ("late/a.py", "@late"),
    ],
)
def test_the_last_pattern_holds(path: str, expected: str) -> None:
    assert owners(TEXT)(path) == expected


def test_the_file_is_found(tmp_path: Path) -> None:
    assert owners_in(str(tmp_path)) is None
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/CODEOWNERS").write_text("/a.py @a\n")
    found = owners_in(str(tmp_path))
    assert found is not None
    assert [found("a.py"), found("b.py")] == ["@a", NOBODY]
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/CODEOWNERS").write_text("* @b\n")
    first = owners_in(str(tmp_path))
    assert first is not None and first("a.py") == "@b"
