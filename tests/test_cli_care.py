"""What looks after trueup itself: `doctor`, `clean`, `version`, `bug-report`, and what a run says of its own work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer

from trueup import __version__
from trueup.cli import app
from trueup.cli.check import By
from trueup.cli.health import BAD, Said, examine
from trueup.cli.terminal import Terminal
from trueup.config import CliOptions

from .plugin import Plugged


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugged:
    """A repository with findings."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({"a.py": "old()\nearlier\n", "sub/b.py": "old()\n", "pyproject.toml": "[tool.trueup]\n"})
    return plugged


def said(folder: Path, *config: str) -> dict[str, list[Said]]:
    """What is said of a project, by subject."""
    found: dict[str, list[Said]] = {}
    for one in examine(str(folder), CliOptions(config=config)):
        found.setdefault(one.subject, []).append(one)
    return found


def test_doctor_is_content_with_a_project_in_order(project: Plugged) -> None:
    project.write({".venv/lib/python3.12/site-packages/pydantic-2.9.0.dist-info/METADATA": "x"})
    ran = project.run("doctor")
    assert ran.code == 0, ran.out
    told = {" ".join(line.split()) for line in ran.out.splitlines()}
    assert f"ok project {project.folder}, 2 Python files" in told
    assert "ok plugin plug = plug" in told
    assert "ok versions pydantic 2.9.0 (`trueup config versions` says where)" in told
    assert any(line.startswith("ok environment ") for line in told)
    assert project.run("doctor", "nowhere").code == 2


def test_doctor_finds_what_is_wrong(project: Plugged) -> None:
    project.write({
        "pyproject.toml": "[tool.trueup]\nselect = ['TUX', 'NOPE']\npython-path = 'nowhere'\n[tool.ruff]\n",
        ".pylintrc": "[trueup]\ntrueup-select = TUP\n",
    })  # fmt: skip
    ran = project.run("doctor")
    assert ran.code == 1
    bad = [" ".join(line.split()[1:]) for line in ran.out.splitlines() if line.startswith("bad")]
    assert [line.split()[0] for line in bad] == ["settings", "environment", "ruff", "pylint"]
    assert "`select` names no rule: `NOPE`" in bad[0]
    assert "`python-path` names no folder" in bad[1]
    assert '`lint.external = ["TU"]`' in bad[2]
    assert ".pylintrc sets options of the plugin, and has no `load-plugins" in bad[3]


def test_doctor_says_when_settings_or_plugins_are_broken(project: Plugged, tmp_path: Path) -> None:
    ran = project.run("doctor", "--config", "selct = []")
    assert ran.code == 1
    assert "unknown key `selct`; did you mean `select`?" in ran.out
    (tmp_path / "plugin/plug-1.dist-info/entry_points.txt").write_text("[trueup.rules]\nplug = plog\n")
    ran = project.run("doctor")
    assert ran.code == 1
    assert "plug = plog: ModuleNotFoundError: No module named 'plog'" in ran.out


def test_the_plugin_of_pylint_must_be_where_pylint_runs(project: Plugged) -> None:
    site = ".venv/lib/python3.12/site-packages"
    project.write({".pylintrc": "[MAIN]\nload-plugins=pylint.extensions.x,\n    trueup.pylint\n"})
    assert said(project.folder)["pylint"][0].mark == "ok"
    project.write({f"{site}/pylint-4.0.dist-info/METADATA": "x"})
    (one,) = said(project.folder)["pylint"]
    assert one.mark == BAD
    assert "skipped in silence" in one.said
    project.write({f"{site}/trueup-1.dist-info/METADATA": "x"})
    assert said(project.folder)["pylint"][0].mark == "ok"


def test_clean_deletes_the_cache_and_nothing_else(project: Plugged, tmp_path: Path) -> None:
    project.run("check")
    cache = project.folder / ".trueup_cache"
    assert cache.is_dir()
    assert re.fullmatch(r"\.trueup_cache: [1-3] files? deleted\n", project.run("clean").err)
    assert not cache.exists()
    assert project.run("clean").err == ".trueup_cache: nothing to delete\n"
    project.run("check", "--cache-dir", ".")
    assert project.run("clean", "--cache-dir", ".", "--user").code == 0
    assert (project.folder / "a.py").exists()
    assert not list(project.folder.glob("*.sqlite"))
    (tmp_path / "home/trueup").mkdir(parents=True, exist_ok=True)
    (tmp_path / "home/trueup/keep").write_text("")
    (tmp_path / "home/trueup/x.sqlite-wal").write_text("")
    project.environment["XDG_CACHE_HOME"] = str(tmp_path / "home")
    project.run("clean", "--user")
    assert [path.name for path in (tmp_path / "home/trueup").iterdir()] == ["keep"]


def test_version_and_bug_report(project: Plugged) -> None:
    assert project.run("version").out == f"trueup {__version__}\n"
    (told,) = json.loads(project.run("version", "--output-format", "json").out)
    assert told["trueup"] == __version__
    assert told["libcst"]
    project.write({"uv.lock": '[[package]]\nname = "pydantic"\nversion = "2.3.0"\n'})
    project.environment["TRUEUP_CACHE_DIR"] = "secret"
    project.environment["HOME"] = str(project.folder.parent)
    out = project.run("bug-report").out
    assert out.startswith(f"trueup {__version__}\npython ")
    assert "TRUEUP_CACHE_DIR is set\n" in out
    assert "secret" not in out
    assert "\nproject ~/project, settings of ~/project/pyproject.toml\n" in out
    assert 'target-pydantic = "auto"  # the default\n' in out
    assert "pydantic    2.3.0  pydantic 2.3.0 in uv.lock\n" in out
    assert project.run("version", "-v").out == out
    project.write({"pyproject.toml": "[tool.trueup]\nselct = 1\n"})
    assert "unknown key `selct`" in project.run("bug-report").out


def test_profile_says_which_rules_and_files_take_the_time(project: Plugged) -> None:
    ran = project.run("check", "--profile", "--select", "TUX")
    plain = project.run("check", "--select", "TUX")
    assert (ran.code, ran.out) == (plain.code, plain.out)
    assert "s  in all, of which rules:\n" in ran.err
    assert "The 10 slowest files, as far as rules are concerned:\n" in ran.err
    assert ran.err.splitlines()[-1].endswith(".py")
    assert project.run("check", "--profile", "--fix").code == 2
    assert project.run("check", "--profile", "-").code == 2


def test_what_files_say_of_repairs_and_exclusions_can_be_said_on_the_command_line(project: Plugged) -> None:
    assert project.run("check", "--fix", "--unfixable", "TUX101").code == 1
    assert project.read()["a.py"] == "old()\nlater\n"
    project.run("check", "--fix", "--fixable", "TUX102", "--fixable", "earlier-name")
    assert project.read()["a.py"] == "old()\nlater\n"
    project.run("check", "--fix", "--fixable", "TUX")
    assert project.read()["a.py"] == "new()\nlater\n"
    project.write({"sub/b.py": "old()\n", "a.py": "old()\n"})
    assert "a.py" not in project.run("check", "--extend-exclude", "a.py").out
    assert "b.py" not in project.run("check", "--extend-exclude", "sub").out
    assert "b.py" not in project.run("check", "--exclude", "x,sub").out


def test_no_progress_is_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    for unwanted in (False, True):
        with Terminal(no_progress=unwanted).progress() as bar:
            assert bar.wanted is not unwanted


def test_every_option_can_be_set_by_the_environment() -> None:
    def options(command: object) -> list[str]:
        found = [
            str(one.opts[0])
            for one in getattr(command, "params", ())
            if one.param_type_name == "option" and not one.envvar
        ]
        return [*found, *(name for inner in getattr(command, "commands", {}).values() for name in options(inner))]

    assert options(typer.main.get_command(app.build())) == ["--version", "--install-completion", "--show-completion"]


def test_a_command_is_made_without_the_others_and_is_the_same() -> None:
    whole = typer.main.get_command(app.build())
    for name, one in whole.commands.items():  # type: ignore[attr-defined]
        alone = typer.main.get_command(app.build([name])).commands  # type: ignore[attr-defined]
        assert list(alone) == [name]
        assert [p.opts for p in alone[name].params] == [p.opts for p in one.params]
    assert app.APART["--statistics"] == tuple(By)


def test_who_asks_for_a_rule_of_ruff_is_sent_to_ruff(project: Plugged) -> None:
    assert project.run("explain", "D100").err.endswith("; if it is ruff's, `ruff rule D100` tells of it\n")
    assert "ruff" not in project.run("explain", "TUP10").err
