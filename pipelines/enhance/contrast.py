"""Steps that change how brightness is shown."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipelines.enhance.sizes import blurred, in_pixels, with_luminance
from pipelines.enhance.step import PERCENT_OF_SIDE, Number, step
from pipelines.errors import RecipeError
from pipelines.photographs.photo import grey as luminance
from pipelines.types import Image

BINS = 256


@step("contrast", value=Number("exponent", 0.2, 5, "below 1 brightens the dark, above 1 darkens it"))
def gamma(image: Image, *, value: float = 0.7) -> Image:
    """Raises every value to a power: brightens or darkens without clipping.

    Order of brightness, and so polarity, is kept; black and white stay.

    Assumes nothing.

    Lies by making differences in the dark look larger than like ones in the bright, or the reverse.

    value: exponent, 0.2 to 5. 1 leaves the picture as it is.

    Cost: 0.1 s for 24 megapixels of grey.
    """
    return np.power(image, np.float32(value))


@step(
    "contrast",
    black=Number("of full range", 0, 0.99, "what becomes black"),
    white=Number("of full range", 0.01, 1, "what becomes white"),
)
def levels(image: Image, *, black: float = 0.1, white: float = 0.9) -> Image:
    """Spreads the values between two levels over the full range; what lies outside is clipped.

    Polarity is kept.

    Assumes that what matters lies between the levels.

    Lies by clipping: what was beyond the levels is lost, and borders of clipped spots look like edges.

    black: of full range, 0 to 0.99. This value and below becomes 0.
    white: of full range, 0.01 to 1. This value and above becomes 1; must be above black.

    Cost: 0.1 s for 24 megapixels of grey.
    """
    if white <= black:
        raise RecipeError(f"step 'levels': white must be above black ({black:g}), got {white:g}")
    return (image - np.float32(black)) / np.float32(white - black)


@step(
    "contrast",
    clipped=Number("% of the pixels", 0, 10, "how much may be clipped at either end"),
    widest=Number("times", 1, 20, "the most that contrast is raised"),
)
def stretch(image: Image, *, clipped: float = 0.5, widest: float = 4.0) -> Image:
    """Spreads the picture's own range of brightness over the full range, with its median at mid-grey.

    The range lies between two quantiles of the luminance; the median goes to the middle, so that marks of
    both polarities keep room. Polarity is kept, and colour is not made stronger.

    Assumes that the extremes of the picture are glare and holes.

    Lies by showing faint texture as strongly as marks where the picture has nothing else.

    clipped: % of the pixels, 0 to 10. Share that may be lost at the dark and at the bright end, each.
    widest: times, 1 to 20. Limit, so that an even picture is not blown up to noise.

    Cost: 0.4 s for 24 megapixels.
    """
    grey = luminance(image)
    low, middle, high = np.quantile(grey, (clipped / 100, 0.5, 1 - clipped / 100))
    times = min(widest, 0.5 / max(high - middle, middle - low, 1e-6))
    return with_luminance(image, grey, (grey - np.float32(middle)) * np.float32(times) + np.float32(0.5))


@step("contrast")
def invert(image: Image) -> Image:
    """Turns bright into dark and dark into bright.

    Swaps polarity, nothing else: some eyes follow dark strokes more easily. Inverting twice gives the picture
    back.

    Assumes nothing.

    Lies to whoever takes bright for raised: light now seems to come from the other side.

    Cost: 0.05 s for 24 megapixels of grey.
    """
    return np.float32(1) - image


@step(
    "contrast",
    scale=Number(PERCENT_OF_SIDE, 0.5, 30, "size of the neighbourhood that a pixel is compared with"),
    strength=Number("of full range", 0.05, 0.4, "what one standard deviation of the neighbourhood becomes"),
    floor=Number("of full range", 0.001, 0.2, "deviation below which contrast is not raised further"),
)
def local_contrast(image: Image, *, scale: float = 4.0, strength: float = 0.18, floor: float = 0.02) -> Image:
    """Shows each pixel by how far it stands out from its neighbourhood; the background becomes mid-grey.

    Brightness minus the Gaussian mean around it, divided by the standard deviation around it: faint marks on
    an even spot come out as clearly as strong ones on a rough spot. Both polarities are kept; the result is
    grey.

    Assumes that marks stand out from their own surroundings, if little.

    Lies by dark and bright rims beside strong edges, and by raising the texture of even spots to the contrast
    of marks.

    scale: % of the shorter side, 0.5 to 30. Standard deviation of the neighbourhood; about a character.
    strength: of full range, 0.05 to 0.4. Contrast of the result.
    floor: of full range, 0.001 to 0.2. Added to the deviation, so that noise on an even spot stays small.

    Cost: 0.4 s for 24 megapixels.
    Reference: Wallis, Proc. Symp. Current Mathematical Problems in Image Science (1976) 10; no DOI.
    """
    grey = luminance(image)
    sigma = in_pixels(scale, image)
    apart = grey - blurred(grey, sigma)
    deviation = np.sqrt(np.maximum(blurred(apart * apart, sigma), 0))
    return np.float32(0.5) + np.divide(strength * apart, deviation + floor, dtype=np.float32)


@step(
    "contrast",
    tiles=Number("tiles along the shorter side", 1, 32, "how local it is; rounded to a whole number"),
    limit=Number("times", 1, 10, "the most that contrast is raised"),
)
def clahe(image: Image, *, tiles: float = 6.0, limit: float = 2.5) -> Image:
    """Evens out the histogram tile by tile, with a limit to contrast (CLAHE).

    Each tile gets the curve that would spread its own values evenly, cut so that it is nowhere steeper than
    the limit; between tiles the curves are blended. Works on the luminance, colour is kept. Polarity is kept
    within a tile. In floating point: OpenCV's works in 8 bits, or with 65,536 bins that small tiles cannot
    fill.

    Assumes that every tile holds marks and metal.

    Lies by giving tiles of bare metal as much contrast as the others, up to the limit; brightness of
    far-apart places can no longer be compared.

    tiles: tiles along the shorter side, 1 to 32, rounded. The longer side gets as many as keep them square.
    limit: times, 1 to 10. Largest slope of a curve; 1 leaves the picture almost as it is.

    Cost: 2 s for 24 megapixels.
    Reference: Zuiderveld, Graphics Gems IV (1994) 474, doi 10.1016/B978-0-12-336156-1.50061-6.
    """
    grey = luminance(image)
    height, width = grey.shape
    side = max(1.0, min(height, width) / round(tiles))
    rows, columns = max(1, round(height / side)), max(1, round(width / side))
    row_edges = np.linspace(0, height, rows + 1).round().astype(int)
    column_edges = np.linspace(0, width, columns + 1).round().astype(int)
    curves = np.array(
        [
            [_curve(grey[top:bottom, left:right], limit) for left, right in _pairs(column_edges)]
            for top, bottom in _pairs(row_edges)
        ]
    )
    return with_luminance(image, grey, _blended(grey, curves, row_edges, column_edges))


def _pairs(edges: npt.NDArray[np.int_]) -> list[tuple[int, int]]:
    return list(pairwise(edges.tolist()))


def _curve(tile: Image, limit: float) -> npt.NDArray[np.float32]:
    """The tone curve of one tile at the edges of 256 bins, from 0 to 1, nowhere steeper than `limit`."""
    counts = np.histogram(tile, bins=BINS, range=(0, 1))[0] / tile.size * BINS
    # What is cut off is spread over the bins that have room, until nothing is left: once is not enough, what
    # is spread lifts others over the limit.
    for _ in range(16):
        excess = np.maximum(counts - limit, 0).sum()
        counts = np.minimum(counts, limit)
        room = limit - counts
        if excess < 1e-6 or room.sum() <= 0:
            break
        counts = counts + room * min(1.0, excess / room.sum())
    return np.concatenate(([0], np.cumsum(counts) / counts.sum())).astype(np.float32)


def _blended(
    grey: Image,
    curves: npt.NDArray[np.float32],
    row_edges: npt.NDArray[np.int_],
    column_edges: npt.NDArray[np.int_],
) -> Image:
    """Each pixel by the curves of the four tile centres around it, weighted by their nearness."""
    result = np.empty_like(grey)
    place = grey * np.float32(BINS)
    bins = np.minimum(place.astype(np.int32), BINS - 1)
    beyond = place - bins
    for top, bottom, upper, lower, down in _between_centres(row_edges):
        for left, right, before, after, across in _between_centres(column_edges):
            bin_, share = bins[top:bottom, left:right], beyond[top:bottom, left:right]
            corner = {
                (row, column): curves[row, column][bin_] + np.diff(curves[row, column])[bin_] * share
                for row in {upper, lower}
                for column in {before, after}
            }
            high = corner[upper, before] * (1 - across) + corner[upper, after] * across
            low = corner[lower, before] * (1 - across) + corner[lower, after] * across
            result[top:bottom, left:right] = high * (1 - down[:, np.newaxis]) + low * down[:, np.newaxis]
    return result


def _between_centres(
    edges: npt.NDArray[np.int_],
) -> list[tuple[int, int, int, int, npt.NDArray[np.float32]]]:
    """Stretches of pixels between tile centres: start, stop, both tiles, weights of the second."""
    centres = (edges[:-1] + edges[1:] - 1) / 2
    cuts = [int(edges[0]), *(int(np.ceil(centre)) for centre in centres), int(edges[-1])]
    stretches = []
    for index, (start, stop) in enumerate(pairwise(cuts)):
        first, second = max(index - 1, 0), min(index, len(centres) - 1)
        if start < stop:
            gap = max(centres[second] - centres[first], 1.0)
            weights = ((np.arange(start, stop) - centres[first]) / gap).astype(np.float32)
            stretches.append((start, stop, first, second, weights))
    return [
        (start, stop, first, second, np.clip(weight, 0, 1))
        for start, stop, first, second, weight in stretches
    ]
