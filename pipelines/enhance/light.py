"""Steps that undo uneven light."""

from __future__ import annotations

import numpy as np

from pipelines.enhance.sizes import blurred, in_pixels
from pipelines.enhance.step import PERCENT_OF_SIDE, Choice, Number, step
from pipelines.photo import grey as luminance
from pipelines.types import Image

MID_GREY = 0.5
DARKEST = 0.04
"""Background below this is not divided by: what is there is noise."""


@step(
    "light",
    scale=Number(PERCENT_OF_SIDE, 1, 50, "size of the light's changes; well above a character"),
    method=Choice(("divide", "subtract"), "divide for lamps and shadows, subtract for haze and glare"),
    colour=Choice(("keep", "even"), "keep the colour of the light, or even it out as well"),
)
def even_light(image: Image, *, scale: float = 8.0, method: str = "divide", colour: str = "keep") -> Image:
    """Takes out slow changes of light, so that the background is mid-grey everywhere.

    Assumes that light changes slowly and the marking quickly. The background is a wide Gaussian mean of the
    luminance, taken twice, the second time without what differs from the first by more than 30 %, so that
    holes and glare pull it less. Both polarities are kept.

    scale: % of the shorter side, 1 to 50. Gaussian's standard deviation; below the size of a character it
    takes the character out too.
    method: "divide" (light multiplies what the metal reflects) or "subtract" (light was added to it).
    colour: "keep" treats the channels alike; "even" each by itself, which makes the background grey.

    Cost: 0.5 s for 24 megapixels. An even picture stays even; one of black stays black with "divide".
    """
    sigma = in_pixels(scale, image)
    if image.ndim == 2:
        background = _background(image, sigma)
    elif colour == "even":
        background = np.stack([_background(image[..., index], sigma) for index in range(3)], axis=2)
    else:
        background = _background(luminance(image), sigma)[..., np.newaxis]
    if method == "subtract":
        return image - background + np.float32(MID_GREY)
    return image * np.divide(MID_GREY, np.maximum(background, DARKEST), dtype=np.float32)


@step(
    "light",
    scale=Number(PERCENT_OF_SIDE, 0.5, 50, "size that parts slow changes from fine ones"),
    slow=Number("times", 0, 1, "how much of the slow changes stays"),
    fine=Number("times", 0.5, 4, "how much the fine changes are raised"),
)
def homomorphic(image: Image, *, scale: float = 4.0, slow: float = 0.3, fine: float = 1.5) -> Image:
    """Weakens slow changes of light and raises fine ones, both as ratios.

    Assumes that brightness is light times reflectance, so that their logarithms add: the slow part of the
    logarithm is the light, the fine part the surface. Both polarities are raised alike. Colour is kept.

    scale: % of the shorter side, 0.5 to 50. Standard deviation of the Gaussian that parts slow from fine.
    slow: times, 0 to 1. 0 leaves no light at all, 1 all of it.
    fine: times, 0.5 to 4. Contrast of the fine part; 1 leaves it.

    Cost: 1 s for 24 megapixels. Strong values raise noise in the dark.
    Reference: Oppenheim, Schafer, Stockham, Proc. IEEE 56 (1968) 1264, doi 10.1109/PROC.1968.6570.
    """
    grey = luminance(image)
    logarithm = np.log(grey + np.float32(DARKEST))
    light = blurred(logarithm, in_pixels(scale, image))
    level = np.float32(light.mean(dtype=np.float64))
    after = np.exp(level + slow * (light - level) + fine * (logarithm - light))
    ratio = after / (grey + np.float32(DARKEST))
    return (image + np.float32(DARKEST)) * (
        ratio if image.ndim == 2 else ratio[..., np.newaxis]
    ) - np.float32(DARKEST)


def _background(plane: Image, sigma: float) -> Image:
    first = blurred(plane, sigma)
    return blurred(np.clip(plane, 0.7 * first, 1.3 * first), sigma)
