"""The report of a migration as one HTML file that needs nothing else."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trueup.report.markup import Raw, code, join, link, markdown, prose, tag
from trueup.report.text import plural

from .bounds import relock
from .html_chart import KINDS, chart, swatch
from .html_looks import SCRIPT, STYLE

_UNFOLDED = 8
"""So many places of a point are shown before the rest is folded away."""


def html(known: Mapping[str, Any]) -> str:
    """A report as HTML, of what `account` says."""
    page = _Page(known)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy()),
        tag("meta", name="generator", content=f"trueup {known['tool']['version']}"),
        tag("title", page.title),
        tag("style", Raw(STYLE)),
    )
    body = tag("body", page.header(), tag("main", page.main()), page.footer(), tag("script", Raw(SCRIPT)))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _policy() -> str:
    """What the page may do: nothing but apply its own style and run its own script, whatever else stands in it."""
    style, script = (b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (STYLE, SCRIPT))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


class _Page:
    """The parts of the page."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.known = known
        self.sum = known["summary"]
        self.title = "Plan of a migration" if known["dry"] else "Report of a migration"
        self.steps = {step["name"]: str(number) for number, step in enumerate(known["steps"])}
        self.folders = {folder["path"]: str(number) for number, folder in enumerate(known["folders"])}

    def header(self) -> Raw:
        done, known = self.sum, self.known
        share = f"{100 * done['share_done']:.1f} %".replace(".0 %", " %")
        would = "would be done" if known["dry"] else "done"
        tiles = (
            (share, f"{would} by machine, of what has to change"),
            (str(done["edits"]), f"edits in {done['files_changed']} of {plural(done['files'], 'file')}"),
            (str(done["edits_that_may_change_behaviour"]), "of these may change behaviour"),
            (str(done["left"]), f"left for you, about {plural(done['minutes_left'], 'minute')}"),
            (str(done["undecided"]), "undecided: nothing tells the type"),
            (str(done["worth_a_look"]), "worth a look"),
        )
        return tag(
            "header",
            tag("h1", self.title),
            tag(
                "p",
                "Pydantic 2, SQLAlchemy 2, FastAPI. ",
                "Nothing was written." if known["dry"] else None,
                class_="soft",
            ),
            tag("p", tag("b", "It stopped early. "), prose(known["stopped"])) if known["stopped"] else None,
            tag("div", (tag("div", tag("b", number), words, class_="tile") for number, words in tiles), class_="tiles"),
        )

    def main(self) -> Raw:
        return join((
            self.filter(),
            self.charts(),
            self.tasks(),
            self.undecided(),
            self.worth_a_look(),
            self.to_async(),
            self.rules(),
            self.dependencies(),
            self.skipped(),
            self.changes(),
        ))  # fmt: skip

    def filter(self) -> Raw:
        """Hidden until the script runs, without which it would do nothing."""
        steps = [step["name"] for step in self.known["steps"] if step["edits"] or step["left"] or step["undecided"]]
        return tag(
            "form",
            tag(
                "input", id="words", type="search", placeholder="Filter: file, code, word", aria_label="Filter by words"
            ),
            tag(
                "select",
                tag("option", "all steps", value=""),
                (tag("option", name, value=self.steps[name]) for name in steps),
                id="step",
                aria_label="Filter by step",
            ),
            tag(
                "select",
                tag("option", "all folders", value=""),
                (tag("option", path, value=number) for path, number in self.folders.items()),
                id="folder",
                aria_label="Filter by folder",
            ),
            tag("button", "Reset", type="reset"),
            tag("button", "Unfold changes", type="button", id="unfold", aria_pressed="false"),
            tag("output", id="count"),
            id="filter",
            class_="filter",
            hidden=True,
        )

    # What there is, by step and by folder

    def charts(self) -> Raw:
        legend = (tag("span", swatch(kind), words) for kind, words in KINDS)
        steps = [
            (step, {"data_steps": self.steps[step["name"]]})
            for step in self.known["steps"]
            if step["edits"] or step["left"] or step["undecided"] or step["taken_back"]
        ]
        folders = [(folder, {"data_folders": self.folders[folder["path"]]}) for folder in self.known["folders"]]
        return tag(
            "section",
            tag("h2", "What was done and what is left"),
            tag("p", legend, class_="legend"),
            tag("div", tag("h3", "By step"), chart(steps, "name", "step"), class_="card", data_group=True),
            tag("div", tag("h3", "By folder"), chart(folders, "path", "folder"), class_="card", data_group=True),
            data_group=True,
        )

    # What there is to do

    def tasks(self) -> Raw:
        tasks = self.known["tasks"]
        if not tasks:
            return join((tag("h2", "What is left for you"), tag("p", "Nothing.")))
        return tag("section", tag("h2", "What is left for you"), (self.task(task) for task in tasks), data_group=True)

    def task(self, task: Mapping[str, Any]) -> Raw:
        about = f"{plural(task['places'], 'place')}, about {plural(task['minutes'], 'minute')}"
        return tag(
            "div",
            tag("h3", task["title"], ": ", tag("span", about, class_="soft")),
            tag("p", "Not done by machine: ", prose(task["why_no_machine"]), ".", class_="soft"),
            self.points(task["points"], task["step"]),
            class_="card",
            data_group=True,
        )

    def points(self, points: Sequence[Mapping[str, Any]], step: str) -> list[Raw]:
        """Points, with what is the same for all of a rule behind the last of it."""
        codes = [point["code"] for point in points]
        return [
            self.point(point, step, last=codes[number + 1 : number + 2] != [point["code"]])
            for number, point in enumerate(points)
        ]

    def point(self, point: Mapping[str, Any], step: str, *, last: bool = True) -> Raw:
        places = [self.place(place, step) for place in point["places"]]
        shown, folded = places[:_UNFOLDED], places[_UNFOLDED:]
        why = tag("p", "Here: ", prose(point["why"]), ".", class_="soft") if point["why"] else None
        return tag(
            "div",
            tag(
                "p", (tag("span", point["code"], class_="tag"), " ") if point["code"] else None, prose(point["message"])
            ),
            why,
            tag("ul", shown, class_="places"),
            tag("details", tag("summary", f"{len(folded)} more"), tag("ul", folded, class_="places"))
            if folded
            else None,
            self.how(point) if last else None,
            tag("p", link(point["url"], point["url"])) if last and point["url"] else None,
            class_="point",
            data_group=True,
            data_about=f"{point['code']} {point['name']} {point['message']}",
        )

    def how(self, point: Mapping[str, Any]) -> Raw | None:
        """What the rule's page says, and what the machine did elsewhere in this project."""
        sample = next((rule["sample"] for rule in self.known["rules"] if rule["code"] == point["code"]), None)
        done = (tag("p", "Done by machine at ", tag("code", _place(sample)), ":"), _sides(sample)) if sample else None
        if not (point["advice"] or done):
            return None
        return tag("details", tag("summary", "How"), markdown(point["advice"]), done)

    def place(self, place: Mapping[str, Any], step: str) -> Raw:
        return tag(
            "li",
            tag("code", _place(place)),
            (" ", tag("span", place["expression"], class_="soft")) if place.get("expression") else None,
            data_leaf=True,
            data_steps=self.steps.get(step, "-"),
            data_folders=self.folders.get(place["folder"], "-"),
        )

    def undecided(self) -> Raw | None:
        points = self.known["undecided"]
        if not points:
            return None
        steps = {rule["code"]: rule["steps"][0] for rule in self.known["rules"]}
        return tag(
            "section",
            tag("h2", "Undecided"),
            tag(
                "p",
                "Nothing tells the receiver's type, so nothing was changed: annotate it and run again, or look by eye.",
            ),
            tag("div", (self.point(one, steps.get(one["code"], "")) for one in points), class_="card", data_group=True),
            data_group=True,
        )

    def worth_a_look(self) -> Raw | None:
        points = self.known["worth_a_look"]
        if not points:
            return None
        return tag(
            "section",
            tag("h2", "Worth a look"),
            tag("p", "What the program may do otherwise from now on without any error."),
            tag("div", self.points(points, ""), class_="card", data_group=True),
            data_group=True,
        )

    # What was done

    def rules(self) -> Raw | None:
        rules = [rule for rule in self.known["rules"] if rule["edits"]]
        if not rules:
            return None
        return tag("section", tag("h2", "What was done, by rule"), (self.rule(one) for one in rules), data_group=True)

    def rule(self, rule: Mapping[str, Any]) -> Raw:
        files = set(rule["files"])
        folders = dict.fromkeys(one["folder"] for one in self.known["changes"] if one["path"] in files)
        sample = rule["sample"]
        return tag(
            "div",
            tag("h3", tag("span", rule["code"], class_="tag"), " ", rule["name"]),
            tag("p", prose(rule["summary"])) if rule["summary"] else None,
            tag("p", f"{plural(rule['edits'], 'edit')} in {plural(len(rule['files']), 'file')}, {rule['left']} left."),
            [
                tag("p", f"{risk['edits']} may change behaviour: ", prose(risk["why"].rstrip(".")), ".")
                for risk in rule["risks"]
            ],
            tag("details", tag("summary", "Example"), markdown(rule["example"])) if rule["example"] else None,
            sample and (tag("p", "Typical: ", tag("code", _place(sample)), class_="soft"), _sides(sample)),
            tag("p", link(rule["url"], rule["url"])) if rule["url"] else None,
            class_="card",
            data_leaf=True,
            data_steps=self.numbers(rule["steps"], self.steps),
            data_folders=self.numbers(folders, self.folders),
        )

    def numbers(self, names: Iterable[str], known: Mapping[str, str]) -> str:
        return " ".join(known[name] for name in names if name in known)

    def changes(self) -> Raw | None:
        changes = self.known["changes"]
        if not changes:
            return None
        folded = (
            tag(
                "details",
                tag(
                    "summary",
                    tag("code", one["path"]),
                    " ",
                    tag("span", f"+{one['added']}", class_="plus"),
                    " ",
                    tag("span", f"-{one['removed']}", class_="minus"),
                    " ",
                    tag("span", " ".join(one["codes"]), class_="soft"),
                ),
                _diff(one["diff"]),
                class_="change",
                data_leaf=True,
                data_steps=self.numbers(one["steps"], self.steps),
                data_folders=self.numbers([one["folder"]], self.folders),
            )
            for one in changes
        )
        return tag("section", tag("h2", "All changes"), folded, data_group=True)

    # The rest

    def dependencies(self) -> Raw | None:
        rows: list[Raw] = []
        for one in self.known["dependencies"]:
            for change in one["changes"]:
                cells = (
                    tag("td", tag("code", cell) if cell else "") for cell in (one["path"], change["old"], change["new"])
                )
                rows.append(tag("tr", cells))
        versions = [
            tag("tr", (tag("td", cell) for cell in (one["name"], one["asked"], _locked(one), one["installed"])))
            for one in self.known["versions"]
        ]
        if not rows and not versions:
            return None
        return tag(
            "section",
            tag("h2", "Dependencies"),
            tag("div", _table(("file", "was", "needed now"), rows), class_="card scroll") if rows else None,
            tag("p", prose(relock(one["lock"] for one in self.known["dependencies"]))) if rows else None,
            tag("div", _table(("found", "asked for", "locked", "installed"), versions), class_="card scroll")
            if versions
            else None,
        )

    def to_async(self) -> Raw | None:
        found = self.known["to_async"]
        if found is None:
            return None
        ready = sum(one["ready"] for one in found["starts"])
        rows = [
            tag(
                "tr",
                tag("td", tag("code", one["name"]), " ", _place(one)),
                tag("td", "async" if one["async"] else "plain"),
                tag("td", str(one["calls_to_await"])),
                tag("td", [tag("div", prose(h["what"]), f" ({_place(h)})") for h in one["in_the_way"]]),
            )
            for one in found["functions"]
        ]
        return tag(
            "section",
            tag("h2", "From Session to AsyncSession"),
            tag("p", f"Nothing stands in the way of {ready} of {plural(len(found['starts']), 'place')} to start from."),
            tag("ul", [tag("li", prose(one["what"]), f" ({_place(one)})") for one in found["sessions"]]),
            tag("div", _table(("function", "now", "calls to await", "in the way"), rows), class_="card scroll"),
        )

    def skipped(self) -> Raw | None:
        rows = [
            tag("li", tag("code", one["path"]), ": ", prose(one["reason"]), data_leaf=True)
            for one in self.known["skipped"]
        ]
        return tag("section", tag("h2", "Skipped"), tag("ul", rows, class_="card"), data_group=True) if rows else None

    def footer(self) -> Raw:
        commits = self.known["commits"]
        return tag(
            "footer",
            tag(
                "details",
                tag("summary", plural(len(commits), "commit")),
                tag("ul", (tag("li", one) for one in commits)),
            )
            if commits
            else None,
            tag("p", f"trueup {self.known['tool']['version']}"),
        )


def _place(place: Mapping[str, Any]) -> str:
    return f"{place['path']}:{place['line']}"


def _sides(sample: Mapping[str, Any]) -> Raw:
    """Before and after, beside each other where there is room."""
    was, now = (code(sample[key], kind) for key, kind in (("before", "was"), ("after", "now")))
    return tag("div", tag("div", was), tag("div", now), class_="sides")


def _locked(version: Mapping[str, str]) -> str:
    return f"{version['locked']} ({version['lock']})" if version["locked"] else ""


def _table(titles: Sequence[str], rows: Sequence[Raw]) -> Raw:
    return tag("table", tag("thead", tag("tr", (tag("th", title) for title in titles))), tag("tbody", rows))


def _diff(text: str) -> Raw:
    lines = []
    for number, line in enumerate(text.removesuffix("\n").split("\n")):
        kind = "h" if number < 2 or line.startswith("@@") else {"+": "p", "-": "m"}.get(line[:1], "")
        words = line.removesuffix("\r") or " "
        lines.append(tag("span", words, class_=kind) if kind else words)
    return tag("pre", join(lines, "\n"), class_="diff", tabindex="0")
