"""Random fields that metal surfaces are made of: clouds, tool marks, scratches. Pixels in, pixels out."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
"""(H, W) float32 over the plate's raster; row 0 is the plate's top edge."""


def cloud(shape: tuple[int, int], cell: float, rng: np.random.Generator) -> Map:
    """Smooth noise of unit variance about zero whose blotches are about `cell` pixels across."""
    cell = max(cell, 1.0)
    rows, columns = int(shape[0] / cell) + 4, int(shape[1] / cell) + 4
    coarse = rng.standard_normal((rows, columns), dtype=np.float32)
    shift = rng.uniform(0, 1, 2)
    spread = np.array([[cell, 0, -cell * (1 + shift[0])], [0, cell, -cell * (1 + shift[1])]])
    fine = cv2.warpAffine(
        coarse, spread, (shape[1], shape[0]), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(fine * 1.35, dtype=np.float32)


def tool_marks(
    shape: tuple[int, int], direction: float, width: float, length: float, rng: np.random.Generator
) -> Map:
    """Straight marks `width` × `length` pixels along `direction` degrees clockwise from x; unit variance."""
    height, breadth = shape
    diagonal = int(np.hypot(height, breadth)) + 4
    squeeze = max(length / 3, 1.0)
    noise = rng.standard_normal(
        (int(diagonal / max(width / 2, 1.0)) + 8, int(diagonal / squeeze) + 8), dtype=np.float32
    )
    # Abrasive grains differ: a few cut much deeper than the many.
    noise *= 0.5 + np.abs(rng.standard_normal((noise.shape[0], 1), dtype=np.float32))
    noise = cv2.GaussianBlur(noise, (0, 0), sigmaX=1.0, sigmaY=0.55)
    noise /= max(float(noise.std()), 1e-6)
    angle = np.radians(direction)
    step = max(width / 2, 1.0)
    centre = np.array([breadth / 2, height / 2])
    turn = np.array(
        [[np.cos(angle) * squeeze, -np.sin(angle) * step], [np.sin(angle) * squeeze, np.cos(angle) * step]]
    )
    shift = centre - turn @ np.array([noise.shape[1] / 2, noise.shape[0] / 2])
    marks = cv2.warpAffine(
        noise,
        np.column_stack([turn, shift]),
        (breadth, height),
        # Wide marks are waves: their slope has to be smooth, or it shows as stripes.
        flags=cv2.INTER_CUBIC if step > 4 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    return np.asarray(marks, dtype=np.float32)


def scratches(
    shape: tuple[int, int], count: int, direction: float | None, scale: float, rng: np.random.Generator
) -> Map:
    """Depth in mm of `count` single scratches, ≥ 0; about one `direction` (degrees) or, with None, any."""
    fine = np.zeros(shape, np.uint8)
    diagonal = float(np.hypot(*shape))
    for _ in range(count):
        angle = np.radians(direction + rng.normal(0, 6) if direction is not None else rng.uniform(0, 180))
        start = rng.uniform(-0.1, 1.1, 2) * np.array([shape[1], shape[0]])
        reach = diagonal * rng.gamma(1.5, 0.12)
        bend = rng.normal(0, 0.04 * reach)
        along, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        share = np.linspace(0, 1, 8)[:, None]
        path = start + share * reach * along + (4 * share * (1 - share)) * bend * aside
        weight = int(40 + 215 * rng.beta(1.2, 3))
        wide = 2 if rng.random() < 0.15 and scale > 12 else 1
        cv2.polylines(fine, [np.round(path * 16).astype(np.int32)], False, weight, wide, cv2.LINE_AA, shift=4)
    return fine.astype(np.float32) * (0.02 / 255)
