"""Obliteration: metal ground away over part of the plate, unevenly, with the scratches of the wheel or file.

Grinding to a depth takes away the relief above that depth and leaves what lies below it, so the deepest
strokes live longest. It does not reach the deformed metal underneath, which is what etching shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.plates.grain import Map, cloud, scratches, tool_marks


@dataclass(frozen=True)
class Obliteration:
    """How the mark was ground off. `depth` mm at the middle of the ground patch, 0 for an untouched plate.

    `slope` the relative change of depth from the middle of the patch to its right and lower ends,
    `unevenness` the relative standard deviation of the depth over the patch. `patch` (x, y, w, h) mm, its
    border soft over `border` mm. `directions` degrees clockwise from x of one or two passes; `grit` mm is the
    width of a scratch and `roughness` the root mean square slope of the scratches. `dents` blows of a round
    or edged punch of `dent_radius` mm go over the patch.
    """

    depth: float = 0.0
    slope: tuple[float, float] = (0.0, 0.0)
    unevenness: float = 0.15
    patch: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    border: float = 1.5
    directions: tuple[float, ...] = (0.0,)
    grit: float = 0.1
    roughness: float = 0.12
    dents: int = 0
    dent_radius: float = 0.5


def removal(
    obliteration: Obliteration, shape: tuple[int, int], scale: float, rng: np.random.Generator
) -> Map:
    """Metal taken off in mm, ≥ 0, over a raster of `shape` at `scale` px/mm."""
    if obliteration.depth <= 0:
        return np.zeros(shape, np.float32)
    x0, y0, wide, high = obliteration.patch
    x = ((np.arange(shape[1], dtype=np.float32) + 0.5) / scale - x0 - wide / 2) / (wide / 2)
    y = (((np.arange(shape[0], dtype=np.float32) + 0.5) / scale - y0 - high / 2) / (high / 2))[:, None]
    wobble = 0.12 * cloud(shape, 10 * scale, rng)
    edge = 2 * obliteration.border / min(wide, high)
    # The fourth power makes a patch with straight flanks and rounded corners, as a wheel leaves it.
    inside = np.clip((1 - (x**4 + y**4) ** 0.25 + wobble * edge) / edge + 0.5, 0, 1)
    plane = 1 + obliteration.slope[0] * x + obliteration.slope[1] * y
    uneven = 1 + obliteration.unevenness * cloud(shape, 5 * scale, rng)
    depth = obliteration.depth * np.clip(plane, 0.05, 2.5) * np.clip(uneven, 0.2, 2)
    return np.asarray(inside * inside * (3 - 2 * inside) * depth, dtype=np.float32)


def grinding_marks(
    obliteration: Obliteration, shape: tuple[int, int], scale: float, rng: np.random.Generator
) -> Map:
    """Height in mm, about zero, of the scratches that grinding leaves; the last pass is the strongest."""
    marks = np.zeros(shape, np.float32)
    if obliteration.depth <= 0:
        return marks
    width = max(obliteration.grit * scale, 1.0)
    for order, direction in enumerate(reversed(obliteration.directions)):
        share = 0.6**order
        marks += share * tool_marks(shape, direction, width, rng.uniform(4, 9) * scale, rng)
        marks += 0.6 * share * tool_marks(shape, direction + rng.normal(0, 3), width / 2, 2.5 * scale, rng)
        marks -= share * 60 * scratches(shape, 14, direction, scale, rng)
    # A slope across marks of this width, turned into the height that makes it.
    return np.asarray(marks * (obliteration.roughness * width / scale / 2.5), dtype=np.float32)


def punched_over(
    obliteration: Obliteration, shape: tuple[int, int], scale: float, rng: np.random.Generator
) -> Map:
    """Metal displaced in mm, ≥ 0, by the blows of a punch over the patch: half of them round, half edged."""
    pushed = np.zeros(shape, np.float32)
    x0, y0, wide, high = obliteration.patch
    for _ in range(obliteration.dents):
        x, y = rng.uniform(x0, x0 + wide), rng.uniform(y0, y0 + high)
        radius, turn = obliteration.dent_radius * rng.uniform(0.6, 1.4), rng.uniform(0, np.pi)
        slim = rng.choice([1.0, 3.0])
        across = (np.arange(shape[1], dtype=np.float32) + 0.5) / scale - x
        down = ((np.arange(shape[0], dtype=np.float32) + 0.5) / scale - y)[:, None]
        along = (across * np.cos(turn) + down * np.sin(turn)) / radius
        aside = slim * (down * np.cos(turn) - across * np.sin(turn)) / radius
        np.maximum(
            pushed, np.float32(0.4 * radius / slim) * np.maximum(1 - along**2 - aside**2, 0), out=pushed
        )
    return pushed
