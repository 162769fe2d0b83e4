"""Steps that bring out strokes and dots of a given width. Their result is grey on a mid-grey background."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.enhance.sizes import blurred, in_pixels, narrowed
from pipelines.enhance.step import PERCENT_OF_SIDE, Choice, Number, step
from pipelines.photo import grey as luminance
from pipelines.types import Image

_WIDTH = Number(PERCENT_OF_SIDE, 0.05, 15, "width of a stroke")
_GAIN = Number("times", 0.2, 10, "contrast of the result")

DIRECTIONS = 12
"""Filters of the bank, evenly over half a turn: 15 degrees apart, less than one of them is wide."""


@step(
    "contrast",
    width=_WIDTH,
    gain=_GAIN,
    polarity=Choice(("both", "bright", "dark"), "strokes brighter or darker than the metal, or either"),
    keep=Number("times", 0, 1, "how much of the picture itself is left under the strokes"),
)
def oriented_strokes(
    image: Image, *, width: float = 1.0, gain: float = 1.5, polarity: str = "both", keep: float = 0.3
) -> Image:
    """Brings out straight pieces of stroke of one width, in any direction.

    A bank of 12 Gabor filters, 15 degrees apart, each answering to a line of the given width and about four
    times that length; each pixel gets the strongest answer for a bright line less the strongest for a dark
    one. Bright strokes come out bright and dark ones dark, with a fainter rim of the other sign on either
    side. Noise is drawn out into short lines by it: believe a stroke only if the picture without this step
    has it too.

    width: % of the shorter side, 0.05 to 15. Width of the strokes, at least 2 pixels in effect.
    gain: times, 0.2 to 10. 1 gives a line its own contrast.
    polarity: "both", "bright" or "dark"; the other answers are left out.
    keep: times, 0 to 1. Share of the picture itself under the result.

    Cost: 0.3 s for 24 megapixels at a width of 40 pixels, 4 s at 4 pixels.
    Reference: Daugman, J. Opt. Soc. Am. A 2 (1985) 1160, doi 10.1364/JOSAA.2.001160.
    """
    grey = luminance(image)
    answer = narrowed(
        grey, max(2.0, in_pixels(width, image)), lambda plane, narrow: _lines(plane, narrow, polarity)
    )
    return _on_mid_grey(grey, answer, gain, keep)


@step(
    "contrast",
    width=_WIDTH,
    wide=Number("times the width", 1.5, 10, "size of the surroundings that are compared with"),
    gain=_GAIN,
    keep=Number("times", 0, 1, "how much of the picture itself is left under the result"),
)
def band_pass(
    image: Image, *, width: float = 1.0, wide: float = 3.0, gain: float = 2.0, keep: float = 0.0
) -> Image:
    """Brings out dots and strokes of about one width, whatever their direction.

    The difference of two Gaussian means: one smooths what is finer than the width, the other takes out what
    is wider. Both polarities are kept: bright dots bright, dark dots dark.

    width: % of the shorter side, 0.05 to 15. Width of the dots or strokes.
    wide: times the width, 1.5 to 10. Larger keeps more of the surroundings.
    gain: times, 0.2 to 10.
    keep: times, 0 to 1. Share of the picture itself under the result.

    Cost: 0.5 s for 24 megapixels.
    Reference: Marr, Hildreth, Proc. R. Soc. Lond. B 207 (1980) 187, doi 10.1098/rspb.1980.0020.
    """
    grey = luminance(image)
    sigma = in_pixels(width, image) / 3
    return _on_mid_grey(grey, blurred(grey, sigma) - blurred(grey, sigma * wide), gain, keep)


@step("contrast", width=_WIDTH, gain=_GAIN)
def top_hat(image: Image, *, width: float = 2.0, gain: float = 1.5) -> Image:
    """Shows what is brighter than its surroundings and narrower than a width; the rest is mid-grey.

    The picture less its morphological opening by a disc. Only bright strokes are seen; for dark ones
    see `black_hat`. Sensitive to single bright pixels: take a median before it.

    width: % of the shorter side, 0.05 to 15. Diameter of the disc, somewhat more than a stroke.
    gain: times, 0.2 to 10.

    Cost: 0.2 s for 24 megapixels.
    """
    return _hat(image, width, gain, cv2.MORPH_TOPHAT, np.float32(1))


@step("contrast", width=_WIDTH, gain=_GAIN)
def black_hat(image: Image, *, width: float = 2.0, gain: float = 1.5) -> Image:
    """Shows what is darker than its surroundings and narrower than a width, dark on mid-grey.

    The picture's morphological closing by a disc less the picture. Only dark strokes are seen; for bright
    ones see `top_hat`. Sensitive to single dark pixels: take a median before it.

    width: % of the shorter side, 0.05 to 15. Diameter of the disc, somewhat more than a stroke.
    gain: times, 0.2 to 10.

    Cost: 0.2 s for 24 megapixels.
    """
    return _hat(image, width, gain, cv2.MORPH_BLACKHAT, np.float32(-1))


@step(
    "contrast",
    width=_WIDTH,
    area=Number(PERCENT_OF_SIDE, 0.2, 20, "size of the spot whose roughness is shown"),
)
def roughness(image: Image, *, width: float = 0.5, area: float = 1.0) -> Image:
    """Shows how rough each spot is, whatever its brightness; a spot of middling roughness is mid-grey.

    Etched metal scatters light and is rougher or smoother than the metal around it, though it may be neither
    brighter nor darker. The mean size of detail finer than a width, within a spot. Without polarity: bright
    is rough.

    width: % of the shorter side, 0.05 to 15. Detail up to this size counts as roughness.
    area: % of the shorter side, 0.2 to 20. Standard deviation of the spot; about half a stroke.

    Cost: 0.4 s for 24 megapixels. Follows grinding lines too: take `grinding_lines` before it.
    """
    grey = luminance(image)
    fine = grey - blurred(grey, in_pixels(width, image))
    size = np.sqrt(np.maximum(blurred(fine * fine, in_pixels(area, image)), 0))
    middle = max(float(np.median(size)), 1e-4)
    if size.max() <= 1e-4:
        return np.full_like(grey, 0.5)
    return np.divide(size, 2 * middle, dtype=np.float32)


def _on_mid_grey(grey: Image, answer: Image, gain: float, keep: float) -> Image:
    return np.float32(keep) * grey + np.float32((1 - keep) * 0.5) + np.float32(gain) * answer


def _hat(image: Image, width: float, gain: float, operation: int, sign: np.float32) -> Image:
    def hat(plane: Image, diameter: float) -> Image:
        side = 2 * max(1, round(diameter / 2)) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        return cv2.morphologyEx(plane, operation, disc, borderType=cv2.BORDER_REFLECT)

    answer = narrowed(luminance(image), in_pixels(width, image), hat)
    return np.float32(0.5) + sign * np.float32(gain) * answer


def _lines(plane: Image, width: float, polarity: str) -> Image:
    """Strongest answer for bright lines less the strongest for dark ones, or one of them alone."""
    bright, dark = np.zeros_like(plane), np.zeros_like(plane)
    for index in range(DIRECTIONS):
        kernel = _line_kernel(width, np.pi * index / DIRECTIONS)
        answer = cv2.filter2D(plane, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT)
        np.maximum(bright, answer, out=bright)
        np.maximum(dark, -answer, out=dark)
    if polarity == "both":
        return bright - dark
    return bright if polarity == "bright" else -dark


def _line_kernel(width: float, angle: float) -> npt.NDArray[np.float32]:
    """An even Gabor kernel for lines along `angle`: no answer to even areas, 1 to a line of contrast 1."""
    reach = int(np.ceil(3 * width)) + 1
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    aside = -across * np.sin(angle) + down * np.cos(angle)
    along = across * np.cos(angle) + down * np.sin(angle)
    envelope = np.exp(-0.5 * (np.square(aside / (0.75 * width)) + np.square(along / (1.6 * width))))
    wave = np.cos(np.pi * aside / width)
    kernel = envelope * (wave - (envelope * wave).sum() / envelope.sum())
    on_line = np.clip(width / 2 + 0.5 - np.abs(aside), 0, 1)
    return (kernel / (kernel * on_line).sum()).astype(np.float32)
