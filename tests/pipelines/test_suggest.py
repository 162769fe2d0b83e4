"""Suggestions: ranked by how sure readers are, the same each time, and hidden until the lock."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from pipelines.enhance.recipe import make_recipe
from pipelines.glyphs import GLYPHS
from pipelines.search.sheets import Panel
from pipelines.suggest import suggestions
from pipelines.types import Evidence, Image, as_quad

COLUMNS = 30


class ContrastReader:
    """Sees two characters, the surer the more the strip's brightness varies."""

    name = "contrast"

    def read(self, slices: list[npt.NDArray[np.float32]]) -> list[Evidence]:
        return [self._evidence(piece) for piece in slices]

    def _evidence(self, piece: npt.NDArray[np.float32]) -> Evidence:
        sure = float(np.clip(0.5 + 3 * piece.std(), 0.5, 0.95))
        p = np.full((COLUMNS, len(GLYPHS) + 1), 1e-4)
        p[:, 0] = 1
        for column, glyph in ((8, "7"), (22, "4")):
            p[column, GLYPHS.index(glyph) + 1] = sure
            p[column, GLYPHS.index("1") + 1] = (1 - sure) / 4
            p[column, 0] = 3 * (1 - sure) / 4
        p /= p.sum(axis=1, keepdims=True)
        centres = ((np.arange(COLUMNS) + 0.5) / COLUMNS).astype(np.float32)
        logs = np.log(p).astype(np.float32)[None]
        return Evidence(self.name, logs, centres, np.zeros((1, COLUMNS), np.float32))


class BlindReader(ContrastReader):
    def _evidence(self, piece: npt.NDArray[np.float32]) -> Evidence:
        seen = super()._evidence(piece)
        logs = np.full_like(seen.log_probs, np.log(1e-6))
        logs[..., 0] = 0
        return Evidence(self.name, logs, seen.columns, seen.outside)


RECIPES = {
    "fainter": make_recipe("fainter", "f", "f.", [("gamma", {"value": 3.0})]),
    "clearer": make_recipe("clearer", "c", "c.", [("levels", {"black": 0.4, "white": 0.6})]),
    "nothing": make_recipe("nothing", "n", "n.", []),
    "turned": make_recipe("turned", "t", "t.", [("rotate", {"degrees": 90.0})]),
}
BAND = as_quad([(60, 40), (240, 40), (240, 80), (60, 80)])


@pytest.fixture
def image() -> Image:
    marks = np.zeros((120, 300), np.uint8)
    cv2.putText(marks, "74", (80, 75), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 255, 4)
    return (0.5 - 0.08 * marks / 255).astype(np.float32)


def ranked(image: Image, names: Sequence[str]) -> list[str]:
    panel = Panel(ContrastReader(), None)
    return [one.recipe for one in suggestions(image, BAND, {name: RECIPES[name] for name in names}, panel)]


def test_the_recipe_that_makes_readers_surest_comes_first_whatever_the_order(image: Image) -> None:
    assert ranked(image, ["fainter", "nothing", "clearer"]) == ["clearer", "nothing", "fainter"]
    assert ranked(image, ["clearer", "fainter", "nothing"]) == ["clearer", "nothing", "fainter"]


def test_it_says_why_without_naming_a_character(image: Image) -> None:
    best, plain = suggestions(
        image, BAND, {n: RECIPES[n] for n in ("clearer", "nothing")}, Panel(ContrastReader(), None)
    )
    assert best.rise > 0.1 and plain.rise == pytest.approx(0, abs=1e-12)
    assert best.why.startswith("of 2 positions 2 are read more surely and 0 less surely")
    assert [(one.before, one.after) for one in best.positions] == [("7", "7"), ("4", "4")]
    assert all(one.p_after > one.p_before for one in best.positions)


def test_the_band_follows_where_a_recipe_moves_the_pixels(image: Image) -> None:
    (turned,) = suggestions(image, BAND, {"turned": RECIPES["turned"]}, Panel(ContrastReader(), None))
    assert abs(turned.rise) < 0.05


def test_where_readers_see_nothing_nothing_is_suggested(image: Image) -> None:
    assert suggestions(image, BAND, RECIPES, Panel(BlindReader(), None)) == ()
