"""Registration against known homographies."""

import cv2
import numpy as np
import pytest

from pipelines.registration.alignments import Prepared, alignments, laid, registered
from tests.pipelines.plates_seen import corner_error, photographed, plate, turned

PERSPECTIVE = np.array([[1.02, 0.03, -6], [-0.02, 0.99, 4], [4e-5, -3e-5, 1]])
MOTIONS = {
    "shifted": turned(0, shift=(14, -9)),
    "turned": turned(7),
    "upside down": turned(-170),
    "on its side": turned(93, 1.1),
    "nearer": turned(3, 1.5, (5, 5)),
    "farther": turned(-5, 0.7),
    "tilted": PERSPECTIVE,
    "half out of the picture": turned(2, shift=(260, 20)),
}


@pytest.mark.parametrize("matrix", MOTIONS.values(), ids=MOTIONS.keys())
@pytest.mark.parametrize("change", ["none", "inverted", "lit from one side"])
def test_a_moved_photograph_is_laid_to_a_part_of_a_pixel(matrix, change):
    metal = plate(1)
    other = {
        "none": metal,
        "inverted": 1 - metal,
        "lit from one side": metal * np.linspace(0.35, 1.0, metal.shape[1], dtype=np.float32),
    }[change]
    found = laid(Prepared(photographed(other, matrix)), Prepared(photographed(metal, np.eye(3))))
    assert found.to_reference is not None
    assert corner_error(found.to_reference, matrix) < 1.0
    assert found.agreeing > 0.5 and "agrees" in found.words


@pytest.mark.parametrize("text", ["B70392", "QX 48271"])
def test_another_plate_is_left_out_whatever_is_struck_on_it(text):
    one, other = (photographed(plate(s, t), np.eye(3)) for s, t in ((2, "QX 48271"), (3, text)))
    found = alignments({0: one, 1: other}, 0)
    assert found[1].to_reference is None and found[1].how == "none"
    assert "does not fit" in found[1].words


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_photograph_is_left_out(value):
    flat = np.full((300, 400), value, np.uint8)
    assert sorted(registered({0: photographed(plate(4), np.eye(3)), 1: flat}, 0)) == [0]
    assert sorted(registered({0: flat, 1: flat.copy()}, 0)) == [0]


@pytest.mark.parametrize("shape", [(8, 8), (3, 2000), (2000, 3), (1, 1)])
def test_a_photograph_of_hardly_any_pixels_is_left_out(shape):
    speck = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    assert sorted(registered({0: photographed(plate(4), np.eye(3)), 1: speck}, 0)) == [0]


def test_sixteen_bit_colour_is_registered_to_eight_bit_grey():
    metal = plate(6)
    deep = np.repeat(photographed(metal, turned(1)).astype(np.uint16)[:, :, None] * 257, 3, axis=2)
    found = registered({0: photographed(metal, np.eye(3)), 1: deep}, 0)
    assert corner_error(found[1], turned(1)) < 1.0


def test_other_resolution_is_laid_in_stored_pixels():
    small = photographed(plate(8), np.eye(3))
    large = cv2.resize(small, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    # Pixel centres: x of the large photograph is (x + 0.5) / 3 - 0.5 of the small one.
    true = np.array([[1 / 3, 0, -1 / 3], [0, 1 / 3, -1 / 3], [0, 0, 1]])
    found = registered({0: small, 1: large}, 0)[1]
    ours, theirs = (cv2.perspectiveTransform(np.array([[[1900.0, 1200.0]]]), m) for m in (found, true))
    assert np.abs(ours - theirs).max() < 0.3


def test_a_series_keeps_its_numbers_and_names_what_does_not_fit():
    metal, far, near = plate(7), turned(-160), turned(4, shift=(10, 5))
    series = {
        5: photographed(metal, np.eye(3)),
        2: 255 - photographed(metal, near),
        9: photographed(metal, far),
        1: photographed(plate(8, ""), np.eye(3)),
    }
    found = alignments(series, 5)
    assert list(found) == [5, 2, 9, 1]
    assert [i for i, one in found.items() if one.to_reference is None] == [1]
    assert found[5].how == "reference" and corner_error(found[5].to_reference, np.eye(3)) == 0
    assert corner_error(found[2].to_reference, near) < 1.0
    assert corner_error(found[9].to_reference, far) < 1.0


def test_a_photograph_by_itself_is_its_own_reference():
    found = registered({3: np.zeros((8, 8), np.uint8)}, 3)
    assert list(found) == [3] and np.array_equal(found[3], np.eye(3))


def test_what_does_not_fit_the_reference_is_registered_over_one_that_does():
    """Photographs that share only a part: the first and the last do not overlap, both do with the middle."""
    wide = photographed(plate(9), np.eye(3))
    left, middle, right = wide[:, :310], wide[:, 130:510], wide[:, 330:]
    found = alignments({0: left, 1: middle, 2: right}, 0)
    assert found[2].through == 1
    moved = cv2.perspectiveTransform(np.array([[[10.0, 200.0]]]), found[2].to_reference)[0, 0]
    assert np.abs(moved - (340, 200)).max() < 1


def test_what_a_person_laid_counts_first_and_carries_others():
    """Photograph 1 shows another plate: only a person can lay it; photograph 2 lies over that one by hand."""
    one, other = photographed(plate(2), np.eye(3)), photographed(plate(3, "B7"), np.eye(3))
    by_hand = {(1, 0): turned(5), (1, 2): turned(3)}
    found = alignments({0: one, 1: other, 2: 255 - other}, 0, by_hand)
    assert [found[i].how for i in (0, 1, 2)] == ["reference", "by hand", "by hand"]
    assert found[1].to_reference == pytest.approx(turned(5)) and found[1].agreeing is None
    assert found[2].to_reference == pytest.approx(turned(5) @ np.linalg.inv(turned(3)))


def test_the_same_photographs_give_the_same_places():
    series = {i: photographed(plate(5), turned(40 * i)) for i in range(2)}
    assert np.array_equal(registered(series, 0)[1], registered(series, 0)[1])
