"""Rows of foreign plates as strips: characters stand where the truth says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from models.foreign.plates import ForeignPlate, foreign_plate
from models.training.foreign_strips import bare_strip, row_strip
from pipelines.glyphs import GLYPHS


@cache
def plate() -> ForeignPlate:
    return foreign_plate(400_908, "worn", photographs=2)


def test_each_character_stands_in_every_photograph_where_its_middle_says():
    spots = []
    for photograph, quads in zip(plate().photographs, plate().quads, strict=True):
        canvas = np.zeros_like(photograph)
        for quad in quads:
            size = np.linalg.norm(quad[3] - quad[0])
            cv2.circle(canvas, np.rint(quad.mean(axis=0)).astype(int).tolist(), int(size / 8), (255,) * 3, -1)
        spots.append(canvas)
    strip = row_strip(replace(plate(), photographs=tuple(spots)), np.random.default_rng(1))
    assert strip is not None and strip.pixels.shape[:2] == (2, 48)
    assert [GLYPHS[i] for i in strip.classes] == list(plate().glyphs)
    for pixels in strip.pixels:
        columns = pixels.max(axis=0) > 100
        starts = np.flatnonzero(np.diff(np.append(False, columns).astype(int)) == 1)
        ends = np.flatnonzero(np.diff(np.append(columns, False).astype(int)) == -1)
        assert np.abs((starts + ends) / 2 - np.sort(strip.middles)).max() < 1.5


def test_what_was_struck_over_is_not_asked():
    struck = replace(plate(), parameters=plate().parameters | {"restruck": {1: "A"}})
    strip = row_strip(struck, np.random.default_rng(1))
    assert strip is not None and np.flatnonzero(~strip.counted).tolist() == [1]


def test_a_bare_piece_has_no_character():
    bare = foreign_plate(400_908, "worn", photographs=1, blank=True)
    strip = next(s for seed in range(20) if (s := bare_strip(bare, np.random.default_rng(seed))) is not None)
    assert not len(strip.classes) and strip.pixels.shape[:2] == (1, 48)


def test_a_plate_of_two_rows_is_left_out():
    assert row_strip(replace(plate(), text=("A", "B")), np.random.default_rng(1)) is None
