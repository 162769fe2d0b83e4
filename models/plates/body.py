"""The workpiece itself: the outline, chamfer and holes of the plate, and the bench it lies on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.grain import Map, cloud, tool_marks

BENCH_SCALE = 4.0
"""Samples per mm of the bench's pattern: it is out of focus, more would not be seen."""


@dataclass(frozen=True)
class Body:
    """A rectangular plate, mm: `corner` radius, `chamfer` width at 45°, `crown` sagitta per half height of a
    surface curved about the x axis, drilled `holes` (x, y, radius). `bench` linear RGB of what it lies on,
    `weave` 0..1 how much pattern that has."""

    corner: float = 1.0
    chamfer: float = 0.5
    crown: float = 0.0
    holes: tuple[tuple[float, float, float], ...] = ()
    bench: tuple[float, float, float] = (0.03, 0.035, 0.04)
    weave: float = 0.3


def border_distance(body: Body, shape: tuple[int, int], scale: float) -> Map:
    """Signed distance in mm to the plate's nearest edge, holes included; positive on metal."""
    x = (np.arange(shape[1], dtype=np.float32) + 0.5) / scale
    y = ((np.arange(shape[0], dtype=np.float32) + 0.5) / scale)[:, None]
    wide, high = shape[1] / scale, shape[0] / scale
    across = np.abs(x - wide / 2) - (wide / 2 - body.corner)
    down = np.abs(y - high / 2) - (high / 2 - body.corner)
    outside = np.sqrt(np.maximum(across, 0) ** 2 + np.maximum(down, 0) ** 2)
    distance = body.corner - outside - np.minimum(np.maximum(across, down), 0)
    for hole_x, hole_y, radius in body.holes:
        distance = np.minimum(distance, np.sqrt((x - hole_x) ** 2 + (y - hole_y) ** 2) - radius)
    return np.asarray(distance, dtype=np.float32)


def form(body: Body, distance: Map, scale: float) -> Map:
    """Height in mm that chamfer and crown add to a flat plate, ≤ 0."""
    rows = distance.shape[0]
    bow = ((np.arange(rows, dtype=np.float32) + 0.5) / rows * 2 - 1) ** 2 * np.float32(body.crown)
    lost = np.clip(body.chamfer - distance, 0, body.chamfer + 0.3)
    # A chamfer broken by hand has a soft arris, not a knife line.
    return cv2.GaussianBlur(-lost, (0, 0), max(0.08 * scale, 0.6)) - bow[:, None]


def bench_pattern(body: Body, size: tuple[float, float], rng: np.random.Generator) -> Map:
    """Brightness about 1 of the bench at `BENCH_SCALE` px/mm, over the plate's `size` and as much again all
    round."""
    shape = round(3 * size[1] * BENCH_SCALE), round(3 * size[0] * BENCH_SCALE)
    pattern = (
        0.18 * cloud(shape, 30 * BENCH_SCALE, rng)
        + 0.10 * cloud(shape, 2 * BENCH_SCALE, rng)
        + 0.16 * tool_marks(shape, rng.uniform(0, 180), 2, 8 * BENCH_SCALE, rng)
        + 0.12 * cloud(shape, 1.5, rng)
    )
    return np.maximum(1 + body.weave * pattern, 0.1).astype(np.float32)


def bench(body: Body, pattern: Map, cover: Map, scale: float) -> npt.NDArray[np.float32]:
    """(H, W, 3) linear RGB behind the plate with the plate's soft shadow.

    `pattern` is the bench as the camera sees it, `cover` 0..1 the plate, `scale` px/mm of the picture.
    """
    rows, columns = cover.shape
    small = cv2.resize(cover, (max(columns // 4, 1), max(rows // 4, 1)), interpolation=cv2.INTER_AREA)
    shade = cv2.resize(cv2.GaussianBlur(small, (0, 0), max(0.5 * scale, 1.0)), (columns, rows))
    lit = cv2.GaussianBlur(pattern, (0, 0), max(0.1 * scale, 1.0)) * (1 - 0.75 * shade)
    return np.asarray(lit[..., None] * np.array(body.bench, np.float32))
