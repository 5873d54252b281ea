"""The layers of a project as boxes in rows: few enough to be read, with the imports between them counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trueup.layer_map import Arrow, LayerMap
from trueup.layers import RANKS

MOST = 16
"""Boxes of one layer; modules of one package share a box where there would be more."""
ORDER = tuple(sorted(RANKS, key=lambda layer: -RANKS[layer]))
"""The layers that are drawn, from the top."""


@dataclass(frozen=True, slots=True)
class Box:
    """A module, or the modules of a package that are of one layer."""

    layer: str
    name: str
    modules: tuple[str, ...]

    @property
    def is_package(self) -> bool:
        """Whether it stands for several modules."""
        return self.modules != (self.name,)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The imports of one box by another."""

    source: int
    """The position of the box that imports."""
    target: int
    arrows: tuple[Arrow, ...]

    @property
    def is_upward(self) -> bool:
        """Whether a lower layer imports an upper one."""
        return self.arrows[0].is_upward


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn."""

    boxes: tuple[Box, ...]
    """Layer by layer from the top, in the order they stand in."""
    bundles: tuple[Bundle, ...]


def picture(found: LayerMap, modules_of: Mapping[str, str]) -> Picture:
    """Boxes and bundles of a map; `modules_of`: path -> module."""
    boxes: list[Box] = []
    for layer in ORDER:
        names = sorted(module for module, own in found.modules.items() if own == layer)
        boxes += [Box(layer, name, tuple(inner)) for name, inner in _grouped(names)]
    of_module = {(box.layer, module): box for box in boxes for module in box.modules}
    pairs: dict[tuple[Box, Box], list[Arrow]] = {}
    for arrow in found.arrows:
        source = of_module.get((arrow.source, modules_of.get(arrow.path, "")))
        target = of_module.get((arrow.target, arrow.module))
        if source is not None and target is not None:
            pairs.setdefault((source, target), []).append(arrow)
    ordered = _untangled(boxes, list(pairs))
    place = {box: index for index, box in enumerate(ordered)}
    bundles = [Bundle(place[source], place[target], tuple(some)) for (source, target), some in pairs.items()]
    return Picture(tuple(ordered), tuple(sorted(bundles, key=lambda one: (one.source, one.target))))


def _grouped(names: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Names of modules by the packages around them: the largest packages split up as long as few boxes come of it."""
    if not names:
        return []
    groups: dict[str, list[str]] = {"": list(names)}
    whole: set[str] = set()
    while splittable := [name for name, inner in groups.items() if len(inner) > 1 and name not in whole]:
        largest = max(splittable, key=lambda name: (len(groups[name]), name))
        parts: dict[str, list[str]] = {}
        depth = largest.count(".") + 2 if largest else 1
        for module in groups[largest]:
            parts.setdefault(".".join(module.split(".")[:depth]), []).append(module)
        if largest and len(groups) - 1 + len(parts) > MOST:
            whole.add(largest)
            continue
        if list(parts) == [largest]:  # the package's own module beside those in it
            whole.add(largest)
            continue
        del groups[largest]
        groups |= parts
    return sorted((inner[0] if len(inner) == 1 else name, inner) for name, inner in groups.items())


def _untangled(boxes: Sequence[Box], pairs: Sequence[tuple[Box, Box]]) -> list[Box]:
    """The boxes of each layer in an order that keeps arrows short: near the middle of what they are joined with."""
    rows = {layer: [box for box in boxes if box.layer == layer] for layer in ORDER}
    joined: dict[Box, list[Box]] = {}
    for source, target in pairs:
        joined.setdefault(source, []).append(target)
        joined.setdefault(target, []).append(source)
    for _ in range(4):
        for layer in ORDER:
            where = {box: (index + 0.5) / len(row) for row in rows.values() for index, box in enumerate(row)}
            middle = {
                box: sum(where[other] for other in others) / len(others) if (others := joined.get(box)) else where[box]
                for box in rows[layer]
            }
            rows[layer].sort(key=lambda box: (round(middle[box], 6), box.name))
    # Boxes without arrows stay out of the way of those that have some: arrows leave at the foot and enter at the head.
    top = next((layer for layer in ORDER if rows[layer]), "")
    return [
        box
        for layer in ORDER
        for wanted in ((False, True) if layer == top else (True, False))
        for box in rows[layer]
        if (box in joined) is wanted
    ]
