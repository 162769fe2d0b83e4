"""Strips for training: what is rendered, what is said of it, and how it is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.plates import fonts
from models.plates.draw import CYRILLIC_ALPHABET
from models.plates.strips import HEIGHT, StripSeries, strip_series, strip_spec, strip_text
from models.plates.typefaces import (
    FIELD_MARGIN,
    FIELD_SCALE,
    distance_field,
    extent,
    faces,
    glyphs,
    is_cut,
    random_face,
    stroke_width,
    unseen_faces,
)
from models.training import shards
from models.training.examples import COLUMN, IGNORED, column_classes, example
from pipelines.glyphs import CYRILLIC, GLYPHS, LATIN

FIELDS = ("pixels", "classes", "middles", "widths", "visibility", "counted")


def same(one: StripSeries, other: StripSeries) -> bool:
    alike = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in FIELDS)
    return alike and (one.tier, one.method) == (other.tier, other.method)


def test_the_same_seed_gives_the_same_bytes():
    assert same(strip_series(7), strip_series(7))
    assert not np.array_equal(strip_series(7).pixels, strip_series(8).pixels)


@pytest.mark.parametrize("seed", range(40, 60))
def test_what_is_said_of_a_strip_lies_in_it(seed):
    spec, row = strip_spec(seed)
    series = strip_series(seed)
    assert series.pixels.dtype == np.uint8 and series.pixels.shape[1] == HEIGHT
    assert len(series.classes) == len(spec.lines[row].replace(" ", ""))
    assert "".join(GLYPHS[i] for i in series.classes) == spec.lines[row].replace(" ", "")
    assert (np.diff(series.middles) > 0).mean() > 0.8 if len(series.classes) > 4 else True
    inside = series.middles[series.counted]
    assert ((inside > 0) & (inside < series.pixels.shape[2])).all()


def test_intact_strokes_stand_out_where_the_truth_says():
    """In rows between the characters the picture varies less than on them."""
    on, between = [], []
    for seed in range(200, 260):
        if strip_spec(seed)[0].tier != "intact":
            continue
        series = strip_series(seed)
        if len(series.classes) < 3:
            continue
        frame = series.pixels[0].astype(float)
        busy = np.abs(np.diff(frame, axis=1)).mean(axis=0)
        for middle, width in zip(series.middles, series.widths, strict=True):
            low, high = int(max(middle - width / 2, 0)), int(min(middle + width / 2, busy.size))
            on += list(busy[low:high])
        marked = np.zeros(busy.size, bool)
        for middle, width in zip(series.middles, series.widths, strict=True):
            marked[int(max(middle - 0.7 * width, 0)) : int(middle + 0.7 * width) + 1] = True
        between += list(busy[~marked])
    assert len(on) > 500 and np.mean(on) > 1.15 * np.mean(between)


def test_a_shard_keeps_series_as_they_were(tmp_path):
    made = [strip_series(seed) for seed in (1, 2, 3, 4)]
    shards.write(tmp_path / "0.npz", made)
    assert all(same(one, other) for one, other in zip(shards.read(tmp_path / "0.npz"), made, strict=True))


@pytest.mark.parametrize("face", [face for face in faces() if not is_cut(face)])
def test_every_face_draws_every_glyph(face):
    for glyph, strokes in glyphs(face).items():
        left, top, right, bottom = extent(strokes)
        assert right - left < 1.7 and top > -0.6 and bottom < 1.6, glyph
        assert glyph in "-.I1/" or right - left > 0.1, glyph


@pytest.mark.skipif(not fonts.installed(), reason="none of the fonts is here")
def test_thinned_fonts_keep_their_holes_and_ends():
    """An 8 stays one piece with two loops: no end is free; an L has two ends."""
    ends = {}
    for glyph in "8L":
        points = [
            tuple(np.round(end, 2)) for line in fonts.strokes("sans", glyph) for end in (line[0], line[-1])
        ]
        ends[glyph] = sum(points.count(point) == 1 for point in points)
    assert ends == {"8": 0, "L": 2}


@pytest.mark.skipif(not fonts.installed(), reason="none of the fonts is here")
def test_a_face_that_is_cut_is_as_thick_and_as_thin_as_its_font():
    """A groove as wide as the font's plain strokes covers what the font's ink covers."""
    font = next(iter(fonts.installed()))
    face = font + fonts.CUT
    for glyph in "8LW5":
        field, _, _ = distance_field(face, glyph)
        groove = field < stroke_width(face) / 2
        ink = fonts.solid(font, glyph, 1 / FIELD_SCALE, FIELD_MARGIN).depth > 0
        assert groove.shape == ink.shape and np.mean(groove != ink) < 0.01, glyph
        assert field.min() == 0


@pytest.mark.skipif(not fonts.installed(), reason="none of the fonts is here")
def test_no_reader_is_trained_on_the_fonts_kept_back():
    assert not set(fonts.FILES.values()) & set(fonts.HELD_OUT.values())
    assert not {random_face(np.random.default_rng(seed)) for seed in range(300)} & set(unseen_faces())


def test_a_row_is_in_one_script():
    """No row mixes letters that only Latin has with letters that only Cyrillic has."""
    only_latin = set(LATIN) - set(CYRILLIC_ALPHABET)
    rows = [set(strip_text(np.random.default_rng(seed))) for seed in range(400)]
    assert not [row for row in rows if row & only_latin and row & set(CYRILLIC)]
    assert any(row & only_latin for row in rows) and any(row & set(CYRILLIC) for row in rows)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_an_example_says_at_most_one_class_for_a_character(seed):
    series = strip_series(seed % 50)
    seen = example(series, np.random.default_rng(seed))
    assert seen.pixels.dtype == np.float32 and np.abs(seen.pixels).max() <= 4
    assert len(seen.columns) * COLUMN == seen.pixels.shape[-1]
    assert (seen.columns > 0).sum() <= len(series.classes)
    if seen.string is not None:
        assert sorted(seen.string) == sorted(series.classes + 1)


def test_columns_name_the_class_at_the_middle_and_nothing_far_away():
    target = column_classes(np.array([22.0, 62.0]), np.array([3, 5]), np.array([True, False]), 24)
    assert target[5] == 4 and (target > 0).sum() == 1
    assert target[15] == IGNORED and target[4] == IGNORED
    assert target[0] == 0 and target[10] == 0 and target[23] == 0
    assert (column_classes(np.zeros(0), np.zeros(0, int), np.zeros(0, bool), 8) == 0).all()
