"""What else a piece of metal bears and what is not writing: gouges that cross, and screw heads.

They lie anywhere, over a marking too, and came after grinding. A reader that takes two gouges for an X or a
screw for a Ф has to be doubted where it sees nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.grain import Map

SUBPIXEL = 4
"""Bits of a pixel with which lines are drawn."""

SUNK = 0.4
"""Depth in mm of a screw's slot and of the gap round its head."""


@dataclass(frozen=True)
class Fittings:
    """How many there are of each; every second gouge is crossed by another. `depth` mm of the deepest one.
    Sizes and counts are assumptions, set by eye."""

    gouges: int = 0
    screws: int = 0
    depth: float = 0.08


def random_fittings(rng: np.random.Generator, size: tuple[float, float]) -> Fittings:
    """At least one gouge, and one more to every 150 mm² of a plate of `size` mm; a screw on three in ten."""
    return Fittings(
        gouges=1 + int(rng.poisson(size[0] * size[1] / 150)),
        screws=int(rng.random() < 0.3),
        depth=float(rng.uniform(0.02, 0.12)),
    )


def fitted(
    fittings: Fittings, shape: tuple[int, int], scale: float, rng: np.random.Generator
) -> tuple[Map, Map]:
    """(depth mm ≥ 0 below the surface, share 0..1 of the sky that walls hide) over a raster of `shape` at
    `scale` px/mm."""
    gouged = np.zeros(shape, np.uint8)
    for _ in range(fittings.gouges):
        place, angle = _place(shape, rng), rng.uniform(0, np.pi)
        _gouge(gouged, place, angle, scale, rng)
        if rng.random() < 0.5:
            _gouge(gouged, place, angle + np.radians(rng.uniform(25, 155)), scale, rng)
    # A point ploughs a V, not a trench.
    ploughed = cv2.GaussianBlur(gouged, (0, 0), max(0.06 * scale, 0.6))
    depth = ploughed.astype(np.float32) * np.float32(fittings.depth / 255)
    hidden = np.zeros(shape, np.float32)
    for _ in range(fittings.screws):
        head = _screw(shape, _place(shape, rng), scale, rng)
        np.maximum(depth, np.float32(SUNK) * head, out=depth)
        np.maximum(hidden, np.float32(0.9) * head, out=hidden)
    return depth, hidden


def _place(shape: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    return np.asarray(rng.uniform(0.05, 0.95, 2) * np.array([shape[1], shape[0]]))


def _gouge(
    gouged: npt.NDArray[np.uint8],
    place: npt.NDArray[np.float64],
    angle: float,
    scale: float,
    rng: np.random.Generator,
) -> None:
    """One straight gouge through about `place`, shallower towards its ends."""
    along = np.array([np.cos(angle), np.sin(angle)])
    reach = scale * rng.gamma(2.5, 2.0)
    start = place - along * reach * rng.uniform(0.25, 0.75)
    wide = max(1, round(scale * rng.uniform(0.04, 0.2)))
    strength = rng.uniform(80, 255)
    for near, far in pairwise(np.linspace(0, 1, 25)):
        taper = min(1.0, 4 * min((near + far) / 2, 1 - (near + far) / 2))
        line = np.zeros_like(gouged)
        ends = _fixed(start + along * reach * near), _fixed(start + along * reach * far)
        cv2.line(line, *ends, int(strength * taper), wide, cv2.LINE_AA, SUBPIXEL)
        np.maximum(gouged, line, out=gouged)


def _screw(
    shape: tuple[int, int], place: npt.NDArray[np.float64], scale: float, rng: np.random.Generator
) -> Map:
    """0..1: the slots of a head sunk flush, and the gap round it."""
    drawn = np.zeros(shape, np.uint8)
    radius, turned = rng.uniform(1.5, 3.5) * scale, rng.uniform(0, np.pi)
    whole, gap = round(radius * (1 << SUBPIXEL)), max(1, round(0.1 * radius))
    cv2.circle(drawn, _fixed(place), whole, 255, gap, cv2.LINE_AA, SUBPIXEL)
    for turn in (0.0, np.pi / 2) if rng.random() < 0.4 else (0.0,):
        arm = 0.95 * radius * np.array([np.cos(turned + turn), np.sin(turned + turn)])
        ends = _fixed(place - arm), _fixed(place + arm)
        cv2.line(drawn, *ends, 255, max(1, round(0.28 * radius)), cv2.LINE_AA, SUBPIXEL)
    return np.asarray(drawn / np.float32(255), np.float32)


def _fixed(place: npt.NDArray[Any]) -> tuple[int, int]:
    x, y = np.round(place * (1 << SUBPIXEL)).astype(int)
    return int(x), int(y)
