"""The layers of a project and the imports between them: as a text, and as a contract of import-linter."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from .config import Config
from .index.facts import FileFacts
from .infer import Inference
from .layers import CORE, OTHER, RANKS, TEST, imported_files, layer_of_module, looks_up
from .settings import LAYERS


class Arrow(Struct, frozen=True):
    """An import of one file's layer by another's."""

    path: str
    line: int
    source: str
    target: str
    module: str
    """What is imported."""

    @property
    def is_upward(self) -> bool:
        """Whether a lower layer imports an upper one."""
        return looks_up(self.source, self.target)


class LayerMap(Struct, frozen=True):
    """Which file is which layer, and the arrows between layers, by path and line."""

    layers: dict[str, str]
    """Path -> layer."""
    modules: dict[str, str]
    """Module -> layer, packages' own files left out."""
    arrows: tuple[Arrow, ...]


def layer_map(types: Inference, config_for: Callable[[str], Config]) -> LayerMap:
    """Look at all files of a project; `config_for` gives the configuration of a path."""
    project = types.project
    layers: dict[str, str] = {}
    arrows: list[Arrow] = []

    def layer(facts: FileFacts) -> str:
        known = layers.get(facts.path)
        if known is None:
            known = layers[facts.path] = layer_of_module(types, facts, config_for(facts.path))
        return known

    for facts in project.files.values():
        own = layer(facts)
        for one in facts.scope.imports:
            if one.when == "type-checking" or facts.is_package:
                continue
            arrows += [
                Arrow(facts.path, one.line, own, layer(other), other.module)
                for other in imported_files(types, one)
                if other.path != facts.path and not other.is_package and layer(other) != own
            ]
    modules = {facts.module: layers[facts.path] for facts in project.files.values() if not facts.is_package}
    return LayerMap(dict(sorted(layers.items())), modules, tuple(sorted(arrows, key=lambda a: (a.path, a.line))))


def as_text(found: LayerMap, shown: Callable[[str], str]) -> Iterator[str]:
    """The lines to print; `shown` gives a path as a person names it. Tests, and files of no layer, are only counted."""
    for name in LAYERS:
        paths = [path for path, layer in found.layers.items() if layer == name]
        if not paths:
            continue
        yield f"{name} ({len(paths)})"
        if name not in (TEST, OTHER):
            yield from (f"  {shown(path)}" for path in paths)
    pairs: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in found.arrows:
        if arrow.source in RANKS and arrow.target in RANKS:
            pairs.setdefault((arrow.source, arrow.target), []).append(arrow)
    if pairs:
        yield ""
        yield "imports"
    for (source, target), arrows in sorted(pairs.items(), key=lambda p: (-RANKS[p[0][0]], -RANKS[p[0][1]])):
        upward = arrows[0].is_upward
        yield f"  {source} -> {target}: {len(arrows)}{' (upwards)' if upward else ''}"
        if upward:
            yield from (f"    {shown(a.path)}:{a.line} imports {a.module}" for a in arrows)


def as_contract(found: LayerMap) -> Iterator[str]:
    """The lines of a contract for import-linter in pyproject.toml; none where there are fewer than two layers."""
    levels: dict[int, list[str]] = {}
    roots: dict[str, None] = {}
    for name in sorted(RANKS, key=lambda layer: -RANKS[layer]):
        modules = [m for m in _collapsed(found.modules, name) if "." in m]
        if modules and name != CORE:  # which may know models, and they it
            levels.setdefault(RANKS[name], []).extend(modules)
            roots |= dict.fromkeys(module.partition(".")[0] for module in modules)
    rows = [" : ".join(modules) for modules in levels.values()]
    if len(rows) < 2:
        return
    packages = ", ".join(f'"{root}"' for root in sorted(roots))
    yield "[tool.importlinter]"
    yield f"root_packages = [{packages}]"
    yield ""
    yield "[[tool.importlinter.contracts]]"
    yield 'name = "Upper layers import lower ones"'
    yield 'type = "layers"'
    yield "layers = ["
    yield from (f'    "{row}",' for row in rows)
    yield "]"


def _collapsed(modules: dict[str, str], layer: str) -> list[str]:
    """The modules of a layer, a package in the place of its modules where all of them are of that layer."""
    found: dict[str, None] = {}
    for module in sorted(name for name, own in modules.items() if own == layer):
        parts = module.split(".")
        best = module
        for size in range(2, len(parts)):
            package = ".".join(parts[:size])
            if all(own == layer for name, own in modules.items() if name.startswith(package + ".")):
                best = package
                break
        found[best] = None
    return list(found)
