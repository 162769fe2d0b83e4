"""How well photographs of one marking are laid over each other, on foreign plates with known homographies.

Each plate is photographed once as a reference and once for every kind of motion, under the light, the state of
etching and the camera that the renderer draws for each frame. Two strangers are put into each series: a
photograph of another plate struck with the very same row in the same place, and one of any other plate.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.foreign_plates import TIERS, ForeignPlate, Tier, foreign_plate

Matrix = npt.NDArray[np.float64]

KINDS: dict[str, str] = {
    "hand": "as a hand holds a camera: up to 6.5°, 2 % nearer or farther",
    "turned": "any rotation",
    "scaled": "0.6 to 1.6 times as large, up to 10°",
    "tilted": "corners moved by up to 8 % of the width",
    "partial": "moved by 30 to 45 % of the width or height, up to 5°",
    "remounted": "any rotation, 0.75 to 1.35 times as large, corners moved by up to 4 %, moved by up to 12 %",
    "inverted": "as hand, negative",
}

STRANGERS = ("struck alike", "another plate")

LONGER_SIDE = 1280
"""Errors are told in pixels of a reference whose longer side is so long."""

WRONG = 5.0
"""Pixels of mean error at the marking's corners beyond which an accepted alignment is wrong."""


def motion_of(kind: str, size: tuple[int, int], rng: np.random.Generator) -> Matrix:
    """A homography of a photograph's pixels, `size` wide and high, of one of KINDS."""
    width, height = size
    draw = rng.uniform
    turn, scale, tilt, shift = 0.0, 1.0, 0.0, np.zeros(2)
    if kind == "turned":
        turn = draw(0, 360)
    elif kind == "scaled":
        turn, scale = draw(-10, 10), float(np.exp(draw(np.log(0.6), np.log(1.6))))
    elif kind == "tilted":
        turn, tilt = draw(-5, 5), 0.08
    elif kind == "partial":
        turn = draw(-5, 5)
        along = draw(0.3, 0.45) * rng.choice([-1, 1])
        shift = np.array([along * width, 0]) if rng.random() < 0.5 else np.array([0, along * height])
    elif kind == "remounted":
        turn, scale, tilt = draw(0, 360), float(np.exp(draw(np.log(0.75), np.log(1.35)))), 0.04
        shift = draw(-0.12, 0.12, 2) * (width, height)
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    middle = np.array([width / 2, height / 2])
    c, s = np.cos(np.radians(turn)) * scale, np.sin(np.radians(turn)) * scale
    target = (frame - middle) @ np.array([[c, s], [-s, c]]) + middle + shift
    target += draw(-1, 1, (4, 2)) * tilt * width / np.sqrt(2)
    return np.asarray(cv2.getPerspectiveTransform(frame.astype(np.float32), target.astype(np.float32)), float)


@dataclass(frozen=True, eq=False)
class Shown:
    """A photograph of a series: `kind` of KINDS or STRANGERS, `view` from the plate's plane to its pixels,
    None for a stranger."""

    kind: str
    pixels: npt.NDArray[np.uint8]
    view: Matrix | None


@dataclass(frozen=True, eq=False)
class Case:
    """A series to be registered to its first photograph; `marking` (4, 2) the marking's corners there."""

    tier: str
    seed: int
    shown: tuple[Shown, ...]
    marking: npt.NDArray[np.float64]


def corners_round(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(4, 2) of the least upright box round points (N, 2)."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def case_of(tier: Tier, seed: int) -> Case:
    """The series of the foreign plate `seed`; the order of the kinds differs from plate to plate."""
    rng = np.random.default_rng([seed, TIERS.index(tier), 0xA116])
    size = upright_size(foreign_plate(seed, tier, 1))
    kinds = [str(kind) for kind in rng.permutation(list(KINDS))]
    motions = {number: motion_of(kind, size, rng) for number, kind in enumerate(kinds, start=1)}
    plate = foreign_plate(seed, tier, 1 + len(kinds), motions=motions)
    photographs = zip(["reference", *kinds], plate.photographs, plate.views, strict=True)
    shown = [Shown(kind, 255 - p if kind == "inverted" else p, view) for kind, p, view in photographs]
    alike = foreign_plate(seed, tier, 1, piece=seed)
    other = foreign_plate(seed + 500_000, tier, 1)
    strangers = [Shown(k, p.photographs[0], None) for k, p in zip(STRANGERS, (alike, other), strict=True)]
    return Case(tier, seed, (*shown, *strangers), corners_round(plate.quads[0].reshape(-1, 2)))


def upright_size(plate: ForeignPlate) -> tuple[int, int]:
    height, width = plate.photographs[0].shape[:2]
    return (width, height) if plate.rotate_cw % 180 == 0 else (height, width)
