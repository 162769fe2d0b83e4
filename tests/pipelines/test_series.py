"""Registration against known homographies."""

import cv2
import numpy as np
import pytest

from pipelines.series import Features, features, register, registered

SIZE = (640, 420)
CORNERS = np.array([[0, 0], [SIZE[0], 0], [SIZE[0], SIZE[1]], [0, SIZE[1]]], np.float64)


def plate(seed: int, text: str = "QX 48271") -> np.ndarray:
    """Brushed metal with scratches and pits, wider than the picture, and a struck number."""
    rng = np.random.default_rng(seed)
    width, height = SIZE[0] + 300, SIZE[1] + 300
    metal = cv2.GaussianBlur(rng.normal(size=(height, width)).astype(np.float32), (0, 0), 12, sigmaY=0.7)
    metal = 0.45 + 0.1 * metal / metal.std()
    for _ in range(120):
        x, y = rng.integers(0, width), rng.integers(0, height)
        cv2.circle(metal, (int(x), int(y)), int(rng.integers(1, 4)), float(rng.random()), -1)
    drawn = np.round(np.clip(metal, 0, 1) * 255).astype(np.uint8)
    cv2.putText(drawn, text, (230, 380), cv2.FONT_HERSHEY_DUPLEX, 3, 25, 8)
    cv2.putText(drawn, text, (227, 377), cv2.FONT_HERSHEY_DUPLEX, 3, 205, 2)
    return drawn.astype(np.float32) / 255


def photographed(metal: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The picture whose pixel p shows the plate at matrix · p, offset into its middle."""
    middle = np.array([[1, 0, 150], [0, 1, 150], [0, 0, 1]], np.float64)
    seen = cv2.warpPerspective(metal, middle @ matrix, SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.round(seen * 255).astype(np.uint8)


def turned(degrees: float, scale: float = 1.0, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    affine = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), degrees, scale)
    affine[:, 2] += shift
    return np.vstack([affine, [0, 0, 1]])


def corner_error(found: np.ndarray, true: np.ndarray) -> float:
    ours, theirs = (cv2.perspectiveTransform(CORNERS.reshape(-1, 1, 2), m) for m in (found, true))
    return float(np.linalg.norm(ours - theirs, axis=2).max())


PERSPECTIVE = np.array([[1.02, 0.03, -6], [-0.02, 0.99, 4], [4e-5, -3e-5, 1]])


@pytest.mark.parametrize(
    "matrix",
    [turned(0, shift=(14, -9)), turned(7), turned(-170), turned(3, 1.15, (5, 5)), PERSPECTIVE],
    ids=["shifted", "turned", "upside down", "nearer", "tilted"],
)
def test_a_moved_photograph_is_registered(matrix):
    metal = plate(0)
    still, moved = photographed(metal, np.eye(3)), photographed(metal, matrix)
    found = register(features(moved), features(still))
    assert found.to_reference is not None
    assert corner_error(found.to_reference, matrix) < 1.5


@pytest.mark.parametrize("change", ["inverted", "darker", "lit from one side"])
def test_light_and_polarity_do_not_matter(change):
    metal, matrix = plate(1), turned(2, shift=(6, 3))
    other = metal
    if change == "inverted":
        other = 1 - metal
    elif change == "darker":
        other = 0.45 * metal
    else:
        other = metal * np.linspace(0.35, 1.0, metal.shape[1], dtype=np.float32)
    found = register(features(photographed(other, matrix)), features(photographed(metal, np.eye(3))))
    assert found.to_reference is not None
    assert corner_error(found.to_reference, matrix) < 2.0


def test_a_photograph_of_another_plate_is_left_out():
    one, other = (
        photographed(plate(seed, text), np.eye(3)) for seed, text in ((2, "QX 48271"), (3, "B70392"))
    )
    assert register(features(one), features(other)).to_reference is None


def test_a_photograph_twice_as_large_is_registered_to_a_part_of_a_pixel():
    small = photographed(plate(8), np.eye(3))
    large = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    found = register(features(large), features(small))
    # Pixel centres: x of the large photograph is (x + 0.5) / 2 - 0.5 of the small one.
    true = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]])
    assert found.to_reference is not None
    centre = np.array([[[SIZE[0], SIZE[1]]]], np.float64)
    ours, theirs = (cv2.perspectiveTransform(centre, m) for m in (found.to_reference, true))
    assert np.abs(ours - theirs).max() < 0.3


def matched(target: np.ndarray, strays: int = 0) -> tuple[Features, Features]:
    """Two photographs with 60 features, each with its match; `strays` of these lie anywhere."""
    rng = np.random.default_rng(7)
    points = (rng.random((60, 2)) * SIZE).astype(np.float32)
    places = cv2.perspectiveTransform(points.reshape(-1, 1, 2), target).reshape(-1, 2).astype(np.float32)
    places[:strays] = rng.random((strays, 2)) * SIZE
    descriptors = rng.random((60, 128)).astype(np.float32)
    return Features(points, descriptors, -descriptors, SIZE), Features(
        places, descriptors, -descriptors, SIZE
    )


def test_well_matched_features_are_enough():
    found = register(*matched(turned(5)))
    assert found.matches == 60
    assert corner_error(found.to_reference, turned(5)) < 0.1


@pytest.mark.parametrize(
    "impossible",
    [np.diag([-1.0, 1, 1]), turned(0, 4.0), np.array([[1, 0, 0], [0, 1, 0], [0.0011, 0, 1]])],
    ids=["mirrored", "sixteen times as large", "seen from the edge"],
)
def test_a_movement_that_no_camera_makes_is_refused(impossible):
    assert register(*matched(impossible)).to_reference is None


def test_few_matches_among_many_that_disagree_are_refused():
    assert register(*matched(turned(5), strays=10)).to_reference is not None
    assert register(*matched(turned(5), strays=50)).to_reference is None


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_photograph_is_left_out(value):
    flat = np.full((300, 400), value, np.uint8)
    assert register(features(flat), features(photographed(plate(4), np.eye(3)))).to_reference is None


def test_the_same_photographs_give_the_same_matrix():
    metal = plate(5)
    pair = [features(photographed(metal, m)) for m in (turned(4), np.eye(3))]
    first, second = register(*pair), register(*pair)
    assert np.array_equal(first.to_reference, second.to_reference)


def test_sixteen_bit_colour_is_registered_to_eight_bit_grey():
    metal = plate(6)
    still = photographed(metal, np.eye(3))
    deep = np.repeat(photographed(metal, turned(1)).astype(np.uint16)[:, :, None] * 257, 3, axis=2)
    found = register(features(deep), features(still))
    assert found.to_reference is not None
    assert corner_error(found.to_reference, turned(1)) < 1.5


def test_a_series_is_registered_by_small_and_large_motion_and_over_others():
    metal, far = plate(7), turned(-160)
    near = turned(4, shift=(10, 5))
    series = {
        5: photographed(metal, np.eye(3)),
        2: 255 - photographed(metal, near),
        9: photographed(metal, far),
        1: photographed(plate(8, ""), np.eye(3)),
    }
    found = registered(series, 5)
    assert sorted(found) == [2, 5, 9]
    assert corner_error(found[5], np.eye(3)) == 0
    assert corner_error(found[2], near) < 1.5 and corner_error(found[9], far) < 1.5


def test_a_photograph_by_itself_is_its_own_reference():
    found = registered({3: np.zeros((8, 8), np.uint8)}, 3)
    assert list(found) == [3] and np.array_equal(found[3], np.eye(3))


def test_what_does_not_fit_the_reference_is_registered_over_one_that_does():
    """Photographs that share only a part: the first and the last do not overlap, both do with the middle."""
    metal, half = plate(9), 330
    wide = photographed(metal, np.eye(3))
    left, middle, right = wide[:, :310], wide[:, 130:510], wide[:, half:]
    found = registered({0: left, 1: middle, 2: right}, 0)
    assert sorted(found) == [0, 1, 2]
    moved = cv2.perspectiveTransform(np.array([[[10.0, 200.0]]]), found[2])[0, 0]
    assert np.abs(moved - (half + 10, 200)).max() < 3


def test_another_plate_with_a_row_in_the_same_place_is_left_out():
    one, other = (
        photographed(plate(seed, text), np.eye(3)) for seed, text in ((7, "QX 48271"), (8, "B70392"))
    )
    assert sorted(registered({0: one, 1: other}, 0)) == [0]
