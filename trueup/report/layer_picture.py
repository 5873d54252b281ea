"""The layers of a project as one HTML page that needs nothing else: a drawing, and all imports that go upwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trueup.layer_map import Arrow, LayerMap
from trueup.layers import RANKS, looks_up

from .layer_groups import ORDER, Box, Bundle, Picture, picture
from .markup import Raw, join, tag
from .text import plural

_ACROSS = 4
"""Boxes side by side."""
_BOX, _HIGH = 230, 46
_GAP, _DOWN = 18, 16
_LEFT, _BETWEEN, _PAD = 118, 74, 18
_WIDTH = _LEFT + _ACROSS * _BOX + (_ACROSS - 1) * _GAP + 2 * _PAD
_LONGEST = 28
"""Characters of a name that fit into a box."""
_MANY = {"repository": "repositories"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a box stands: its upper left corner."""

    x: int
    y: int


def page(found: LayerMap, shown: Callable[[str], str], title: str, modules_of: dict[str, str]) -> Iterator[str]:
    """The page in pieces.

    Args:
        found: the layers.
        shown: path -> the path as a person names it.
        title: the project's name.
        modules_of: path -> module.
    """
    drawn = picture(found, modules_of)
    upward = [arrow for arrow in found.arrows if arrow.is_upward]
    head = f"Layers of {title}"
    yield "<!doctype html>\n"
    yield '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"{tag('title', head)}\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    yield f"{tag('h1', head)}\n{tag('p', _summary(found, upward), class_='soft')}\n"
    if drawn.boxes:
        yield f"{_legend(drawn)}\n{tag('div', _drawing(drawn), class_='scroll', tabindex='0')}\n"
    yield f"{_forbidden(upward, shown)}\n{_counts(found)}\n{_files(found, shown)}\n"
    yield f"</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"


def _summary(found: LayerMap, upward: Sequence[Arrow]) -> str:
    ranked = [layer for layer in found.layers.values() if layer in RANKS]
    rest = len(found.layers) - len(ranked)
    said = f"{plural(len(ranked), 'file')} in layers, {rest} beside them. "
    if not upward:
        return said + "No import goes upwards."
    return said + f"{plural(len(upward), 'import')} {'goes' if len(upward) == 1 else 'go'} upwards."


def _legend(drawn: Picture) -> Raw:
    lines = [
        (
            "down",
            "imports a lower layer; the thicker, the more often",
        )
    ]
    if any(one.is_upward for one in drawn.bundles):
        lines.append(("up", "imports an upper layer, which turns the layers upside down"))
    rows = [
        tag("span", tag("svg", tag("path", d="M2 6H34", class_=f"arrow {kind}"), width=38, height=12), words)
        for kind, words in lines
    ]
    shared = shared_package(drawn)
    if shared:
        rows.append(tag("span", "names without ", tag("code", shared)))
    return tag("p", *rows, class_="legend")


# The drawing ---------------------------------------------------------------------------------------------------------


def _drawing(drawn: Picture) -> Raw:
    places: list[_Place] = []
    bands: list[Raw] = []
    y = 0
    for layer in ORDER:
        row = [box for box in drawn.boxes if box.layer == layer]
        if not row:
            continue
        lines = -(-len(row) // _ACROSS)
        high = 2 * _PAD + lines * _HIGH + (lines - 1) * _DOWN
        each = -(-len(row) // lines)
        for number in range(len(row)):
            line, column = divmod(number, each)
            across = min(each, len(row) - line * each)
            free = _WIDTH - _LEFT - 2 * _PAD - across * _BOX - (across - 1) * _GAP
            places.append(_Place(_LEFT + _PAD + free // 2 + column * (_BOX + _GAP), y + _PAD + line * (_HIGH + _DOWN)))
        bands.append(tag("rect", x=0, y=y, width=_WIDTH, height=high, rx=10, class_=f"band {layer}"))
        bands.append(tag("text", _name(layer, 2), x=16, y=y + high // 2 + 5, class_="layer"))
        y += high + _BETWEEN
    height = y - _BETWEEN
    shared = shared_package(drawn)
    down = [one for one in drawn.bundles if not one.is_upward]
    up = [one for one in drawn.bundles if one.is_upward]
    boxes = [_box(number, box, places[number], shared) for number, box in enumerate(drawn.boxes)]
    return tag(
        "svg",
        tag("defs", _head("down"), _head("up")),
        *bands,
        tag("g", *_paths(down, drawn, places)),
        tag("g", *boxes),
        tag("g", *_paths(up, drawn, places)),
        viewBox=f"-1 -1 {_WIDTH + 2} {height + 2}",
        width=_WIDTH,
        role="img",
        aria_label="The layers from the top, and the imports between them",
    )


def shared_package(drawn: Picture) -> str:
    """What the names of all boxes begin with, up to a dot."""
    names = [box.name for box in drawn.boxes]
    parts: list[str] = []
    for words in zip(*(name.split(".")[:-1] for name in names), strict=False):
        if len(set(words)) > 1:
            break
        parts.append(words[0])
    return "".join(f"{part}." for part in parts)


def _head(kind: str) -> Raw:
    shape = tag("path", d="M0 0L8 4L0 8Z", class_=f"head {kind}")
    return tag(
        "marker", shape, id=f"head-{kind}", markerWidth=8, markerHeight=8, refX=7, refY=4, orient="auto",
        markerUnits="userSpaceOnUse",
    )  # fmt: skip


def _box(number: int, box: Box, place: _Place, shared: str) -> Raw:
    note = plural(len(box.modules), "module") if box.is_package else ""
    name, rest = (
        _cut(box.name.removeprefix(shared)),
        tag("text", note, x=place.x + 12, y=place.y + 36, class_="note") if note else None,
    )
    return tag(
        "g",
        tag("title", "\n".join(box.modules) if len(box.modules) <= 40 else f"{box.name}: {note}"),
        tag("rect", x=place.x, y=place.y, width=_BOX, height=_HIGH, rx=6, class_="box"),
        tag("text", name, x=place.x + 12, y=place.y + (20 if note else 28)),
        rest,
        class_=f"node {box.layer}",
        tabindex=0,
        data_box=number,
    )


def _paths(bundles: Sequence[Bundle], drawn: Picture, places: Sequence[_Place]) -> Iterator[Raw]:
    ports = _ports(drawn, places)
    for one in bundles:
        kind = "up" if one.is_upward else "down"
        x, other = ports[one, True], ports[one, False]
        start, end = places[one.source].y, places[one.target].y
        y, stop = (start, end + _HIGH) if one.is_upward else (start + _HIGH, end)
        bend = (stop - y) // 2
        source, target = drawn.boxes[one.source], drawn.boxes[one.target]
        said = f"{source.name} imports {target.name}"
        count = f" ({len(one.arrows)} times)" if len(one.arrows) > 1 else ""
        yield tag(
            "path",
            tag("title", said + count),
            d=f"M{x} {y}C{x} {y + bend} {other} {stop - bend} {other} {stop}",
            stroke_width=f"{min(1 + len(one.arrows) ** 0.5 * 0.6, 5):.1f}",
            marker_end=f"url(#head-{kind})",
            class_=f"arrow {kind}",
            data_from=one.source,
            data_to=one.target,
        )


def _ports(drawn: Picture, places: Sequence[_Place]) -> dict[tuple[Bundle, bool], int]:
    """Where each bundle leaves (True) and enters (False) its boxes: side by side, in the order of their other ends."""
    sides: dict[tuple[int, bool], list[tuple[int, Bundle, bool]]] = {}
    for one in drawn.bundles:
        sides.setdefault((one.source, one.is_upward), []).append((places[one.target].x, one, True))
        sides.setdefault((one.target, not one.is_upward), []).append((places[one.source].x, one, False))
    found: dict[tuple[Bundle, bool], int] = {}
    for (box, _), ends in sides.items():
        ends.sort(key=lambda end: (end[0], end[1].source, end[1].target, end[2]))
        for number, (_, one, leaves) in enumerate(ends):
            found[one, leaves] = places[box].x + 16 + (_BOX - 32) * (2 * number + 1) // (2 * len(ends))
    return found


def _cut(name: str) -> str:
    """A name that fits: the end says more than the beginning."""
    return name if len(name) <= _LONGEST else "\u2026" + name[1 - _LONGEST :]


def _name(layer: str, count: int) -> str:
    return plural(count, layer, _MANY.get(layer, "")).partition(" ")[2]


# The lists -----------------------------------------------------------------------------------------------------------


def _forbidden(upward: Sequence[Arrow], shown: Callable[[str], str]) -> Raw:
    if not upward:
        return Raw("")
    head = tag("tr", *(tag("th", words) for words in ("where", "layer", "imports", "of layer")))
    rows = [
        tag(
            "tr",
            tag("td", tag("code", f"{shown(arrow.path)}:{arrow.line}")),
            tag("td", arrow.source),
            tag("td", tag("code", arrow.module)),
            tag("td", arrow.target),
        )
        for arrow in upward
    ]
    table = tag("table", head, *rows)
    return join([tag("h2", "Imports that go upwards", class_="warn"), tag("div", table, class_="scroll")])


def _counts(found: LayerMap) -> Raw:
    counts: dict[tuple[str, str], int] = {}
    for arrow in found.arrows:
        counts[arrow.source, arrow.target] = counts.get((arrow.source, arrow.target), 0) + 1
    if not any(source in RANKS and target in RANKS for source, target in counts):
        return Raw("")
    layers = [layer for layer in ORDER if layer in found.layers.values()]
    head = tag("tr", tag("th", "imports"), *(tag("th", _name(target, 2), class_="n") for target in layers))
    rows = []
    for source in layers:
        cells = []
        for target in layers:
            count = counts.get((source, target), 0)
            bad = count > 0 and looks_up(source, target)
            cells.append(tag("td", str(count) if count else "", class_="n warn" if bad else "n"))
        rows.append(tag("tr", tag("th", source), *cells))
    return join([tag("h2", "How often"), tag("div", tag("table", head, *rows), class_="scroll")])


def _files(found: LayerMap, shown: Callable[[str], str]) -> Raw:
    parts = [tag("h2", "Files")]
    for layer in (*ORDER, *sorted({layer for layer in found.layers.values() if layer not in RANKS})):
        paths = [shown(path) for path, own in found.layers.items() if own == layer]
        if paths:
            items = (tag("li", tag("code", path)) for path in paths)
            parts.append(tag("details", tag("summary", f"{layer} ({len(paths)})"), tag("ul", items)))
    return join(parts)


_STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f7f7f5; --card: #ffffff; --ink: #1d2129; --soft: #5a6270; --line: #d5d9e0; --code: #eef0f3;
  --arrow: #7b8698; --warn: #c0271d;
  --router: #dfeafb; --service: #dcf1e8; --repository: #f6ecd3; --model: #ece4f7;
  --schema: #f7e4ee; --core: #e8e8e8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c; --card: #20252d; --ink: #e4e7ec; --soft: #9aa3b2; --line: #3a414d; --code: #272c35;
    --arrow: #7f8a9c; --warn: #ff8076;
    --router: #1a2940; --service: #17302a; --repository: #352c18; --model: #2b2140;
    --schema: #40212f; --core: #2a2a2a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.soft { color: var(--soft); margin: .25rem 0; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; color: var(--soft); margin: .75rem 0; }
.legend svg { vertical-align: -1px; margin-right: .5rem; }
.scroll { overflow-x: auto; }
svg[role=img] { display: block; width: 100%; min-width: 50rem; height: auto; }
.band.router { fill: var(--router); } .band.service { fill: var(--service); }
.band.repository { fill: var(--repository); } .band.model { fill: var(--model); }
.band.schema { fill: var(--schema); } .band.core { fill: var(--core); }
.layer { font: 600 14px system-ui, sans-serif; fill: var(--ink); }
.node text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: var(--ink); }
.node text.note { font: 11px system-ui, sans-serif; fill: var(--soft); }
.box { fill: var(--card); stroke: var(--line); }
.arrow { fill: none; stroke: var(--arrow); }
.legend .arrow { stroke-width: 2; }
.arrow.down { opacity: .55; }
.arrow.up { stroke: var(--warn); stroke-dasharray: 6 3; }
.head.down { fill: var(--arrow); } .head.up { fill: var(--warn); }
svg.chosen .arrow { opacity: .08; }
svg.chosen .arrow.on { opacity: 1; }
.node.on .box, .node:focus .box { stroke: var(--ink); stroke-width: 2; }
.node { outline: none; cursor: default; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .25rem 1.25rem .25rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; font-size: .85rem; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.warn { color: var(--warn); } td.warn { font-weight: 700; }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
td code { white-space: nowrap; }
details { margin: .3rem 0; } summary { cursor: pointer; }
ul { columns: 20rem; margin: .25rem 0; padding-left: 1.2rem; }
:focus-visible { outline: 2px solid var(--soft); outline-offset: 2px; }
@media print { .scroll { overflow: visible; } svg[role=img] { min-width: 0; } }
"""
_SCRIPT = """
const drawing = document.querySelector("svg[role=img]");
const show = node => {
  drawing.classList.toggle("chosen", node !== null);
  const box = node && node.dataset.box, near = new Set([box]);
  for (const arrow of drawing.querySelectorAll(".arrow")) {
    const on = box !== null && (arrow.dataset.from === box || arrow.dataset.to === box);
    arrow.classList.toggle("on", on);
    if (on) near.add(arrow.dataset.from).add(arrow.dataset.to);
  }
  for (const one of drawing.querySelectorAll(".node")) one.classList.toggle("on", near.has(one.dataset.box));
};
for (const node of drawing ? drawing.querySelectorAll(".node") : []) {
  for (const name of ["mouseenter", "focus"]) node.addEventListener(name, () => show(node));
  for (const name of ["mouseleave", "blur"]) node.addEventListener(name, () => show(null));
}
"""
