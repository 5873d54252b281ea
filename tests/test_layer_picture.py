"""The drawn layers: what stands in the picture, that nothing can break out of it, and that it stays small enough."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from trueup.cli.app import run
from trueup.layer_map import Arrow, LayerMap
from trueup.report.layer_groups import MOST, picture
from trueup.report.layer_picture import page

EVIL = '<script>"&\x1b\u2028.py'


def drawn(found: LayerMap, modules_of: dict[str, str] | None = None) -> str:
    return "".join(page(found, lambda path: path, "shop & co", modules_of or {}))


def a_map(*arrows: Arrow) -> tuple[LayerMap, dict[str, str]]:
    modules = {"app.api.users": "router", "app.services.users": "service", "app.repos.users": "repository"}
    files = {f"{name.replace('.', '/')}.py": name for name in modules}
    return LayerMap({path: modules[name] for path, name in files.items()}, modules, arrows), files


DOWN = Arrow("app/api/users.py", 3, "router", "service", "app.services.users")
UP = Arrow("app/repos/users.py", 7, "repository", "service", "app.services.users")


def svg(text: str) -> ET.Element:
    """The drawing, read as XML."""
    match = re.search(r"<svg viewBox.*</svg>(?=</div>)", text, re.DOTALL)
    assert match is not None
    return ET.fromstring(match[0])


def test_forbidden_arrows_stand_out_and_are_listed() -> None:
    text = drawn(*a_map(DOWN, UP))
    kinds = [path.get("class") for path in svg(text).iter("path") if "arrow" in path.get("class", "")]
    assert kinds == ["arrow down", "arrow up"]
    assert "1 import goes upwards." in text
    assert "<code>app/repos/users.py:7</code>" in text
    assert ">services.users<" in text  # what all names begin with is said once
    assert "names without <code>app.</code>" in text
    fine = drawn(*a_map(DOWN))
    assert "No import goes upwards." in fine
    assert "Imports that go upwards" not in fine


def test_the_page_needs_nothing_else_and_has_both_schemes() -> None:
    text = drawn(*a_map(DOWN, UP))
    assert not re.search(r"(?:src|href)=|url\((?!#)|@import|https?://", text)
    assert "prefers-color-scheme: dark" in text
    assert text == drawn(*a_map(DOWN, UP))


def test_nothing_breaks_out_of_it() -> None:
    layers = {EVIL: "router", "b.py": "service"}
    modules = {"<b>.x": "router", "b": "service"}
    arrow = Arrow("b.py", 1, "service", "router", "<b>.x")
    text = drawn(LayerMap(layers, modules, (arrow,)), {EVIL: "<b>.x", "b.py": "b"})
    assert text.count("<script>") == 1
    assert "<b>" not in text
    assert "\x1b" not in text
    assert "shop &amp; co" in text
    assert svg(text) is not None


def test_large_projects_are_drawn_by_package() -> None:
    modules = {
        f"app.{feature}.{layer}.m{number}": layer
        for feature in ("auth", "orders", "users", "billing", "search")
        for layer in ("router", "service", "repository", "model")
        for number in range(15)
    }
    files = {f"{name}.py": name for name in modules}
    arrows = [
        Arrow(f"{name}.py", 1, "router", "service", name.replace(".router.", ".service."))
        for name in modules
        if modules[name] == "router"
    ]
    found = LayerMap({path: modules[name] for path, name in files.items()}, modules, tuple(arrows))
    made = picture(found, files)
    assert [(box.layer, box.name, len(box.modules)) for box in made.boxes if "auth" in box.name] == [
        (layer, f"app.auth.{layer}", 15) for layer in ("router", "service", "repository", "model")
    ]
    assert sorted(module for box in made.boxes for module in box.modules) == sorted(modules)
    assert [len(one.arrows) for one in made.bundles] == [15] * 5
    flat = {f"app.service.m{number:02}": "service" for number in range(40)} | {"app.x": "service"}
    few = picture(LayerMap({}, flat, ()), {})
    assert [(box.name, len(box.modules)) for box in few.boxes] == [("app.service", 40), ("app.x", 1)]
    assert len(few.boxes) <= MOST


def test_no_layers_make_no_drawing() -> None:
    text = drawn(LayerMap({"a.py": "other"}, {"a": "other"}, ()))
    assert "<svg" not in text
    assert "0 files in layers, 1 beside them" in text


def test_the_command_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "user_service.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    assert run(["layers", "--no-cache", "-o", "layers.html"]) == 0
    assert capsys.readouterr().out == ""
    text = (tmp_path / "layers.html").read_text("utf-8")
    assert run(["layers", "--no-cache", "--emit", "html"]) == 0
    assert capsys.readouterr().out == text
    assert text.startswith("<!doctype html>")
    assert run(["layers", "--no-cache", "-o", "layers.txt"]) == 0
    assert (tmp_path / "layers.txt").read_text("utf-8").startswith("service (1)")
    assert run(["layers", "--no-cache", "-o", "no/where.html"]) == 2
