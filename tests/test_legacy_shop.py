"""The legacy shop works on the libraries it was written for, and after the migration on the current ones."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))  # the demo makes the same proof with the same environments

from environments import CannotBuild, environment, run_tests  # noqa: E402

SHOP = ROOT / "fixtures" / "apps" / "legacy_shop"
LEGACY, CURRENT = SHOP / "requirements-legacy.txt", SHOP / "requirements-current.txt"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__")))


def migrate(shop: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "trueup", "migrate-v2", str(shop), "--allow-no-vcs"]
    return subprocess.run(command, text=True, capture_output=True, check=False)


def texts(folder: Path) -> dict[str, list[bytes]]:
    return {str(path.relative_to(folder)): path.read_bytes().splitlines(True) for path in folder.rglob("*.py")}


@pytest.mark.slow
def test_works_on_the_libraries_it_was_written_for_and_on_no_others(shop: Path) -> None:
    done = run_tests(shop, environment(LEGACY))
    assert done.returncode == 0, done.stdout
    assert run_tests(shop, environment(CURRENT)).returncode != 0


@pytest.mark.slow
def test_works_on_the_current_libraries_once_migrated(shop: Path) -> None:
    done = migrate(shop)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    tested = run_tests(shop, environment(CURRENT))
    assert tested.returncode == 0, done.stdout + tested.stdout

    old_tests = Path(shutil.copytree(shop, shop.parent / "old_tests"))
    shutil.rmtree(old_tests / "tests")
    shutil.copytree(SHOP / "tests", old_tests / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    tested = run_tests(old_tests, environment(CURRENT))
    assert tested.returncode == 0, f"only queries are old in the tests, and still run:\n{tested.stdout}"

    migrated = texts(shop)
    again = migrate(shop)
    assert again.returncode == done.returncode, again.stdout + again.stderr
    assert texts(shop) == migrated


class TestEnvironments:
    """Environments without any package: nothing is downloaded."""

    @pytest.fixture(autouse=True)
    def cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield tmp_path / "cache" / "trueup" / "envs"

    @pytest.fixture
    def pins(self, tmp_path: Path) -> Path:
        path = tmp_path / "none.txt"
        path.write_text("# nothing\n")
        return path

    def test_two_runs_that_build_at_once_share_one(self, cache: Path, pins: Path) -> None:
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(environment, (pins, pins))
        assert first == second
        assert [path.name for path in cache.iterdir()] == [first.parent.parent.name]
        prefix = subprocess.run(
            [first, "-c", "import sys; print(sys.prefix)"], text=True, capture_output=True, check=True
        )
        assert first.parent.parent.samefile(prefix.stdout.strip())

    def test_is_made_again_when_its_interpreter_is_gone_or_the_pins_change(self, pins: Path) -> None:
        first = environment(pins)
        made = first.stat(follow_symlinks=False).st_ino
        assert environment(pins).stat(follow_symlinks=False).st_ino == made
        first.unlink()
        assert environment(pins) == first
        assert first.exists()
        pins.write_text("# nothing either\n")
        assert environment(pins) != first

    def test_a_build_that_fails_says_why_and_leaves_nothing(self, cache: Path, pins: Path) -> None:
        pins.write_text("./not-here\n")
        with pytest.raises(CannotBuild, match="not-here"):
            environment(pins)
        assert list(cache.iterdir()) == []
        with pytest.raises(OSError, match=r"absent\.txt"):
            environment(pins.with_name("absent.txt"))
