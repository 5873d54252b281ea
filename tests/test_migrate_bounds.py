"""What a migration makes of the files that say what a project depends on."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trueup.libraries.distributions import Floor
from trueup.migrate import bounds, manifests, requirement, toml_strings

from .plugin import Plugged

PYDANTIC = Floor("pydantic", "2.7", "3", gone_extras=("dotenv",))
SETTINGS = Floor("pydantic-settings", "2.14", "3", added_for="pydantic_settings")
FASTAPI = Floor("fastapi", "0.100", "")
SQLALCHEMY = Floor("sqlalchemy", "2.0", "3")
ALL = [PYDANTIC, SETTINGS, FASTAPI, SQLALCHEMY]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pydantic", "pydantic>=2.7"),
        ("pydantic>=1.8,<2", "pydantic>=2.7,<3"),
        ("pydantic >= 1.8, < 2.0", "pydantic >= 2.7, < 3"),
        ("pydantic<3,>=1.8", "pydantic>=2.7,<3"),
        ("pydantic==1.10.13", "pydantic>=2.7,<3"),
        ("pydantic==1.10.*", "pydantic>=2.7,<3"),
        ("pydantic~=1.10", "pydantic>=2.7,<3"),
        ("pydantic!=1.8,!=1.8.1,!=2.8.0,<2", "pydantic>=2.7,<3,!=2.8.0"),
        ("pydantic (>=1.8,<2)", "pydantic (>=2.7,<3)"),
        ("pydantic[dotenv]>=1.8", "pydantic>=2.7"),
        ("Pydantic[email,dotenv] ; python_version<'3.9'", "Pydantic[email]>=2.7 ; python_version<'3.9'"),
        ("pydantic[email]<2;python_version<'3.9'", "pydantic[email]>=2.7,<3;python_version<'3.9'"),
        ("pydantic>=2.8", None),
        ("pydantic==2.9.1", None),
        ("pydantic~=2.10.0", None),
        ("pydantic>=2.0,<3", "pydantic>=2.7,<3"),
    ],
)
def test_a_requirement_keeps_its_look(old: str, new: str | None) -> None:
    parsed = requirement.parse(old)
    assert parsed is not None
    raised = requirement.raised(parsed, PYDANTIC)
    assert (str(raised) if raised is not None else None) == new
    if raised is not None:
        assert requirement.raised(raised, PYDANTIC) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("^1.10", "^2.7"),
        ("~1.10", "^2.7"),
        ("1.10.*", "^2.7"),
        ("1.10.2", "^2.7"),
        ("*", ">=2.7"),
        (">=1.8,<2", ">=2.7,<3"),
        ("^2.8", None),
        ("2.9.1", None),
    ],
)
def test_a_version_as_poetry_writes_it(old: str, new: str | None) -> None:
    assert requirement.raised_poetry(old, PYDANTIC) == new


def test_a_caret_would_shut_out_later_versions_of_zero() -> None:
    assert requirement.raised_poetry("^0.95", FASTAPI) == ">=0.100"


@pytest.mark.parametrize(
    "text", ["./pydantic", "-r other.txt", "pydantic @ https://example.org/p.whl", "--index-url x"]
)
def test_what_is_no_requirement_with_bounds(text: str) -> None:
    assert requirement.parse(text) is None


TOML = """\
[build-system]
requires = ["pydantic<2"]  # what builds it is not what it runs with

[project]
dependencies = [
  "fastapi>=0.95,<0.100",   # web
  'Pydantic[dotenv] >= 1.8, < 2',  # models
  "sqlalchemy[asyncio]~=1.4.41; python_version >= '3.8'"
]
optional-dependencies.dev = ["pydantic<2", "x"]

[dependency-groups]
test = [{include-group = "dev"}, "pydantic>=1"]

[tool.other]
text = \"\"\"
pydantic<2 "quoted" \\
\"\"\"
at = 1979-05-27 07:32:00
nested = { a = [ [1, 2], ["pydantic<2"] ], "b.c" = 'x' }

[[tool.list]]
a = "1"
[[tool.list]]
a = "2"
"""


def test_pyproject_toml() -> None:
    raised = manifests.raise_bounds("pyproject.toml", TOML, ALL, [SETTINGS])
    assert raised.refusals == []
    before, after = TOML.splitlines(), raised.text.splitlines()
    assert [line for line in after if line not in before] == [
        '  "fastapi>=0.100",   # web',
        "  'Pydantic >= 2.7, < 3',  # models",
        "  'pydantic-settings>=2.14,<3',",
        "  \"sqlalchemy[asyncio]>=2.0,<3; python_version >= '3.8'\"",
        'optional-dependencies.dev = ["pydantic>=2.7,<3", "x"]',
        'test = [{include-group = "dev"}, "pydantic>=2.7"]',
    ]
    assert tomllib.loads(raised.text)["tool"] == tomllib.loads(TOML)["tool"]
    again = manifests.raise_bounds("pyproject.toml", raised.text, ALL, [SETTINGS])
    assert again.text == raised.text
    assert again.changes == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["pydantic<2"]', '["pydantic>=2.7,<3", "pydantic-settings>=2.14,<3"]'),
        ("['fastapi']", "['fastapi>=0.100', 'pydantic-settings>=2.14,<3']"),
        ('[\n    "pydantic<2"  # old\n]', '[\n    "pydantic>=2.7,<3",\n    "pydantic-settings>=2.14,<3"  # old\n]'),
        ('[\r\n\t"pydantic<2", # old\r\n]', '[\r\n\t"pydantic>=2.7,<3", # old\r\n\t"pydantic-settings>=2.14,<3",\r\n]'),
        ('["pydantic_settings<1", "pydantic>=2.9"]', '["pydantic_settings>=2.14,<3", "pydantic>=2.9"]'),
        ('["starlette"]', '["starlette"]'),
    ],
)
def test_a_requirement_is_added_behind_pydantic(before: str, after: str) -> None:
    text = "[project]\ndependencies = "
    assert manifests.raise_bounds("pyproject.toml", text + before, ALL, [SETTINGS]).text == text + after


POETRY = """\
[tool.poetry.dependencies]
python = "^3.11"
fastapi = "^0.95"
pydantic = { version = "^1.10", extras = ["dotenv"] }  # models
"SQLAlchemy" = {version = "~1.4", optional = true}

[tool.poetry.group.dev.dependencies]
pydantic = [{version = "1.10.2", python = "<3.9"}]
"""


def test_poetry() -> None:
    raised = manifests.raise_bounds("pyproject.toml", POETRY, ALL, [SETTINGS])
    assert raised.text == (
        POETRY.replace('"^0.95"', '">=0.100"')
        .replace(
            '{ version = "^1.10", extras = ["dotenv"] }  # models', '{ version = "^2.7", extras = [] }  # models\nXX'
        )
        .replace("XX", 'pydantic-settings = "^2.14"')
        .replace('"~1.4"', '"^2.0"')
    )


REQUIREMENTS = """\
# pinned by hand
fastapi==0.99.1
  Pydantic[dotenv]==1.10.13  # models
sqlalchemy==1.4.54 \\
    --hash=sha256:abc
-r other.txt
pydantic-extra-types @ https://example.org/x.whl
git+https://example.org/pydantic.git
"""


def test_requirements_txt() -> None:
    raised = manifests.raise_bounds("requirements.txt", REQUIREMENTS, ALL, [SETTINGS])
    assert raised.text == REQUIREMENTS.replace("fastapi==0.99.1", "fastapi>=0.100").replace(
        "Pydantic[dotenv]==1.10.13  # models", "Pydantic>=2.7,<3  # models\n  pydantic-settings>=2.14,<3"
    )
    assert [(one.line, "sqlalchemy==1.4.54" in one.message) for one in raised.refusals] == [(4, True)]


SETUP = """\
[metadata]
name = pydantic

[options]
python_requires = >=3.8
install_requires =
    pydantic>=1.8,<2
    fastapi; python_version > "3.8"

[options.extras_require]
db = sqlalchemy<2
[tool:pytest]
addopts =
    pydantic
"""


def test_setup_cfg() -> None:
    text = SETUP.replace("\n", "\r\n")
    raised = manifests.raise_bounds("setup.cfg", text, ALL, [SETTINGS])
    assert raised.text.replace("\r\n", "\n") == SETUP.replace(
        "    pydantic>=1.8,<2\n", "    pydantic>=2.7,<3\n    pydantic-settings>=2.14,<3\n"
    ).replace("fastapi;", "fastapi>=0.100;").replace("sqlalchemy<2", "sqlalchemy>=2.0,<3")
    assert raised.text.count("\r\n") == raised.text.count("\n")


SETUP_PY = """\
from setuptools import find_packages, setup

REQUIRED = [
    "fastapi>=0.95",
    'pydantic>=1.8,<2',  # modèles
]
OTHER = ["pydantic<2"]

setup(
    name="pydantic",
    packages=find_packages(),
    install_requires=[*REQUIRED, "requests"],
    extras_require={"db": ["sqlalchemy~=1.4"], "all": REQUIRED + [f"x{1}"]},
)
"""


def test_setup_py() -> None:
    raised = manifests.raise_bounds("setup.py", SETUP_PY, ALL, [SETTINGS])
    assert raised.text == SETUP_PY.replace("fastapi>=0.95", "fastapi>=0.100").replace(
        "    'pydantic>=1.8,<2',  # modèles\n",
        "    'pydantic>=2.7,<3',  # modèles\n    'pydantic-settings>=2.14,<3',\n",
    ).replace("sqlalchemy~=1.4", "sqlalchemy>=2.0,<3")
    assert manifests.raise_bounds("setup.py", "def broken(", ALL, [SETTINGS]).text == "def broken("
    assert manifests.raise_bounds("setup.py", raised.text, ALL, [SETTINGS]).changes == []


@pytest.mark.parametrize("text", ["[project\n", "a = 1\na = 2\n"])
def test_what_is_no_toml_is_left_alone(text: str) -> None:
    raised = manifests.raise_bounds("pyproject.toml", text, ALL, [SETTINGS])
    assert raised.text == text
    assert [one.line for one in raised.refusals] == [1]


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8)


@given(st.dictionaries(st.sampled_from(["a", "b-c", "d"]), st.lists(TEXTS, max_size=3), max_size=3), st.booleans())
def test_strings_are_found_where_they_are(tables: dict[str, list[str]], literal: bool) -> None:
    def quoted(text: str) -> str:
        if literal and "'" not in text:
            return f"'{text}'"
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = [f"{key} = [ {', '.join(map(quoted, values))} ] # {key}\n" for key, values in tables.items()]
    text = "[t]\n" + "".join(lines)
    found = toml_strings.strings(text)
    assert [(one.path, one.value) for one in found] == [
        (("t", key, index), value) for key, values in tables.items() for index, value in enumerate(values)
    ]
    assert [text[one.start : one.end] for one in found] == [quoted(v) for values in tables.values() for v in values]


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A committed project with work to do, and files that say dependencies."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    code = "from pydantic_settings import BaseSettings\nold()\n"
    plugged.write({"pkg/a.py": code, "pyproject.toml": TOML, "requirements.txt": "pydantic<2\n"})
    return plugged


def test_the_migration_raises_them(project: Plugged) -> None:
    ran = project.run("migrate-v2", "--diff")
    assert ran.code == 1
    assert (project.folder / "requirements.txt").read_text() == "pydantic<2\n"
    assert "+++ b/requirements.txt" in ran.out
    subprocess.run(["git", "apply", "--check", "-"], cwd=project.folder, input=ran.out.encode(), check=True)
    ran = project.run("migrate-v2", "--plan")
    assert "  requirements.txt: pydantic<2 -> pydantic>=2.7,<3" in ran.out.splitlines()
    assert "  requirements.txt: new: pydantic-settings>=2.0,<3" in ran.out.splitlines()
    ran = project.run("migrate-v2")
    assert (project.folder / "requirements.txt").read_text() == "pydantic>=2.7,<3\npydantic-settings>=2.0,<3\n"
    assert "Pydantic >= 2.7" in (project.folder / "pyproject.toml").read_text()
    project.git("commit", "-qam", "migrated")
    ran = project.run("migrate-v2")
    assert "dependencies" not in ran.out
    assert project.git("status", "--porcelain") == ""


def test_nothing_repaired_nothing_raised(project: Plugged) -> None:
    ran = project.run("migrate-v2", "--step", "config", "--plan")
    assert ran.code == 0
    assert "dependencies" not in ran.out


def test_the_guard_looks_at_them(project: Plugged) -> None:
    (project.folder / "requirements.txt").write_text("pydantic<2\nmine\n")
    ran = project.run("migrate-v2", "pkg")
    assert ran.code == 2
    assert "requirements.txt" in ran.err


def test_the_command_that_locks_again_is_told_and_not_run(tmp_path: Path) -> None:
    package = tmp_path / "repo/services/api"
    package.mkdir(parents=True)
    (tmp_path / "uv.lock").write_text("")
    (tmp_path / "repo/.git").mkdir()
    assert bounds.lock_command(str(package)) == ""  # what lies above the repository is another one's
    (tmp_path / "repo/pdm.lock").write_text("")
    assert bounds.lock_command(str(package)) == "pdm lock"
    (package / "poetry.lock").write_text("")
    assert bounds.lock_command(str(package)) == "poetry lock"
    assert bounds.relock(["", ""]) == "Lock files are not touched: lock again, with your own tool."
    assert bounds.relock(["uv lock", "", "pdm lock", "uv lock"]).endswith("again, `uv lock` and `pdm lock`.")


def test_the_report_says_how_to_lock_again(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = Plugged(tmp_path / "project", tmp_path / "plugin")
    lock = '[[package]]\nname = "pydantic"\nversion = "1.10.2"\n'
    project.write({
        "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["pydantic>=1.10,<2"]\n',
        "uv.lock": lock,
        "a.py": "from pydantic import BaseModel\n\n\nclass A(BaseModel):\n    x: int\n\n\nprint(A(x=1).dict())\n",
    })  # fmt: skip
    ran = project.run("migrate-v2", "--report", "r.md", "--report", "r.html")
    assert "Lock files are not touched: lock again, `uv lock`.\n" in ran.out
    assert (project.folder / "uv.lock").read_text() == lock
    words, page = ((project.folder / name).read_text() for name in ("r.md", "r.html"))
    assert "\nLock files are not touched: lock again, `uv lock`.\n" in words
    assert r"| pydantic | pydantic\>=1.10,\<2 | 1.10.2 (uv.lock) |  |" in words
    assert "lock again, <code>uv lock</code>." in page
    assert "<td>pydantic&gt;=1.10,&lt;2</td><td>1.10.2 (uv.lock)</td>" in page


def test_a_package_that_a_repair_brings_along_is_added(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = Plugged(tmp_path / "project", tmp_path / "plugin")
    route = "@app.get('/')\nasync def ask():\n    return requests.get('https://example.com').json()\n"
    project.write({
        "pyproject.toml": "[tool.trueup.async]\nprefer-fix = 'def'\nhttp-client = 'httpx2'\n",
        "requirements.txt": "fastapi==0.115\nrequests\n",
        "a.py": f"import requests\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n{route}",
    })  # fmt: skip
    command = ("migrate-v2", "--step", "async", "--unsafe-fixes", "--plan")
    assert "dependencies" not in project.run(*command).out
    ran = project.run(*command, "--config", "async.prefer-fix = 'async'")
    assert "  requirements.txt: new: httpx2>=2.0" in ran.out.splitlines()


def test_what_the_code_names_needs_a_later_version(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = Plugged(tmp_path / "project", tmp_path / "plugin")
    config = "    class Config:\n        allow_population_by_field_name = True\n"
    text = f"from pydantic import BaseModel\n\n\nclass Item(BaseModel):\n    name: str\n\n{config}"
    project.write({"requirements.txt": "pydantic<2\n", "a.py": text, "b.py": "KEY = 'validate_by_name'\n"})
    ran = project.run("migrate-v2", "--allow-no-vcs", "--plan")
    assert "  requirements.txt: pydantic<2 -> pydantic>=2.11,<3" in ran.out.splitlines()
