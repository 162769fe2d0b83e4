"""Steps that take out noise and raise sharpness: what the camera added or lost."""

from __future__ import annotations

import cv2
import numpy as np

from pipelines.enhance.step import Choice, Number, step
from pipelines.types import Image


@step("noise", size=Choice(("3", "5"), "width of the neighbourhood in pixels"))
def median(image: Image, *, size: str = "3") -> Image:
    """Replaces each pixel by the middle value around it: takes out single bright or dark pixels.

    Assumes that noise is a few outliers among good pixels (hot pixels, dust glints). Edges stay sharp; lines
    thinner than half the width vanish. Both polarities alike; colour channels each by themselves.

    size: pixels, 3 or 5.

    Cost: 0.1 s for 24 megapixels of grey.
    Reference: Huang, Yang, Tang, IEEE Trans. ASSP 27 (1979) 13, doi 10.1109/TASSP.1979.1163188.
    """
    return cv2.medianBlur(image, int(size))


@step(
    "noise",
    radius=Number("pixels", 0.5, 10, "how far the mean reaches"),
    difference=Number("of full range", 0.005, 0.5, "difference in brightness that still counts as noise"),
)
def bilateral(image: Image, *, radius: float = 2.0, difference: float = 0.06) -> Image:
    """Smooths within surfaces and stops at edges.

    A Gaussian mean over neighbours that are near and of like brightness; noise must be weaker than the edges.
    Both polarities alike. Strong values make flat patches with hard borders that look like strokes.

    radius: pixels, 0.5 to 10. Standard deviation in space.
    difference: of full range, 0.005 to 0.5. Standard deviation in brightness; above the noise, below the
    marks.

    Cost: grows with the square of the radius; 2 s for 24 megapixels of colour at 2 pixels.
    Reference: Tomasi, Manduchi, ICCV 1998, 839-846, doi 10.1109/ICCV.1998.710815.
    """
    return cv2.bilateralFilter(image, 2 * round(2 * radius) + 1, difference, radius)


@step(
    "noise",
    strength=Number("of full range", 0.002, 0.2, "about the noise's standard deviation"),
    patch=Number("pixels", 3, 9, "width of the patches compared; made odd"),
    reach=Number("pixels", 7, 31, "width of the window searched for like patches; made odd"),
)
def non_local_means(
    image: Image, *, strength: float = 0.02, patch: float = 5.0, reach: float = 15.0
) -> Image:
    """Averages pixels whose surroundings look alike: takes out grain and keeps strokes.

    Assumes that what belongs to the surface occurs again nearby and noise does not. Both polarities alike. It
    smooths away what is as weak as the noise: never trust an empty spot after this step alone. Works in 16
    bits.

    strength: of full range, 0.002 to 0.2. Filter strength; about the standard deviation of the noise.
    patch: pixels, 3 to 9, made odd. reach: pixels, 7 to 31, made odd.

    Cost: grows with the square of reach; 15 s for 24 megapixels of grey, three times that in colour.
    Reference: Buades, Coll, Morel, Image Processing On Line 1 (2011) 208, doi 10.5201/ipol.2011.bcm_nlm.
    """
    deep = np.round(image * np.float32(65535)).astype(np.uint16)
    height = [strength * 65535.0] * (1 if image.ndim == 2 else 3)
    odd_patch, odd_reach = 2 * int(patch // 2) + 1, 2 * int(reach // 2) + 1
    cleaned = cv2.fastNlMeansDenoising(deep, height, None, odd_patch, odd_reach, cv2.NORM_L1)
    return cleaned.astype(np.float32) / np.float32(65535)


@step(
    "blur",
    radius=Number("pixels", 0.3, 30, "size of the blur that is countered"),
    amount=Number("times", 0.1, 5, "how much of the fine detail is added"),
    most=Number("of full range", 0.01, 1, "the most that any pixel is changed"),
)
def unsharp(image: Image, *, radius: float = 1.5, amount: float = 1.0, most: float = 0.15) -> Image:
    """Raises fine detail by adding the difference from a blurred copy (unsharp mask).

    Counters slight lack of focus. Both polarities alike; colour channels each by themselves. Raises noise as
    well. The limit keeps the rims along strong edges from looking like strokes of their own.

    radius: pixels, 0.3 to 30. Standard deviation of the blurred copy.
    amount: times, 0.1 to 5.
    most: of full range, 0.01 to 1. Limit of the change.

    Cost: 0.2 s for 24 megapixels of grey at 1.5 pixels, growing with the radius.
    """
    detail = np.float32(amount) * (image - cv2.GaussianBlur(image, (0, 0), radius))
    return image + np.clip(detail, -np.float32(most), np.float32(most))
