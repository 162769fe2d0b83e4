"""Steps that undo uneven light."""

from __future__ import annotations

import numpy as np
from skimage.restoration import ellipsoid_kernel
from skimage.restoration import rolling_ball as ball_background

from pipelines.enhance.sizes import blurred, in_pixels, narrowed, with_luminance
from pipelines.enhance.step import PERCENT_OF_SIDE, ChoiceParameter, Number, step
from pipelines.photographs.photo import grey as luminance
from pipelines.types import Image

MID_GREY = 0.5
DARKEST = 0.04
"""Background below this is not divided by: what is there is noise."""


@step(
    "light",
    scale=Number(PERCENT_OF_SIDE, 1, 50, "size of the light's changes; well above a character"),
    method=ChoiceParameter(
        ("divide", "subtract"), "divide for lamps and shadows, subtract for haze and glare"
    ),
    colour=ChoiceParameter(("keep", "even"), "keep the colour of the light, or even it out as well"),
)
def even_light(image: Image, *, scale: float = 8.0, method: str = "divide", colour: str = "keep") -> Image:
    """Takes out slow changes of light, so that the background is mid-grey everywhere.

    The background is a wide Gaussian mean of the luminance, taken twice, the second time without what differs
    from the first by more than 30 %, so that holes and glare pull it less. Both polarities are kept. An even
    picture stays even; one of black stays black with "divide".

    Assumes that light changes slowly and the marking quickly.

    Lies by a soft rim of the other sign about holes, glare and the item's border; below the size of a
    character it takes the character out.

    scale: % of the shorter side, 1 to 50. Gaussian's standard deviation.
    method: "divide" (light multiplies what the metal reflects) or "subtract" (light was added to it).
    colour: "keep" treats the channels alike; "even" each by itself, which makes the background grey.

    Cost: two Gaussian blurs, 0.5 s for 24 megapixels.
    Reference: Horn, Computer Graphics and Image Processing 3 (1974) 277, doi 10.1016/0146-664X(74)90022-7.
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
    scale=Number(PERCENT_OF_SIDE, 0.5, 20, "size of the middle one of three surroundings"),
    gain=Number("times", 0.1, 3, "contrast of the result"),
)
def retinex(image: Image, *, scale: float = 4.0, gain: float = 0.5) -> Image:
    """Shows each pixel as a ratio to its surroundings, near, middling and wide at once (multi-scale Retinex).

    The logarithm of brightness less the mean of the logarithms of three Gaussian means, a quarter, one and
    four times the scale. The background becomes mid-grey. Both polarities are kept; so is colour.

    Assumes that light multiplies what the metal reflects.

    Lies by a halo of the other sign about every large dark or bright thing, and raises noise in the dark.

    scale: % of the shorter side, 0.5 to 20. Standard deviation of the middle surroundings.
    gain: times, 0.1 to 3. Change of the result for a ratio of 2.7.

    Cost: three Gaussian blurs.
    Reference: Jobson, Rahman, Woodell, IEEE Trans. Image Processing 6 (1997) 965, doi 10.1109/83.597272.
    """
    grey = luminance(image)
    sigma = in_pixels(scale, image)
    around = sum(np.log(blurred(grey, sigma * times) + np.float32(DARKEST)) for times in (0.25, 1, 4))
    ratio = np.log(grey + np.float32(DARKEST)) - around / np.float32(3)
    return with_luminance(image, grey, np.float32(MID_GREY) + np.float32(gain) * ratio)


@step(
    "light",
    radius=Number(PERCENT_OF_SIDE, 1, 30, "radius of the ball; above the width of a stroke"),
    depth=Number("of full range", 0.02, 1, "how far the ball's sides fall over its radius"),
    marks=ChoiceParameter(("bright", "dark"), "what stands on the background and is kept"),
)
def rolling_ball(image: Image, *, radius: float = 6.0, depth: float = 0.2, marks: str = "bright") -> Image:
    """Takes out the background that a ball rolled beneath (or above) the picture's brightness can touch.

    What is narrower than the ball stays, on mid-grey. One polarity at a time: bright marks with the ball
    beneath, dark ones with it above. Works on the luminance; colour is kept.

    Assumes that the marks are all of one sign.

    Lies where they are not: marks of the other sign pull the background after them and leave a halo.
    Noise lifts the whole background of the result.

    radius: % of the shorter side, 1 to 30.
    depth: of full range, 0.02 to 1. Small: a flat ball, that follows the light less closely.
    marks: "bright" or "dark".

    Cost: little; the ball rolls on a copy in which its radius is 6 pixels.
    Reference: Sternberg, Computer 16 (1983) 22, doi 10.1109/MC.1983.1654163.
    """
    sign = np.float32(1 if marks == "bright" else -1)

    def beneath(plane: Image, narrow: float) -> Image:
        side = 2 * max(1, round(narrow)) + 1
        ball = ellipsoid_kernel((side, side), 2 * depth)
        return sign * ball_background(sign * plane, kernel=ball, workers=1).astype(np.float32)

    grey = luminance(image)
    return with_luminance(
        image, grey, np.float32(MID_GREY) + grey - narrowed(grey, in_pixels(radius, image), beneath)
    )


def _background(plane: Image, sigma: float) -> Image:
    first = blurred(plane, sigma)
    return blurred(np.clip(plane, 0.7 * first, 1.3 * first), sigma)
