"""Photographs of one marking registered to one frame of reference.

Small motion is found by correlation, whatever light and etching did (`correlation.py`). Where there is more,
features of the levelled photographs (SIFT, Lowe 2004, doi:10.1023/B:VISI.0000029664.99615.94) are matched in
both polarities, with a homography by MAGSAC++ (Barath et al. 2020, doi:10.1109/CVPR42600.2020.00138). A
photograph that does not fit is left out and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.correlation import edge_maps, motion
from pipelines.strip import unit
from pipelines.types import Matrix

WORKING_SIDE = 1000
"""Pixels of the longer side at which features are sought."""

LEAST_MATCHES = 18
"""Matches that must agree on one homography."""

LEAST_SHARE = 0.25
"""Share of the tentative matches that must agree."""

RATIO = 0.8
"""Nearest over second nearest descriptor distance up to which a match is tried."""

STEPPING_STONES = 2
"""Photographs through which one that does not fit the reference is tried at most."""


@dataclass(frozen=True, eq=False)
class Registration:
    """`to_reference`: homography from this photograph's stored pixels to the reference's, None where it
    does not fit. `matches`: how many features agree on it."""

    to_reference: Matrix | None
    matches: int


@dataclass(frozen=True, eq=False)
class Features:
    """Points (N, 2) in stored pixels with their descriptors, of the picture and of its negative."""

    points: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.float32]
    negative: npt.NDArray[np.float32]
    size: tuple[int, int]


def registered(photographs: Mapping[int, npt.NDArray[Any]], reference: int) -> dict[int, Matrix]:
    """Homographies from stored pixels of each photograph to those of photograph `reference`, of those that
    fit, itself included.

    One that does not fit the reference is tried against others that do. About 0.2 s a photograph on one core
    where motion is small, 1 s where it is not.
    """
    if len(photographs) == 1:
        return {reference: np.eye(3)}
    edges = {i: edge_maps(pixels) for i, pixels in photographs.items()}
    sought: dict[int, Features] = {}

    def features_of(i: int) -> Features:
        if i not in sought:
            sought[i] = features(photographs[i])
        return sought[i]

    def fit(i: int, target: int) -> Matrix | None:
        moved = motion(edges[i], edges[target])
        if moved.clear and _plausible(moved.to_reference, edges[i].size):
            return moved.to_reference
        return register(features_of(i), features_of(target)).to_reference

    found: dict[int, Matrix] = {reference: np.eye(3)}
    for step in range(1 + STEPPING_STONES):
        left = [i for i in photographs if i not in found]
        if step == len(found) or not left:
            break
        target = list(found)[step]
        fitting = {i: fit(i, target) for i in left}
        found |= {i: found[target] @ matrix for i, matrix in fitting.items() if matrix is not None}
    return found


def features(pixels: npt.NDArray[Any]) -> Features:
    """Features of one photograph; about 0.3 s a megapixel on one core."""
    grey = unit(pixels)
    grey = grey if grey.ndim == 2 else cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    even = cv2.createCLAHE(2.0, (8, 8)).apply(np.round(small * 255).astype(np.uint8))
    points, descriptors = cv2.SIFT.create(3000).detectAndCompute(even, None)
    if descriptors is None or len(points) == 0:
        return Features(
            np.zeros((0, 2), np.float32),
            np.zeros((0, 128), np.float32),
            np.zeros((0, 128), np.float32),
            (width, height),
        )
    places = np.array([point.pt for point in points], np.float32)
    to_stored = np.array([width / size[0], height / size[1]], np.float32)
    return Features(
        (places + 0.5) * to_stored - 0.5,
        _rooted(descriptors),
        _rooted(_negative(descriptors)),
        (width, height),
    )


def register(photo: Features, reference: Features) -> Registration:
    """The homography from `photo` to `reference`, accepted only when it is plausible and well supported."""
    if min(len(photo.points), len(reference.points)) < LEAST_MATCHES:
        return Registration(None, 0)
    best = Registration(None, 0)
    for descriptors in (photo.descriptors, photo.negative):
        pairs = _matches(descriptors, reference.descriptors)
        if len(pairs) < LEAST_MATCHES:
            continue
        source, target = photo.points[pairs[:, 0]], reference.points[pairs[:, 1]]
        tolerance = 3.0 * max(1.0, max(reference.size) / WORKING_SIDE)
        cv2.setRNGSeed(0)
        matrix, agreeing = cv2.findHomography(source, target, cv2.USAC_MAGSAC, tolerance, maxIters=5000)
        count = int(agreeing.sum()) if matrix is not None else 0
        enough = count >= LEAST_MATCHES and count >= LEAST_SHARE * len(pairs)
        if enough and count > best.matches and _plausible(matrix, photo.size):
            best = Registration(np.asarray(matrix, np.float64), count)
    return best


def _matches(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """(M, 2) index pairs that are each other's nearest and clearly nearer than the second."""
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    forth = matcher.knnMatch(one, other, k=2)
    back = {match[0].queryIdx: match[0].trainIdx for match in matcher.knnMatch(other, one, k=1) if match}
    return np.array(
        [
            (near.queryIdx, near.trainIdx)
            for near, far in (pair for pair in forth if len(pair) == 2)
            if near.distance < RATIO * far.distance and back.get(near.trainIdx) == near.queryIdx
        ],
        np.int64,
    ).reshape(-1, 2)


def _rooted(descriptors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """RootSIFT (Arandjelović and Zisserman 2012, doi:10.1109/CVPR.2012.6248018)."""
    total = np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6)
    return np.sqrt(descriptors / total).astype(np.float32)


def _negative(descriptors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Descriptors of the inverted picture: gradients and with them the main orientation turn by 180°, so
    the grid of 4 × 4 cells is turned while each cell's orientations stay."""
    return descriptors.reshape(-1, 4, 4, 8)[:, ::-1, ::-1].reshape(-1, 128)


def _plausible(matrix: Matrix, size: tuple[int, int]) -> bool:
    """No mirroring, area changed at most 6-fold, convex, and little perspective."""
    width, height = size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    moved = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), matrix).reshape(-1, 2)
    if not np.isfinite(moved).all() or not cv2.isContourConvex(moved.astype(np.float32).reshape(-1, 1, 2)):
        return False
    area = cv2.contourArea(moved.astype(np.float32), oriented=True) / (width * height)
    lengths = [float(np.linalg.norm(moved[(i + 1) % 4] - moved[i])) for i in range(4)]
    ratios = (lengths[0] / max(lengths[2], 1e-9), lengths[1] / max(lengths[3], 1e-9))
    return 1 / 6 < area < 6 and all(1 / 1.6 < ratio < 1.6 for ratio in ratios)
