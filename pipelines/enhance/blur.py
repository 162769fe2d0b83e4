"""Steps against blur: what the lens lost."""

from __future__ import annotations

import cv2
import numpy as np

from pipelines.enhance.sizes import with_luminance
from pipelines.enhance.step import Number, step
from pipelines.photographs.photo import grey as luminance
from pipelines.types import Image

DARKEST = np.float32(1e-3)
"""Light below this is not divided by."""


@step(
    "blur",
    radius=Number("pixels", 0.3, 30, "size of the blur that is countered"),
    amount=Number("times", 0.1, 5, "how much of the fine detail is added"),
    most=Number("of full range", 0.01, 1, "the most that any pixel is changed"),
)
def unsharp(image: Image, *, radius: float = 1.5, amount: float = 1.0, most: float = 0.15) -> Image:
    """Raises fine detail by adding the difference from a blurred copy (unsharp mask).

    Both polarities alike; colour channels each by themselves.

    Assumes a slight lack of focus, alike all over the picture.

    Lies by rims of the other sign along strong edges, which look like strokes of their own; the limit keeps
    them small. Raises noise as well.

    radius: pixels, 0.3 to 30. Standard deviation of the blurred copy.
    amount: times, 0.1 to 5.
    most: of full range, 0.01 to 1. Limit of the change.

    Cost: one Gaussian blur, growing with the radius.
    Reference: Polesel, Ramponi, Mathews, IEEE Trans. Image Processing 9 (2000) 505, doi 10.1109/83.826787.
    """
    detail = np.float32(amount) * (image - cv2.GaussianBlur(image, (0, 0), radius))
    return image + np.clip(detail, -np.float32(most), np.float32(most))


@step(
    "blur",
    radius=Number("pixels", 0.3, 10, "standard deviation of the blur that is undone"),
    rounds=Number("rounds", 1, 40, "how far it is undone; rounded to a whole number"),
)
def richardson_lucy(image: Image, *, radius: float = 1.5, rounds: float = 8.0) -> Image:
    """Undoes a known, even blur step by step, as far as noise allows (Richardson-Lucy).

    Each round multiplies the estimate by what is still missing from it. The blur is a Gaussian; works on the
    luminance, colour is kept. Both polarities alike.

    Assumes that the whole picture is blurred alike, by about the radius given, and little noise.

    Lies by rings beside strong edges when the radius is too large or the rounds too many, and turns grain
    into speckles.

    radius: pixels, 0.3 to 10.
    rounds: rounds, 1 to 40, rounded.

    Cost: two Gaussian blurs a round.
    Reference: Richardson, J. Opt. Soc. Am. 62 (1972) 55, doi 10.1364/JOSA.62.000055.
    """
    grey = luminance(image)
    seen = grey + DARKEST
    estimate = seen
    for _ in range(round(rounds)):
        missing = np.asarray(seen / np.maximum(_spread(estimate, radius), DARKEST / 2), np.float32)
        estimate = estimate * _spread(missing, radius)
    return with_luminance(image, grey, estimate - DARKEST)


def _spread(plane: Image, radius: float) -> Image:
    return cv2.GaussianBlur(plane, (0, 0), radius, borderType=cv2.BORDER_REFLECT)
