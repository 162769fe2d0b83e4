"""Rows of photographs as training strips: what the label says stands where it was read."""

import numpy as np
import pytest

from models.plates.strips import HEIGHT, MOST_WIDE
from models.training.photo_strips import LabelledRow, cut_anew, labelled_line, strip_of
from pipelines.glyphs import GLYPHS
from pipelines.types import LineProposal, Position

QUAD = ((10.0, 20.0), (250.0, 20.0), (250.0, 68.0), (10.0, 68.0))


def line_reading(text: str) -> LineProposal:
    return LineProposal(text, text, 0, QUAD, tuple(Position((), QUAD, "proposed") for _ in text))


@pytest.mark.parametrize(
    "read, labels, expected",
    [
        ("195-30-1285", ["195301285", "2660"], "195-30-1285"),
        ("196-30-1285", ["195301285", "2660"], "195-30-1285"),
        ("2680", ["195301285", "2660"], "2660"),
        ("1111", ["195301285", "2660"], None),
        ("266", ["2660"], None),
        ("2660", [], None),
    ],
)
def test_a_row_gets_the_label_that_fits_and_keeps_its_separators(read, labels, expected):
    assert labelled_line(line_reading(read), labels) == expected


def row_with_dark_bars() -> LabelledRow:
    pixels = np.full((96, 280), 0.8, np.float32)
    middles = [40.0, 130.0, 220.0]
    for x in middles:
        pixels[22:66, int(x) - 3 : int(x) + 4] = 0.1
    return LabelledRow(pixels, QUAD, np.array([(x, 44.0) for x in middles]), "1/I")


def test_characters_stand_where_the_strip_says():
    rng = np.random.default_rng(0)
    for _ in range(20):
        strip = strip_of(row_with_dark_bars(), rng)
        assert strip is not None and strip.pixels.shape[1] == HEIGHT and strip.pixels.shape[2] <= MOST_WIDE
        assert [GLYPHS[i] for i in strip.classes] == ["1", "/", "I"]
        dark = strip.pixels[0].min(axis=0) < 120
        assert dark.mean() < 0.4 and strip.counted.any()
        assert all(dark[int(middle)] for middle in strip.middles[strip.counted])


def test_rows_that_cannot_be_a_strip_are_passed_over():
    wide = LabelledRow(
        np.zeros((96, 8000), np.float32), ((0, 20), (7000, 20), (7000, 68), (0, 68)), np.zeros((1, 2)), "1"
    )
    strips = cut_anew([wide, row_with_dark_bars()], np.random.default_rng(0))
    assert all(len(next(strips).classes) == 3 for _ in range(5))
