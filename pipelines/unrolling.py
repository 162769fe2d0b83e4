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

from pipelines.strip import moved, unit
from pipelines.types import Arc, Image, Matrix, Quad, as_quad

Points = npt.NDArray[np.float64]

OUTLINE_STEP = np.radians(4)
"""Radians between the corners of an arc's outline."""


@dataclass(frozen=True)
class Unrolling:
    """The ring round `centre` from radius `outer` inwards, from angle `start` over `turn` radians, clockwise
    as seen; of more than a whole turn, what crosses the start is there a second time, whole.

    At `radius` a pixel of the strip is 1 / `scale` pixels of the photograph. The ring is a circle squeezed to
    `squeezed` (0..1] across the direction `tilt` (radians), as a circle seen at an angle is.
    """

    centre: tuple[float, float]
    radius: float
    outer: float
    start: float
    turn: float
    scale: float
    size: tuple[int, int]
    squeezed: float = 1.0
    tilt: float = 0.0

    @property
    def shape(self) -> Matrix:
        """2×2: from the circle to the ellipse; areas stay as they are."""
        c, s = np.cos(self.tilt), np.sin(self.tilt)
        axes = np.array([[c, -s], [s, c]])
        factors = np.diag([self.squeezed**-0.5, self.squeezed**0.5])
        return np.asarray(axes @ factors @ axes.T, np.float64)

    def angles_radii(self, points: Points) -> tuple[Points, Points]:
        """Angle and radius on the circle of (N, 2) points of the strip."""
        per_radian = self.radius * self.scale
        x, y = np.asarray(points, np.float64).T + 0.5
        return self.start + x / per_radian, self.outer * np.exp(-y / per_radian)

    def to_photo(self, points: Points) -> Points:
        """(N, 2) points of the strip in the photograph."""
        angles, radii = self.angles_radii(points)
        on_circle = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
        return np.asarray(on_circle @ self.shape.T + self.centre, np.float64)

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
        """The middle of a band of the strip, from where its reading starts to where it ends."""
        a, b, c, d = np.asarray(band, np.float64)
        (start, end), radii = self.angles_radii(np.stack([(a + d) / 2, (b + c) / 2]))
        radius = float(radii.mean())
        # Angles of an ellipse are counted from its longer axis.
        start, end = np.degrees([start - self.tilt, end - self.tilt])
        whole = 360 * np.floor(min(start, end) / 360)
        return Arc(
            centre=self.centre,
            radii=(radius * self.squeezed**-0.5, radius * self.squeezed**0.5),
            tilt=float(np.degrees(self.tilt)),
            start=float(start - whole),
            end=float(end - whole),
        )

    def sampled(self, pixels: npt.NDArray[Any], to_pixels: Matrix) -> Image:
        """The strip, from a photograph whose pixels a homography reaches from this one's.

        What lies outside the photograph repeats its edge. A coarse strip averages over the fine pixels.
        """
        width, height = self.size
        fine = max(1, int(1 / self.scale))
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
