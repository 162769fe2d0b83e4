"""The plate before anything was struck: metal, tool marks and shape of the surface.

What the raster can carry is a height map in mm; what is finer than a pixel is a roughness, the root mean
square slope of the unseen facets along and across the tool marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from models.plates.grain import Map, cloud, scratches, tool_marks

Finish = Literal["ground", "milled", "blasted", "cast", "polished"]
Metal = Literal["steel", "stainless", "aluminium", "brass", "blued"]

REFLECTANCE: dict[Metal, tuple[float, float, float]] = {
    "steel": (0.56, 0.55, 0.53),
    "stainless": (0.60, 0.59, 0.57),
    "aluminium": (0.76, 0.77, 0.78),
    "brass": (0.78, 0.63, 0.36),
    "blued": (0.075, 0.08, 0.095),
}
"""Linear RGB reflectance at normal incidence, rounded; the finishes of one metal vary more than its
alloys."""


@dataclass(frozen=True)
class Surface:
    """Finish of the plate. `grain` degrees clockwise from the x axis: the direction of the tool marks.

    `coarseness` mm is the spacing of the tool marks or the size of the bumps, `amplitude` the root mean
    square slope they have in the raster, `waviness` the slope of the plate's long waves. `wear` 0..1 adds
    handling scratches, `patina` 0..1 dark and brown patches.
    """

    metal: Metal = "steel"
    finish: Finish = "ground"
    grain: float = 0.0
    coarseness: float = 0.15
    amplitude: float = 0.06
    waviness: float = 0.02
    wear: float = 0.3
    patina: float = 0.2


@dataclass(frozen=True, eq=False)
class Texture:
    """`height` mm; `tone` (H, W) factor on the reflectance; `rust` (H, W) 0..1; roughness along and across
    the direction `grain` degrees."""

    height: Map
    tone: Map
    rust: Map
    grain: float
    rough_along: float
    rough_across: float


ROUGHNESS: dict[Finish, tuple[float, float]] = {
    "ground": (0.055, 0.15),
    "milled": (0.05, 0.12),
    "blasted": (0.24, 0.24),
    "cast": (0.20, 0.20),
    "polished": (0.035, 0.05),
}
"""Slopes of the unresolved facets along and across the grain; assumption, chosen by eye against
photographs."""


def _milled(shape: tuple[int, int], surface: Surface, scale: float, rng: np.random.Generator) -> Map:
    """Arcs of a face mill: one profile laid along the distance from a far centre."""
    feed = max(surface.coarseness * scale, 2.2)
    radius = rng.uniform(15, 60) * scale
    angle = np.radians(surface.grain + 90)
    x = np.arange(shape[1], dtype=np.float32) - shape[1] / 2 - radius * np.cos(angle)
    y = np.arange(shape[0], dtype=np.float32)[:, None] - shape[0] / 2 - radius * np.sin(angle)
    # The feed wanders by a few per cent, so the arcs do not stand like a printed screen.
    away = np.sqrt(x * x + y * y) + 0.35 * feed * cloud(shape, 12 * feed, rng)
    samples = int(away.max() - away.min()) * 4 + 16
    places = np.arange(samples, dtype=np.float32) / 4
    teeth = rng.standard_normal(int(samples / 4 / feed) + 8).astype(np.float32)
    strength = 1 + 0.5 * np.interp(places / feed, np.arange(teeth.size), teeth)
    profile = (
        strength * np.abs(np.sin(np.pi * places / feed))
        + 0.25 * cv2.GaussianBlur(rng.standard_normal((1, samples), dtype=np.float32), (0, 0), 3)[0] * 2
    )
    index = ((away - away.min()) * 4).astype(np.int32)
    return np.asarray(profile.astype(np.float32)[index] * (1 + 0.3 * cloud(shape, 6 * feed, rng)))


def _pits(shape: tuple[int, int], count: int, scale: float, rng: np.random.Generator) -> Map:
    holes = np.zeros(shape, np.float32)
    for x, y, size in zip(
        rng.uniform(0, shape[1], count),
        rng.uniform(0, shape[0], count),
        rng.gamma(2, 0.05, count),
        strict=True,
    ):
        axes = (max(int(size * scale), 1), max(int(size * scale * rng.uniform(0.5, 1)), 1))
        cv2.ellipse(holes, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, float(0.5 * size), -1)
    return cv2.GaussianBlur(holes, (0, 0), max(0.03 * scale, 0.7))


def _root_mean_square_slope(height: Map, scale: float) -> float:
    dy = float(np.diff(height[::2], axis=0).std()) / 2 if height.shape[0] > 4 else 0.0
    dx = float(np.diff(height[::2], axis=1).std())
    return max(float(np.hypot(dx, dy)) * scale, 1e-9)


def texture(surface: Surface, shape: tuple[int, int], scale: float, rng: np.random.Generator) -> Texture:
    """The untouched surface over a raster of `shape` at `scale` px/mm. About 17 ms for a plate that fills
    640 × 240 pixels."""
    grain_px = max(surface.coarseness * scale, 1.0)
    if surface.finish == "milled":
        relief = _milled(shape, surface, scale, rng) + 0.2 * tool_marks(
            shape, surface.grain, 2, 6 * scale, rng
        )
    elif surface.finish == "ground":
        relief = tool_marks(shape, surface.grain, grain_px, 10 * scale, rng)
        relief += 0.5 * tool_marks(shape, surface.grain + rng.normal(0, 2), grain_px / 2, 3 * scale, rng)
    elif surface.finish == "polished":
        relief = tool_marks(shape, surface.grain, 1.5, 5 * scale, rng) + tool_marks(
            shape, surface.grain + rng.uniform(20, 160), 1.5, 3 * scale, rng
        )
    else:
        relief = cloud(shape, grain_px, rng) + 0.35 * cloud(shape, grain_px / 2, rng)
        if surface.finish == "cast":
            relief += 3.0 * cloud(shape, 5 * grain_px, rng)
    height = relief * (surface.amplitude / _root_mean_square_slope(relief, scale))
    if surface.finish == "cast":
        area = shape[0] * shape[1] / scale**2
        height -= _pits(shape, int(area * rng.uniform(0.02, 0.2)), scale, rng)
    angle = np.radians(surface.grain)
    wave_px = rng.uniform(2.5, 6) * scale
    wave = tool_marks(shape, surface.grain, wave_px, 5 * wave_px, rng) + 0.6 * cloud(shape, 3 * wave_px, rng)
    height += wave * (surface.waviness / scale * wave_px / 2)
    height -= scratches(shape, int(surface.wear * 30), None, scale, rng)
    along, across = ROUGHNESS[surface.finish]
    spread = float(np.exp(rng.normal(0, 0.15)))
    patches = cloud(shape, 6 * scale, rng) + 0.6 * cloud(shape, 1.5 * scale, rng)
    specks = np.clip(cloud(shape, 0.25 * scale, rng) + 0.6 * patches - 3.2, 0, 1)
    tone = 1 - 0.2 * surface.patina * np.clip(patches + 0.3, 0, 2) - 0.6 * surface.patina * specks
    rust = surface.patina * np.clip(0.35 * (patches - 0.9), 0, 0.6) + surface.patina * specks
    return Texture(
        height=height.astype(np.float32),
        tone=np.clip(tone, 0.15, 1).astype(np.float32),
        rust=np.clip(rust, 0, 1).astype(np.float32),
        grain=float(np.degrees(angle)),
        rough_along=along * spread,
        rough_across=across * spread,
    )
