"""Counts, project by project, the places that trueup leaves undecided and astroid's inference decides."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import astroid

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.files import Source
from trueup.globs import absolute
from trueup.index.facts import FileFacts
from trueup.pylint import asked


def measure(folder: Path) -> tuple[int, int, Counter[str]]:
    """Undecided places, those of them in files that astroid can read, and what was found besides, by rule."""
    configs = Configs.load([str(folder)], CliOptions(isolated=True))
    workspace = Workspace.open([str(folder)], configs)
    workspace.check()
    undecided = dict.fromkeys(workspace.project.files, 0)
    codes: dict[str, set[str]] = {}
    for code, places in workspace.undecided.items():
        for place in places:
            undecided[place.path] += 1
            codes.setdefault(place.path, set()).add(code)
    found: Counter[str] = Counter()
    read = 0
    paths = {absolute(path, configs.cwd): path for path in workspace.project.files}
    # astroid finds modules as an import would.
    tops = [Path(path).parents[one.module.count(".") + one.is_package] for path, one in _absolute(paths, workspace)]
    sys.path[:0] = dict.fromkeys(map(str, tops))
    astroid.MANAGER.clear_cache()
    for path in sorted(codes):
        source = workspace.source(path)
        told = {(finding.code, finding.span) for finding in workspace.check([path])}
        try:
            module = astroid.MANAGER.ast_from_file(absolute(path, configs.cwd))
        except astroid.AstroidError:
            continue
        if isinstance(source, Source):
            read += undecided[path]
            new = asked(workspace, path, paths, codes[path], module)
            found.update(one.code for one in new if (one.code, one.span) not in told)
    return sum(undecided.values()), read, found


def _absolute(paths: dict[str, str], workspace: Workspace) -> list[tuple[str, FileFacts]]:
    return [(there, workspace.project.files[path]) for there, path in paths.items()]


def main() -> None:
    """Print a row of the table for each folder that is named."""
    for name in sys.argv[1:]:
        undecided, read, found = measure(Path(name))
        shown = ", ".join(f"{count} x {code}" for code, count in sorted(found.items())) or "none"
        print(f"| {Path(name).name} | {undecided} | {read} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
