"""Directions, choices and frames: geometry and weighing without a reader."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.glyphs import GLYPHS
from pipelines.reading.decode import string_of
from pipelines.reading.pooling import PooledLine
from pipelines.search.hypotheses import (
    Hypothesis,
    along,
    chosen,
    directions,
    distinct,
    frame_round,
    main_direction,
    support_of,
    trimmed,
)
from pipelines.search.sheets import levelled
from pipelines.strip import overlap, sides
from pipelines.types import as_quad


def box(x: float, y: float, width: float, height: float):
    return as_quad([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def line(text: str, p: float = 0.99, cells=None) -> PooledLine:
    string = string_of(text)
    table = np.full((len(text), len(GLYPHS) + 1), np.log((1 - p) / len(GLYPHS)))
    table[np.arange(len(text)), string] = np.log(p)
    count = max(1, len(text))
    cells = cells or tuple((i / count, (i + 1) / count) for i in range(len(text)))
    return PooledLine(string, table, {0: table}, np.zeros(len(text)), cells, {})


def weighed(quad, text: str, p: float = 0.99) -> Hypothesis:
    return Hypothesis(quad, line(text, p), support_of(line(text, p)))


def test_a_long_band_may_be_read_both_ways_and_a_short_one_in_four():
    assert len(directions(box(0, 0, 200, 40), None)) == 2
    assert len(directions(box(0, 0, 60, 40), None)) == 4
    assert len({tuple(np.round(along(q), 6)) for q in directions(box(0, 0, 60, 40), None)}) == 4


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_known_direction_leaves_one_way(degrees):
    wanted = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    (only,) = directions(box(0, 0, 100, 40), wanted)
    assert along(only) @ wanted == pytest.approx(1.0)


def test_sure_characters_support_a_line_and_doubtful_ones_speak_against_it():
    assert support_of(line("4827")) > support_of(line("48"))
    assert support_of(line("4827", 0.2)) < 0
    assert support_of(line("")) == 0.0


def test_signs_outside_the_glyph_classes_speak_against_a_line():
    sure = line("4827")
    assert support_of(replace(sure, outside=np.full(4, 0.9))) < 0 < support_of(sure)


def test_the_best_of_overlapping_hypotheses_is_chosen():
    whole, piece, other = weighed(box(0, 0, 200, 40), "482716"), weighed(box(0, 0, 90, 40), "482"), None
    other = weighed(box(0, 100, 200, 40), "77")
    assert chosen([piece, other, whole], 0.5) == [whole, other]
    assert chosen([weighed(box(0, 0, 40, 40), "1", 0.5)], 0.5) == []


def test_the_main_direction_is_where_the_evidence_is():
    upside_down = Hypothesis(as_quad(np.roll(box(0, 0, 100, 30), 2, axis=0)), line("66"), 1.0)
    upright = [weighed(box(0, 50, 100, 30), "4827"), weighed(box(0, 90, 100, 30), "19")]
    direction = main_direction([upside_down, *upright])
    assert direction is not None and direction @ [1, 0] == pytest.approx(1.0)
    assert main_direction([]) is None


def test_nearly_the_same_band_counts_once():
    assert len(distinct([box(0, 0, 100, 30), box(1, 1, 100, 30), box(0, 60, 100, 30)])) == 2


def test_a_frame_holds_all_lines():
    quads = [box(10, 10, 100, 30), box(30, 60, 150, 30)]
    frame = frame_round(quads, np.array([1.0, 0.0]), margin=1.0)
    assert all(overlap(frame, quad) == pytest.approx(1.0, abs=1e-4) for quad in quads)
    assert sides(frame) == (pytest.approx(170 + 60), pytest.approx(80 + 60))


def test_trimming_ends_a_band_where_its_characters_end():
    loose = Hypothesis(box(0, 0, 100, 20), line("48", cells=((0.25, 0.5), (0.5, 0.75))), 1.0)
    tight = trimmed(loose)
    assert np.allclose(tight.quad, box(25, 0, 50, 20))
    assert np.allclose(tight.line.cells, ((0.0, 0.5), (0.5, 1.0)))


def test_levelling_takes_out_slow_light_and_keeps_polarity():
    ramp = np.linspace(0.2, 0.8, 600, dtype=np.float32)[None, :].repeat(400, axis=0)
    struck = ramp.copy()
    struck[190:210, 280:320] -= 0.15
    flat = levelled(struck)
    assert flat.dtype == np.float32 and flat.min() >= 0 and flat.max() <= 1
    assert abs(flat[50:350, 60:120].mean() - flat[50:350, 480:540].mean()) < 0.05
    assert flat[200, 300] < flat[200, 200] - 0.1
    assert levelled(1 - struck)[200, 300] > levelled(1 - struck)[200, 200] + 0.1


def test_levelling_a_picture_without_anything_gives_grey():
    assert np.allclose(levelled(np.full((50, 70), 0.3, np.float32)), 0.5, atol=1e-3)
    assert levelled(np.full((1, 1), 0.3, np.float32)).shape == (1, 1)
