"""Files: which are found, what they are called, how they are read and written back."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from trueup.config import CliOptions, Configs
from trueup.discovery import Found, discover, source_file
from trueup.files import MAX_BYTES, TEMPORARY, Kind, Problem, Source, SourceFile, digest_of, read, write

NOBODY = 65534


def make(folder: Path, *names: str) -> Path:
    """Empty files, by their paths below a folder."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def found(folder: Path, *paths: str, cwd: str = "", **cli: object) -> Found:
    here = os.path.normpath(folder / cwd)
    options = CliOptions(**cli)  # type: ignore[arg-type]
    return discover(paths or (".",), Configs.load(paths or (".",), options, cwd=here))


def shown(result: Found) -> str:
    """What was found, as text; nothing may have gone wrong."""
    assert result.problems == []
    return " ".join(file.path for file in result.files)


def problems(result: Found) -> list[str]:
    assert all(problem.kind is Kind.OPERATION for problem in result.problems)
    return [f"{problem.path} {problem.message}" for problem in result.problems]


@contextmanager
def without_privileges() -> Iterator[Path]:
    """A folder of an ordinary user, and this process with no more rights than that."""
    folder = Path(tempfile.mkdtemp())
    home = os.environ["HOME"]
    os.environ["HOME"] = str(folder)  # git gives up where it may not read its own configuration
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield folder
    finally:
        os.environ["HOME"] = home
        if os.getuid() == 0:
            os.seteuid(0)
        subprocess.run(["chmod", "-R", "u+rwx", folder], check=True)
        shutil.rmtree(folder)


# Discovery -----------------------------------------------------------------------------------------------------------


def test_python_files_in_order(tmp_path: Path) -> None:
    make(tmp_path, "b.py", "a.pyi", "a/z.py", "a/b/c.py", "a.b/x.py", "c.txt", "d.pyc", "e.PY", "f.py.orig", "noext")
    assert shown(found(tmp_path)) == "a.b/x.py a.pyi a/b/c.py a/z.py b.py"
    assert shown(found(tmp_path, "a", "b.py", "a/b", "./a/../b.py")) == "a/b/c.py a/z.py b.py"
    assert shown(found(tmp_path, "../b.py", ".", cwd="a")) == f"{tmp_path}/b.py b/c.py z.py"
    assert shown(found(tmp_path, "c.txt", "noext")) == "c.txt noext"
    (tmp_path / "empty").mkdir()
    assert shown(found(tmp_path / "empty")) == ""


def test_what_is_excluded(tmp_path: Path) -> None:
    make(
        tmp_path, "a.py", ".venv/lib/x.py", "node_modules/x.py", "old/x.py", "app/gen_x.py", "app/old/y.py", "app/y.py"
    )
    assert shown(found(tmp_path, extend_exclude=("app/old", "gen_*"))) == "a.py app/y.py old/x.py"
    assert shown(found(tmp_path, exclude=("old",))) == ".venv/lib/x.py a.py app/gen_x.py app/y.py node_modules/x.py"
    # What is named is taken, and what is below it judged by its own name.
    named = (".venv", "app/old/y.py")
    assert shown(found(tmp_path, *named, extend_exclude=("old",))) == ".venv/lib/x.py app/old/y.py"
    assert shown(found(tmp_path, *named, "a.py", extend_exclude=("old",), force_exclude=True)) == "a.py"


def test_nested_configuration_excludes_below_itself(tmp_path: Path) -> None:
    make(tmp_path, "gen.py", "a/gen.py", "a/x.py", "a/b/gen.py", "skipped/a.py")
    (tmp_path / "trueup.toml").write_text('extend-exclude = ["skipped"]')
    (tmp_path / "a/trueup.toml").write_text('extend-exclude = ["gen.py"]')
    (tmp_path / "skipped/trueup.toml").write_text("this is not read: [")
    assert shown(found(tmp_path)) == "a/x.py gen.py"


@pytest.mark.parametrize("repository", [True, False], ids=["git", "pathspec"])
def test_ignore_files_hide_what_git_tracks_too(tmp_path: Path, repository: bool) -> None:
    make(tmp_path, "pyproject.toml", "a.py", "gen/g.py", "x/gen.py", "x/y/z.py", "x/y/kept.py")
    (tmp_path / ".ignore").write_text("gen\ngen.py\n/x/y/*.py\n")
    (tmp_path / "x/y/.ignore").write_text("!kept.py\n")
    if repository:
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "-A")
    assert shown(found(tmp_path)) == "a.py x/y/kept.py"
    assert shown(found(tmp_path, "x/y")) == "x/y/kept.py"
    assert shown(found(tmp_path, "gen", "x/gen.py")) == "gen/g.py x/gen.py"  # they are named
    assert "x/gen.py" in shown(found(tmp_path, respect_gitignore=False))


@pytest.mark.parametrize("repository", [True, False])
def test_gitignore(tmp_path: Path, repository: bool) -> None:
    make(tmp_path, "a.py", "x/keep.py", "x/gen/a.py", "x/gen.py", "y/gen.py", "y/local.py", "y/z/local.py", "out/o.py")
    (tmp_path / ".gitignore").write_text("gen\ngen.py\n/out/\n[q-b]\n")
    (tmp_path / "y/.gitignore").write_text("!gen.py\n/local.py\n")
    if repository:
        git(tmp_path, "init", "-q")
        make(tmp_path, "x/gen/tracked.py", "x/deleted.py", "nested/a.py", "sp ace/ü\n.py")
        git(tmp_path, "add", "-f", "x/gen/tracked.py", "x/deleted.py")
        (tmp_path / "x/deleted.py").unlink()
        git(tmp_path / "nested", "init", "-q")
        assert shown(found(tmp_path)) == "a.py sp ace/ü\n.py x/gen/tracked.py x/keep.py y/gen.py y/z/local.py"
        assert shown(found(tmp_path, "nested")) == "nested/a.py"
    else:
        make(tmp_path, "pyproject.toml")
        assert shown(found(tmp_path)) == "a.py x/keep.py y/gen.py y/z/local.py"
    assert shown(found(tmp_path, "y")) == "y/gen.py y/z/local.py"
    assert shown(found(tmp_path, cwd="y/z")) == "local.py"
    # Named, or not to be respected.
    assert shown(found(tmp_path, "y/local.py", "out")) == "out/o.py y/local.py"
    assert "out/o.py" in shown(found(tmp_path, respect_gitignore=False))


def test_a_hook_of_another_repository_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "here/a.py", "other/b.py")
    for name in ("here", "other"):
        git(tmp_path / name, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    assert shown(found(tmp_path / "here")) == "a.py"


def test_a_repository_that_git_refuses(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "b.py", ".git")  # an empty file called .git
    (tmp_path / ".gitignore").write_text("b.py")
    assert shown(found(tmp_path)) == "a.py"


def test_links(tmp_path: Path) -> None:
    make(tmp_path, "real/a.py", "real/b.py", "z.py", "x.py/inside.py")
    (tmp_path / "real/loop").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to("real")
    (tmp_path / "a_link.py").symlink_to("z.py")
    (tmp_path / "outside.py").symlink_to(__file__)
    (tmp_path / "folder.py").symlink_to("real")
    (tmp_path / ".#z.py").symlink_to("user@host.1234")
    assert shown(found(tmp_path)) == "outside.py real/a.py real/b.py x.py/inside.py z.py"
    assert shown(found(tmp_path, "linked", "real/loop/x.py")) == "linked/a.py linked/b.py real/loop/x.py/inside.py"
    assert shown(found(tmp_path, "linked", "real")) == "linked/a.py linked/b.py"
    assert shown(found(tmp_path, "a_link.py")) == "a_link.py"


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "deep/b.py")
    (tmp_path / "broken.py").symlink_to("gone.py")
    (tmp_path / "deep/circle.py").symlink_to("circle.py")
    os.mkfifo(tmp_path / "pipe.py")
    result = found(tmp_path, ".", "missing.py", "missing/folder", "pipe.py", "nu\0ll.py", "a.py/b.py", "broken.py")
    assert [file.path for file in result.files] == ["a.py", "deep/b.py"]
    assert problems(result) == [
        "a.py/b.py cannot be read: not a directory",
        "broken.py is a broken link to `gone.py`: no such file or directory",
        "deep/circle.py is a broken link to `circle.py`: too many levels of symbolic links",
        "missing.py does not exist",
        "missing/folder does not exist",
        f"{tmp_path}/nu\\0ll.py is no path: it holds a null byte".removeprefix(f"{tmp_path}/"),
        "pipe.py is neither a file nor a folder; use `-` to check what stdin brings",
    ]


@pytest.mark.parametrize("repository", [True, False], ids=["git", "plain"])
def test_folders_that_cannot_be_read(repository: bool) -> None:
    with without_privileges() as folder:
        make(folder, "a.py", "secret/b.py", "z/c.py")
        if repository:
            git(folder, "init", "-q")
        (folder / "secret").chmod(0)
        result = found(folder)
        assert [file.path for file in result.files] == ["a.py", "z/c.py"]
        assert problems(result) == ["secret cannot be read: permission denied"]


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.py")).touch()
    (file,) = found(tmp_path).files
    assert file.path == "b\\udcff.py"
    assert isinstance(read(file), Source)


# Module names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "path", "module", "aliases"),
    [
        ("app/__init__.py", "app/main.py", "app.main", ()),
        ("app/__init__.py", "app/__init__.py", "app", ()),
        ("", "app/api/v1.py", "app.api.v1", ()),  # namespace packages
        ("", "main.py", "main", ()),
        ("", "scripts/run-me.2.py", "scripts.run-me_2", ()),
        ("src/app/__init__.py", "src/app/main.py", "app.main", ("src.app.main",)),
        ("src/__init__.py", "src/main.py", "src.main", ()),
        ("app/__init__.py app/src/x.py", "app/src/x.py", "app.src.x", ()),
        ("svc/pyproject.toml", "svc/app/main.py", "app.main", ("svc.app.main",)),
        ("svc/setup.py", "svc/src/app/main.py", "app.main", ("src.app.main", "svc.src.app.main")),
        ("backend/app/__init__.py", "backend/app/main.py", "backend.app.main", ("app.main",)),
        ("backend/requirements.txt", "backend/app/main.py", "backend.app.main", ("app.main",)),
        ("app/__init__.py app/requirements.txt", "app/io/files.py", "app.io.files", ()),  # `io` is not that
        ("app/__init__.py app/jobs/__init__.py app/jobs/setup.py", "app/jobs/run.py", "app.jobs.run", ()),
        ("__init__.py", "main.py", "main", ()),
        ("my-app/app/__init__.py", "my-app/app/api/v1.py", "app.api.v1", ("my-app.app.api.v1",)),
    ],
)
def test_module_names(tmp_path: Path, files: str, path: str, module: str, aliases: tuple[str, ...]) -> None:
    make(tmp_path, "pyproject.toml", path, *files.split())
    file = next(file for file in found(tmp_path).files if file.path == path)
    assert (file.module, file.aliases) == (module, aliases)
    assert file.is_package == path.endswith("__init__.py")
    assert source_file(path, Configs.load(["."], CliOptions(), cwd=str(tmp_path))) == file


def test_module_names_from_configured_folders(tmp_path: Path) -> None:
    make(tmp_path, ".git/HEAD", "a/lib/x.py", "a/lib/deep/y.py", "b/x.py", "c.py")
    (tmp_path / "trueup.toml").write_text('src = ["a/lib", "a/lib/deep", "b"]')
    result = found(tmp_path)
    assert [(file.path, file.module) for file in result.files] == [
        ("a/lib/deep/y.py", "y"), ("a/lib/x.py", "x"), ("b/x.py", "x"), ("c.py", "c"),
    ]  # fmt: skip


# Reading -------------------------------------------------------------------------------------------------------------


def at(path: Path) -> SourceFile:
    return SourceFile(path.name, str(path), path.stem)


def source(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    found = read(at(path))
    assert isinstance(found, Source), found
    return found


def problem(path: Path, data: bytes) -> Problem:
    path.write_bytes(data)
    found = read(at(path))
    assert isinstance(found, Problem)
    return found


@pytest.mark.parametrize(
    ("data", "text", "encoding", "bom", "newline"),
    [
        (b"", "", "utf-8", False, "\n"),
        (b"x = 1\r\ny = 2\r\nz\n", "x = 1\r\ny = 2\r\nz\n", "utf-8", False, "\r\n"),
        (b"a\nb\nc\r\n", "a\nb\nc\r\n", "utf-8", False, "\n"),
        (b"a\rb\r", "a\rb\r", "utf-8", False, "\r"),
        ("x = 'ü→'".encode(), "x = 'ü→'", "utf-8", False, "\n"),
        (b"\xef\xbb\xbfx", "x", "utf-8", True, "\n"),
        (b"\xef\xbb\xbf# coding: UTF-8\n", "# coding: UTF-8\n", "utf-8", True, "\n"),
        (b"# coding: latin-1\nx='\xe9'", "# coding: latin-1\nx='é'", "latin-1", False, "\n"),
        (b"#!/bin/py\n# -*- coding: cp1252 -*-\n\x80", "#!/bin/py\n# -*- coding: cp1252 -*-\n€", "cp1252", False, "\n"),
        (b"# vim: set fileencoding=Latin_1-unix :\n\xe9", "# vim: set fileencoding=Latin_1-unix :\né", "latin-1", False,
         "\n"),
        (b"# coding: utf-8-sig\nx", "# coding: utf-8-sig\nx", "utf-8", False, "\n"),
        (b"x = 1\n# coding: latin-1\n\xc3\xa9", "x = 1\n# coding: latin-1\né", "utf-8", False, "\n"),
        (b"\n\n# coding: latin-1\n\xc3\xa9", "\n\n# coding: latin-1\né", "utf-8", False, "\n"),
    ],
)  # fmt: skip
def test_read(tmp_path: Path, data: bytes, text: str, encoding: str, bom: bool, newline: str) -> None:
    found = source(tmp_path / "x.py", data)
    assert found == (at(tmp_path / "x.py"), digest_of(data), text, encoding, bom, newline)


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        ("é\r\nab".encode() + b"\xff", "byte 0xff is not UTF-8: save the file as UTF-8, or declare its encoding", 2, 3),
        (b"\xef\xbb\xbfab\xe9", "byte 0xe9 is not UTF-8", 1, 3),
        (b"# coding: ascii\nab\xe9", "byte 0xe9 is not ascii", 2, 3),
        (b"x = 1\n y\0", "holds a null byte, so Python cannot read it: remove it", 2, 3),
        ("x = 1".encode("utf-16"), "is UTF-16, which Python does not read: save it as UTF-8", 1, 1),
        (b"# coding: klingon\n", "declares an encoding that Python does not know: `klingon`", 1, 1),
        (b"# coding: hex\n", "declares an encoding that Python does not know: `hex`", 1, 1),
        (b"\xef\xbb\xbf# coding: latin-1\n", "begins with a UTF-8 BOM and declares `latin-1`", 1, 1),
        (b"#" * (MAX_BYTES + 1), "is not checked: it has 4.0 MB, and trueup reads up to 4 MB", 1, 1),
        (b"#" * 10 * 2**20, "is not checked: it has 10.0 MB, and trueup reads up to 4 MB", 1, 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_source_that_is_none(tmp_path: Path, data: bytes, message: str, line: int, column: int) -> None:
    found = problem(tmp_path / "x.py", data)
    assert found.message.startswith(message)
    assert (found.path, found.kind, found.line, found.column) == ("x.py", Kind.SOURCE, line, column)
    finding = found.finding()
    assert (finding.code, finding.path, finding.span.line, finding.message) == ("TU000", "x.py", line, found.message)


def test_a_file_that_is_not_there_any_more(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    messages = {name: read(at(tmp_path / name)) for name in ("gone.py", "pipe.py", "folder.py")}
    assert messages == {
        "gone.py": Problem("gone.py", "cannot be read: no such file or directory", Kind.OPERATION),
        "pipe.py": Problem(
            "pipe.py", "is not a regular file; use `-` to check what stdin brings", Kind.OPERATION
        ),
        "folder.py": Problem(
            "folder.py", "is not a regular file; use `-` to check what stdin brings", Kind.OPERATION
        ),
    }  # fmt: skip


def test_a_file_that_must_not_be_read() -> None:
    with without_privileges() as folder:
        make(folder, "x.py")
        (folder / "x.py").chmod(0o200)
        assert read(at(folder / "x.py")) == Problem("x.py", "cannot be read: permission denied", Kind.OPERATION)


# Writing -------------------------------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("data", "new", "written"),
    [
        (b"x\r\n", "y\r\n", b"y\r\n"),
        (b"\xef\xbb\xbfx", "ü", "\ufeffü".encode()),
        (b"# coding: latin-1\n\xe9", "# coding: latin-1\nü\n", b"# coding: latin-1\n\xfc\n"),
        (b"# coding: utf-8-sig\n", "# coding: utf-8-sig\nx", b"# coding: utf-8-sig\nx"),
        (b"x", "", b""),
    ],
)
def test_write_keeps_encoding_and_newlines(tmp_path: Path, data: bytes, new: str, written: bytes) -> None:
    path = tmp_path / "x.py"
    assert write(source(path, data), new) is None
    assert path.read_bytes() == written
    assert names(tmp_path) == ["x.py"]


def test_write_keeps_mode_owner_and_links(tmp_path: Path) -> None:
    make(tmp_path, "real/x.py", "links/none")
    real, link = tmp_path / "real/x.py", tmp_path / "links/y.py"
    link.symlink_to("../real/x.py")
    real.chmod(0o751)
    if os.geteuid() == 0:
        os.chown(real, NOBODY, NOBODY)
    before = real.stat()
    found = read(at(link))
    assert isinstance(found, Source)
    assert write(found, "new") is None
    after = real.stat()
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert stat.S_IMODE(after.st_mode) == 0o751


def test_write_refuses_what_would_lose_something(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    found = source(path, b"# coding: latin-1\nold")
    refused = write(found, "# coding: latin-1\n'→'")
    assert refused == Problem("x.py", "is not changed: latin-1 cannot hold `→`; save it as UTF-8 first", Kind.OPERATION)
    assert write(source(path, b"old"), "\udcff") is not None
    path.chmod(0o444)
    assert write(source_of(path), "new") == Problem("x.py", "is not changed: it is read-only", Kind.OPERATION)
    path.chmod(0o644)
    stale = source_of(path)
    path.write_text("somebody else's")
    refused = write(stale, "new")
    assert refused is not None
    assert refused.message.startswith("is not changed: somebody else has changed it since it was read")
    assert path.read_text() == "somebody else's"
    path.unlink()
    refused = write(stale, "new")
    assert refused is not None
    assert refused.message == "is not changed: no such file or directory"
    assert names(tmp_path) == []


def source_of(path: Path) -> Source:
    found = read(at(path))
    assert isinstance(found, Source)
    return found


def test_two_runs_at_once_write_once(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    first, second = source(path, b"old"), source_of(path)
    assert write(first, "first") is None
    assert write(second, "second") is not None
    assert path.read_text() == "first"


def test_write_into_a_folder_that_is_read_only() -> None:
    with without_privileges() as folder:
        found = source(folder / "x.py", b"old")
        folder.chmod(0o555)
        assert write(found, "new") == Problem("x.py", "is not changed: permission denied", Kind.OPERATION)
        folder.chmod(0o755)
        assert (folder / "x.py").read_text() == "old"


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    found = source(path, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # as a disk that is full after 1000 bytes
    try:
        refused = write(found, "#" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert refused == Problem("x.py", "is not changed: file too large", Kind.OPERATION)
    assert names(tmp_path) == ["x.py"]
    assert path.read_text() == "old"


_KILLED = """
import resource, signal, sys
from trueup.files import SourceFile, read, write
found = read(SourceFile("x.py", sys.argv[1], "x"))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # the kernel ends the process at byte 1000 of the new file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
write(found, "#" * 5000)
"""


def test_a_kill_in_mid_write_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", _KILLED, path], check=False)
    assert done.returncode == -signal.SIGXFSZ
    assert path.read_text() == "old"
    (remains,) = (name for name in names(tmp_path) if name != "x.py")
    assert remains.endswith(TEMPORARY)
    assert (tmp_path / remains).stat().st_size == 1000
    assert shown(found(tmp_path)) == "x.py"
    assert write(source_of(path), "new") is None
    assert path.read_text() == "new"
