"""The hooks of pre-commit and the action of GitHub, run by those they are made for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
LEGACY = """\
from pydantic import BaseModel


class User(BaseModel):
    name: str


def f(user: User):
    return user.dict()
"""


def git(folder: Path, *arguments: str) -> str:
    somebody = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *somebody, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_files_are_what_their_readers_expect() -> None:
    for kind, path in (("github-actions", "action.yml"), ("gitlab-ci", "ci/trueup.gitlab-ci.yml")):
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{kind}", str(ROOT / path)]
        subprocess.run(command, check=True, capture_output=True)
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    subprocess.run(command, check=True, capture_output=True)
    assert [hook["id"] for hook in HOOKS] == ["trueup-check", "trueup-fix", "trueup-project"]


@pytest.mark.slow
def test_pre_commit_runs_every_hook(tmp_path: Path) -> None:
    source, project = tmp_path / "trueup", tmp_path / "project"
    source.mkdir()
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, source)
    for folder in ("trueup", "checkers", "fixers"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    git(source, "init", "-q")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "release")
    project.mkdir()
    git(project, "init", "-q")
    config = {
        "repos": [
            {"repo": str(source), "rev": git(source, "rev-parse", "HEAD"), "hooks": [{"id": h["id"]} for h in HOOKS]}
        ]
    }
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (project / "models.py").write_text(LEGACY)
    (project / "old.py").write_text(LEGACY)
    (project / "notes.txt").write_text("x.dict()\n")
    (project / "pyproject.toml").write_text(
        '[tool.trueup]\nexclude = ["gen"]\n[tool.trueup.severity]\nTUP101 = "error"\n'
    )
    (project / "gen").mkdir()
    (project / "gen" / "models.py").write_text(LEGACY)
    git(project, "add", "-A")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "TRUEUP_"))
    }
    environment |= {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PRE_COMMIT_COLOR": "never"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", *arguments]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)

    ran = run("trueup-check", "--files", "models.py", "notes.txt", "gen/models.py")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "models.py:9:17: TUP101" in ran.stdout
    assert "old.py" not in ran.stdout
    assert "gen/models.py" not in ran.stdout
    assert "old.py:9:17: TUP101" in run("trueup-project", "--hook-stage", "manual").stdout
    fixed = run("trueup-fix", "--files", "models.py")
    assert fixed.returncode == 1
    assert "files were modified by this hook" in fixed.stdout
    assert (project / "models.py").read_text() == LEGACY.replace("dict", "model_dump")
    assert (project / "old.py").read_text() == LEGACY
    assert run("trueup-fix", "--files", "models.py").returncode == 0
    assert run("trueup-check", "--files", "models.py").returncode == 0


UVX = """#!/bin/sh
echo "$@" > "$ASKED"
while [ "$1" != trueup ]; do shift; done
shift
exec "$PYTHON" -m trueup "$@"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="the action is a bash script")
def test_the_action_annotates_summarises_and_cannot_be_injected(tmp_path: Path) -> None:
    tools, project = tmp_path / "bin", tmp_path / "project"
    tools.mkdir()
    (tools / "uvx").write_text(UVX)
    (tools / "uvx").chmod(0o755)
    project.mkdir()
    (project / "a.py").write_text(LEGACY)
    (project / "uv.lock").write_text(
        '[[package]]\nname = "other"\nversion = "9"\n\n[[package]]\nname = "trueup"\nversion = "0.9.1"\n'
    )
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path), "PYTHON": sys.executable,
        "ASKED": str(tmp_path / "asked"), "GITHUB_OUTPUT": str(tmp_path / "output"), "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"), "INPUT_SARIF": "out.sarif",
    }  # fmt: skip

    def run(**inputs: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", str(ROOT / "action" / "run.sh")]
        env = {**environment, **{f"INPUT_{name.upper()}": value for name, value in inputs.items()}}
        return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)

    ran = run(args="check --error-on-warning", src="a.py")
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.startswith("::warning title=trueup (TUP101),file=a.py,line=9,")
    assert (tmp_path / "summary.md").read_text().startswith("## trueup: 1 warning in 1 file\n")
    assert (tmp_path / "output").read_text() == "exit-code=1\n"
    assert (project / "out.sarif").is_file()
    assert (
        (tmp_path / "asked").read_text().startswith("--from trueup==0.9.1 trueup check --error-on-warning -o github:-")
    )
    asked = {"1.2.3": "trueup==1.2.3", ">=1,<2": "trueup>=1,<2"}
    for version, spec in asked.items():
        run(version=version)
        assert (tmp_path / "asked").read_text().startswith(f"--from {spec} trueup check")
    for evil in ("$(touch evil)", "; touch evil", "git+https://example.org/x"):
        assert run(version=evil).returncode == 2
        run(args=f"check {evil}", src=evil)
    assert not (project / "evil").exists()
    (project / "uv.lock").unlink()
    (project / "pyproject.toml").write_text('[project]\ndependencies = ["x", "trueup>=0.5,<2; python_version>\'3\'"]\n')
    run()
    assert (tmp_path / "asked").read_text().startswith("--from trueup>=0.5,<2 trueup check")


def test_actions_of_others_are_pinned() -> None:
    """A tag can be moved to other code; a commit cannot."""
    from trueup.onboarding import Found, changes

    written = {one.path: one.after for one in changes(Found(lambda path: None, False, True, "1.2.3"))}
    for text in ((ROOT / "action.yml").read_text(), written[".github/workflows/trueup.yml"]):
        used = re.findall(r"uses: (\S+)( # v\d+\.\d+\.\d+$)?", text, re.MULTILINE)
        assert len(used) == 2
        for one, version in used:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one), one
            assert version, one
