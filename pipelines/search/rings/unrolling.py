"""A ring of a photograph unrolled into a straight strip, and the way back.

The strip is conformal (log-polar): every small part of it keeps its shape whatever its radius, so that lines
of several radii stand in it with the proportions that they were struck with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.search.rings.circles import HEIGHT, Circle
from pipelines.strip import averaged, inverse, moved, unit
from pipelines.types import Arc, Image, Matrix, Quad, as_quad

Points = npt.NDArray[np.float64]

ROWS = 3.5
"""Line heights beyond the circle, inwards and outwards, that are unrolled: other lines may run beside it."""

INNERMOST = 0.3
"""Share of the radius within which nothing is unrolled."""

BEYOND = np.radians(75)
"""Radians unrolled beyond the cores on either side."""

MOST_TURN = np.radians(450)
"""Radians unrolled at most; what is more than a whole turn is there twice."""

LINE_HEIGHT = 56
"""Pixels: the height of a line in the strip."""

MOST_PIXELS = 4_000_000
"""Pixels of a strip at most."""

OUTLINE_STEP = np.radians(4)
"""Radians between the corners of an arc's outline."""


@dataclass(frozen=True)
class Unrolling:
    """The ring round `centre` from radius `outer` inwards, from angle `start` over `turn` radians, clockwise
    as seen; of more than a whole turn, what crosses the start is there a second time, whole.

    At `radius` a pixel of the strip is 1 / `scale` pixels of the photograph.
    """

    centre: tuple[float, float]
    radius: float
    outer: float
    start: float
    turn: float
    scale: float
    size: tuple[int, int]

    def angles_radii(self, points: Points) -> tuple[Points, Points]:
        """Angle and radius round the centre of (N, 2) points of the strip."""
        per_radian = self.radius * self.scale
        x, y = np.asarray(points, np.float64).T + 0.5
        return self.start + x / per_radian, self.outer * np.exp(-y / per_radian)

    def to_photo(self, points: Points) -> Points:
        """(N, 2) points of the strip in the photograph."""
        angles, radii = self.angles_radii(points)
        return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1) + self.centre

    def quads_to_photo(self, quads: list[Quad]) -> list[Quad]:
        """Quads of the strip in the photograph, corner by corner."""
        return [as_quad(self.to_photo(np.asarray(quad))) for quad in quads]

    def outline(self, band: Quad) -> Points:
        """(N, 2) corners in the photograph of what a band of the strip covers there."""
        a, b, c, d = np.asarray(band, np.float64)
        steps = 2 + int(np.linalg.norm(b - a) / (self.radius * self.scale) / OUTLINE_STEP)
        share = np.linspace(0, 1, steps)[:, None]
        return self.to_photo(np.concatenate([a + (b - a) * share, c + (d - c) * share]))

    def arc(self, band: Quad) -> Arc:
        """A band of the strip round its centre, from where its reading starts to where it ends."""
        a, b, c, d = np.asarray(band, np.float64)
        ends, _ = self.angles_radii(np.stack([(a + d) / 2, (b + c) / 2]))
        _, radii = self.angles_radii(np.stack([(a + b) / 2, (c + d) / 2]))
        whole = 2 * np.pi * np.floor(ends.min() / (2 * np.pi))
        start, end = np.degrees(ends - whole)
        return Arc(self.centre, (float(radii.min()), float(radii.max())), float(start), float(end))

    def sampled(self, pixels: npt.NDArray[Any], to_pixels: Matrix) -> Image:
        """The strip, from a photograph whose pixels a homography reaches from this one's.

        What lies outside the photograph repeats its edge. A coarse strip averages over the fine pixels.
        """
        width, height = self.size
        fine = max(1, int(1 / self.scale))
        if width * height * fine**2 > MOST_PIXELS:
            pixels, to_whole = averaged(pixels, fine)
            to_pixels, fine = inverse(to_whole) @ to_pixels, 1
        across, down = np.meshgrid(
            (np.arange(width * fine) + 0.5) / fine - 0.5, (np.arange(height * fine) + 0.5) / fine - 0.5
        )
        points = moved(self.to_photo(np.stack([across.ravel(), down.ravel()], axis=1)), to_pixels)
        maps = points.reshape(height * fine, width * fine, 2).astype(np.float32)
        sampled = cv2.remap(pixels, maps, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        image = np.clip(unit(sampled), 0, 1)
        if fine > 1:
            image = np.clip(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), 0, 1)
        return np.asarray(image, np.float32)


def unrolling_of(circle: Circle) -> Unrolling:
    """The ring round a circle with room for lines beside it."""
    height = HEIGHT * circle.thickness
    outer = circle.radius + ROWS * height
    inner = max(INNERMOST * circle.radius, circle.radius - ROWS * height)
    turn = min(circle.end - circle.start + 2 * BEYOND, MOST_TURN)
    lengths = turn * circle.radius, circle.radius * float(np.log(outer / inner))
    scale = min(LINE_HEIGHT / height, 2.0, float(np.sqrt(MOST_PIXELS / (lengths[0] * lengths[1]))))
    return Unrolling(
        centre=circle.centre,
        radius=circle.radius,
        outer=outer,
        start=(circle.start + circle.end - turn) / 2,
        turn=turn,
        scale=scale,
        size=(max(8, round(lengths[0] * scale)), max(8, round(lengths[1] * scale))),
    )
