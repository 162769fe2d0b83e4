"""The drawing of the house and the page about it, held against the imports."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def draw() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_architecture", ROOT / "docs" / "draw_architecture.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_drawing_shows_the_imports_of_today(draw):
    committed = (ROOT / "docs" / "architecture.svg").read_text("utf-8")
    assert committed == draw.drawing(), "run: python docs/draw_architecture.py"


def test_every_package_is_in_the_drawing(draw):
    committed = (ROOT / "docs" / "architecture.svg").read_text("utf-8")
    boxes = set(re.findall(r'<rect id="([\w.]+)"', committed))
    packages = {
        f"{wing}.{path.parent.name}" for wing in draw.WINGS for path in (ROOT / wing).glob("*/__init__.py")
    }
    assert packages and packages <= boxes


def test_a_chain_of_arrows_stands_for_the_arrow_that_it_says(draw):
    arrows = {"a": {"b", "c"}, "b": {"c"}, "c": set()}
    assert draw.shortest(arrows) == {"a": {"b"}, "b": {"c"}, "c": set()}
    assert draw.floors(arrows) == [["c"], ["b"], ["a"]]


def test_a_circle_of_imports_is_refused(draw):
    with pytest.raises(ValueError, match="circle: a, b"):
        draw.floors({"a": {"b"}, "b": {"a"}, "c": set()})


def test_imports_inside_functions_count(draw, tmp_path):
    for name, text in {
        "pipelines/upper.py": "def f():\n    from pipelines import lower\n",
        "pipelines/lower.py": '"""Low."""\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert draw.graph(tmp_path) == {"pipelines.upper": {"pipelines.lower"}, "pipelines.lower": set()}


def test_every_path_that_the_page_names_is_there():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`((?:examiner|pipelines|models|tests|docs)/[\w/.]*)`", text))
    assert len(named) > 20
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
