"""The formats for machines: each is read back by those who know it, and nothing in a finding can forge any."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import pytest

from trueup.edits import Lines, Preview, TextEdit, edits_between
from trueup.model import Finding, Place, Safety, Severity
from trueup.report import ci, data, junit, markdown, reviewdog, sarif, text
from trueup.report.record import Report
from trueup.report.screen import Paint

from .plugin import Plugged
from .test_report import finding, report

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0.json").read_text())
EVIL = finding(
    path="a\nb,c::%0A]é .py",
    message="m\x1b[31m\r\n::error::x\u2028 <b>&|`##[error]\x00\ufffe",
    why="\r\n::warning::y",
    related=(Place("o\n.py", 1, 1, "r\n"),),
)
WRITERS = {
    "json": data.write,
    "jsonl": data.write_lines,
    "sarif": sarif.write,
    "github": ci.github,
    "gitlab": ci.gitlab,
    "azure": ci.azure,
    "junit": junit.write,
    "markdown": markdown.write,
    "rdjson": reviewdog.write,
}


def written(name: str, found: list[Finding], **rest: Any) -> str:
    return "".join(WRITERS[name](report(found, **rest)))


def with_repair(one: Report, *edits: TextEdit) -> Report:
    """The report, its first finding with a repair."""
    one.items = [replace(one.items[0], preview=Preview(edits)), *one.items[1:]]
    return one


def as_sarif(one: Report, **how: bool) -> Any:
    document = json.loads("".join(sarif.write(one, **how)))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    return document["runs"][0]


def test_sarif_is_valid_and_says_all_there_is() -> None:
    related = (Place("app/base.py", 3, 7, "here"),)
    one = with_repair(
        report([finding(related=related), finding((4, 5, 4, 6), severity=Severity.ERROR, safety=Safety.MANUAL)]),
        TextEdit("app/models.py", 3, 6, 3, 15, "field_validator"),
        TextEdit("app/other é.py", 1, 1, 1, 1, "x"),
    )
    run = as_sarif(one)
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "TUX101"
    assert rule["name"] == "V1Validator"
    assert rule["help"]["markdown"].startswith("`@validator` is the")
    assert rule["helpUri"] == "https://example.org/guide"
    first, second = run["results"]
    assert first["level"] == "warning"
    assert second["level"] == "error"
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "app/models.py", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 15},
    }
    assert first["relatedLocations"][0]["message"]["text"] == "here"
    changes = first["fixes"][0]["artifactChanges"]
    assert [change["artifactLocation"]["uri"] for change in changes] == ["app/models.py", "app/other%20%C3%A9.py"]
    assert changes[0]["replacements"][0]["insertedContent"]["text"] == "field_validator"
    assert "fixes" not in second
    assert first["partialFingerprints"].keys() == {"trueup/v1"}
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///repo/"


def test_sarif_of_nothing_and_of_what_is_known() -> None:
    assert as_sarif(report([]))["results"] == []
    known = replace(report([finding()]).items[0], known=True)
    (result,) = as_sarif(report([], known=[known], has_baseline=True))["results"]
    assert result["baselineState"] == "unchanged"
    assert result["suppressions"][0]["kind"] == "external"
    assert as_sarif(report([], failed=True))["invocations"][0]["executionSuccessful"] is False
    as_sarif(report([EVIL]))


def test_sarif_holds_no_more_than_may_be_uploaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "_MOST", 2)
    bad = finding((9, 1, 9, 2), severity=Severity.ERROR)
    known = replace(report([finding((1, 1, 1, 2), severity=Severity.ERROR)]).items[0], known=True)
    run = as_sarif(report([finding(), finding((4, 5, 4, 6)), bad], known=[known]))
    assert [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in run["results"]] == [3, 9]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "2 more findings are left out: GitHub takes 2 in one upload."


LINE_HASHES = {
    "": ["c129715d7a2bc9a3:1"],
    " a\nb\n  \t\tc\n d": ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    "Lorem ipsum dolor sit amet.\n" * 10: [
        *(f"a7f2ff13bc495cf2:{n}" for n in range(1, 7)),
        "a7f2ff1481e87703:1",
        "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1",
        "cc97dc7b1d7d8f7b:1",
        "c129715d7a2bc9a3:1",
    ],
}
"""What GitHub's own upload makes of some texts."""


@pytest.mark.parametrize("source", LINE_HASHES)
def test_the_hash_of_a_line_is_githubs(source: str) -> None:
    assert sarif.line_hashes(source) == dict(enumerate(LINE_HASHES[source], 1))
    assert sarif.line_hashes(source.replace("\n", "\r\n")) == sarif.line_hashes(source)


def test_the_hash_of_a_line_is_given_when_asked_for() -> None:
    (result,) = as_sarif(report([finding()]), line_hashes=True)["results"]
    assert re.fullmatch(r"[0-9a-f]+:1", result["partialFingerprints"]["primaryLocationLineHash"])


def test_github_prints_errors_first_and_says_what_it_hides() -> None:
    found = [finding((n, 1, n, 2)) for n in range(1, 13)]
    found += [finding((20, 1, 21, 2), severity=Severity.ERROR), finding((22, 1, 22, 2), severity=Severity.ADVICE)]
    one = report(found, changed=lambda item: item.finding.span.line == 7)
    lines = "".join(ci.github(one)).splitlines()
    assert lines[0].startswith(
        "::error title=trueup (TUX101),file=app/models.py,line=20,endLine=21::app/models.py:20:1: "
    )
    assert lines[1].startswith(
        "::warning title=trueup (TUX101),file=app/models.py,line=7,col=1,endLine=7,endColumn=2::"
    )
    assert lines[-2].startswith("::notice title=trueup (TUX101),")
    assert lines[-1] == "::notice title=trueup::GitHub does not show 2 more findings: they stand in the log"


def test_nothing_can_forge_a_command() -> None:
    for name in ("github", "azure"):
        lines = written(name, [EVIL]).splitlines()
        assert len(lines) == 1
    (line,) = written("github", [EVIL]).splitlines()
    head, _, _ = line.removeprefix("::").partition("::")
    assert head.startswith("warning title=trueup (TUX101),file=a\\nb%2Cc%3A%3A%250A]é .py,line=3,")
    (line,) = written("azure", [EVIL]).splitlines()
    assert line.index("]") > line.index("code=TUX101;")


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_is_stable_and_encodable(name: str) -> None:
    found = [EVIL, finding(message="bad \udc80"), finding((1, 1, 1, 2), code="TU000", name="syntax-error")]
    text = written(name, found)
    assert text == written(name, found)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2028]", text)
    if name != "json":
        assert text.encode("utf-8", "backslashreplace")


def test_gitlab_has_what_its_schema_asks_for() -> None:
    found = [finding(), finding((4, 5, 5, 6)), finding(code="TU000", severity=Severity.ERROR)]
    rows = json.loads(written("gitlab", found))
    assert rows[0] == {
        "check_name": "TUX101",
        "description": "TUX101: `@validator` is the Pydantic v1 decorator",
        "severity": "minor",
        "fingerprint": report(found).items[0].fingerprint,
        "location": {"path": "app/models.py", "lines": {"begin": 3, "end": 3}},
    }
    assert rows[2]["severity"] == "blocker"
    assert len({row["fingerprint"] for row in rows}) == 3
    assert json.loads(written("gitlab", [])) == []


def test_junitparser_reads_junit(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(
        written("junit", [finding(), finding(path="b.py", severity=Severity.ERROR), EVIL]), encoding="utf-8"
    )
    suites = list(junitparser.JUnitXml.fromfile(str(file)))
    assert [(suite.tests, suite.failures) for suite in suites] == [(1, 1), (1, 1), (1, 1)]
    (case,) = suites[0]
    assert (case.classname, case.name) == ("app.models", "TUX101:3:5")
    (failure,) = case.result
    assert failure.type == "warning"
    assert failure.message == "`@validator` is the Pydantic v1 decorator"
    file.write_text(written("junit", []), encoding="utf-8")
    (clean,) = junitparser.JUnitXml.fromfile(str(file))
    assert (clean.tests, clean.failures) == (1, 0)
    assert ET.fromstring(written("junit", [])).attrib["failures"] == "0"


def test_reviewdog_counts_bytes_and_offers_repairs_of_one_place() -> None:
    one = with_repair(report([finding((1, 6, 1, 9))], "é = ''x.f()\n"), TextEdit("app/models.py", 1, 6, 1, 8, "y"))
    (row,) = json.loads("".join(reviewdog.write(one)))["diagnostics"]
    assert row["location"]["range"] == {"start": {"line": 1, "column": 7}, "end": {"line": 1, "column": 10}}
    assert row["suggestions"] == [
        {"range": {"start": {"line": 1, "column": 7}, "end": {"line": 1, "column": 9}}, "text": "y"}
    ]
    two = with_repair(report([finding()]), *[TextEdit("app/models.py", n, 1, n, 1, "y") for n in (1, 2)])
    (row,) = json.loads("".join(reviewdog.write(two)))["diagnostics"]
    assert "suggestions" not in row


def test_markdown_counts_and_lists() -> None:
    found = [finding(message="`a | b` of @me <b> #1"), finding((4, 1, 4, 2), safety=Safety.MANUAL)]
    shown = written("markdown", found, files=3)
    assert shown.startswith("## trueup: 2 warnings in 3 files\n")
    assert "| [TUX101](https://example.org/guide) | v1-validator | 2 | 1 | 0 | 1 |\n" in shown
    assert "- 3:5 warning **TUX101** `a | b` of &#64;me \\<b\\> &#35;1 *(fixable)*\n" in shown
    assert written("markdown", [], files=1) == "## trueup: nothing found in 1 file\n"


# What repairs would change -------------------------------------------------------------------------------------------


def applied(source: str, edits: list[TextEdit]) -> str:
    lines = Lines(source)
    for edit in reversed(edits):
        start = lines.starts[edit.line - 1] + edit.column - 1
        end = lines.starts[edit.end_line - 1] + edit.end_column - 1
        source = source[:start] + edit.text + source[end:]
    return source


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", 1),
        ("a\nb\nc\n", "import x\na\nb\nC\n", 2),
        ("a\n", "", 1),
        ("", "a", 1),
        ("a\r\nb\r\n", "a\r\nx\r\nb\r\n", 1),
        ("a\rb", "a\rc", 1),
        ("x\x0cy = f(1)\nz\n", "x\x0cy = g(1)\nz\n", 1),
        ("same", "same", 0),
    ],
)
def test_edits_make_one_text_of_another(old: str, new: str, count: int) -> None:
    edits = edits_between("m.py", Lines(old), new)
    assert len(edits) == count
    assert applied(old, edits) == new


def shown(source: str, new: str) -> list[str]:
    preview = Preview(tuple(edits_between("app/models.py", Lines(source), new)))
    return text.mini_diff(finding(), preview, source.split("\n"), Paint(False), 2)


def test_the_small_diff_shows_lines_and_their_new_numbers() -> None:
    assert shown("a\nb\nc\n", "x\na\nb\nC\n") == ["   |", " 1 + x", "   - c", " 4 + C", "   |"]
    assert shown("a\nb\n", "a\n") == ["   |", "   - b", "   |"]
    assert shown("a\x1b\n", "b\n") == ["   |", "   - a\\x1b", " 1 + b", "   |"]
    many = shown("\n".join("abcdefghijklmnop"), "\n".join("ABCDEFGHIJKLMNOP"))
    assert len(many) == 19
    assert many[-2] == "    ... 16 more lines: see `--diff`"


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A repository in whose `sub` there is a project with findings of every kind."""
    (tmp_path / "repo").mkdir()
    plugged = Plugged(tmp_path / "repo", tmp_path / "plugin")
    plugged.write({
        "sub/pyproject.toml": "",
        "sub/a.py": "def f():\n    old()\n    old(1)\n    odd()\n    old(1.5)\n",
        "sub/b.py": "earlier\n",
    })  # fmt: skip
    plugged.folder = tmp_path / "repo" / "sub"
    return plugged


def test_json_has_the_edits_of_each_repair(project: Plugged) -> None:
    cold = project.run("check", "--output-format", "json")
    found = json.loads(cold.out)
    assert [one["fix"] for one in found] == [
        {"applicability": "safe", "message": None, "edits": [edit(2, 5, "new", 8)]},
        {"applicability": "unsafe", "message": "The argument is read twice.", "edits": [edit(3, 5, "new", 8)]},
        None,
        {"applicability": "unsafe", "message": "a float was never meant", "edits": []},
        {"applicability": "safe", "message": None, "edits": [edit(1, 1, "lat", 6)]},
    ]
    assert project.run("check", "--output-format", "json") == cold
    assert project.run("check", "--output-format", "json", "--no-cache", "-j", "1") == cold
    # Warm findings hold no clues; what a repair needs is found again.
    assert project.run("check", "--output-format", "concise").code == 1
    assert project.run("check", "--output-format", "jsonl").out.count("\n") == 5


def edit(line: int, column: int, content: str, end: int) -> dict[str, object]:
    here, there = {"row": line, "column": column}, {"row": line, "column": end}
    return {"content": content, "location": here, "end_location": there}


def test_several_formats_at_once(project: Plugged) -> None:
    ran = project.run("check", "-o", "sarif:out.sarif", "-o", "gitlab:q.json", "-o", "github:-", "-o", "plain.txt")
    assert ran.code == 1
    assert ran.out.startswith("::error title=trueup (TUX101),file=sub/a.py,line=2,")
    results = as_sarif_file(project.folder / "out.sarif")["results"]
    assert len(results) == 5
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "sub/a.py"
    assert len(json.loads((project.folder / "q.json").read_text())) == 5
    assert (project.folder / "plain.txt").read_text().startswith("a.py:2:5: TUX101 [*] ")
    both = project.run("check", "--output-format", "concise", "-o", "junit:j.xml")
    assert both.out.startswith("a.py:2:5: TUX101 ")
    only = project.run("check", "-o", "junit:j.xml")
    assert only.out == ""


def test_sarif_tells_of_what_comments_and_the_baseline_hide(project: Plugged) -> None:
    project.write({"b.py": "old()\nold()  # trueup: ignore[TUX101] ours\nold()\nold()  # noqa\n", "a.py": ""})
    plain = sarif_of(project)
    assert [one.get("suppressions") for one in plain] == [None, [{"kind": "inSource"}], None, [{"kind": "inSource"}]]
    assert not any("baselineState" in one for one in plain)
    assert sarif_of(project) == plain  # from the cache
    assert sarif_of(project, "--no-cache", "-j", "1") == plain
    assert all("suppressions" not in one for one in sarif_of(project, "--ignore-suppressions"))
    # What is hidden in one format takes no other finding's fingerprint.
    told = json.loads(project.run("check", "--output-format", "json").out)
    assert [one["fingerprint"] for one in told] == [prints(plain)[0], prints(plain)[2]]
    assert len(set(prints(plain))) == 4
    project.run("check", "--update-baseline")
    project.write({"a.py": "earlier\n"})
    known = sarif_of(project, "--baseline", ".trueup-baseline.json")
    assert [one["baselineState"] for one in known] == ["new", "unchanged", "new", "unchanged", "new"]
    kinds = [[how["kind"] for how in one.get("suppressions", ())] for one in known]
    assert kinds == [[], ["external"], ["inSource"], ["external"], ["inSource"]]
    assert prints(known)[1:] == prints(plain)


def sarif_of(project: Plugged, *options: str) -> list[Any]:
    project.run("check", "-o", "sarif:out.sarif", *options)
    results: list[Any] = as_sarif_file(project.folder / "out.sarif")["results"]
    return results


def prints(results: list[Any]) -> list[str]:
    return [one["partialFingerprints"]["trueup/v1"] for one in results]


def test_grouped_and_pylint(project: Plugged) -> None:
    ran = project.run("check", "--output-format", "grouped")
    assert ran.out.startswith("a.py\n  2:5  TUX101 [*] `old()` is gone: call `new()`\n")
    assert "\n\nb.py\n  1:1  TUX102 [*] `earlier` is `later` today\n\nFound 4 errors, 1 warning.\n" in ran.out
    ran = project.run("check", "--output-format", "pylint", "--color", "always")
    assert ran.out.splitlines()[-1] == "b.py:1: [TUX102] `earlier` is `later` today"
    assert len(ran.out.splitlines()) == 5
    for output in ("grouped", "pylint"):
        assert project.run("check", "--output-format", output, "--statistics").out.startswith("4  TUX101  ")


def as_sarif_file(path: Path) -> Any:
    document = json.loads(path.read_text())
    jsonschema.Draft4Validator(SCHEMA).validate(document)
    return document["runs"][0]


def test_the_log_of_a_ci_service_takes_no_commands_from_source(project: Plugged) -> None:
    project.write({"##[error]x.py": "old()  # ##[error]no ##vso[task.setvariable]\n"})
    project.environment["GITHUB_ACTIONS"] = "true"
    ran = project.run("check", "--output-format", "full", "##[error]x.py")
    assert "old()" in ran.out
    assert "##[" not in ran.out
    assert "##vso" not in ran.out


def test_statistics_by_file_and_owner(project: Plugged) -> None:
    project.write({"../CODEOWNERS": "* @all\n/sub/b.py @b @c\n"})
    rows = json.loads(project.run("check", "--statistics=file", "--output-format", "json").out)
    assert [(row["file"], row["count"]) for row in rows] == [("sub/a.py", 4), ("sub/b.py", 1)]
    assert rows[0]["fixable_count"] == 1
    table = project.run("check", "--statistics=owner").out.splitlines()
    assert table[0] == "findings  fixable  minutes by hand"
    assert [line.split()[-1] for line in table[1:3]] == ["@all", "@c"]
    assert project.run("check", "--statistics").out.startswith("4  TUX101")


def test_github_shows_what_the_pull_request_changed_first(project: Plugged) -> None:
    project.git("branch", "-q", "origin/main")
    project.write({"a.py": "def f():\n    old()\n    old(2)\n    odd()\n    old(1.5)\n"})
    project.environment["GITHUB_BASE_REF"] = "main"
    ran = project.run("check", "--output-format", "github", "a.py")
    assert [line.partition("line=")[2].partition(",")[0] for line in ran.out.splitlines()] == ["3", "2", "4", "5"]
    project.environment["GITHUB_BASE_REF"] = "nowhere"
    ran = project.run("check", "--output-format", "github", "a.py")
    assert [line.partition("line=")[2].partition(",")[0] for line in ran.out.splitlines()] == ["2", "3", "4", "5"]


def test_a_repair_of_several_files_says_all_it_changes(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fixtures" / "pydantic" / "v1_root_model" / "across_files" / "before", tmp_path / "shop")
    (tmp_path / "shop" / "pyproject.toml").write_text("")
    command = [sys.executable, "-m", "trueup", "check", "--output-format", "json", "--select", "TUP621"]
    ran = subprocess.run(command, cwd=tmp_path / "shop", capture_output=True, text=True, check=False)
    both = [one["fix"] for one in json.loads(ran.stdout) if "elsewhere" in one["fix"]]
    assert both
    for fix in both:
        (other,) = fix["elsewhere"]
        assert Path(other["filename"]).is_file()
        assert fix["edits"] and other["edits"]
