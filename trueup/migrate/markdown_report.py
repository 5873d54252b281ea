"""The report of a migration as Markdown, for a pull request or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from trueup.report.markdown import plain, prose
from trueup.report.screen import escape
from trueup.report.text import plural

from .bounds import relock

_FENCE = re.compile(r"`{3,}")


def markdown(known: Mapping[str, Any]) -> str:
    """A report as Markdown, of what `account` says."""
    return "\n".join(_lines(known)) + "\n"


def _lines(known: Mapping[str, Any]) -> Iterator[str]:
    done = known["summary"]
    yield f"# {'Plan' if known['dry'] else 'Report'} of a migration"
    yield ""
    if known["stopped"]:
        yield f"**It stopped early.** {prose(known['stopped'])}\n"
    share = f"{100 * done['share_done']:.1f} %".replace(".0 %", " %")
    yield (
        f"**{share}** of what has to change {'would be' if known['dry'] else 'was'} done by machine: "
        f"{plural(done['edits'], 'edit')} in {done['files_changed']} of {plural(done['files'], 'file')}, "
        f"{done['edits_that_may_change_behaviour']} of which may change behaviour. "
        f"**{done['left']}** left for you (about {plural(done['minutes_left'], 'minute')}), "
        f"{done['undecided']} undecided, {done['worth_a_look']} worth a look."
    )
    yield from _counts("By step", "step", "name", [row for row in known["steps"] if _any(row)])
    yield from _counts("By folder", "folder", "path", known["folders"])
    yield from _tasks(known["tasks"])
    yield from _points(
        "Undecided",
        "Nothing tells the receiver's type, so nothing was changed: annotate it and run again, or look by eye.",
        known["undecided"],
    )
    yield from _points(
        "Worth a look",
        "What the program may do otherwise from now on without any error.",
        known["worth_a_look"],
    )
    yield from _to_async(known["to_async"])
    yield from _rules([rule for rule in known["rules"] if rule["edits"]])
    yield from _dependencies(known)
    if known["skipped"]:
        yield "\n## Skipped\n"
        yield from (f"- {_code(one['path'])}: {prose(one['reason'])}" for one in known["skipped"])
    if known["changes"]:
        yield "\n## All changes"
    for one in known["changes"]:
        title = f"<code>{_html(one['path'])}</code> +{one['added']} -{one['removed']} {' '.join(one['codes'])}"
        diff = [line.removesuffix("\r") for line in one["diff"].removesuffix("\n").split("\n")]
        yield f"\n<details><summary>{title}</summary>\n"
        yield from _fenced(diff, "diff")
        yield "\n</details>"
    if known["commits"]:
        yield f"\n## {plural(len(known['commits']), 'commit')}\n"
        yield from (f"- {plain(one)}" for one in known["commits"])
    yield f"\ntrueup {known['tool']['version']}"


def _any(row: Mapping[str, Any]) -> bool:
    return bool(row["edits"] or row["left"] or row["undecided"] or row["taken_back"])


def _counts(title: str, head: str, key: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not rows:
        return
    yield f"\n## {title}\n"
    yield f"| {head} | files | done | may change behaviour | left for you | undecided |\n|--|--:|--:|--:|--:|--:|"
    for row in rows:
        note = f" (taken back: {plain(row['taken_back'])})" if row.get("taken_back") else ""
        counts = (row[name] for name in ("files", "edits", "edits_that_may_change_behaviour", "left", "undecided"))
        yield f"| {plain(row[key])}{note} | " + " | ".join(map(str, counts)) + " |"


def _tasks(tasks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "\n## What is left for you"
    if not tasks:
        yield "\nNothing."
    for task in tasks:
        about = f"{plural(task['places'], 'place')}, about {plural(task['minutes'], 'minute')}"
        yield f"\n### {plain(task['title'])}: {about}\n"
        yield f"Not done by machine: {prose(task['why_no_machine'])}.\n"
        for point in task["points"]:
            yield from _point(point, box=True)
        advice = {point["code"]: point["advice"] for point in task["points"] if point["advice"]}
        for code, words in advice.items():
            # The words are a rule's own page, Markdown already.
            yield f"\n<details><summary>How: {_html(code)}</summary>\n\n{words}\n\n</details>"


def _points(title: str, about: str, points: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if points:
        yield f"\n## {title}\n\n{about}\n"
    for point in points:
        yield from _point(point, box=False)


def _point(point: Mapping[str, Any], *, box: bool) -> Iterator[str]:
    code = f"**{point['code']}** " if point["code"] else ""
    why = f" ({prose(point['why'])})" if point["why"] else ""
    guide = f" [guide](<{point['url']}>)" if _is_link(point["url"]) else ""
    yield f"- {'[ ] ' if box else ''}{code}{prose(point['message'])}{why}{guide}"
    yield from (f"  - {_code(place['path'] + ':' + str(place['line']))}" for place in point["places"])


def _to_async(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        return
    starts, ready = len(found["starts"]), sum(one["ready"] for one in found["starts"])
    yield "\n## From Session to AsyncSession\n"
    yield f"Nothing stands in the way of {ready} of {plural(starts, 'place')} to start from.\n"
    yield from (f"- {prose(one['what'])}: {_code(one['path'] + ':' + str(one['line']))}" for one in found["sessions"])
    yield "\n| function | now | calls to await | in the way |\n|--|--|--:|--|"
    for one in found["functions"]:
        hurdles = "; ".join(f"{plain(h['what'])} ({plain(h['path'])}:{h['line']})" for h in one["in_the_way"])
        place = _code(f"{one['path']}:{one['line']}")
        now = "async" if one["async"] else "plain"
        yield f"| {_code(one['name'])} {place} | {now} | {one['calls_to_await']} | {hurdles} |"


def _rules(rules: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if rules:
        yield "\n## What was done, by rule"
    for rule in rules:
        yield f"\n### {rule['code']} {plain(rule['name'])}\n"
        about = f"{plural(rule['edits'], 'edit')} in {plural(len(rule['files']), 'file')}, {rule['left']} left."
        guide = f" [guide](<{rule['url']}>)" if _is_link(rule["url"]) else ""
        yield f"{prose(rule['summary'])} {about}{guide}".strip()
        for risk in rule["risks"]:
            yield f"\n{risk['edits']} may change behaviour: {prose(risk['why'].rstrip('.'))}."
        if rule["sample"]:
            sample = rule["sample"]
            place = _code(sample["path"] + ":" + str(sample["line"]))
            yield f"\n{place}\n"
            yield from _fenced(
                [*(f"-{line}" for line in sample["before"]), *(f"+{line}" for line in sample["after"])], "diff"
            )


def _dependencies(known: Mapping[str, Any]) -> Iterator[str]:
    if any(one["changes"] for one in known["dependencies"]):
        yield "\n## Dependencies\n\n| file | was | needed now |\n|--|--|--|"
        for one in known["dependencies"]:
            yield from (
                f"| {_code(one['path'])} | {_code(change['old'])} | {_code(change['new'])} |"
                for change in one["changes"]
            )
        yield f"\n{relock(one['lock'] for one in known['dependencies'])}"
    if known["versions"]:
        yield "\n## Versions found\n\n| | asked for | locked | installed |\n|--|--|--|--|"
        for one in known["versions"]:
            locked = f"{one['locked']} ({one['lock']})" if one["locked"] else ""
            cells = (one["name"], one["asked"], locked, one["installed"])
            yield f"| {' | '.join(map(plain, cells))} |"


def _code(words: str) -> str:
    """A code span that holds any text; in a table too."""
    shown = escape(words)
    if not shown:
        return ""
    if "`" in shown or "|" in shown:
        return plain(words)
    return f"`{shown}`"


def _html(words: str) -> str:
    return "".join(f"&#{ord(one)};" if one in "<>&\"'`*_[]\\#@|~" else one for one in escape(words))


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://")) and not re.search(r"[\s<>\x00-\x1f]", url)


def _fenced(lines: Iterable[str], language: str) -> Iterator[str]:
    shown = [escape(line) for line in lines]
    longest = max((len(found) for line in shown for found in _FENCE.findall(line)), default=2)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield from shown
    yield fence
