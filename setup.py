"""Maps the wings into the package: `checkers/` installs as `trueup.checkers`, `fixers/` as `trueup.fixers`."""

from setuptools import find_packages, setup

WINGS = ("checkers", "fixers")
setup(
    packages=find_packages(include=["trueup", "trueup.*"])
    + [f"trueup.{p}" for wing in WINGS for p in [wing, *(f"{wing}.{q}" for q in find_packages(wing))]],
    package_dir={"": ".", **{f"trueup.{wing}": wing for wing in WINGS}},
)
