"""The layers of a project, the arrows between them, and the contract that import-linter can hold them to."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from trueup.cli.app import run
from trueup.settings import LAYERS

FILES = {
    "app/__init__.py": "",
    "app/db.py": "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n",
    "app/users/__init__.py": "",
    "app/users/router.py": (
        "from fastapi import APIRouter\n\nfrom app.users.service import rename\n\nrouter = APIRouter()\n\n\n"
        '@router.get("/users")\ndef read() -> str:\n    return rename("")\n'
    ),
    "app/users/service.py": (
        "from app.repositories.users import store\n\n\ndef rename(name: str) -> str:\n    return store(name)\n"
    ),
    "app/repositories/__init__.py": "",
    "app/repositories/users.py": (
        "from app.db import Base\n\n\ndef store(name: str) -> str:\n    return name + str(Base)\n"
    ),
    "app/repositories/orders.py": (
        "from app.users import service\n\n\ndef store() -> str:\n    return service.rename('')\n"
    ),
    "app/settings.py": "DEBUG = True\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"pyproject.toml": "", **FILES}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_the_map_shows_files_and_arrows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", "--no-cache"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "router (1)",
        "  app/users/router.py",
        "service (1)",
        "  app/users/service.py",
        "repository (3)",
        "  app/repositories/__init__.py",
        "  app/repositories/orders.py",
        "  app/repositories/users.py",
        "model (1)",
        "  app/db.py",
        "core (1)",
        "  app/settings.py",
        "other (2)",
        "",
        "imports",
        "  router -> service: 1",
        "  service -> repository: 1",
        "  repository -> service: 1 (upwards)",
        "    app/repositories/orders.py:1 imports app.users.service",
        "  repository -> model: 1",
    ]


def test_what_a_file_holds_comes_before_its_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in {
        "app/users/shapes.py": "from pydantic import BaseModel\n\n\nclass UserRead(BaseModel):\n    id: int\n",
        "app/users/access.py": (
            "from fastapi import Depends, FastAPI\n\napp = FastAPI()\n\n\ndef current() -> int:\n    return 1\n\n\n"
            "user = Depends(current)\n"
        ),
        "app/users/rows.py": (
            "from sqlalchemy.orm import Session\n\n\ndef count(session: Session) -> int:\n    return 1\n"
        ),
        "app/bind.py": "from sqlalchemy import create_engine\n\nengine = create_engine('sqlite://')\n",
    }.items():
        (project / name).write_text(text, "utf-8")
    assert run(["layers", "--no-cache"]) == 0
    said = capsys.readouterr().out
    for layer, path in (
        ("schema", "app/users/shapes.py"),
        ("dependency", "app/users/access.py"),
        ("repository", "app/users/rows.py"),
        ("core", "app/bind.py"),
    ):
        assert f"  {path}\n" in said.partition(f"{layer} (")[2].partition(")\n")[2].split("(")[0], (layer, said)


def test_nearer_names_say_more_than_farther_ones(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("users/guards.py", "deps.py", "database/sessions.py", "billing/invoices.py", "database/models/user.py")
    texts = {f"app/services/{name}": "def f() -> int:\n    return 1\n" for name in names}
    texts["app/services/database/models/hero.py"] = (
        "from sqlmodel import Field, SQLModel\n\n\nclass Hero(SQLModel, table=True):\n"
        "    id: int | None = Field(default=None, primary_key=True)\n"
    )
    for name, text in texts.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, "utf-8")
    assert run(["layers", "--no-cache"]) == 0
    said = capsys.readouterr().out
    for layer, path in (
        ("service", "app/services/users/guards.py"),
        ("service", "app/services/billing/invoices.py"),
        ("dependency", "app/services/deps.py"),
        ("core", "app/services/database/sessions.py"),
        ("model", "app/services/database/models/hero.py"),
    ):
        assert f"  {path}\n" in said.partition(f"{layer} (")[2].partition(")\n")[2].split("(")[0], (layer, said)
    assert "app/services/database/models/user.py" not in said, (
        "a folder `models` says no more than that it is no service"
    )


def test_the_configuration_comes_first(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.trueup.layers]\nservice = ["app/settings.py"]\n', "utf-8")
    assert run(["layers", "--no-cache"]) == 0
    assert "service (2)\n  app/settings.py\n" in capsys.readouterr().out


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_can_be_said(layer: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # A router by what it holds, a repository by its folder, a model by its class, and what is nothing
    said = ["app/users/router.py", "app/repositories", "**/db.py", "app/__init__.py"]
    (project / "pyproject.toml").write_text(f"[tool.trueup.layers]\n{layer} = {said}\n", "utf-8")
    assert run(["layers", "--no-cache"]) == 0
    shown = capsys.readouterr().out.split("\n\n")[0].split("\n")
    count = 6 + (layer in ("service", "core", "other"))
    assert f"{layer} ({count})" in shown
    if layer not in ("test", "other"):
        at = shown.index(f"{layer} ({count})")
        for path in ("app/users/router.py", "app/repositories/users.py", "app/db.py", "app/__init__.py"):
            assert f"  {path}" in shown[at : at + 1 + count]


@pytest.mark.slow  # import-linter is only where the tools of development are
def test_import_linter_finds_the_same_upward_import(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", "--no-cache", "--emit", "import-linter"]) == 0
    contract = capsys.readouterr().out
    assert tomllib.loads(contract)["tool"]["importlinter"]["contracts"][0]["layers"] == [
        "app.users.router",
        "app.users.service",
        "app.repositories",
        "app.db",
    ]
    (project / "pyproject.toml").write_text(contract, "utf-8")
    linter = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run([linter, "--no-cache"], cwd=project, capture_output=True, text=True, check=False)
    assert found.returncode == 1, found.stdout + found.stderr
    assert "app.repositories.orders -> app.users.service" in found.stdout
    (project / "app/repositories/orders.py").unlink()
    found = subprocess.run([linter, "--no-cache"], cwd=project, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_one_layer_makes_no_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "service.py").write_text("x = 1\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["layers", "--no-cache", "--emit", "import-linter"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_cannot_write_into_the_terminal(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "services").mkdir(exist_ok=True)
    (project / "services" / "a\x1b[31m\n::error::x.py").write_text("x = 1\n")
    assert run(["layers", "--no-cache"]) == 0
    out = capsys.readouterr().out
    assert "\\x1b[31m\\n::error::x.py" in out
    assert "\x1b" not in out
