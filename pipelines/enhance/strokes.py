"""Steps that bring out strokes and dots of a given width. Their result is grey on a mid-grey background."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from skimage.feature import hessian_matrix, hessian_matrix_eigvals

from pipelines.enhance.sizes import blurred, in_pixels, narrowed
from pipelines.enhance.step import PERCENT_OF_SIDE, ChoiceParameter, Number, step
from pipelines.photographs.photo import grey as luminance
from pipelines.types import Image

_WIDTH = Number(PERCENT_OF_SIDE, 0.05, 15, "width of a stroke")
_GAIN = Number("times", 0.2, 10, "contrast of the result")

DIRECTIONS = 12
"""Filters of the bank, evenly over half a turn: 15 degrees apart, less than one of them is wide."""


@step(
    "contrast",
    width=_WIDTH,
    gain=_GAIN,
    polarity=ChoiceParameter(
        ("both", "bright", "dark"), "strokes brighter or darker than the metal, or either"
    ),
    keep=Number("times", 0, 1, "how much of the picture itself is left under the strokes"),
)
def oriented_strokes(
    image: Image, *, width: float = 1.0, gain: float = 1.5, polarity: str = "both", keep: float = 0.3
) -> Image:
    """Brings out straight pieces of stroke of one width, in any direction.

    A bank of 12 Gabor filters, 15 degrees apart, each answering to a line of the given width and about four
    times that length; each pixel gets the strongest answer for a bright line less the strongest for a dark
    one. Bright strokes come out bright and dark ones dark.

    Assumes straight strokes of one width, well longer than wide.

    Lies by drawing noise out into short lines, and by a fainter rim of the other sign on either side of a
    stroke: believe a stroke only if the picture without this step has it too.

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

    Assumes dots or strokes of about one width.

    Lies by rims of the other sign around strong marks; noise comes out as blobs of the width set.

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


@step(
    "contrast",
    width=_WIDTH,
    gain=Number("times", 0.2, 20, "contrast of the result"),
    polarity=ChoiceParameter(
        ("both", "bright", "dark"), "ridges brighter or darker than the metal, or either"
    ),
)
def ridges(image: Image, *, width: float = 1.0, gain: float = 3.0, polarity: str = "both") -> Image:
    """Shows lines by how strongly brightness bends across them, at one width and in every direction.

    The larger curvature (eigenvalue of the Hessian matrix) of the picture smoothed to the width, bright
    ridges bright and dark ones dark.

    Assumes strokes of nearly one width, longer than wide.

    Lies by tracing every scratch and by joining grains of noise into nets of short lines; the ends and
    crossings of strokes come out weaker than their middles.

    width: % of the shorter side, 0.05 to 15. Width of a stroke.
    gain: times, 0.2 to 20.
    polarity: "both", "bright" or "dark"; the other ridges are left out.

    Cost: grows as the width in pixels falls below 6.
    Reference: Sato et al., Medical Image Analysis 2 (1998) 143, doi 10.1016/S1361-8415(98)80009-1.
    """

    def bend(plane: Image, narrow: float) -> Image:
        sigma = max(narrow / 2, 0.7)
        smooth = cv2.GaussianBlur(plane, (0, 0), sigma)
        matrix = hessian_matrix(smooth, sigma=0.5, mode="reflect", use_gaussian_derivatives=False)
        high, low = hessian_matrix_eigvals(matrix).astype(np.float32) * np.float32(sigma * sigma)
        bright, dark = np.maximum(-low, 0), np.maximum(high, 0)
        return {"both": bright - dark, "bright": bright, "dark": -dark}[polarity]

    grey = luminance(image)
    if min(grey.shape) < 3:
        return np.full_like(grey, 0.5)
    return np.float32(0.5) + np.float32(gain) * narrowed(grey, in_pixels(width, image), bend)


def _on_mid_grey(grey: Image, answer: Image, gain: float, keep: float) -> Image:
    return np.float32(keep) * grey + np.float32((1 - keep) * 0.5) + np.float32(gain) * answer


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
