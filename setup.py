"""Installs `checkers/` and `fixers/` as parts of the package, and reads the stubs once for all users."""

import sys
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

WINGS = ("checkers", "fixers")


class BuildWithStubs(build_py):
    """Puts what trueup's stubs say beside them, unless trueup is installed to be worked on."""

    def run(self) -> None:
        """Build, then read the stubs."""
        super().run()
        if not self.editable_mode:
            sys.path.insert(0, str(Path(__file__).parent))
            from trueup.libraries.compiled import COMPILED, compile_stubs

            (Path(self.build_lib) / "trueup" / "libraries" / COMPILED).write_bytes(compile_stubs())


setup(
    cmdclass={"build_py": BuildWithStubs},
    packages=find_packages(include=["trueup", "trueup.*"])
    + [f"trueup.{p}" for wing in WINGS for p in [wing, *(f"{wing}.{q}" for q in find_packages(wing))]],
    package_dir={"": ".", **{f"trueup.{wing}": wing for wing in WINGS}},
)
