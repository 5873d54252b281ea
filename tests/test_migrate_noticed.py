"""What a migration tells of the code as it was: changes that no error shows, and that no code betrays afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from .plugin import Plugged

MODELS = """\
from typing import Optional

from pydantic import BaseModel, BaseSettings, Field


class User(BaseModel):
    nick: Optional[str]

    class Config:
        orm_mode = True
        validate_assignment = True


class Settings(BaseSettings):
    url: str = Field("", alias="database_url")
"""


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({"models.py": MODELS, "pyproject.toml": ""})
    return plugged


def test_it_is_told_once_at_the_line_where_the_place_stands_now(project: Plugged) -> None:
    ran = project.run("migrate-v2")
    assert ran.code == 0, ran.out + ran.err  # nothing is left to do: it is only worth a look
    now = project.read()["models.py"].splitlines()
    line = next(number for number, text in enumerate(now, 1) if "database_url" in text)
    assert MODELS.splitlines()[line - 1 : line] != now[line - 1 : line]
    told = ran.out.split("Worth a look, for no error will show it: 1 place", 1)[1]
    assert f"    models.py:{line}\n" in told
    project.git("commit", "-qam", "migrated")
    assert "Worth a look" not in project.run("migrate-v2").out


def test_check_tells_it_of_code_for_the_old_version(project: Plugged) -> None:
    assert "TUP702" in project.run("check", "--output-format", "concise").out


OVERRIDE = """\
from pydantic import BaseModel, validator


class Item(BaseModel):
    price: int

    class Config:
        orm_mode = True

    @validator("price")
    def positive(cls, value):
        return abs(value)

    def dict(self, **kwargs):
        return {"cost": self.price}
"""


@pytest.mark.parametrize("options", [(), ("--commit",)])
def test_what_is_left_of_old_code_stays_left(project: Plugged, options: tuple[str, ...]) -> None:
    project.write({"models.py": OVERRIDE})
    for name, value in (("user.name", "A"), ("user.email", "a@example.org"), ("commit.gpgsign", "false")):
        project.git("config", name, value)
    ran = project.run("migrate-v2", *options)
    assert ran.code == 3, ran.out + ran.err
    assert "TUP102" in ran.out
    assert "import BaseModel, ConfigDict, field_validator" in project.read()["models.py"]
