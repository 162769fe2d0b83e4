"""Sizes that follow the picture, as a share of its shorter side, and filters that stay quick when wide."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pipelines.types import Image

NARROW = 6.0
"""Width in pixels at which wide filters are worked: below, sampling shows; above, only time is lost."""


def in_pixels(percent: float, image: Image) -> float:
    """A percentage of the shorter side of `image` in pixels."""
    return percent / 100 * min(image.shape[:2])


def blurred(plane: Image, sigma: float) -> Image:
    """Gaussian blur of `sigma` pixels, (H, W) float32. Wide ones are worked on a smaller copy."""
    if sigma <= 0.1:
        return plane.copy()
    return narrowed(plane, sigma, lambda small, narrow: cv2.GaussianBlur(small, (0, 0), narrow))


def narrowed(plane: Image, width: float, work: Callable[[Image, float], Image]) -> Image:
    """`work(plane, width)` on a copy shrunk so far that `width` is about 6 pixels, enlarged again."""
    height_px, width_px = plane.shape
    factor = max(1.0, width / NARROW)
    small_size = (max(1, round(width_px / factor)), max(1, round(height_px / factor)))
    if factor < 1.5 or small_size == (width_px, height_px):
        return work(plane, width)
    small = cv2.resize(plane, small_size, interpolation=cv2.INTER_AREA)
    # Rounded sizes: the factor that was really used keeps the width what was asked for.
    really = ((width_px * height_px) / (small_size[0] * small_size[1])) ** 0.5
    return cv2.resize(work(small, width / really), (width_px, height_px), interpolation=cv2.INTER_CUBIC)


def with_luminance(image: Image, before: Image, after: Image) -> Image:
    """`image` with the change of luminance from `before` to `after` added to every channel alike."""
    change = after - before
    return image + (change if image.ndim == 2 else change[..., np.newaxis])
