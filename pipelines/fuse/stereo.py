"""Photometric stereo: the slope of the surface at each pixel from photographs under known lights.

Lambert's law says that scattered light is albedo × (normal · direction to the lamp). With three lights or
more that do not lie in one plane, albedo and normal follow by least squares (Woodham 1980,
doi 10.1117/12.7972479). Metal shines and grooves shade, so with five lights or more the brightest and darkest
fifth of each pixel's values are left out (Barsky and Petrou 2003, doi 10.1109/TPAMI.2003.1233898; position
thresholding in Shi et al. 2019, doi 10.1109/TPAMI.2018.2799222).

Normals are (x right, y down, z to the camera), unit length, in the stack's frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.fuse.fusion import shares
from pipelines.fuse.stack import Mask, Stack, row_slabs
from pipelines.photographs.lights import FLATTEST, towards
from pipelines.types import Image

FEWEST = 3

ROBUST = 5
"""Photographs from which the brightest and darkest values are left out."""

STEEPEST = 0.05
"""Least z of a normal: what looks steeper is glare."""

HALF = ((0.5 + 0.055) / 1.055) ** 2.4
"""Linear light of sRGB 0.5."""

FULL, DARK = 0.996, 1e-4
"""Values above (of 1, as stored) and below (linear) that say nothing of the light: clipped or black."""


@dataclass(frozen=True, eq=False)
class Relief:
    """What the lights tell of the surface. `normals` (H, W, 3) float32 unit vectors, (0, 0, 1) where unknown;
    `albedo` (H, W) float32, linear, 0 or more, relative; `covered` (H, W). `weights` by number in the series:
    share of the values used. `doubtful`: share of the pixels at which clipped, black or outlying values had
    to be used, as without them the lamps would lie in one plane."""

    normals: npt.NDArray[np.float32]
    albedo: Image
    covered: Mask
    weights: dict[int, float]
    doubtful: float


def relief(stack: Stack, *, where: str, surface: str, robust: bool) -> Relief:
    """The relief by the photographs of the stack whose light is known, at least three not in one plane.

    `surface` "level": each photograph is evened and scaled so that its background is what level metal would
    be under its lamp: exposure, lamp strength and fall-off do not count, and what slopes slowly is taken for
    level. "as_taken": lamps of one strength, one exposure, far away. `robust`: leave out the brightest and
    darkest values where five photographs or more are. `where` "any": where three photographs have pixels.
    Values are taken for sRGB (IEC 61966-2-1). Cost: 2 s for eight photographs of 2 megapixels.
    """
    known = stack.only(sorted(stack.lights()))
    lights = known.lights()
    lamps = np.array([towards(lights[layer.index]) for layer in known.layers])
    level = surface == "level"
    normals = np.zeros((*stack.size, 3), np.float32)
    albedo, covered = np.zeros(stack.size, np.float32), np.zeros(stack.size, bool)
    counted, doubtful = np.zeros(len(known.layers)), 0
    for rows, values, masks in row_slabs(known, level):
        if values.ndim == 4:
            values = np.stack([cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY) for colour in values])
        light = linear(values)
        if level:
            light *= lamps[:, 2, np.newaxis, np.newaxis].astype(np.float32) / np.float32(HALF)
        inside = masks.all(axis=0) if where == "common" else masks.sum(axis=0) >= FEWEST
        sound = masks & (values < FULL) & (light > DARK)
        used, forced = _used(light, masks, sound, lamps, robust)
        solution = _least_squares(light, used, lamps)
        length = np.linalg.norm(solution, axis=-1)
        solved = inside & np.isfinite(length) & (length > 1e-6)
        covered[rows] = solved
        albedo[rows] = np.where(solved, length, 0)
        normals[rows] = _facing(solution, length, solved)
        counted += (used & solved).sum(axis=(1, 2))
        doubtful += int((forced & solved).sum())
    weights = {layer.index: 0.0 for layer in stack.layers} | shares(known, counted)
    return Relief(normals, albedo, covered, weights, doubtful / max(1, int(covered.sum())))


def linear(values: Image) -> Image:
    """sRGB values 0..1 as linear light 0..1."""
    values = np.asarray(values, np.float32)
    curve = np.power((values + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    return np.where(values <= 0.04045, values / np.float32(12.92), curve)


def _used(
    light: Image, masks: Mask, sound: Mask, lamps: npt.NDArray[np.float64], robust: bool
) -> tuple[Mask, Mask]:
    """Which values count, (K, h, W), and where some had to that should have been left out, (h, W)."""
    # Of level metal the values divided by the lamps' heights are equal.
    wanted = _middle_values(light / _upright(lamps[:, 2]), sound) if robust else sound
    used = masks
    for chosen in (sound, wanted):
        used = np.where(_spread(_normal_matrix(chosen, lamps)), chosen, used)
    return used, (used != wanted).any(axis=0)


def _middle_values(light: Image, sound: Mask) -> Mask:
    """All but the brightest and the darkest fifth, rounded down, of each pixel's values."""
    place = np.zeros(light.shape, np.int16)
    for i in range(len(light)):
        for j in range(i):
            above = light[i] >= light[j]
            place[i] += above & sound[j]
            place[j] += ~above & sound[i]
    count = sound.sum(axis=0, dtype=np.int16)
    fifth = np.where(count >= ROBUST, count // 5, 0)
    return sound & (place >= fifth) & (place < count - fifth)


def _upright(values: npt.NDArray[np.float64]) -> Image:
    return values.astype(np.float32)[:, np.newaxis, np.newaxis]


def _normal_matrix(used: Mask, lamps: npt.NDArray[np.float64]) -> Image:
    """Sum of lamp × lampᵀ over the values used: xx, xy, xz, yy, yz, zz, (6, h, W)."""
    pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    normal = np.zeros((6, *used.shape[1:]), np.float32)
    for mask, lamp in zip(used, lamps, strict=True):
        for total, (i, j) in zip(normal, pairs, strict=True):
            total += mask * np.float32(lamp[i] * lamp[j])
    return normal


def _determinant(matrix: Image) -> Image:
    xx, xy, xz, yy, yz, zz = matrix
    return xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz)


def _spread(matrix: Image) -> Mask:
    """Where the lamps do not lie in one plane, nearly: 4 det / trace² is at most the least eigenvalue."""
    trace = matrix[0] + matrix[3] + matrix[5]
    return np.asarray(4 * _determinant(matrix) > np.float32(FLATTEST**2) * trace**3)


def _least_squares(light: Image, used: Mask, lamps: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Albedo × normal (h, W, 3) by Cramer's rule; not a number where the lamps used lie in one plane."""
    matrix = _normal_matrix(used, lamps)
    xx, xy, xz, yy, yz, zz = matrix
    right = np.zeros((3, *light.shape[1:]), np.float32)
    for mask, value, lamp in zip(used, light, lamps, strict=True):
        lit = np.where(mask, value, np.float32(0))
        for total, part in zip(right, lamp, strict=True):
            total += lit * np.float32(part)
    bx, by, bz = right
    scale = np.where(_spread(matrix), 1 / np.maximum(_determinant(matrix), 1e-12), np.nan)
    return np.stack(
        (
            ((yy * zz - yz * yz) * bx + (xz * yz - xy * zz) * by + (xy * yz - xz * yy) * bz) * scale,
            ((xz * yz - xy * zz) * bx + (xx * zz - xz * xz) * by + (xy * xz - xx * yz) * bz) * scale,
            ((xy * yz - xz * yy) * bx + (xy * xz - xx * yz) * by + (xx * yy - xy * xy) * bz) * scale,
        ),
        axis=-1,
    )


def _facing(vectors: npt.NDArray[np.float32], length: Image, solved: Mask) -> npt.NDArray[np.float32]:
    """Unit normals, none leaning away from the camera; (0, 0, 1) where nothing is known."""
    normals = np.where(solved[..., np.newaxis], vectors, np.array([0, 0, 1], np.float32))
    normals /= np.where(solved, length, 1)[..., np.newaxis]
    normals[..., 2] = np.maximum(normals[..., 2], STEEPEST)
    return np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True), np.float32)
