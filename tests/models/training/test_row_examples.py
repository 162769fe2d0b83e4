"""What the locator is taught: cores that grow back to the rows they were made of."""

import cv2
import numpy as np
import pytest

from models.plates.pictures import SIZE, Picture, pictures
from models.training import shards
from models.training.row_examples import CELL, SIDE, cells_of, seen_anew
from pipelines.search.locators.general import Heat, bands_in
from pipelines.search.locators.rows import GROWTH
from pipelines.strip import overlap
from pipelines.types import as_quad

CENTRED = np.array([[1.0, 0.0, (SIDE - SIZE[0]) / 2], [0.0, 1.0, (SIDE - SIZE[1]) / 2]])


def picture_with(rows, seen=0.8) -> Picture:
    corners = np.array(rows, np.float64).reshape(-1, 4, 2)
    return Picture(np.full(SIZE[::-1], 128, np.uint8), corners, np.full(len(corners), seen))


def box(x0, y0, x1, y1):
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


@pytest.mark.parametrize("height, length", [(16, 80), (24, 60), (40, 180), (30, 30)])
def test_a_core_grows_back_to_its_row(height, length):
    row = box(128 - length / 2, 96 - height / 2, 128 + length / 2, 96 + height / 2)
    cells = cells_of(picture_with([row]), CENTRED)
    fine = cv2.resize(np.maximum(cells, 0), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    (band,) = bands_in(Heat(fine, np.ones(2), GROWTH))
    moved = as_quad(np.array(row) + CENTRED[:, 2])
    area = cv2.contourArea(np.array(moved, np.float32))
    grown = cv2.contourArea(np.array(band.quad, np.float32))
    assert overlap(moved, band.quad) > 0.85
    assert 0.8 * area < grown < 1.75 * area


def test_what_cannot_be_seen_is_not_judged_and_bare_metal_is():
    row = box(60, 80, 190, 110)
    faint, clear = (cells_of(picture_with([row], seen), CENTRED) for seen in (0.05, 0.6))
    assert (faint != 1).all() and (faint[SIDE // 2 // CELL] == -1).any()
    assert (clear == 1).sum() > 50
    assert (cells_of(picture_with([]), CENTRED) == 1).sum() == 0
    # The picture is lower than what is cut out: its reflected border says nothing.
    assert (clear[0] == -1).all() and clear[SIDE // 2 // CELL, 8] == 0


def test_examples_are_fixed_by_their_seed_and_level():
    picture = pictures(3_900_001)[0]
    first, second = (seen_anew(picture, np.random.default_rng(5)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert first[0].shape == (SIDE, SIDE) and abs(float(first[0].mean())) < 0.5


def test_a_shard_gives_back_what_was_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "PLATES", 3)
    path = shards.make_pictures(tmp_path, 2)
    seeds = range(shards.FIRST_PICTURE_SEED + 6, shards.FIRST_PICTURE_SEED + 9)
    drawn = [picture for seed in seeds for picture in pictures(seed)]
    held = shards.read_pictures(path)
    assert len(held) == len(drawn)
    for one, other in zip(held, drawn, strict=True):
        assert np.array_equal(one.pixels, other.pixels) and np.array_equal(one.rows, other.rows)
    assert all(((one.seen >= 0) & (one.seen <= 1)).all() for one in held)
