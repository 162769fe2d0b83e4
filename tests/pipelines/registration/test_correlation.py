"""Coarse motion against known homographies, on simulated worn plates whose light changes."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.plates.draw import random_spec
from models.plates.plate import photographs
from pipelines.registration.correlation import ANYHOW, BY_HAND, agreement_of_rest, edge_map, motions
from pipelines.registration.pairs import CONFIRMED


@pytest.fixture(scope="module")
def worn():
    return photographs(random_spec(5, "worn"), 2).photographs


def turned(shape: tuple[int, ...], degrees: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), degrees, scale)
    matrix[:, 2] += shift
    return np.vstack([matrix, [0, 0, 1]])


def error(found: np.ndarray, shape: tuple[int, ...], true: np.ndarray) -> float:
    """By how much points of the middle are off, as a share of the longer side."""
    height, width = shape[:2]
    points = np.array([[x, y] for x in (0.3, 0.7) for y in (0.3, 0.7)]) * (width, height)
    ours, theirs = (cv2.perspectiveTransform(points.reshape(-1, 1, 2), m) for m in (found, true))
    return float(np.linalg.norm(ours - theirs, axis=2).max()) / max(shape[:2])


@pytest.mark.parametrize(
    "tried,degrees,scale,shift",
    [
        (BY_HAND, 0, 1, (0, 0)),
        (BY_HAND, 8, 1.1, (9, -6)),
        (BY_HAND, -10, 0.9, (-20, 4)),
        (ANYHOW, 115, 1.3, (9, -6)),
        (ANYHOW, -178, 0.8, (0, 20)),
    ],
)
@pytest.mark.parametrize("inverted", [False, True])
def test_known_motion_is_found_in_either_polarity(worn, tried, degrees, scale, shift, inverted):
    picture = worn[0].pixels
    true = turned(picture.shape, degrees, scale, shift)
    moved = cv2.warpPerspective(
        picture, np.linalg.inv(true), picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT
    )
    found = motions(edge_map(255 - moved if inverted else moved), edge_map(picture), tried)
    assert min(error(matrix, picture.shape, true) for matrix in found) < 0.03
    assert len(found) <= 3


def test_the_metal_round_a_row_tells_one_plate_from_another(worn):
    first, second = (edge_map(one.pixels) for one in worn)
    true = worn[0].homography @ np.linalg.inv(worn[1].homography)
    assert agreement_of_rest(second, first, true) > CONFIRMED
    spec = replace(random_spec(5, "intact"), lines=("48277",))
    one, other = (photographs(plate, 1).photographs[0] for plate in (spec, replace(spec, seed=6)))
    same_row = one.homography @ np.linalg.inv(other.homography)
    assert agreement_of_rest(edge_map(other.pixels), edge_map(one.pixels), same_row) < CONFIRMED


@pytest.mark.parametrize("pixels", [np.zeros((40, 60, 3), np.uint8), np.full((9, 2000), 200, np.uint8)])
def test_an_empty_picture_gives_finite_motions_that_nothing_confirms(pixels, worn):
    empty, plate = edge_map(pixels), edge_map(worn[0].pixels)
    for matrix in motions(empty, plate, BY_HAND):
        assert np.isfinite(matrix).all()
        assert agreement_of_rest(empty, plate, matrix) < CONFIRMED
