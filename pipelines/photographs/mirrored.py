"""Photographs that show the marking as in a mirror: stored so, by their EXIF orientation, or because a person
says so of a cast or a tape.

Mirroring is left to right in stored pixels; quads found in a mirrored photograph go back by the same matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipelines.types import Mark, Matrix, Photo, as_quad

UNMIRRORED = {2: 1, 4: 3, 5: 8, 7: 6}
"""EXIF orientations that mirror, and what is left of them when the stored pixels are mirrored left to right:
stored that way, every character is mirrored and must not be read so."""

MIRRORED = {1: 1, 3: 3, 6: 8, 8: 6}
"""Of photographs whose marking is seen in a mirror: what is left of the others when the stored pixels are
mirrored left to right."""

MIRRORED_TWICE = {2: 1, 4: 3, 5: 6, 7: 8}
"""Of photographs that are stored mirrored and whose marking is seen in a mirror: nothing is turned over."""


@dataclass(frozen=True, eq=False)
class Shown:
    """Photographs by index with what a person marked in them, so turned over that no character is known to be
    mirrored; `mirrors` takes what is found in those that were mirrored for it back to stored pixels."""

    photos: Mapping[int, Photo]
    marks: Mapping[int, Mark]
    mirrors: Mapping[int, Matrix]

    def to_stored(self, index: int) -> Matrix:
        """Homography to stored pixels, and from them as well: mirroring twice changes nothing."""
        return self.mirrors.get(index, np.eye(3))


def as_shown(photos: Mapping[int, Photo], marks: Mapping[int, Mark]) -> Shown:
    """The photographs, those turned over that are stored mirrored, or whose marking is said to be mirrored,
    but not both."""
    turned, where, mirrors = dict(photos), dict(marks), {}
    for i, photo in photos.items():
        stored_mirrored, seen_mirrored = photo.orientation in UNMIRRORED, marks[i].mirrored is True
        if not (stored_mirrored or seen_mirrored):
            continue
        if stored_mirrored and seen_mirrored:
            turned[i] = replace(photo, orientation=MIRRORED_TWICE[photo.orientation])
            continue
        orientation = (UNMIRRORED if stored_mirrored else MIRRORED)[photo.orientation]
        pixels = np.ascontiguousarray(photo.pixels[:, ::-1])
        turned[i] = replace(photo, pixels=pixels, orientation=orientation)
        width = float(photo.pixels.shape[1])
        where[i] = _turned_over(marks[i], width)
        mirrors[i] = np.array([[-1.0, 0.0, width - 1], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return Shown(turned, where, mirrors)


def _turned_over(mark: Mark, width: float) -> Mark:
    region, band = mark.region, mark.band
    if band is not None:
        corners = [(width - 1 - x, y) for x, y in band.quad]
        (ax, ay), (bx, by), _, (dx, dy) = corners
        # The ends of the row stay what they are; what is above it and below may have been told by its ends.
        clockwise = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax) > 0
        band = replace(band, quad=as_quad(corners if clockwise else [corners[i] for i in (3, 2, 1, 0)]))
    return replace(
        mark,
        region=None if region is None else (width - region[2], region[1], width - region[0], region[3]),
        rotate_cw=None if mark.rotate_cw is None else -mark.rotate_cw,
        band=band,
    )
