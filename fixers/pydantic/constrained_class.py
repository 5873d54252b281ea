"""Makes a constrained class an annotated type."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP331", on=cst.ClassDef)
def described(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """`Name = Annotated[str, StringConstraints(...)]` in the place of the class."""
    kind, maker, settings = finding.clue
    module, _, name = kind.rpartition(".")
    shown = site.name_for(module, name) if module else kind
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    called = site.name_for(("pydantic", "pydantic.types", "pydantic.fields"), maker)
    arguments = ", ".join(f"{key}={value}" for key, value in settings)
    if "re.compile(" in arguments:
        yield AddImport("re")
    value = f"{annotated}[{shown}, {called}({arguments})]" if arguments else shown
    yield Replace(node, *site.statements(f"{node.name.value} = {value}\n"))
    base = node.bases[0].value
    old = base.attr.value if isinstance(base, cst.Attribute) else base.value if isinstance(base, cst.Name) else ""
    for home in ("pydantic", "pydantic.types"):
        yield DropImport(home, old)
