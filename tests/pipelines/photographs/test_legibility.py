"""Sharpness, contrast and glare against pictures whose values are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.photographs.legibility import SATURATED, SCALE, SMOOTHING, legibility, legibility_at


def ramp(slope: float, width: int = 64) -> np.ndarray:
    return np.tile(np.arange(width, dtype=np.float32) * np.float32(slope), (48, 1))


@given(st.floats(0, SATURATED - 0.01))
def test_a_flat_crop_has_neither_edge_nor_contrast_nor_glare(grey):
    found = legibility(np.full((64, 40), grey, np.float32))
    assert (found.sharpness, found.contrast, found.glare) == pytest.approx((0, 0, 0), abs=1e-4)


def test_a_ramp_is_as_sharp_as_it_is_steep():
    # The border is repeated when smoothing, so the slope is a little less there.
    found = legibility(ramp(0.01, 400) / 4)
    assert found.sharpness == pytest.approx(0.25, rel=0.02)
    assert found.contrast == pytest.approx(100 * 0.0025 * 0.9 * 399, rel=0.01)


@pytest.mark.parametrize("period", [8, 16, 32])
def test_a_wave_is_as_sharp_as_its_smoothed_slope(period):
    columns = np.arange(320)
    wave = 0.5 + 0.25 * np.cos(2 * np.pi * columns / period)
    frequency = 2 * np.pi / period
    smoothed = 0.25 * np.exp(-((SMOOTHING * frequency) ** 2) / 2)
    expected = 100 * smoothed * np.sin(frequency) / np.sqrt(2)
    found = legibility(np.tile(wave, (64, 1)).astype(np.float32))
    assert found.sharpness == pytest.approx(expected, rel=0.03)
    assert found.contrast == pytest.approx(50 * np.cos(np.pi * 0.05), rel=0.03)


@given(st.integers(0, 60))
def test_glare_is_the_share_of_saturated_pixels(columns):
    crop = np.full((40, 60, 3), 90, np.uint8)
    crop[:, :columns, 1] = 255
    assert legibility(crop).glare == pytest.approx(100 * columns / 60)


@given(st.integers(0, 2**32 - 1))
def test_blur_never_sharpens_and_the_negative_is_as_sharp(seed):
    crop = np.random.default_rng(seed).random((64, 48), np.float32) * 0.9
    blurred = cv2.GaussianBlur(crop, (0, 0), 2)
    assert legibility(blurred).sharpness < legibility(crop).sharpness
    assert legibility(0.9 - crop).sharpness == pytest.approx(legibility(crop).sharpness, rel=1e-3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_measures_do_not_depend_on_the_depth_of_the_file(dtype):
    crop = np.random.default_rng(3).random((64, 48))
    full = np.iinfo(dtype).max
    found, exact = legibility(np.round(crop * full).astype(dtype)), legibility(crop.astype(np.float32))
    assert (found.sharpness, found.contrast) == pytest.approx((exact.sharpness, exact.contrast), rel=0.01)


def test_a_tiny_crop_has_measures_too():
    assert legibility(np.full((1, 1), 255, np.uint8)).glare == 100


def test_the_nearer_photograph_is_not_the_sharper_one():
    small = cv2.GaussianBlur(np.random.default_rng(4).random((200, 200), np.float32), (0, 0), 4)
    large = cv2.resize(small, (600, 600), interpolation=cv2.INTER_CUBIC)
    near = legibility_at(large, ((150, 150), (390, 150), (390, 342), (150, 342)))
    far = legibility_at(small, ((50, 50), (130, 50), (130, 114), (50, 114)))
    assert near.sharpness == pytest.approx(far.sharpness, rel=0.05)
    assert SCALE == 64
