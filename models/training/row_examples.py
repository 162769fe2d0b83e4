"""Training examples of our own locator: a picture seen anew each time, with what each cell should say."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.pictures import Picture
from pipelines.search.locators.rows import CORE
from pipelines.search.sheets import levelled

CELL = 4
"""Pixels of a picture to a cell of heat."""

SIDE = 224
"""Pixels a side of what is cut out of a turned picture."""

UNSEEN = 0.12
"""Mean visibility of a row's characters below which it is not judged."""


def seen_anew(
    picture: Picture, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """(SIDE, SIDE) levelled picture, and per cell 1 in the core of a row, 0 elsewhere, −1 not judged."""
    height, width = picture.pixels.shape
    angle = float(rng.normal(0, 6)) if rng.random() < 0.4 else float(rng.uniform(-180, 180))
    scale = float(np.exp(rng.normal(0.05, 0.15)))
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, scale)
    shift = rng.uniform(-30, 30, 2) + np.array([SIDE - width, SIDE - height]) / 2
    turn[:, 2] += shift
    grey = picture.pixels.astype(np.float32) / 255
    turned = cv2.warpAffine(grey, turn, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    if rng.random() < 0.3:
        turned = cv2.GaussianBlur(turned, (0, 0), float(rng.uniform(0.4, 1.2)))
    if rng.random() < 0.4:
        noise = rng.standard_normal(turned.shape, dtype=np.float32)
        turned = turned + np.float32(rng.gamma(1.5, 0.012)) * noise
    shown = (levelled(np.clip(turned, 0, 1)) - np.float32(0.5)) / np.float32(0.2)
    return -shown if rng.random() < 0.5 else shown, cells_of(picture, turn)


def cells_of(picture: Picture, turn: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """(SIDE / 4, SIDE / 4): see `seen_anew`. Rows reflected at the picture's edge are not judged either."""
    side = SIDE // CELL
    outside = cv2.warpAffine(
        np.ones(picture.pixels.shape, np.uint8), turn, (SIDE, SIDE), flags=cv2.INTER_NEAREST, borderValue=0
    )
    cells = np.where(cv2.resize(outside, (side, side), interpolation=cv2.INTER_AREA) > 0, 0, -1)
    cells = cells.astype(np.float32)
    for row, seen in zip(picture.rows, picture.seen, strict=True):
        corners = row @ turn[:, :2].T + turn[:, 2]
        whole, core = (_filled(corners, share, side) for share in (1.0, CORE))
        cells[whole > 0] = -1
        if seen >= UNSEEN:
            cells[core > 0] = 1
    return cells


def _filled(corners: npt.NDArray[np.float64], share: float, side: int) -> npt.NDArray[np.uint8]:
    """Cells inside a quad that is made smaller on all sides, so that `share` of its height is left."""
    a, b, c, d = corners
    height = (np.linalg.norm(d - a) + np.linalg.norm(c - b)) / 2
    right, down = b - a, d - a
    inward = height * (1 - share) / 2
    along = right / max(float(np.linalg.norm(right)), 1e-6) * inward
    across = down / max(float(np.linalg.norm(down)), 1e-6) * inward
    small = np.array([a + along + across, b - along + across, c - along - across, d + along - across])
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round((small / CELL - 0.375) * 16).astype(np.int32)], 1, shift=4)
    return mask
