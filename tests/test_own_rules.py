"""The package of the guide "Write your own rule" works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parent.parent / "docs" / "own-rules.md"
BLOCK = re.compile(r"^```(?:toml|python)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROUTES = """from fastapi import APIRouter

router = APIRouter()


@router.get("/", response_model=dict)  # kept
async def read() -> dict[str, int]:
    return {"a": 1}


@router.post("/", response_model=dict[str, int])
async def write() -> dict[str, int]:
    return {"a": 1}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the package of the guide."""
    source, target = tmp_path_factory.mktemp("acme-rules"), tmp_path_factory.mktemp("site")
    files = dict(BLOCK.findall(GUIDE.read_text("utf-8")))
    assert len(files) == 3
    for folder in ("acme_rules", "acme_rules/checkers", "acme_rules/fixers"):
        files[f"{folder}/__init__.py"] = ""
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-build-isolation", "--no-deps")
    done = subprocess.run([*pip, "--target", target, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def trueup(site: Path, root: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command that sees the installed package."""
    env = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-P", "-m", "trueup", *arguments]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_it_is_found_explained_and_repaired(site: Path, tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "routes.py").write_text(ROUTES)
    code, out = trueup(site, tmp_path, "check", "--no-cache", "--select", "TUX", "--output-format", "concise")
    assert code == 0, out
    (line,) = [one for one in GUIDE.read_text("utf-8").splitlines() if one.startswith("app/routes.py:")]
    assert line in out.splitlines()
    assert "A route says that it answers with a `dict`." in trueup(site, tmp_path, "explain", "TUX101")[1]
    code, out = trueup(site, tmp_path, "check", "--no-cache", "--select", "TUX", "--fix", "--unsafe-fixes")
    assert code == 0, out
    assert (app / "routes.py").read_text() == ROUTES.replace(", response_model=dict)", ")", 1)
