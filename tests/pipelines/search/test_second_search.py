"""Bands tried in the framed view: geometry without a reader."""

import numpy as np

from pipelines.glyphs import GLYPHS
from pipelines.reading.decode import string_of
from pipelines.reading.pooling import PooledLine
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.search.hypotheses import Hypothesis
from pipelines.search.second_search import EXTENSION, TIGHTER, longer, promising, tighter
from pipelines.search.sheets import Panel, searched_forms, sheet
from pipelines.strip import overlap, sides
from pipelines.types import as_quad


def hypothesis(x: float, y: float, width: float, height: float, support: float) -> Hypothesis:
    string = string_of("8")
    table = np.zeros((1, len(GLYPHS) + 1))
    line = PooledLine(string, table, {0: table}, np.zeros(1), ((0.0, 1.0),), {})
    quad = as_quad([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    return Hypothesis(quad, line, support)


def test_tighter_bands_keep_their_middle_and_their_length():
    band = hypothesis(10, 20, 200, 60, 2.0)
    found = tighter([band], 0.5)
    assert [round(sides(quad)[1] / 60, 3) for quad in found] == list(TIGHTER)
    for quad in found:
        assert np.allclose(np.mean(quad, axis=0), np.mean(band.quad, axis=0))
        assert sides(quad)[0] == 200


def test_only_likely_bands_are_made_tighter_or_longer():
    weak, strong, inside = (
        hypothesis(0, 0, 90, 30, 0.2),
        hypothesis(0, 100, 90, 30, 3.0),
        hypothesis(5, 102, 80, 26, 1.0),
    )
    less_high = tighter([weak, strong, inside], 0.5)
    assert len(less_high) == len(TIGHTER)
    assert all(overlap(quad, strong.quad) > 0.9 for quad in less_high)
    every = longer(Panel(GeneralReader(), MarksReader()), [weak, strong, inside], 0.5)
    assert sorted(sides(quad)[0] for quad in every) == [90 + ends * EXTENSION * 30 for ends in (1, 1, 2)]
    assert longer(Panel(None, MarksReader()), [weak, strong, inside], 0.5) == every[2:]
    assert all(overlap(quad, strong.quad) > 0.99 for quad in every)


def test_only_where_our_own_reader_is_alone_is_a_photograph_looked_at_levelled_only():
    page = sheet(0, np.random.default_rng(1).random((40, 60, 3), np.float32))
    (alone,) = searched_forms(Panel(None, MarksReader()), page)
    assert alone is page.levelled
    for panel in (Panel(GeneralReader(), None), Panel(GeneralReader(), MarksReader())):
        plain, levelled = searched_forms(panel, page)
        assert plain is page.plain and levelled is page.levelled


def test_at_most_one_better_band_over_the_same_place_is_read_in_full():
    same = [hypothesis(0, 0, 100, 30, support) for support in (3.0, 2.0, 1.0)]
    apart = hypothesis(0, 200, 100, 30, 0.6)
    assert promising([*same, apart], 0.5) == [same[0].quad, same[1].quad, apart.quad]
