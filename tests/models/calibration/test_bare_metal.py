"""Pieces without a marking: away from the region, always the same ones."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.calibration.bare_metal import bare_pieces
from models.labelled import Labelled

MARKED = (300, 200, 500, 300)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(1).integers(0, 200, (480, 640), np.uint8)
    pixels[MARKED[1] : MARKED[3], MARKED[0] : MARKED[2]] = 255
    Image.fromarray(pixels).save(tmp_path / "part.png")
    return tmp_path


def row(region=MARKED):
    return Labelled("part.png", "A1", "A1", region, None)


def test_pieces_keep_away_from_the_marking(folder):
    pieces = bare_pieces(folder, row())
    assert len(pieces) == 2
    assert all(piece.max() < 255 and min(piece.shape[:2]) > 80 for piece in pieces)


def test_they_are_always_the_same(folder):
    for one, again in zip(bare_pieces(folder, row()), bare_pieces(folder, row()), strict=True):
        assert np.array_equal(one, again)


def test_a_marking_that_fills_the_photograph_leaves_none(folder):
    assert bare_pieces(folder, row((20, 20, 620, 460))) == []
