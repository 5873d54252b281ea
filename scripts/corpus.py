"""Which real projects trueup is tried on, and where their code is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Project:
    """A wheel on PyPI and what it is good for."""

    name: str
    version: str
    why: str
    large: bool = False

    @property
    def pin(self) -> str:
        """As pip wants it."""
        return f"{self.name}=={self.version}"


PROJECTS = (
    Project("prefect", "2.10.21", "everything at once; pydantic behind imports of its own"),
    Project("zenml", "0.44.4", "SQLModel; the most lines; sync routes"),
    Project("argilla", "1.12.1", "a FastAPI server in layers, half-way to SQLAlchemy 2"),
    Project("great-expectations", "0.16.16", "look-alikes: `.dict`, `.json`, `.copy`, the `.query` of pandas"),
    Project("galaxy-data", "23.0.5", "the largest legacy model layer"),
    Project("galaxy-app", "23.0.5", "queries that are handed around"),
    Project("galaxy-web-apps", "23.0.5", "routes in class-based views"),
    Project("apache-airflow", "2.7.3", "legacy models and queries; sessions from a decorator"),
    Project("mlflow", "2.3.2", "legacy models, backrefs, a folder of migrations"),
    Project("jupyterhub", "3.1.1", "a sync session inside async handlers; `.dict` and `.json` look-alikes"),
    Project("open-webui", "0.3.35", "routers with sync sessions in async routes; fat routers", large=True),
    Project("dstack", "0.18.30", "pydantic 1 with async SQLAlchemy 2; routers and services"),
    Project("airbyte-cdk", "0.60.0", "generated pydantic 1 models"),
    Project("starlite", "1.51.14", "a framework that uses pydantic 1 from the inside"),
    Project("bentoml", "1.0.25", "small and varied"),
    Project("chromadb", "0.3.29", "small and varied"),
    Project("feast", "0.31.1", "small and varied"),
    Project("fastapi-amis-admin", "0.5.8", "SQLModel and models made at run time"),
    Project("openapi-python-client", "0.14.0", "small, pydantic 1, a code generator"),
    # Modern code, where a finding is likely a false alarm.
    Project("letta", "0.6.50", "modern: SQLAlchemy 2 models beside pydantic 2"),
    Project("arize-phoenix", "7.0.0", "modern: `Column()` in Alembic migrations must stay"),
    Project("agno", "1.1.0", "modern: the columns of Core tables must stay"),
    Project("fastapi", "0.115.6", "modern: supports both pydantics"),
    Project("langserve", "0.2.0", "small, pydantic 1 behind a shim"),
    Project("fastapi-cache2", "0.2.1", "small, modern"),
)


def cache_folder() -> Path:
    """Where wheels and unpacked projects are kept, outside the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trueup" / "real_projects"


def fetch(project: Project, cache: Path) -> Path:
    """The folder with the project's packages, downloaded and unpacked if it is not there yet; never written to again.

    Raises subprocess.CalledProcessError when pip cannot get the wheel.
    """
    unpacked = cache / "unpacked" / f"{project.name}-{project.version}"
    if unpacked.is_dir():
        return unpacked
    wheels = cache / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    stem = f"{project.name.replace('-', '_')}-{project.version}-"
    if not any(wheel.name.lower().startswith(stem) for wheel in wheels.glob("*.whl")):
        # The Python a project asks for does not matter: its code is read, never run.
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps"]
        subprocess.run(
            [*pip, "--only-binary", ":all:", "--ignore-requires-python", "--dest", wheels, project.pin],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    (wheel,) = (wheel for wheel in wheels.glob("*.whl") if wheel.name.lower().startswith(stem))
    part = Path(tempfile.mkdtemp(dir=cache))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(part, [name for name in archive.namelist() if ".dist-info/" not in name])
    unpacked.parent.mkdir(exist_ok=True)
    part.rename(unpacked)
    return unpacked
