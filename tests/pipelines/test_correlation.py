"""Small motion against known homographies, on simulated worn plates whose light changes."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.plates.draw import random_spec
from models.plates.plate import photographs
from pipelines.correlation import CLEAR, edge_maps, motion


@pytest.fixture(scope="module")
def worn():
    return photographs(random_spec(5, "worn"), 2).photographs


def turned(shape: tuple[int, ...], degrees: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), degrees, scale)
    matrix[:, 2] += shift
    return np.vstack([matrix, [0, 0, 1]])


def error(found: np.ndarray, shape: tuple[int, ...], true: np.ndarray) -> float:
    """Pixels by which points of the middle are off."""
    height, width = shape[:2]
    points = np.array([[x, y] for x in (0.3, 0.7) for y in (0.3, 0.7)]) * (width, height)
    ours, theirs = (cv2.perspectiveTransform(points.reshape(-1, 1, 2), m) for m in (found, true))
    return float(np.linalg.norm(ours - theirs, axis=2).max())


@pytest.mark.parametrize("degrees,scale,shift", [(0, 1, (0, 0)), (8, 1.1, (9, -6)), (-10, 0.9, (-20, 4))])
@pytest.mark.parametrize("inverted", [False, True])
def test_known_motion_is_found_in_either_polarity(worn, degrees, scale, shift, inverted):
    picture = worn[0].pixels
    true = turned(picture.shape, degrees, scale, shift)
    moved = cv2.warpPerspective(
        picture, np.linalg.inv(true), picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT
    )
    found = motion(edge_maps(255 - moved if inverted else moved), edge_maps(picture))
    assert found.clear
    assert error(found.to_reference, picture.shape, true) < 1.0


def test_photographs_in_other_light_are_laid_over_each_other(worn):
    first, second = worn
    found = motion(edge_maps(second.pixels), edge_maps(first.pixels))
    assert found.clear
    ours = cv2.perspectiveTransform(second.quads.reshape(-1, 1, 2), found.to_reference).reshape(-1, 4, 2)
    heights = np.linalg.norm(first.quads[:, 3] - first.quads[:, 0], axis=1)
    assert np.linalg.norm(ours - first.quads, axis=2).mean() < 0.1 * heights.mean()


def test_another_plate_does_not_stand_out(worn):
    other = photographs(random_spec(6, "worn"), 1).photographs[0]
    assert not motion(edge_maps(other.pixels), edge_maps(worn[0].pixels)).clear


@pytest.mark.parametrize("text", ["48271", "48277"])
def test_a_row_struck_alike_on_another_plate_is_no_reason(text):
    """The rows stand out over each other; the metal round them says that these are two plates."""
    spec = replace(random_spec(5, "intact"), lines=("48277",))
    one, other = (
        photographs(plate, 1).photographs[0] for plate in (spec, replace(spec, seed=6, lines=(text,)))
    )
    found = motion(edge_maps(other.pixels), edge_maps(one.pixels))
    assert found.peak > CLEAR and not found.clear


@pytest.mark.parametrize("pixels", [np.zeros((40, 60, 3), np.uint8), np.full((9, 2000), 200, np.uint8)])
def test_an_empty_picture_fits_nothing(pixels, worn):
    found = motion(edge_maps(pixels), edge_maps(worn[0].pixels))
    assert not found.clear
    assert np.isfinite(found.to_reference).all()
