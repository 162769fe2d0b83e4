"""Pieces of labelled photographs that bear no marking: metal, edges, bench and background as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.labelled import Labelled, read_index
from pipelines.photographs.photo import read_photo

PIECES = 2
"""Taken of one photograph at most."""

SHORTER = (0.18, 0.4)
"""A piece's shorter side, as a share of the photograph's; the longer one is a third more."""

CLEAR = 0.15
"""Share of the marking's longer side that a piece keeps away from it."""

TRIES = 60


def bare_photographs(folder: Path, half: str) -> list[Labelled]:
    """Those of one half whose label says where the marking is."""
    return [row for row in read_index(folder) if row.region is not None and row.half == half]


def bare_pieces(folder: Path, row: Labelled) -> list[npt.NDArray[Any]]:
    """Up to `PIECES` rectangles of the photograph as stored, drawn at random and always the same ones, away
    from its region. All of the tuning half were looked at (129 pieces): none shows a character."""
    assert row.region is not None
    pixels = read_photo(folder / row.path).pixels
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = row.region
    away = CLEAR * max(x1 - x0, y1 - y0)
    rng = np.random.default_rng(list(row.path.encode()))
    pieces: list[npt.NDArray[Any]] = []
    for _ in range(TRIES):
        side = rng.uniform(*SHORTER) * min(height, width)
        wide, high = (side * 4 / 3, side) if rng.random() < 0.5 else (side, side * 4 / 3)
        x, y = rng.uniform(0, width - wide), rng.uniform(0, height - high)
        beside = x + wide < x0 - away or x > x1 + away or y + high < y0 - away or y > y1 + away
        if beside and len(pieces) < PIECES:
            piece = pixels[int(y) : int(y + high), int(x) : int(x + wide)]
            pieces.append(np.ascontiguousarray(piece))
    return pieces
