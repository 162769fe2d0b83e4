"""Straightening against pictures whose truth is known."""

import cv2
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from pipelines.strip import (
    MAX_ASPECT,
    grown,
    inverse,
    joined,
    moved,
    overlap,
    part,
    sides,
    straightened,
    turned,
    unit,
)
from pipelines.types import as_quad


def band(x: float, y: float, length: float, height: float, degrees: float = 0.0):
    angle = np.radians(degrees)
    right, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    corner = np.array([x, y])
    return as_quad(
        [corner, corner + right * length, corner + right * length + down * height, corner + down * height]
    )


placed = st.builds(
    band,
    st.floats(100, 300),
    st.floats(100, 300),
    st.floats(60, 200),
    st.floats(20, 50),
    st.floats(-180, 180),
)


@given(placed)
@settings(max_examples=40)
def test_a_cut_shows_the_band_and_its_matrix_leads_back(quad):
    picture = np.zeros((600, 600), np.float32)
    centre = np.asarray(quad).mean(axis=0)
    # A spot at the picture's edge is repeated beyond it.
    assume(((centre > 12) & (centre < 587)).all())
    cv2.circle(picture, (round(centre[0]), round(centre[1])), 4, 1.0, -1)
    strip, matrix = straightened(picture, quad, height=64)
    assert strip.shape[0] == 64
    y, x = np.unravel_index(cv2.GaussianBlur(strip, (0, 0), 3).argmax(), strip.shape)
    found = moved([(float(x), float(y))], matrix)[0]
    assert np.linalg.norm(found - centre) < 3


def test_a_cut_of_pixels_at_their_own_scale_is_the_pixels():
    picture = np.random.default_rng(0).random((40, 120)).astype(np.float32)
    strip, _ = straightened(picture, as_quad([(-0.5, -0.5), (119.5, -0.5), (119.5, 39.5), (-0.5, 39.5)]), 40)
    assert np.allclose(strip, picture, atol=1e-3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_whole_numbers_and_fractions_are_cut_alike(dtype):
    picture = np.random.default_rng(1).random((80, 200)).astype(np.float32)
    whole = np.round(picture * np.iinfo(dtype).max).astype(dtype)
    quad = band(20, 20, 120, 30, 8)
    assert np.allclose(straightened(whole, quad)[0], straightened(picture, quad)[0], atol=0.02)
    assert unit(whole).dtype == np.float32 and unit(whole).max() <= 1


def test_fine_grinding_does_not_alias_into_strokes():
    lines = np.tile(np.where(np.arange(1200) % 2, 1.0, 0.0).astype(np.float32), (480, 1))
    strip, _ = straightened(lines, as_quad([(0, 0), (1190, 3), (1190, 473), (0, 470)]), 48)
    assert strip[5:-5, 5:-5].std() < 0.05


def test_what_lies_outside_the_picture_repeats_its_edge():
    picture = np.full((40, 60), 0.7, np.float32)
    assert np.allclose(straightened(picture, band(-30, -20, 120, 80))[0], 0.7, atol=1e-6)


def test_a_band_of_any_shape_asks_for_a_bounded_strip():
    picture = np.full((40, 60), 0.7, np.float32)
    assert straightened(picture, band(0, 5, 50_000, 2), 16)[0].shape == (16, 16 * MAX_ASPECT)
    assert straightened(picture, band(0, 5, 0, 30), 16)[0].shape == (16, 8)


@given(placed, st.integers(-5, 5))
def test_turning_four_times_is_nothing(quad, turns):
    assert turned(quad, turns + 4) == turned(quad, turns)
    assert turned(turned(quad, turns), 1)[0] == turned(quad, turns)[1]
    length, height = sides(quad)
    assert sides(turned(quad, 1)) == (pytest.approx(height), pytest.approx(length))


@given(placed)
def test_parts_of_a_band_make_it_up(quad):
    first, second = part(quad, 0, 0.3), part(quad, 0.3, 1)
    assert np.allclose(first[1], second[0]) and np.allclose(first[0], quad[0])
    assert sides(first)[0] + sides(second)[0] == pytest.approx(sides(quad)[0])


@given(placed)
def test_growing_adds_heights(quad):
    length, height = sides(quad)
    assert sides(grown(quad, 0.5, 0.25)) == (pytest.approx(length + height), pytest.approx(1.5 * height))


@given(placed)
@example(band(109.0, 100.0, 175.875, 20.0, -57.0))
def test_a_band_overlaps_itself_and_its_part_wholly(quad):
    assert overlap(quad, quad) == pytest.approx(1.0, abs=1e-4)
    assert overlap(quad, part(quad, 0.2, 0.6)) == pytest.approx(1.0, abs=1e-4)
    assert overlap(part(quad, 0, 0.5), part(quad, 0.5, 1)) == pytest.approx(0.0, abs=1e-4)


def test_a_band_without_area_or_crossing_itself_overlaps_nothing():
    flat = as_quad([(0, 0), (10, 0), (10, 0), (0, 0)])
    crossed = as_quad([(0, 0), (10, 10), (10, 0), (0, 10)])
    square = as_quad([(0, 0), (10, 0), (10, 10), (0, 10)])
    twisted = as_quad([(0, 0), (10, 10), (10, 0), (0, 5)])
    assert overlap(flat, square) == overlap(crossed, square) == overlap(square, twisted) == 0.0


def test_two_pieces_of_one_row_are_joined_from_end_to_end():
    whole = joined(band(0, 0, 100, 30), band(140, 2, 60, 30))
    assert whole is not None
    assert np.allclose(whole, band(0, 0, 200, 32), atol=1e-6)


def test_a_single_character_joins_its_row_whichever_way_its_band_leans():
    assert joined(band(0, 0, 100, 30), band(115, 0, 28, 28, 20)) is not None
    assert joined(band(0, 0, 100, 30), band(115, 0, 60, 28, 20)) is None


@pytest.mark.parametrize(
    "other",
    [
        band(140, 25, 60, 30),
        band(190, 0, 60, 30),
        band(140, 0, 60, 80),
        band(140, 0, 60, 30, 40),
    ],
    ids=["another row", "too far", "another height", "another direction"],
)
def test_what_is_not_one_row_is_not_joined(other):
    assert joined(band(0, 0, 100, 30), other) is None


def test_the_inverse_leads_back():
    _, matrix = straightened(np.zeros((50, 50), np.float32), band(5, 5, 30, 10, 15))
    points = [(3.0, 4.0), (10.0, 2.0)]
    assert np.allclose(moved(moved(points, matrix), inverse(matrix)), points)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("angle", [0.0, 7.0, 90.0])
def test_a_band_of_a_large_photograph_is_the_mean_over_its_pixels_wherever_it_lies(dtype, angle):
    """A ramp: the mean over any block is the value at its middle. 2400 pixels high, cut 40 times smaller."""
    rows, columns = np.mgrid[:2400, :3200].astype(np.float64)
    ramp = (0.2 * columns / 3199 + 0.6 * rows / 2399 + 0.1).astype(np.float32)
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = ramp if dtype == np.float32 else np.round(ramp * full).astype(dtype)
    centre, (along, across) = np.array([1600.0, 1200.0]), (2100.0, 1900.0)
    right = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    down = np.array([-right[1], right[0]])
    quad = as_quad([centre + right * x * along / 2 + down * y * across / 2 for x, y in CORNERS])
    strip, to_image = straightened(image, quad)
    places = moved([(x, y) for y in range(strip.shape[0]) for x in range(strip.shape[1])], to_image)
    inside = (places > 20).all(axis=1) & (places < (3179, 2379)).all(axis=1)
    expected = 0.2 * places[:, 0] / 3199 + 0.6 * places[:, 1] / 2399 + 0.1
    assert np.abs(strip.reshape(-1) - expected)[inside].max() < 0.002


CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))
