"""One photograph registered to another, against known homographies."""

import cv2
import numpy as np
import pytest

from pipelines.registration.pairs import Alignment, Prepared, pair_alignment
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


def registered(photo: np.ndarray, reference: np.ndarray) -> Alignment:
    return pair_alignment(Prepared(photo), Prepared(reference))


@pytest.mark.parametrize("matrix", MOTIONS.values(), ids=MOTIONS.keys())
@pytest.mark.parametrize("change", ["none", "inverted", "lit from one side"])
def test_a_moved_photograph_is_registered_to_a_part_of_a_pixel(matrix, change):
    metal = plate(1)
    other = {
        "none": metal,
        "inverted": 1 - metal,
        "lit from one side": metal * np.linspace(0.35, 1.0, metal.shape[1], dtype=np.float32),
    }[change]
    alignment = registered(photographed(other, matrix), photographed(metal, np.eye(3)))
    assert alignment.to_reference is not None
    assert corner_error(alignment.to_reference, matrix) < 1.0
    assert alignment.agreeing > 0.5 and "agrees" in alignment.words


@pytest.mark.parametrize("text", ["B70392", "QX 48271"])
def test_another_plate_does_not_fit_whatever_is_struck_on_it(text):
    plates = (photographed(plate(s, t), np.eye(3)) for s, t in ((3, text), (2, "QX 48271")))
    alignment = registered(*plates)
    assert alignment.to_reference is None and alignment.how == "none"
    assert "does not fit" in alignment.words


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_photograph_does_not_fit(value):
    flat = np.full((300, 400), value, np.uint8)
    assert registered(flat, photographed(plate(4), np.eye(3))).to_reference is None
    assert registered(flat, flat.copy()).to_reference is None


@pytest.mark.parametrize("shape", [(8, 8), (3, 2000), (2000, 3), (1, 1)])
def test_a_photograph_of_hardly_any_pixels_does_not_fit(shape):
    speck = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    assert registered(speck, photographed(plate(4), np.eye(3))).to_reference is None


def test_sixteen_bit_colour_is_registered_to_eight_bit_grey():
    metal = plate(6)
    deep = np.repeat(photographed(metal, turned(1)).astype(np.uint16)[:, :, None] * 257, 3, axis=2)
    alignment = registered(deep, photographed(metal, np.eye(3)))
    assert corner_error(alignment.to_reference, turned(1)) < 1.0


def test_another_resolution_is_registered_in_its_own_pixels():
    small = photographed(plate(8), np.eye(3))
    large = cv2.resize(small, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    # Pixel centres: x of the large photograph is (x + 0.5) / 3 - 0.5 of the small one.
    true = np.array([[1 / 3, 0, -1 / 3], [0, 1 / 3, -1 / 3], [0, 0, 1]])
    ours = cv2.perspectiveTransform(np.array([[[1900.0, 1200.0]]]), registered(large, small).to_reference)
    assert np.abs(ours - cv2.perspectiveTransform(np.array([[[1900.0, 1200.0]]]), true)).max() < 0.3


def test_the_same_photographs_give_the_same_place():
    pair = [photographed(plate(5), turned(40 * i)) for i in (1, 0)]
    assert np.array_equal(registered(*pair).to_reference, registered(*pair).to_reference)
