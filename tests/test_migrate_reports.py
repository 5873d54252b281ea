"""Reports of a migration: what they tell, that they are the same every time, and that no name is more than a name."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from trueup.migrate.run import StepDone
from trueup.migrate.samples import Sample, samples
from trueup.migrate.steps import STEPS
from trueup.migrate.versions import Version, versions
from trueup.model import Finding, Safety, Severity, Span
from trueup.report.markup import Raw, code, link, markdown, prose, tag, text

from .plugin import Plugged
from .test_migrate_run import MIXED

HOSTILE = "x</script><img src=x onerror=alert(1)>&`|#@\u202e.py"
EVIL = 'def f():\n    """</script><script>alert(1)</script> ``` \x0c \u202e ]]> -->"""\n    old(1)\n    odd()\n'


class Read(HTMLParser):
    """What a browser would make of a page: elements, attributes, texts."""

    VOID = frozenset({"meta", "input", "br", "col"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.texts.append(data)


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A committed project with work for two steps, a place for a person, and a file that is excluded."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    settings = "[tool.trueup]\nextend-exclude = ['gen']\n"
    files = {"a.py": MIXED, "pkg/b.py": "old()\n", "pkg/clean.py": "new()\n", "gen/c.py": "old()\n"}
    plugged.write({**files, "broken.py": "old(\n", "pyproject.toml": settings, "requirements.txt": "pydantic==1.9\n"})
    return plugged


def reports(project: Plugged, *more: str) -> tuple[str, str, dict[str, Any]]:
    asked = [word for kind in ("html", "md", "json") for word in ("--report", f"../r.{kind}")]
    ran = project.run("migrate-v2", *more, *asked)
    assert "wrote ../r.html" in ran.err
    above = project.folder.parent
    known: dict[str, Any] = json.loads((above / "r.json").read_text())
    return (above / "r.html").read_text(), (above / "r.md").read_text(), known


def test_the_data(project: Plugged) -> None:
    _, _, known = reports(project)
    assert known["summary"] == {
        "files": 4,
        "files_changed": 2,
        "edits": 4,
        "edits_that_may_change_behaviour": 1,
        "left": 2,
        "minutes_left": 3,
        "undecided": 0,
        "worth_a_look": 0,
        "share_done": 0.6667,
        "markers_written": 0,
        "markers_removed": 0,
    }
    steps = {step["name"]: step for step in known["steps"]}
    assert (steps["methods"]["edits"], steps["methods"]["left"], steps["imports"]["edits"]) == (3, 1, 1)
    folders = {folder["path"]: folder for folder in known["folders"]}
    assert (folders["."]["edits"], folders["."]["left"], folders["pkg"]["edits"]) == (3, 2, 1)
    rule = next(rule for rule in known["rules"] if rule["code"] == "TUX101")
    assert rule["sample"] == {"path": "a.py", "line": 2, "before": ["old()"], "after": ["new()"]}
    assert rule["risks"] == [{"why": "The argument is read twice.", "edits": 1}]
    titles = [task["title"] for task in known["tasks"]]
    assert titles == ["Make these files readable", "Settle calls of the methods of models"]
    assert known["tasks"][1]["points"][0]["places"] == [{"path": "a.py", "line": 4, "folder": "."}]
    assert [one["path"] for one in known["skipped"]] == ["broken.py", "gen/c.py"]
    assert known["skipped"][1]["reason"] == "excluded by the settings"
    assert known["dependencies"][0]["changes"] == [{"old": "pydantic==1.9", "new": "pydantic>=2.7,<3"}]
    assert [change["path"] for change in known["changes"]] == ["a.py", "pkg/b.py"]


def test_a_plan_tells_what_a_run_would_do(project: Plugged) -> None:
    page, _, plan = reports(project, "--plan")
    assert "Nothing was written." in page
    assert project.read()["a.py"] == MIXED
    _, _, done = reports(project)
    assert {**plan, "dry": False} == done


def test_the_same_input_gives_the_same_bytes(project: Plugged) -> None:
    first = reports(project, "--diff")
    assert reports(project, "--diff", "-j", "1", "--no-cache") == first


def test_the_page_is_whole_and_fetches_nothing(project: Plugged) -> None:
    page, _, known = reports(project)
    read = Read(page)
    assert read.open == []
    for name, attributes in read.tags:
        assert name not in ("link", "img", "iframe", "object", "base", "foreignobject", "use")
        assert not {"src", "style", "onclick", "onload", "onerror"} & attributes.keys()
        if name == "a":
            assert (attributes["href"] or "").startswith("https://")
    policy = next(attributes["content"] for _, attributes in read.tags if "http-equiv" in attributes) or ""
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"url\(|@import|https?://", "".join(re.findall(r"<style>.*?</style>", page, re.DOTALL)))
    assert sum(name == "svg" for name, _ in read.tags) >= len(known["folders"]) + 2
    assert sum("data-leaf" in attributes for _, attributes in read.tags) >= 8


def test_no_name_and_no_source_can_be_more_than_text(project: Plugged) -> None:
    project.write({f"pkg/{HOSTILE}": EVIL, "pkg/\x1b[31m\n.py": EVIL, "p\"'q/r.py": EVIL})
    page, words, known = reports(project)
    read = Read(page)
    assert read.open == []
    assert sum(name == "script" for name, _ in read.tags) == 1
    assert not any(name == "img" for name, _ in read.tags)
    said = "".join(read.texts)
    assert "x</script><img src=x onerror=alert(1)>" in said
    assert "\\x1b[31m\\n.py" in said
    assert "p\"'q" in [option for option in read.texts if "q" in option]
    for document in (page, words):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2028]", document)
    assert [one["path"] for one in known["changes"]] == [
        "a.py",
        "p\"'q/r.py",
        "pkg/\x1b[31m\n.py",
        "pkg/b.py",
        f"pkg/{HOSTILE}",
    ]
    # Markdown: outside of code nothing of theirs is HTML, and no fence ends before its own end.
    outside: list[str] = []
    fence = ""
    for line in words.splitlines():
        ticks = re.match(r"`{3,}", line)
        if ticks and not fence:
            fence = ticks[0]
        elif fence and line == fence:
            fence = ""
        elif not fence:
            outside.append(re.sub(r"(`+)[^`].*?\1", "", line))
    assert fence == ""
    assert not re.search(r"(?<!\\)<(?:script|img|/script)", "\n".join(outside))


def test_names_that_are_no_text_do_not_stop_a_report(project: Plugged) -> None:
    (project.folder / b"gen/\xff.py".decode("utf-8", "surrogateescape")).write_text("old()\n")
    project.git("add", "-A")
    project.git("commit", "-qm", "more")
    page, words, known = reports(project)
    assert "gen/\\udcff.py" in page
    assert "gen/\\udcff.py" in words
    assert [one["path"] for one in known["skipped"]][-1] == "gen/\udcff.py"


@pytest.mark.parametrize(
    ("path", "said"),
    [("r.pdf", "how the name ends says of which kind: .html, .md, .json"), ("no/r.md", "there is no folder no")],
)
def test_a_report_that_cannot_be_written_is_known_before_the_work(project: Plugged, path: str, said: str) -> None:
    ran = project.run("migrate-v2", "--report", path)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert project.read()["a.py"] == MIXED


def test_undecided_places_say_what_is_not_known(project: Plugged) -> None:
    project.write({"pkg/c.py": "from pydantic import BaseModel\n\n\ndef f(thing):\n    return thing.dict()\n"})
    page, _, known = reports(project)
    place = {"path": "pkg/c.py", "line": 5, "folder": "pkg", "expression": "thing.dict"}
    assert [point["places"] for point in known["undecided"]] == [[place]]
    assert '<code>pkg/c.py:5</code> <span class="soft">thing.dict</span>' in page


def test_a_sample_is_of_the_commonest_shape_and_whole() -> None:
    rows = ["x = c(1)", "return c(2)", "y = c(3)", "z = c(", "    4)", "other", "w = c(5)"]
    old = "\n".join(rows)
    new = old.replace("c(", "m(").replace("other", "another")
    places = {"TUX101": (1, 2, 3, 4, 7), "TUX102": (6,)}
    step = StepDone(STEPS[0], changes={"a.py": (old, new)})
    step.fixed = [_found(code, line) for code, lines in places.items() for line in lines]
    assert samples([step]) == {
        "TUX101": Sample("a.py", 1, ("x = c(1)",), ("x = m(1)",)),
        "TUX102": Sample("a.py", 6, ("other",), ("another",)),
    }


def _found(code: str, line: int) -> Finding:
    span = Span(0, 0, line, 1, line, 2)
    return Finding("a.py", code, "a-name", Severity.ERROR, Safety.SAFE, "", span, span, "Call")


def test_folders_are_told_apart_where_there_is_most_to_tell(project: Plugged) -> None:
    project.write({f"pkg/p{number}/m.py": "old()\n" * (number + 1) for number in range(30)})
    _, _, known = reports(project)
    folders = {folder["path"]: folder["edits"] for folder in known["folders"]}
    assert len(folders) <= 25
    assert folders["pkg/p29"] == 30
    assert "pkg/p0" not in folders
    assert sum(folders.values()) == known["summary"]["edits"]


def test_crlf_is_not_told_as_a_change(project: Plugged) -> None:
    project.write({"crlf.py": "old()\r\nx = 1\r\n"})
    page, words, _ = reports(project)
    assert "\\r" not in page
    assert "\r" not in words


@pytest.mark.parametrize(
    ("lock", "content"),
    [
        ("uv.lock", '[[package]]\nname = "SQLAlchemy"\nversion = "1.4.54"\n[[package]]\nname = "here"\n'),
        ("poetry.lock", '[[package]]\nname = "sqlalchemy"\nversion = "1.4.54"\n'),
        ("pylock.toml", '[[packages]]\nname = "sqlalchemy"\nversion = "1.4.54"\n'),
        ("Pipfile.lock", '{"default": {"sqlalchemy": {"version": "==1.4.54"}, "x": {}}}'),
    ],
)
def test_versions_are_those_that_are_locked_and_installed(tmp_path: Path, lock: str, content: str) -> None:
    (tmp_path / lock).write_text(content)
    for name in ("pydantic_settings-2.1.0.dist-info", "rich-13.dist-info", "sqlalchemy-1.4.50.dist-info"):
        (tmp_path / "site-packages" / name).mkdir(parents=True)
    assert versions(str(tmp_path), [tmp_path / "site-packages"]) == [
        Version("pydantic-settings", "", "", "", "2.1.0"),
        Version("sqlalchemy", "", "1.4.54", lock, "1.4.50"),
    ]


def test_versions_are_also_those_that_were_asked_for(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pydantic<2\nfastapi\n")
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['pydantic>=1', 'SQLAlchemy>=2.0']\n")
    assert versions(str(tmp_path), [], ["SQLAlchemy >=1.4", "pydantic-settings"]) == [
        Version("pydantic", "pydantic<2", "", "", ""),
        Version("pydantic-settings", "pydantic-settings", "", "", ""),
        Version("fastapi", "fastapi", "", "", ""),
        Version("sqlalchemy", "SQLAlchemy >=1.4", "", "", ""),
    ]


@pytest.mark.parametrize("content", ["[[", "[]", "package = 1", '{"default": []}', '{"package": {"a": 1}}'])
def test_a_lock_file_that_is_none_says_nothing(tmp_path: Path, content: str) -> None:
    for name in ("uv.lock", "Pipfile.lock"):
        (tmp_path / name).write_text(content)
    assert versions(str(tmp_path), []) == []


# The parts of HTML -------------------------------------------------------------------------------------------------


def test_what_is_not_marked_as_html_is_text() -> None:
    assert tag("p", "<b>", Raw("<i>x</i>"), ["&", None]) == "<p>&lt;b&gt;<i>x</i>&amp;</p>"
    assert tag("a", title='"><x>', data_x=1, hidden=True, id=None) == (
        '<a title="&quot;&gt;&lt;x&gt;" data-x="1" hidden></a>'
    )
    assert text("a\x1b\u202eb\n") == "a\\x1b\\u202eb\\n"
    assert prose("a `<b>` c") == "a <code>&lt;b&gt;</code> c"
    assert prose("a ` b") == "a ` b"
    assert code(["a\tb", "\x00\r"]) == '<pre tabindex="0">a    b\n\\x00</pre>'


def test_only_addresses_of_the_web_are_links() -> None:
    assert link("javascript:alert(1)", "x") == "x"
    assert link("https://a.b/#c", "<x>").startswith('<a href="https://a.b/#c" rel=')


def test_simple_markdown() -> None:
    shown = markdown("One\ntwo.\n\n- a `b`\n- c\n\n```python\nx = '<'\n\ny\n```\nUse instead:\n")
    assert shown == (
        "<p>One two.</p><ul><li>a <code>b</code></li><li>c</li></ul>"
        '<pre tabindex="0">x = &#x27;&lt;&#x27;\n\ny</pre><p>Use instead:</p>'
    )
