"""Photographs turned over, because they are stored mirrored or because a person says so of the marking."""

import numpy as np
import pytest

from pipelines.photographs.mirrored import as_shown
from pipelines.photographs.photo import upright_matrix
from pipelines.strip import moved
from pipelines.types import DrawnBand, Mark, Photo, as_quad

WIDE, HIGH = 7, 5


def photo(orientation: int) -> Photo:
    return Photo("a.png", "0", np.arange(WIDE * HIGH, dtype=np.uint8).reshape(HIGH, WIDE), "PNG", orientation)


def displayed(taken: Photo) -> np.ndarray:
    """The pixels as a viewer shows them."""
    rows, columns = np.mgrid[: taken.pixels.shape[0], : taken.pixels.shape[1]]
    stored = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float64)
    x, y = np.round(moved(stored, upright_matrix(taken))).astype(int).T
    shown = np.zeros((y.max() + 1, x.max() + 1), np.uint8)
    shown[y, x] = taken.pixels.ravel()
    return shown


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("said", [None, False, True])
def test_what_is_read_is_what_a_viewer_shows_turned_over_where_a_person_says_so(orientation, said):
    given = photo(orientation)
    shown = as_shown({0: given}, {0: Mark(mirrored=said)})
    expected = displayed(given)
    assert np.array_equal(displayed(shown.photos[0]), expected[:, ::-1] if said else expected)
    # No character is mirrored in the pixels themselves, which readers see turned but never turned over.
    assert shown.photos[0].orientation in (1, 3, 6, 8)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("said", [None, True])
def test_what_is_found_goes_back_to_stored_pixels(orientation, said):
    given = photo(orientation)
    shown = as_shown({0: given}, {0: Mark(mirrored=said)})
    x, y = np.round(moved([(2.0, 3.0)], shown.to_stored(0))[0]).astype(int)
    assert shown.photos[0].pixels[3, 2] == given.pixels[y, x]


def test_a_region_and_a_rotation_are_turned_over_with_the_photograph():
    mark = as_shown({0: photo(1)}, {0: Mark((1, 1, 3, 4), 30.0, mirrored=True)}).marks[0]
    assert mark.region == (WIDE - 3, 1, WIDE - 1, 4)
    assert mark.rotate_cw == -30.0 and mark.mirrored is True


@pytest.mark.parametrize("flat", [((5, 1), (1, 1), (1, 3), (5, 3)), ((5, 3), (1, 3), (1, 1), (5, 1))])
def test_a_band_is_told_by_its_ends_whichever_side_was_called_its_top(flat):
    # The reading of a mirrored row runs from right to left; its band comes out clockwise from its start.
    band = as_shown({0: photo(1)}, {0: Mark(band=DrawnBand(as_quad(flat)), mirrored=True)}).marks[0].band
    assert band is not None
    assert band.quad == as_quad([(1, 1), (5, 1), (5, 3), (1, 3)])
