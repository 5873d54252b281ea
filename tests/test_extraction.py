"""The plan of a move: what is told where a route's work cannot move by itself, and what the commands do with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trueup.buffers import Buffers
from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.fix import fix_project
from trueup.model import Finding

HEAD = """\
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from sqlalchemy.orm import Session

from app.db import get_db
from app.models import Order

router = APIRouter()


"""
ROUTE = """\
@router.post("/orders/{order_id}/close")
def close_order(order_id: int, db: Annotated[Session, Depends(get_db)]) -> None:
    order = db.get_one(Order, order_id)
    if order.total > 100:
        raise HTTPException(409, "too large")
    order.status = "closed"
    order.total += 1
    db.commit()
"""
FILES = {
    "pyproject.toml": "",
    "app/db.py": "from sqlalchemy.orm import Session\n\n\ndef get_db() -> Session: ...\n",
    "app/models.py": (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
        "class Base(DeclarativeBase):\n    pass\n"
        '\n\nclass Order(Base):\n    __tablename__ = "orders"\n    id: Mapped[int] = mapped_column(primary_key=True)\n'
        "    total: Mapped[int]\n    status: Mapped[str]\n"
    ),
}


def project(folder: Path, router: str, **more: str) -> Workspace:
    """A project with one router, checked with the one rule."""
    files = {**FILES, "app/routers/orders.py": router, **{f"app/{name}.py": text for name, text in more.items()}}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    configs = Configs.load([str(folder)], CliOptions(select=("TUL101",)), cwd=str(folder))
    return Workspace.open([str(folder)], configs)


def found(folder: Path, router: str, **more: str) -> Finding:
    [one] = project(folder, router, **more).check()
    return one


def test_a_plan_that_can_be_carried_out(tmp_path: Path) -> None:
    one = found(tmp_path, HEAD + ROUTE)
    assert one.fixable
    assert one.why == (
        "lines 14 to 19 become `close_order` of app/routers/orders_service.py (new) given order_id, db, with errors "
        "for 409; tests that replace names of this file no longer reach what moved"
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("order_id: int, ", "order_id, ", "the type of its parameter `order_id` is not written down (line 13)"),
        ("order_id: int, ", "order_id: int, r: Request, ", ""),
        ("    db.commit", "    print(r.url)\n    db.commit", "it cannot be seen where `r` comes from (line 19)"),
        ("409, ", "order.total, ", "the status of an `HTTPException` is not a constant (line 16)"),
        ("409, ", "  # why\n 409,  # because\n ", "a comment stands beside the status of an `HTTPException` (line 16)"),
        ("raise HTTP", "x = HTTP", "it makes an `HTTPException` that it does not raise there (line 16)"),
        ("db.commit()", "eval('1')", "it uses `eval()` (line 19)"),
        ("db.commit()", "yield 1", "it yields (line 19)"),
        (
            "    db.commit()",
            "    global x\n    x = 1",
            "it binds names outside of it (line 19); it cannot be seen where `x` comes from (line 20)",
        ),
        ("db.commit()", "class A: pass", "a class is defined in it (line 19)"),
        ("db.commit()", "from . import a", "it imports relatively (line 19)"),
        ("db.commit()", "a = 1; b = 2", "two of its statements share a line (line 19)"),
        ("db.commit()", "router.url_path_for('x')", "`router` is defined in this file (line 19)"),
        ("router = API", "try:\n    C = 1\nexcept ValueError:\n    C = 2\nrouter = API", ""),
    ],
)
def test_what_stands_against_it(old: str, new: str, reason: str, tmp_path: Path) -> None:
    one = found(tmp_path, (HEAD + ROUTE).replace(old, new))
    assert one.fixable is not bool(reason), one.why
    assert one.why.partition("once it is settled that ")[2] == reason


def test_the_body_alone_decides(tmp_path: Path) -> None:
    """A request among the parameters stays in the route if the body does not use it."""
    workspace = project(tmp_path, (HEAD + ROUTE).replace("order_id: int, ", "order_id: int, request: Request, "))
    [one] = workspace.check()
    assert "request" not in one.why


def test_the_plan_of_a_method_says_only_that(tmp_path: Path) -> None:
    route = "class Orders:\n" + "".join(f"    {line}" for line in ROUTE.splitlines(keepends=True))
    one = found(tmp_path, HEAD + route.replace("(order_id", "(self, order_id"))
    assert one.why.endswith("once it is settled that the route is a method, or stands in a function (line 14)")


def moved(folder: Path, router: str, **more: str) -> str:
    """The service of the orders once all is moved."""
    workspace = project(folder, router, **more)
    run = fix_project(workspace, lambda finding: finding.fixable)
    assert not run.held
    [text] = [
        new for path, (_, new) in run.changed.items() if path.endswith(("services/orders.py", "orders_service.py"))
    ]
    return text


def test_annotations_that_are_not_evaluated_stay_so(tmp_path: Path) -> None:
    """Before Python 3.10 `int | None` cannot be."""
    router = "from __future__ import annotations\n\n" + (HEAD + ROUTE).replace("order_id: int", "order_id: int | None")
    made = moved(tmp_path / "new", router)
    assert made.partition("\n\n")[2].startswith("from __future__ import annotations\n\nfrom typing import Any\n")
    assert "def close_order(db: Session, *, order_id: int | None) -> None:" in made
    service = "from app.models import Order\n\n\ndef count(order: Order) -> int:\n    return order.total\n"
    held = moved(tmp_path / "old", router, **{"services/orders": service})
    assert 'def close_order(db: Session, *, order_id: "int | None") -> None:' in held
    assert "headers: Optional[Dict[str, str]] = None" in held


def test_what_only_types_need_there_is_imported(tmp_path: Path) -> None:
    service = """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.models import Order


def count(order: "Order") -> int:
    return order.total
"""
    made = moved(tmp_path, HEAD + ROUTE, **{"services/orders": service})
    assert "\nfrom app.models import Order\n" in made


# The commands --------------------------------------------------------------------------------------------------------


def trueup(folder: Path, *options: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "trueup", "check", "--no-cache", "--select", "TUL101", *options]
    return subprocess.run(command, cwd=folder, input=stdin, text=True, capture_output=True, check=False)


def test_diff_shows_the_new_file_and_writes_nothing(tmp_path: Path) -> None:
    project(tmp_path, HEAD + ROUTE)
    done = trueup(tmp_path, "--diff", "--unsafe-fixes", ".")
    assert "--- /dev/null\n+++ b/app/routers/orders_service.py\n@@ -0,0 +1," in done.stdout
    assert not (tmp_path / "app/routers/orders_service.py").exists()
    assert (tmp_path / "app/routers/orders.py").read_text() == HEAD + ROUTE
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply"], cwd=tmp_path, input=done.stdout, text=True, check=True)
    service = (tmp_path / "app/routers/orders_service.py").read_text()
    assert 'raise OrderConflictError("too large")' in service
    assert trueup(tmp_path, ".").stdout.startswith("Found nothing")


def test_fix_writes_it_and_safe_fixes_do_not(tmp_path: Path) -> None:
    project(tmp_path, HEAD + ROUTE)
    trueup(tmp_path, "--fix", ".")
    assert not (tmp_path / "app/routers/orders_service.py").exists()
    done = trueup(tmp_path, "--fix", "--unsafe-fixes", ".")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "app/routers/orders_service.py").exists()


def test_what_comes_from_stdin_makes_no_files(tmp_path: Path) -> None:
    project(tmp_path, HEAD + ROUTE)
    options = ("--fix", "--unsafe-fixes", "--stdin-filename", "app/routers/orders.py", "-")
    done = trueup(tmp_path, *options, stdin=HEAD + ROUTE)
    assert done.stdout == HEAD + ROUTE
    assert "what is not read from disk makes no files" in done.stderr
    assert not (tmp_path / "app/routers/orders_service.py").exists()


def test_an_editor_is_offered_no_half_of_it(tmp_path: Path) -> None:
    project(tmp_path, HEAD + ROUTE)
    buffers = Buffers(CliOptions(select=("TUL101",)), cache=False)
    path = str(tmp_path / "app/routers/orders.py")
    [one] = buffers.check(path)
    offered = buffers.repair(path, one)
    assert offered.edits == ()
    assert "puts code into another file" in offered.reason


def test_a_service_outside_of_what_is_checked_is_left_alone(tmp_path: Path) -> None:
    service = "from app.models import Order\n\n\ndef count(order: Order) -> int:\n    return order.total\n"
    project(tmp_path, HEAD + ROUTE, **{"services/orders": service})
    done = trueup(tmp_path, "--fix", "--unsafe-fixes", "app/routers/orders.py")
    assert "it is not being checked: check the whole project" in done.stderr
    assert (tmp_path / "app/services/orders.py").read_text() == service
    assert (tmp_path / "app/routers/orders.py").read_text() == HEAD + ROUTE
