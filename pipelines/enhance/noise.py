"""Steps that take out noise: what the camera added."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.restoration import denoise_tv_chambolle

from pipelines.enhance.step import ChoiceParameter, Number, step
from pipelines.types import Image

NOISE_IN_SCALE = (0.889, 0.200, 0.086, 0.041, 0.020)
"""Standard deviation of white noise of 1 in each scale of the spline's wavelets, finest first."""


@step("noise", size=ChoiceParameter(("3", "5"), "width of the neighbourhood in pixels"))
def median(image: Image, *, size: str = "3") -> Image:
    """Replaces each pixel by the middle value around it: takes out single bright or dark pixels.

    Edges stay sharp. Both polarities alike; colour channels each by themselves.

    Assumes that noise is a few outliers among good pixels (hot pixels, dust glints).

    Lies by leaving out lines thinner than half the width and by rounding corners.

    size: pixels, 3 or 5.

    Cost: 0.1 s for 24 megapixels of grey.
    Reference: Huang, Yang, Tang, IEEE Trans. ASSP 27 (1979) 13, doi 10.1109/TASSP.1979.1163188.
    """
    return cv2.medianBlur(image, int(size))


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

    Both polarities alike. Works in 16 bits.

    Assumes that what belongs to the surface occurs again nearby and noise does not.

    Lies by smoothing away what is as weak as the noise: never trust an empty spot after this step alone.

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
    "noise",
    radius=Number("pixels", 1, 30, "half the width of the neighbourhood; rounded to a whole number"),
    difference=Number("of full range", 0.002, 0.5, "difference in brightness that still counts as noise"),
)
def guided(image: Image, *, radius: float = 4.0, difference: float = 0.05) -> Image:
    """Smooths surfaces and stops at edges, without hard borders between patches.

    Each neighbourhood is taken for a straight ramp of the picture itself, flatter the less it varies (guided
    filter, guided by the picture). Both polarities alike; colour channels each by themselves.

    Assumes that noise varies less than the marks do within a neighbourhood.

    Lies by leaving grain in a halo about strong edges while the rest is smooth.

    radius: pixels, 1 to 30, rounded.
    difference: of full range, 0.002 to 0.5. Deviation at which half of the variation stays.

    Cost: four box filters, whatever the radius.
    Reference: He, Sun, Tang, IEEE Trans. PAMI 35 (2013) 1397, doi 10.1109/TPAMI.2012.213.
    """

    def mean(part: Image) -> Image:
        side = 2 * round(radius) + 1
        return cv2.blur(part, (side, side), borderType=cv2.BORDER_REFLECT)

    level = mean(image)
    variance = np.maximum(mean(image * image) - level * level, 0)
    slope = np.asarray(variance / (variance + np.float32(difference**2)), np.float32)
    return mean(slope) * image + mean(level - slope * level)


@step(
    "noise",
    strength=Number("of full range", 0.002, 0.2, "standard deviation of the noise"),
    scales=Number("scales", 1, 5, "how coarse noise may be, each scale twice the one before; rounded"),
    cut=Number("times", 0.5, 5, "detail weaker than this many deviations is taken out"),
)
def wavelets(image: Image, *, strength: float = 0.02, scales: float = 3.0, cut: float = 2.0) -> Image:
    """Takes out detail that is too weak to be more than noise, scale by scale.

    Undecimated wavelets of a cubic spline, which show no grid: each scale of detail is shrunk by a multiple
    of what white noise of that strength has there. Both polarities alike; colour channels each by themselves.

    Assumes noise of about one known strength, without a direction.

    Lies by leaving round blotches where noise happened to be strong, and by taking faint strokes for noise.

    strength: of full range, 0.002 to 0.2.
    scales: scales, 1 to 5, rounded. Noise up to 2, 4, 8, … pixels wide.
    cut: times, 0.5 to 5. Multiple of the noise's deviation by which detail is shrunk.

    Cost: one separable filter of five taps a scale.
    Reference: Starck, Fadili, Murtagh, IEEE Trans. Image Processing 16 (2007) 297,
    doi 10.1109/TIP.2006.887733.
    """
    left, result = image, np.zeros_like(image)
    for scale in range(round(scales)):
        kernel = np.zeros(4 * 2**scale + 1, np.float32)
        kernel[:: 2**scale] = np.array([1, 4, 6, 4, 1], np.float32) / 16
        coarser = cv2.sepFilter2D(left, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REFLECT)
        detail = left - coarser
        least = np.float32(cut * strength * NOISE_IN_SCALE[scale])
        result += np.sign(detail) * np.maximum(np.abs(detail) - least, 0)
        left = coarser
    return left + result


@step(
    "noise",
    weight=Number("of full range", 0.005, 1, "how much is smoothed"),
    rounds=Number("rounds", 5, 100, "how closely the solution is approached; rounded to a whole number"),
)
def total_variation(image: Image, *, weight: float = 0.05, rounds: float = 30.0) -> Image:
    """Makes the picture as even as it can be without moving far from it (total variation).

    Both polarities alike; colour channels together.

    Assumes that the surface is made of even patches with sharp borders.

    Lies by steps where brightness changes slowly: what looks like an edge may be a gentle slope. Thin faint
    strokes go first.

    weight: of full range, 0.005 to 1.
    rounds: rounds, 5 to 100, rounded.

    Cost: a dozen passes over the picture a round.
    Reference: Chambolle, J. Mathematical Imaging and Vision 20 (2004) 89,
    doi 10.1023/B:JMIV.0000011325.36760.1e.
    """
    # Without eps the number of rounds would depend on the whole picture.
    return denoise_tv_chambolle(
        image, weight, eps=0, max_num_iter=round(rounds), channel_axis=None if image.ndim == 2 else -1
    )
