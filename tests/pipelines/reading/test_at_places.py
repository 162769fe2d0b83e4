"""Evidence at places that a person marked, on columns made by hand."""

from typing import Any

import numpy as np
import pytest

from pipelines.glyphs import GLYPHS
from pipelines.reading.at_places import line_at_places
from pipelines.reading.pooling import Slice

CLASSES = len(GLYPHS) + 1
THIRDS = ((0.0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1.0))


def columns(*seen: tuple[int, str, float], count: int = 12) -> np.ndarray:
    """(count, C) log-probabilities: nothing everywhere but at (column, glyph, probability)."""
    ps = np.full((count, CLASSES), 1e-4)
    for column, glyph, p in seen:
        ps[column, GLYPHS.index(glyph) + 1] = p
    ps[:, 0] = 1 - ps[:, 1:].sum(axis=1)
    return np.log(ps).astype(np.float32)


def slice_of(evidence: np.ndarray, photo: int | None = None, **options) -> Slice:
    count = len(evidence)
    centres = ((np.arange(count) + 0.5) / count).astype(np.float32)
    values: dict[str, Any] = {
        "weight": 1.0,
        "start": 0.0,
        "end": 1.0,
        "votes": True,
        "reader": "marks",
    } | options
    return Slice(evidence, np.zeros(count, np.float32), centres, photo, form="", height=4.0, **values)


def test_each_place_is_read_by_itself():
    line = line_at_places([slice_of(columns((1, "A", 0.9), (10, "7", 0.8)))], THIRDS)
    assert line.text[0] == "A" and line.text[2] == "7"
    assert line.table[:, 0].argmax() == 1
    assert (line.table.argmax(axis=1) == 0).tolist() == [False, True, False]
    assert line.cells == THIRDS
    assert line.by_reader == {"marks": "A7"}


def test_the_likelihood_of_a_glyph_is_the_sum_over_all_ways_to_lie_in_the_place():
    evidence = columns((1, "A", 0.5), (2, "A", 0.25))
    line = line_at_places([slice_of(evidence)], [(0.0, 1 / 3)])
    glyph, none = np.exp(evidence.astype(float))[:4, [GLYPHS.index("A") + 1, 0]].T
    runs = [(first, last) for first in range(4) for last in range(first, 4)]
    ways = [none[:a].prod() * glyph[a : b + 1].prod() * none[b + 1 :].prod() for a, b in runs]
    assert line.table[0, GLYPHS.index("A") + 1] == pytest.approx(np.log(sum(ways)), abs=1e-5)
    assert line.table[0, 0] == pytest.approx(np.log(none.prod()), abs=1e-5)


def test_a_slice_that_is_cut_wider_than_the_band_is_laid_where_it_lies():
    wide = slice_of(columns((4, "B", 0.9)), start=-0.5, end=1.5)
    line = line_at_places([wide], [(0.0, 0.5), (0.5, 1.0)])
    assert line.text[0] == "B" and line.table[1].argmax() == 0


def test_the_order_of_slices_changes_nothing():
    rng = np.random.default_rng(3)
    slices = [
        slice_of(np.log(rng.dirichlet(np.ones(CLASSES), 12)).astype(np.float32), photo, weight=0.3)
        for photo in (0, 1, 2)
    ]
    one, other = line_at_places(slices, THIRDS), line_at_places(slices[::-1], THIRDS)
    assert np.array_equal(one.table, other.table) and one.string == other.string
    assert all(np.array_equal(one.by_photo[photo], other.by_photo[photo]) for photo in (0, 1, 2))


def test_a_photograph_that_sees_nothing_takes_little_away():
    clear, empty = slice_of(columns((5, "K", 0.95)), 0), slice_of(columns(), 1)
    line = line_at_places([clear, empty], [(1 / 3, 2 / 3)])
    alone = line_at_places([empty], [(1 / 3, 2 / 3)])
    assert alone.table[0].argmax() == 0
    assert line.by_photo[0][0].argmax() == GLYPHS.index("K") + 1


def test_a_place_narrower_than_a_column_has_the_nearest_one():
    line = line_at_places([slice_of(columns((6, "M", 0.9)))], [(0.53, 0.54)])
    assert line.text == "M"


def test_without_places_or_votes_nothing_is_said():
    with pytest.raises(ValueError, match="0 places"):
        line_at_places([slice_of(columns())], [])
    with pytest.raises(ValueError, match="0 slices that vote"):
        line_at_places([slice_of(columns(), votes=False)], THIRDS)
