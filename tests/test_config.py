"""Configuration: which file holds, what it may say, and who wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.config import CliOptions, Config, ConfigError, Configs
from trueup.globs import Globs
from trueup.model import Rule, Safety, Severity
from trueup.tool_rules import TOOL_RULES

RULES = {
    code: Rule(code, name, Severity.WARNING, Safety.SAFE)
    for code, name in (
        ("TUP101", "v1-validator"),
        ("TUP102", "v1-config"),
        ("TUP201", "v1-method"),
        ("TUS101", "legacy-column"),
        ("TUL101", "commit-in-repository"),
    )
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Files, by their paths below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No personal configuration but the one a test writes."""
    folder = tmp_path / "home"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that is a repository's."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    return folder


def load(project: Path, **cli: object) -> Configs:
    """The configurations of a run in a folder, of all of it."""
    return Configs.load(["."], CliOptions(**cli), cwd=str(project))  # type: ignore[arg-type]


def config(project: Path, text: str, **cli: object) -> Config:
    """The configuration that a trueup.toml and the command line make."""
    write(project, {"trueup.toml": text})
    return load(project, **cli).for_file(f"{project}/a.py")


def on(config: Config) -> str:
    """The rules that are on, as text."""
    return " ".join(sorted(config.enabled(RULES)))


ALL_ON = "TUL101 TUP101 TUP102 TUP201 TUS101"


@pytest.mark.parametrize(
    ("text", "cli", "expected"),
    [
        ("", {}, ALL_ON),
        ('select = ["TUP"]', {}, "TUP101 TUP102 TUP201"),
        ('select = ["TUP1"]', {}, "TUP101 TUP102"),
        ('select = ["legacy-column"]', {}, "TUS101"),
        ("select = []", {}, ""),
        ('ignore = ["TUP"]', {}, "TUL101 TUS101"),
        ('ignore = ["ALL"]', {}, ""),
        ('ignore = ["ALL"]\nextend-select = ["TUS"]', {}, "TUS101"),
        # The longest selector of a level wins, a tie goes to ignore.
        ('select = ["TU"]\nignore = ["TUP"]\nextend-select = ["TUP101"]', {}, "TUL101 TUP101 TUS101"),
        ('select = ["TUP101"]\nignore = ["TUP"]', {}, "TUP101"),
        ('select = ["TUP"]\nignore = ["TUP"]', {}, ""),
        ('select = ["v1-validator"]\nignore = ["TUP101"]', {}, ""),
        # The command line's --select starts from nothing, the rest goes on top of the file's result.
        ('ignore = ["TUP101"]', {"select": ("TUP1",)}, "TUP101 TUP102"),
        ('extend-select = ["TUS101"]', {"select": ("TUP1",)}, "TUP101 TUP102"),
        ('select = ["TUP101"]', {"ignore": ("TU",)}, ""),
        ('select = ["TUP101"]', {"extend_select": ("TUS",)}, "TUP101 TUS101"),
        ('ignore = ["TUP101"]', {"extend_select": ("TUP",)}, ALL_ON),
        ("", {"select": ("TUP",), "ignore": ("TUP1",)}, "TUP201"),
        ('select = ["TUP"]', {"config": ('select = ["TUS"]',)}, "TUS101"),
        ('select = ["TUP"]', {"config": ('select = ["TUS"]',), "select": ("TUL",)}, "TUL101"),
        ('select = ["TUP"]', {"isolated": True}, ALL_ON),
    ],
)
def test_selection(project: Path, text: str, cli: dict[str, object], expected: str) -> None:
    assert on(config(project, text, **cli)) == expected


def test_per_file_ignores_add_up(project: Path) -> None:
    text = """
[per-file-ignores]
"tests/*" = ["TUP1"]
"tests/api" = ["TUS"]
"!src/**" = ["TUL"]
"conftest.py" = ["ALL"]
"{a,b}/[x-z]?.py" = ["TUP"]
"""
    found = config(project, text)

    def off(path: str) -> str:
        return " ".join(sorted(set(RULES) - found.enabled_for(f"{project}/{path}", RULES)))

    assert off("src/app/a.py") == ""
    assert off("tests/unit/deep/a.py") == "TUL101 TUP101 TUP102"
    assert off("tests/api/a.py") == "TUL101 TUP101 TUP102 TUS101"
    assert off("src/conftest.py") == ALL_ON
    assert off("b/x1.py") == "TUL101 TUP101 TUP102 TUP201"
    assert off("c/x1.py") == off("b/a1.py") == "TUL101"


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("", "TUF101"),
        ('severity = { TU = "advice" }', "TUF101"),
        ('severity = { TUF102 = "warning" }', "TUF101 TUF102"),
        ('select = ["ALL"]', "TUF101 TUF102"),
        ('extend-select = ["TUF"]', "TUF101 TUF102"),
        ('extend-select = ["TUF102"]\nignore = ["TUF"]', "TUF102"),
    ],
)
def test_advice_is_for_those_who_ask_for_it(project: Path, text: str, on: str) -> None:
    rules = {
        "TUF101": Rule("TUF101", "plain", Severity.WARNING, Safety.SAFE),
        "TUF102": Rule("TUF102", "counsel", Severity.ADVICE, Safety.SAFE),
    }
    assert " ".join(sorted(config(project, text).enabled(rules))) == on
    assert [rule.default for rule in rules.values()] == [True, False]


def test_what_findings_become(project: Path) -> None:
    text = """
fixable = ["TUP"]
unfixable = ["TUP1"]
extend-safe-fixes = ["TUS", "v1-method"]
extend-unsafe-fixes = ["TUP", "TUS101"]
router-logic-threshold = 12
base-models = ["app.core.Base"]
severity = { TU = "advice", TUP2 = "error", v1-config = "warning" }
[layers]
router = ["app/*/router.py", "app/api"]
repository = ["**/repository.py"]
"""
    found = config(project, text)
    assert [c for c, r in RULES.items() if found.may_fix(r)] == ["TUP201"]
    assert [found.safety_of(r, Safety.SAFE) for r in RULES.values()] == [
        Safety.UNSAFE, Safety.UNSAFE, Safety.SAFE, Safety.UNSAFE, Safety.SAFE,
    ]  # fmt: skip
    assert found.safety_of(RULES["TUP201"], Safety.UNSAFE) is Safety.SAFE
    assert found.safety_of(RULES["TUS101"], Safety.MANUAL) is Safety.MANUAL
    assert [found.severity_of(r, Severity.ERROR) for r in RULES.values()] == [
        Severity.ADVICE, Severity.WARNING, Severity.ERROR, Severity.ADVICE, Severity.ADVICE,
    ]  # fmt: skip
    assert Config("none").severity_of(RULES["TUP101"], Severity.ERROR) is Severity.ERROR
    assert (found.router_logic_threshold, found.base_models) == (12, ("app.core.Base",))
    layers = {path: found.layer_of(f"{project}/{path}") for path in ("app/x/router.py", "app/api/v1/a.py", "a.py")}
    assert layers == {"app/x/router.py": "router", "app/api/v1/a.py": "router", "a.py": None}
    assert found.layer_of(f"{project}/repository.py") == "repository"


def test_a_layer_that_there_is_not(project: Path) -> None:
    with pytest.raises(ConfigError, match=r"`layers` must be a table .* for `router`, .*'routers'"):
        config(project, '[layers]\nrouters = ["app/*/router.py"]\n')


def test_how_what_blocks_leaves_the_event_loop(project: Path) -> None:
    found = config(project, "")
    assert (found.prefer_fix, found.http_client) == ("def", "auto")
    base = {"base.toml": 'async.prefer-fix = "threadpool"\nasync.http-client = "httpx"\n'}
    write(project, base | {"trueup.toml": 'extend = "base.toml"\n[async]\nhttp-client = "httpx2"\n'})
    found = load(project).for_file(f"{project}/a.py")
    assert (found.prefer_fix, found.http_client) == ("threadpool", "httpx2")
    found = load(project, config=('async.prefer-fix = "async"',)).for_file(f"{project}/a.py")
    assert (found.prefer_fix, found.http_client) == ("async", "httpx2")


def test_the_closest_file_holds_alone(project: Path) -> None:
    write(
        project,
        {
            "pyproject.toml": '[tool.trueup]\nselect = ["TUP"]\nforce-exclude = true\n',
            "a/pyproject.toml": "[project]\nname = 'trueup-user'\n",  # no table: passed over
            "a/b/trueup.toml": 'select = ["TUS"]\n',
            "a/b/pyproject.toml": '[tool.trueup]\nselect = ["TUL"]\n',
            "a/b/c/trueup.toml": 'select = ["TUL"]\n',
            "a/b/c/.trueup.toml": 'select = ["TUP2"]\n',
        },
    )
    configs = load(project)
    chosen = {path: configs.for_file(f"{project}/{path}") for path in ("x.py", "a/x.py", "a/b/x.py", "a/b/c/d/x.py")}
    assert {path: on(one) for path, one in chosen.items()} == {
        "x.py": "TUP101 TUP102 TUP201",
        "a/x.py": "TUP101 TUP102 TUP201",
        "a/b/x.py": "TUS101",
        "a/b/c/d/x.py": "TUP201",
    }
    assert [one.force_exclude for one in chosen.values()] == [True, True, False, False]
    assert [one.origin.removeprefix(f"{project}/") for one in configs.all()] == [
        "pyproject.toml", "a/b/trueup.toml", "a/b/c/.trueup.toml",
    ]  # fmt: skip


def test_extend_merges_and_paths_stay_relative_to_their_file(project: Path) -> None:
    write(
        project,
        {
            "base.toml": """
extend-exclude = ["legacy"]
ignore = ["TUP"]
python-path = "env"
src = ["lib"]
[per-file-ignores]
"a/*" = ["TUS"]
"b/*" = ["TUS"]
""",
            "sub/trueup.toml": """
extend = "../base.toml"
extend-exclude = ["old/x.py"]
extend-select = ["TUP101"]
src = ["lib"]
[per-file-ignores]
"b/*" = ["TUL"]
""",
        },
    )
    found = load(project).for_file(f"{project}/sub/x.py")
    assert on(found) == "TUL101 TUP101 TUS101"
    assert found.excludes(f"{project}/sub/legacy", "legacy")
    assert found.excludes(f"{project}/sub/old/x.py", "x.py")
    assert found.excludes(f"{project}/sub/.venv", ".venv")
    assert not found.excludes(f"{project}/old/x.py", "x.py")
    assert found.python_path == (f"{project}/env",)
    assert found.src == (f"{project}/sub/lib",)
    assert "TUS101" not in found.enabled_for(f"{project}/a/x.py", RULES)
    assert "TUS101" in found.enabled_for(f"{project}/b/x.py", RULES)
    assert "TUL101" not in found.enabled_for(f"{project}/sub/b/x.py", RULES)


def test_a_named_file_replaces_all_others_and_is_relative_to_the_working_directory(project: Path) -> None:
    write(project, {"trueup.toml": 'select = ["TUS"]', "ci/strict.toml": 'select = ["TUP"]\nsrc = ["lib"]'})
    configs = load(project, config=("ci/strict.toml", "router-logic-threshold = 3"))
    found = configs.for_file(f"{project}/deep/x.py")
    assert (on(found), found.src) == ("TUP101 TUP102 TUP201", (f"{project}/lib",))
    assert (found.router_logic_threshold, configs.src) == (3, (f"{project}/lib",))


def test_exclude_replaces_the_default_and_the_command_line_replaces_the_file(project: Path) -> None:
    found = config(project, 'exclude = ["old"]')
    assert found.excludes("/x/old", "old")
    assert not found.excludes("/x/.venv", ".venv")
    found = config(project, 'exclude = ["old"]', exclude=("new",), extend_exclude=("gen_*",), respect_gitignore=False)
    assert [found.excludes(f"/x/{name}", name) for name in ("old", "new", "gen_a")] == [False, True, True]
    assert not found.respect_gitignore


def test_the_personal_file_holds_where_no_other_does(project: Path, home: Path) -> None:
    write(home, {".config/trueup/trueup.toml": 'select = ["TUS"]\n[per-file-ignores]\n"a/*" = ["TUS"]'})
    found = load(project).for_file(f"{project}/x.py")
    assert on(found) == "TUS101"
    assert not found.enabled_for(f"{project}/a/x.py", RULES)
    assert on(config(project, "")) == ALL_ON
    assert on(load(project, isolated=True).for_file(f"{project}/x.py")) == ALL_ON


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('selct = ["TUP"]', "unknown key `selct`; did you mean `select`?"),
        ("zzz = 1", "unknown key `zzz`"),
        ('select = "TUP"', "`select` must be a list of strings, not a string: 'TUP'"),
        ("select = [1]", "`select` must be a list of strings, not a list: [1]"),
        ('force-exclude = "yes"', "`force-exclude` must be true or false, not a string: 'yes'"),
        ('async = "def"', "must be a table of `prefer-fix` (`def`, `threadpool`, `async`) and `http-client`"),
        ("async.prefer-fix = 'fast'", "must be a table of `prefer-fix` (`def`, `threadpool`, `async`) and"),
        ("async.fix = 'def'", "must be a table of `prefer-fix`"),
        ("router-logic-threshold = true", "must be a whole number from 0, not a boolean: True"),
        ("router-logic-threshold = -1", "must be a whole number from 0, not an integer: -1"),
        ('severity = { TUP = "bad" }', "`severity` must be a table of `error`, `warning`, `advice`, not a table"),
        ("severity = { TUP = [] }", "`severity` must be a table of"),
        ('per-file-ignores = { a = "TUP" }', "`per-file-ignores` must be a table of lists of strings"),
        ("src = 2026-01-01", "`src` must be a list of strings, not a date or time"),
        ("select = [", "not valid TOML"),
        ('required-version = ">=999"', "`required-version` is `>=999`, and this is trueup"),
        ('required-version = "soon"', "`required-version` is not understood: `soon`"),
        ('extend = "missing.toml"', "missing.toml: cannot be read: No such file or directory"),
        ('extend = "trueup.toml"', "`extend` goes in a circle"),
        ('extend = "sub/pyproject.toml"', "it has no [tool.trueup] table"),
    ],
)
def test_a_setting_that_cannot_be_meant(project: Path, text: str, message: str) -> None:
    write(project, {"sub/pyproject.toml": "[project]\n"})
    with pytest.raises(ConfigError) as caught:
        config(project, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{project}/")


@pytest.mark.parametrize(
    ("cli", "message"),
    [
        ({"config": ("nowhere.toml",)}, "--config nowhere.toml: there is no such file, and it is no `key = value`"),
        ({"config": ("select = [TUP]",)}, "not a setting in TOML"),
        ({"config": ('slect = ["TUP"]',)}, "unknown key `slect`; did you mean `select`?"),
        ({"config": ("a.toml", "b.toml")}, "--config names two files"),
        ({"config": ("a.toml",), "isolated": True}, "--isolated reads no configuration file"),
    ],
)
def test_a_command_line_that_cannot_be_meant(project: Path, cli: dict[str, object], message: str) -> None:
    write(project, {"a.toml": "", "b.toml": ""})
    with pytest.raises(ConfigError, match=r".*") as caught:
        load(project, **cli)
    assert message in str(caught.value)


def test_bad_files_are_named(project: Path) -> None:
    for name, data in (("a/pyproject.toml", b"trueup = '\xff'"), ("b/pyproject.toml", b"tool = {trueup = 3}")):
        write(project, {name: ""})
        (project / name).write_bytes(data)
    write(project, {"c/pyproject.toml": "not TOML, and not for us", "d/pyproject.toml": "tool = 'trueup'"})
    configs = load(project)
    with pytest.raises(ConfigError, match=r"a/pyproject\.toml: not valid TOML"):
        configs.for_file(f"{project}/a/x.py")
    with pytest.raises(ConfigError, match=r"b/pyproject\.toml: `tool\.trueup` must be a table, not an integer: 3"):
        configs.for_file(f"{project}/b/x.py")
    assert configs.for_file(f"{project}/c/x.py") is configs.for_file(f"{project}/d/x.py")


def test_selectors_without_a_rule(project: Path) -> None:
    text = 'select = ["TUP", "v1-confg"]\n[per-file-ignores]\n"a" = ["v1-validater"]\n[severity]\nTUX9 = "error"'
    write(project, {"trueup.toml": text})
    configs = load(project)
    where = f"{project}/trueup.toml"
    assert configs.check_selectors(RULES) == [
        f"{where}: `select` names no rule: `v1-confg`; did you mean `v1-config`?",
        f"{where}: `severity` names no rule: `TUX9`",
        f"{where}: `per-file-ignores` names no rule: `v1-validater`; did you mean `v1-validator`?",
    ]
    with pytest.raises(ConfigError, match="the command line: `ignore` names no rule: `TUP999`"):
        load(project, ignore=("TUP999",)).check_selectors(RULES)
    with pytest.raises(ConfigError, match="--config 'fixable"):
        load(project, config=('fixable = ["nope"]',)).check_selectors(RULES)


@pytest.mark.parametrize(
    ("files", "cwd", "paths", "root"),
    [
        ({".git/HEAD": "", "app/x.py": ""}, "app", ["."], ""),
        ({".git/HEAD": "", "svc/pyproject.toml": "", "svc/app/x.py": ""}, "", ["svc/app"], "svc"),
        ({".git/HEAD": "", "a/pyproject.toml": "", "b/x.py": ""}, "", ["a", "b/x.py"], ""),
        ({"app/x.py": ""}, "", ["app"], ""),
        ({"app/core/__init__.py": "", "app/__init__.py": ""}, "elsewhere", ["../app/core"], ""),
    ],
)
def test_root(tmp_path: Path, files: dict[str, str], cwd: str, paths: list[str], root: str) -> None:
    base = write(tmp_path / "base", {**files, "elsewhere/x.txt": ""})
    configs = Configs.load(paths, CliOptions(), cwd=str(base / cwd))
    assert configs.root == str(base / root)


@pytest.mark.parametrize(
    ("pattern", "matched", "not_matched"),
    [
        ("build", ["build", "a/build"], ["build.py", "rebuild"]),
        ("build/", ["build", "a/build"], ["a/b"]),
        ("*.egg-info", ["x.egg-info", "a/x.egg-info"], ["x.egg-info/a"]),
        ("a/b", ["a/b"], ["x/a/b", "a/b/c"]),
        ("./a/b", ["a/b"], ["x/a/b"]),
        ("a/*.py", ["a/x.py", "a/b/x.py"], ["x.py", "ax.py"]),
        ("**/x.py", ["x.py", "a/x.py", "a/b/x.py"], ["ax.py"]),
        ("a/**/b", ["a/b", "a/x/y/b"], ["ab"]),
        ("a/[!b]?.py", ["a/cx.py"], ["a/bx.py", "a/c.py"]),
        ("a/[z-a].py", ["a/[z-a].py"], ["a/z.py"]),
        ("a/x[.py", ["a/x[.py"], ["a/x.py"]),
        ("a/{b,c*}/d", ["a/b/d", "a/cc/d"], ["a/x/d"]),
        ("a/{b", ["a/{b"], ["a/b"]),
        ("a+(b)/.c", ["a+(b)/.c"], ["aa(b)/xc"]),
    ],
)
def test_globs(pattern: str, matched: list[str], not_matched: list[str]) -> None:
    globs = Globs("/base/build", (pattern,))
    for path in matched:
        assert globs.match(f"/base/build/{path}", path.rpartition("/")[2]), path
        assert globs.cover(f"/base/build/{path}/below"), path
    for path in not_matched:
        assert not globs.match(f"/base/build/{path}", path.rpartition("/")[2]), path
    assert not globs.cover("/base/build/other")


def test_preview_rules_are_on_when_asked_for(tmp_path: Path) -> None:
    known = {**TOOL_RULES, "TUX1": Rule("TUX1", "new-one", Severity.ERROR, Safety.SAFE, preview=True)}

    def on(*settings: str, preview: bool | None = None) -> bool:
        options = CliOptions(config=settings, isolated=True, preview=preview)
        return "TUX1" in Configs.load([str(tmp_path)], options).for_folder(str(tmp_path)).enabled(known)

    assert not on()
    assert not on("select = ['TUX', 'ALL']")
    assert on("preview = true")
    assert on(preview=True)
    assert on("extend-select = ['new-one']")
    assert not on("preview = true", "ignore = ['TUX1']")


def test_reasons_are_asked_for_when_configured(tmp_path: Path) -> None:
    def on(*settings: str) -> bool:
        options = CliOptions(config=settings, isolated=True)
        return "TU003" in Configs.load([str(tmp_path)], options).for_folder(str(tmp_path)).enabled(TOOL_RULES)

    assert not on()
    assert on("require-reason = true")


def test_a_rule_that_is_off_is_on_where_it_is_named(project: Path) -> None:
    taste = {"TUC199": Rule("TUC199", "taste", Severity.ADVICE, Safety.MANUAL, off=True)}

    def is_on(text: str) -> bool:
        return bool(config(project, text).enabled(taste))

    assert not is_on("")
    assert not is_on('select = ["ALL"]\npreview = true')
    assert not is_on('extend-select = ["TUC"]')
    assert is_on('extend-select = ["TUC199"]')
    assert is_on('extend-select = ["taste"]')


def test_a_choice_between_conventions(project: Path) -> None:
    found = config(project, 'not-found = "raise"')
    assert (found.choice("not-found"), found.choice("response")) == ("raise", "annotation-or-model")
    with pytest.raises(ConfigError, match="must be one of `either`, `raise`, `return`"):
        config(project, 'not-found = "maybe"')
