"""Photographs whose pixels are stored mirrored, by their EXIF orientation.

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


@dataclass(frozen=True, eq=False)
class Shown:
    """Photographs by index with what a person marked in them, the way round that a viewer shows them;
    `mirrors` takes what is found in those that were mirrored for it back to stored pixels."""

    photos: Mapping[int, Photo]
    marks: Mapping[int, Mark]
    mirrors: Mapping[int, Matrix]

    def to_stored(self, index: int) -> Matrix:
        """Homography to stored pixels, and from them as well: mirroring twice changes nothing."""
        return self.mirrors.get(index, np.eye(3))


def as_shown(photos: Mapping[int, Photo], marks: Mapping[int, Mark]) -> Shown:
    """The photographs, those that are stored mirrored turned over."""
    turned, where, mirrors = dict(photos), dict(marks), {}
    for i, photo in photos.items():
        if photo.orientation not in UNMIRRORED:
            continue
        width = float(photo.pixels.shape[1])
        region, rotate_cw, band = marks[i].region, marks[i].rotate_cw, marks[i].band
        pixels = np.ascontiguousarray(photo.pixels[:, ::-1])
        turned[i] = replace(photo, pixels=pixels, orientation=UNMIRRORED[photo.orientation])
        where[i] = Mark(
            None if region is None else (width - region[2], region[1], width - region[0], region[3]),
            None if rotate_cw is None else -rotate_cw,
            # Stored mirrored, the row runs from right to left there: its corners change sides as well.
            None if band is None else replace(band, quad=as_quad([(width - 1 - x, y) for x, y in band.quad])),
        )
        mirrors[i] = np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return Shown(turned, where, mirrors)
