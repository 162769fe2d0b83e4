"""Photographs subtracted from each other: opposite lights, and what changed since the first photograph."""

from __future__ import annotations

import numpy as np

from pipelines.enhance.step import ChoiceParameter, Flag
from pipelines.errors import LightsError
from pipelines.fuse.fusion import GAIN, WHERE, Fused, enough, fusion
from pipelines.fuse.stack import BACKGROUND, Stack, row_slabs
from pipelines.photographs.lights import opposed


@fusion(
    "Opposite lights",
    ordered=True,
    gain=GAIN,
    swapped=Flag("subtract the other way round, which swaps bright and dark"),
)
def opposite(stack: Stack, *, gain: float = 2.0, swapped: bool = False) -> Fused:
    """Subtracts two photographs lit from opposite sides: relief stays, stains and colour cancel.

    Assumes that both photographs are lit alike but for the side, and that the surface scatters light. Of two
    photographs the later one is subtracted; of more, the two whose lights lie most nearly opposite are taken.
    Both are evened first. A slope that faces the lamp of the first photograph is bright, one that faces the
    other lamp dark, level metal mid-grey; so each stroke has a bright and a dark side. Grinding lines across
    the light are relief as well and stay.

    gain: times, 0.25 to 32. The picture is mid-grey + gain/2 × the difference. swapped: true or false.

    Weights: +1 and -1, or the other way round. Cost: 0.3 s for two photographs of 2 megapixels.
    Reference: EURASIP J. Image Video Process. 2018, on stamped characters, doi 10.1186/s13640-018-0321-7.
    """
    if len(stack.layers) == 2:
        first, second = (layer.index for layer in stack.in_series_order())
    else:
        pair = opposed(stack.lights())
        if pair is None:
            raise LightsError(
                "Opposite lights: choose two photographs, or give the directions of lights of which two lie "
                "more than 120° apart"
            )
        first, second = pair
    if swapped:
        first, second = second, first
    two = stack.only((first, second))
    plus = next(number for number, layer in enumerate(two.layers) if layer.index == first)
    image, covered = np.zeros(stack.size, np.float32), np.zeros(stack.size, bool)
    for rows, values, masks in row_slabs(two, True):
        covered[rows] = masks.all(axis=0)
        image[rows] = BACKGROUND + np.float32(gain / 2) * (values[plus] - values[1 - plus])
    weights = {layer.index: 0.0 for layer in stack.layers} | {first: 1.0, second: -1.0}
    return Fused(image, covered, weights)


@fusion(
    "Change since the first photograph",
    ordered=True,
    where=WHERE,
    change=ChoiceParameter(("mean", "largest"), "the mean of the changes, or at each place the largest one"),
    gain=GAIN,
)
def difference(stack: Stack, *, where: str = "common", change: str = "mean", gain: float = 2.0) -> Fused:
    """Shows what became brighter or darker since the first photograph of the series, as etching goes on.

    Assumes that the light stays and only the marking changes. A lamp or an item that was moved shows as
    change too. All are evened first. Brighter than mid-grey: became brighter.

    where: "common" or "any". change: "mean" over the later photographs, or "largest" of them, sign kept,
    which keeps what only one shows and raises noise. gain: times, 0.25 to 32. The picture is mid-grey +
    gain/2 × the change.

    Weights: -1 the first, the others their share of the change. Cost: 0.4 s for four photographs of 2
    megapixels.
    """
    first = stack.in_series_order()[0].index
    zero = next(number for number, layer in enumerate(stack.layers) if layer.index == first)
    later = [number for number in range(len(stack.layers)) if number != zero]
    image, covered = np.zeros(stack.size, np.float32), np.zeros(stack.size, bool)
    counted = np.zeros(len(stack.layers))
    for rows, values, masks in row_slabs(stack, True):
        covered[rows] = enough(masks, where, 2) & masks[zero]
        changes = np.where(masks[later], values[later] - values[zero], 0)
        inside = masks[later] & covered[rows]
        if change == "mean":
            count = np.maximum(masks[later].sum(axis=0), 1)
            change_here = changes.sum(axis=0, dtype=np.float64) / count
            counted[later] += (inside / count).sum(axis=(1, 2))
        else:
            # Of two changes equally large, up and down, neither is kept by chance: they cancel.
            up, down = changes.max(axis=0), changes.min(axis=0)
            change_here = np.where(up > -down, up, np.where(-down > up, down, 0))
            equal = inside & (changes == change_here)
            counted[later] += (equal / np.maximum(equal.sum(axis=0), 1)).sum(axis=(1, 2))
        image[rows] = BACKGROUND + np.float32(gain / 2) * change_here
    total = max(float(counted.sum()), 1e-12)
    weights = {layer.index: float(counted[n]) / total for n, layer in enumerate(stack.layers)} | {first: -1.0}
    return Fused(image, covered, weights)
