"""What a photograph shows, in a form by which copies of one exposure are found again: same pixels, or the
same picture after another program saved it smaller, compressed, turned, mirrored or in another format.

It errs on the side of the gate: two photographs from a tripod with nothing changed between them count as the
same picture here. Where a wrong match would lose evidence, ask `pipelines.photographs.copies`, which goes by
the sensor's noise: it calls a copy only what is certain, and misses copies that were made smaller.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.photographs.photo import upright_pixels
from pipelines.types import Photo

SIDE = 32
"""Cells along each side of the small picture."""

FINE = 128
"""Pixels along each side of the picture before what changes slowly is taken out."""

SLOW_PIXELS = 8.0
"""Standard deviation in FINE pixels of what counts as slow: light that falls off, vignetting."""

SAME_PICTURE = 0.85
"""Correlation of the small pictures from which two photographs show the same picture. Of 88 photographs of
plates and castings, each saved again as JPEG of quality 30, at 0.37 of its size, in grey and turned, or with
another gamma, the copies had 0.95 or more with their original; of two different items none had it."""

LEAST_CONTRAST = 1e-4
"""Below this standard deviation, of 1, a picture holds nothing to compare."""

Small = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ShownPicture:
    """`pixels`: SHA-256 of size and upright pixels. `small`: (SIDE * SIDE,) float32, mean 0, length 1, all
    zeros where the photograph holds nothing to compare."""

    pixels: str
    small: Small


def shown_picture(photo: Photo) -> ShownPicture:
    """What a photograph shows. Costs about 20 ms for 24 megapixels, beside reading it."""
    upright = upright_pixels(photo)
    digest = hashlib.sha256(f"{upright.shape} {upright.dtype}".encode())
    digest.update(np.ascontiguousarray(upright).tobytes())
    return ShownPicture(digest.hexdigest(), _small(upright))


def same_pictures(one: ShownPicture, others: Small) -> npt.NDArray[np.bool_]:
    """Which of the `others`, (N, SIDE * SIDE) small pictures, show the same as `one`, whichever way it is
    turned or mirrored, and whether light and dark are swapped."""
    square = one.small.reshape(SIDE, SIDE)
    turned = [np.rot90(face, quarter) for face in (square, square[:, ::-1]) for quarter in range(4)]
    ways = np.stack([way.ravel() for way in turned])
    return np.asarray(np.abs(others @ ways.T).max(axis=1, initial=0.0) >= SAME_PICTURE, np.bool_)


def _small(pixels: npt.NDArray[Any]) -> Small:
    grey = np.asarray(pixels, np.float32)
    # The mean of the channels: which weights a program gives them does not matter here.
    grey = grey.mean(axis=2) if grey.ndim == 3 else grey
    top = float(np.iinfo(pixels.dtype).max) if np.issubdtype(pixels.dtype, np.integer) else 1.0
    fine = cv2.resize(grey / top, (FINE, FINE), interpolation=cv2.INTER_AREA)
    detail = fine - cv2.GaussianBlur(fine, (0, 0), SLOW_PIXELS)
    small = cv2.resize(detail, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    small = small - small.mean()
    if float(small.std()) < LEAST_CONTRAST:
        return np.zeros(SIDE * SIDE, np.float32)
    return np.asarray(small / np.linalg.norm(small), np.float32).ravel()
