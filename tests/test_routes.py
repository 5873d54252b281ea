"""What routes promise and answer stays, when their work moves to a service."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.fix import FixRun, fix_project
from trueup.saving import write_all

from .oracles import routes
from .oracles.routes import answers

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment, run_tests  # noqa: E402

SHOP = ROOT / "fixtures" / "apps" / "legacy_shop"
LEGACY, CURRENT = SHOP / "requirements-legacy.txt", SHOP / "requirements-current.txt"
CASES = sorted(path.parent for path in (ROOT / "fixtures" / "layers").glob("*/*/requests.json"))


def moved(old: Path, new: Path) -> FixRun:
    """Copy a project and move the work of its routes."""
    shutil.copytree(old, new, ignore=shutil.ignore_patterns("__pycache__"))
    configs = Configs.load([str(new)], CliOptions(select=("TUL101",)), cwd=str(new))
    workspace = Workspace.open([str(new)], configs)
    run = fix_project(workspace, lambda finding: finding.fixable and finding.code == "TUL101")
    assert not run.held, run.held
    assert write_all(workspace, run.changed, run.fixed, run.tied)[1] == []
    return run


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_schema_and_answers_stay(case: Path, tmp_path: Path) -> None:
    asked = json.loads((case / "requests.json").read_text("utf-8"))
    assert moved(case / "before", tmp_path / "new").fixed
    python = environment(CURRENT)
    before = answers(python, case / "before", "app.main", asked)
    after = answers(python, tmp_path / "new", "app.main", asked)
    assert after == before
    told = {one["status"] for one in before["answers"]}
    assert told & {200, 201}, "it works"
    assert told & {400, 404, 409, 422}, "it turns something down"


@pytest.mark.slow
@pytest.mark.parametrize("pins", [LEGACY, CURRENT], ids=lambda pins: pins.stem)
def test_every_route_of_the_legacy_shop_answers_as_before(pins: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(SHOP, old, ignore=shutil.ignore_patterns("__pycache__"))
    if pins == CURRENT:
        command = [sys.executable, "-P", "-m", "trueup", "migrate-v2", str(old), "--allow-no-vcs"]
        subprocess.run(command, text=True, capture_output=True, check=False)
    run = moved(old, new)
    assert {finding.symbol for finding in run.fixed} == {"place_order", "change_status"}
    python = environment(pins)
    told: list[Any] = []
    for shop in (old, new):
        shutil.copy(routes.__file__, shop / "routes.py")
        done = run_tests(shop, python, "-p", "routes")
        assert done.returncode == 0, done.stdout
        told.append(json.loads((shop / "answers.json").read_text("utf-8")))
    assert told[0] == told[1]
    assert {400, 402, 404, 409} <= {one[2] for one in told[0] if "/orders" in one[1]}
    schemas = [answers(python, shop, "shop.main", [])["openapi"] for shop in (old, new)]
    assert schemas[0] == schemas[1]
