"""Motion made exact from a start that is off, against known homographies."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.registration.local_shifts import fit, levels
from pipelines.registration.pairs import AGREEING, REST
from tests.pipelines.plates_seen import SIZE, corner_error, photographed, plate, turned

METAL = plate(11)
STILL = levels(photographed(METAL, np.eye(3)))
OFF = st.floats(-12, 12)


@settings(max_examples=12)
@given(st.tuples(OFF, OFF, OFF, OFF), st.floats(-170, 170))
def test_a_start_that_is_off_by_some_pixels_is_made_exact(off, degrees):
    true = turned(degrees)
    corners = np.array([(0, 0), (SIZE[0], 0), (SIZE[0], SIZE[1]), (0, SIZE[1])], np.float32)
    strayed = corners + np.array([off[:2], off[2:], off[1:3], off[::3]], np.float32)
    start = cv2.getPerspectiveTransform(corners, strayed) @ true
    found = fit(levels(photographed(METAL, true)), STILL, start)
    assert found is not None
    assert corner_error(found.to_reference, true) < 0.6
    assert found.agreeing > AGREEING and found.rest > REST


def test_agreement_is_the_share_of_the_picture_that_is_the_same():
    """The right half is of another plate."""
    half = photographed(METAL, np.eye(3)).copy()
    half[:, SIZE[0] // 2 :] = photographed(plate(12, ""), np.eye(3))[:, SIZE[0] // 2 :]
    found = fit(levels(half), STILL, np.eye(3))
    assert found is not None
    assert 0.3 < found.agreeing < 0.75
    assert corner_error(found.to_reference, np.eye(3)) < 3


def test_another_plate_agrees_nowhere():
    found = fit(levels(photographed(plate(13, "B7"), np.eye(3))), STILL, np.eye(3))
    assert found is None or found.agreeing < AGREEING


@pytest.mark.parametrize("start", [turned(0, shift=(600, 0)), turned(0, 0.05)])
def test_too_little_in_common_gives_none(start):
    assert fit(STILL, STILL, start) is None
