"""Larger motion between two photographs of one marking, by features that are matched.

SIFT (Lowe 2004, doi:10.1023/B:VISI.0000029664.99615.94) of the evened photographs, in both polarities, with a
homography by MAGSAC++ (Barath et al. 2020, doi:10.1109/CVPR42600.2020.00138).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.strip import unit
from pipelines.types import Matrix

WORKING_SIDE = 1000
"""Pixels of the longer side at which features are sought."""

LEAST_MATCHES = 8
"""Matches that must agree on one homography; whether it is right is for `local_shifts` to tell."""

RATIO = 0.8
"""Nearest over second nearest descriptor distance up to which a match is tried."""


@dataclass(frozen=True, eq=False)
class Features:
    """Points (N, 2) in stored pixels with their descriptors, of the picture and of its negative."""

    points: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.float32]
    negative: npt.NDArray[np.float32]
    size: tuple[int, int]


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


def matched(photo: Features, reference: Features) -> Matrix | None:
    """The homography on which most matches from `photo` to `reference` agree, in whichever polarity, or None.
    About 0.1 s on one core."""
    best, most = None, LEAST_MATCHES - 1
    for descriptors in (photo.descriptors, photo.negative):
        pairs = _matches(descriptors, reference.descriptors)
        if len(pairs) < LEAST_MATCHES:
            continue
        source, target = photo.points[pairs[:, 0]], reference.points[pairs[:, 1]]
        tolerance = 3.0 * max(1.0, max(reference.size) / WORKING_SIDE)
        cv2.setRNGSeed(0)
        matrix, agreeing = cv2.findHomography(source, target, cv2.USAC_MAGSAC, tolerance, maxIters=5000)
        count = int(agreeing.sum()) if matrix is not None else 0
        if count > most and np.isfinite(matrix).all():
            best, most = np.asarray(matrix, np.float64), count
    return best


def _matches(descriptors: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """(M, 2) index pairs that are each other's nearest and clearly nearer than the second."""
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    forth = matcher.knnMatch(descriptors, other, k=2)
    back = {
        match[0].queryIdx: match[0].trainIdx for match in matcher.knnMatch(other, descriptors, k=1) if match
    }
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
