"""What a picture looks like to a filter: its histogram, its spectrum, and what a notch takes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy import fft

from pipelines.enhance import STEPS
from pipelines.enhance.grinding import NOTCHES, SMALLEST
from pipelines.enhance.grinding import notch as notch_of
from pipelines.errors import RecipeError
from pipelines.photographs.photo import grey
from pipelines.types import Image

DARKEST = 1e-6
"""Share of the strongest wave below which the spectrum is shown black."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often each brightness occurs. `counts` (1 or 3, bins), grey or red, green, blue; bin i holds values
    from i / bins up to (i + 1) / bins, the last one 1 as well. `black` and `white`: shares of values that are
    exactly 0 and 1, which is where they are clipped."""

    counts: npt.NDArray[np.int64]
    black: float
    white: float


def histogram(image: Image, bins: int = 256) -> Histogram:
    """The histogram of an image, float32 in [0, 1]. Cost: 30 ms for 2 megapixels of grey."""
    planes = [image] if image.ndim == 2 else [image[..., index] for index in range(3)]
    counts = np.stack([np.histogram(plane, bins=bins, range=(0, 1))[0] for plane in planes])
    return Histogram(counts, float((image <= 0).mean()), float((image >= 1).mean()))


def spectrum(image: Image, side: int = 512) -> Image:
    """The logarithm of the amplitude of the picture's waves, (side, side): 1 the strongest, 0 a millionth of
    it.

    The middle pixel (side // 2, side // 2) is the mean, which is left out; across and down run from -0.5 to
    0.5 cycles a pixel. Lines in the picture show as spots across their direction. The picture's borders are
    faded out first, else they would be the longest lines in it. Cost: a Fourier transform of the picture.
    """
    plane = grey(image)
    if plane.max() == plane.min():
        return np.zeros((side, side), np.float32)
    window = np.outer(np.hanning(plane.shape[0] + 2)[1:-1], np.hanning(plane.shape[1] + 2)[1:-1])
    waves = fft.rfft2((plane - plane.mean()) * window.astype(np.float32), workers=1)
    amplitude = _whole(np.abs(waves), plane.shape[1])
    levels = (
        np.log(np.maximum(amplitude / max(float(amplitude.max()), 1e-30), DARKEST)) / -np.log(DARKEST) + 1
    )
    return _shrunk(np.clip(levels, 0, 1).astype(np.float32), side, strongest=True)


def notch(step: str, parameters: Mapping[str, Any], image: Image, side: int = 512) -> Image:
    """What a step against grinding lines or patterns leaves of each wave of this picture, (side, side) as
    `spectrum`: 1 all of it, 0 nothing. To be drawn over the spectrum. Raises RecipeError for another step."""
    if step not in NOTCHES:
        raise RecipeError(f"step {step!r} has no notch; those with one are: {', '.join(NOTCHES)}")
    plane = grey(image)
    if min(plane.shape) < SMALLEST or plane.max() == plane.min():
        return np.ones((side, side), np.float32)
    gain = notch_of(plane, step, **STEPS[step].complete(parameters))
    return _shrunk(_whole(gain.values, gain.width), side, strongest=False)


def _whole(half: npt.NDArray[np.float32], width: int) -> npt.NDArray[np.float32]:
    """The whole plane of waves with their mean in the middle, from the half that a real picture needs."""
    # The wave (-y, -x) has the amplitude of (y, x).
    other = np.roll(half[::-1, 1 : (width + 1) // 2][:, ::-1], 1, axis=0)
    return np.asarray(fft.fftshift(np.concatenate([half, other], axis=1)), np.float32)


def _shrunk(plane: npt.NDArray[np.float32], side: int, strongest: bool) -> Image:
    """To (side, side): of the waves that fall on one pixel the strongest or the weakest is shown, so that a
    single one is not lost between others."""
    reach = [2 * (size // (2 * side)) + 1 for size in plane.shape]
    spread = (cv2.dilate if strongest else cv2.erode)(plane, np.ones(reach, np.uint8))
    return np.asarray(cv2.resize(spread, (side, side), interpolation=cv2.INTER_NEAREST), np.float32)
