"""Photographs blended by weights that differ from place to place, in Laplacian pyramids so that no seam
shows.

Pyramids: Burt and Adelson 1983, doi 10.1109/TCOM.1983.1095851.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pipelines.enhance.sizes import in_pixels
from pipelines.enhance.step import PERCENT_OF_SIDE, Number
from pipelines.fuse.fusion import WHERE, Fused, fusion, shares
from pipelines.fuse.stack import Mask, Stack, taken
from pipelines.photographs.photo import grey
from pipelines.types import Image

WELL_EXPOSED = 0.2
"""Standard deviation of brightness about the middle that counts as well exposed, as in the paper."""


@fusion(
    "Exposure fusion",
    where=WHERE,
    contrast=Number("power", 0, 2, "how much local contrast counts"),
    saturation=Number("power", 0, 2, "how much colour counts; metal is grey"),
    exposure=Number("power", 0, 2, "how much it counts that nothing is too dark or too bright"),
)
def exposure(
    stack: Stack,
    *,
    where: str = "common",
    contrast: float = 1.0,
    saturation: float = 0.0,
    exposure: float = 1.0,
) -> Fused:
    """Takes from each photograph what is well exposed and rich in contrast, and blends it without seams.

    For photographs of several exposures, or of several lights with reflections at different places. Assumes
    that contrast is worth keeping: noise and grinding lines are contrast too. Under lights from several sides
    the result is lit from nowhere, and neighbouring strokes may have their shadows on different sides.
    Polarity is that of the photographs chosen.

    where: "common" or "any". contrast: power, 0 to 2, of the Laplacian. saturation: power, 0 to 2, of the
    standard deviation over the channels; grey photographs have none. exposure: power, 0 to 2, of how near the
    middle of the range each channel is.

    Weights: mean share over the result. Cost: 1.5 s for four grey photographs of 2 megapixels.
    Reference: Mertens, Kautz, Van Reeth 2007, doi 10.1109/PG.2007.17.
    """

    def quality(image: Image) -> Image:
        weight = np.power(np.abs(cv2.Laplacian(grey(image), cv2.CV_32F)), np.float32(contrast))
        if image.ndim == 3:
            around = image - image.mean(axis=2, keepdims=True)
            weight *= np.power(np.sqrt((around * around).sum(axis=2)), np.float32(saturation))
        away = image - np.float32(0.5)
        nearness = np.exp(away * away * np.float32(-exposure / (2 * WELL_EXPOSED**2)))
        return weight * (nearness if image.ndim == 2 else nearness.prod(axis=2)) + np.float32(1e-12)

    covered, total = np.zeros(stack.size, np.int32), np.zeros(stack.size, np.float32)
    for layer in stack.layers:
        image, mask = taken(layer, stack)
        covered += mask
        total += np.where(mask, quality(image), 0)
    inside = covered == len(stack.layers) if where == "common" else covered >= 1
    nothing = total == 0

    def weight_of(_: int, image: Image, mask: Mask) -> Image:
        return np.asarray(np.where(mask, quality(image), 0) / np.where(nothing, 1, total), np.float32)

    return _blended(stack, inside, weight_of)


@fusion(
    "Focus stacking",
    where=WHERE,
    neighbourhood=Number(PERCENT_OF_SIDE, 0.1, 10, "how large the part is that is judged sharp together"),
)
def focus(stack: Stack, *, where: str = "common", neighbourhood: float = 1.0) -> Fused:
    """Takes each place from the photograph in which it is sharpest.

    For photographs focused at several depths: a curved or recessed marking under a macro lens. Assumes that
    the light stays, for "sharp" means strong second differences: between several lights it chooses the harder
    one, between noisy photographs the noisiest. Polarity is that of the photograph chosen.

    where: "common" or "any". neighbourhood: % of the shorter side, 0.1 to 10; standard deviation of the
    Gaussian over which sharpness is summed.

    Weights: share of the result. Cost: 1.5 s for four grey photographs of 2 megapixels.
    Reference: sum-modified Laplacian, Nayar and Nakagawa 1994, doi 10.1109/34.308479.
    """
    best, chosen = np.full(stack.size, -1, np.float32), np.zeros(stack.size, np.int32)
    covered = np.zeros(stack.size, np.int32)
    for number, layer in enumerate(stack.layers):
        image, mask = taken(layer, stack)
        covered += mask
        sharp = np.where(mask, sharpness(grey(image), in_pixels(neighbourhood, image)), -1)
        better = sharp > best
        best[better], chosen[better] = sharp[better], number
    inside = covered == len(stack.layers) if where == "common" else covered >= 1
    return _blended(stack, inside, lambda number, _, mask: ((chosen == number) & mask).astype(np.float32))


def sharpness(plane: Image, sigma: float) -> Image:
    """Sum-modified Laplacian of (H, W), summed over a Gaussian of `sigma` pixels."""
    kernel = np.array([[-1, 2, -1]], np.float32)
    modified = np.abs(cv2.filter2D(plane, -1, kernel)) + np.abs(cv2.filter2D(plane, -1, kernel.T))
    return np.asarray(cv2.GaussianBlur(modified, (0, 0), max(sigma, 0.5)))


def _blended(stack: Stack, inside: Mask, weight_of: Callable[[int, Image, Mask], Image]) -> Fused:
    """The photographs' Laplacian pyramids added up, each weighted by the Gaussian pyramid of its weight.

    One photograph is held at a time. Weights must sum to 1 wherever a photograph has pixels.
    """
    levels = int(np.log2(min(stack.size)))
    summed: list[Image] = []
    counted = np.zeros(len(stack.layers))
    for number, layer in enumerate(stack.layers):
        image, mask = taken(layer, stack)
        weight = weight_of(number, image, mask).astype(np.float32)
        counted[number] = float(weight[inside].sum(dtype=np.float64))
        for level in range(levels + 1):
            smaller = cv2.pyrDown(image) if level < levels else None
            detail = image if smaller is None else image - cv2.pyrUp(smaller, dstsize=image.shape[1::-1])
            part = detail * (weight if detail.ndim == 2 else weight[..., np.newaxis])
            if number == 0:
                summed.append(part)
            else:
                summed[level] += part
            if smaller is not None:
                image, weight = smaller, cv2.pyrDown(weight)
    result = summed[-1]
    for part in summed[-2::-1]:
        result = part + cv2.pyrUp(result, dstsize=part.shape[1::-1])
    return Fused(result, inside, shares(stack, counted))
