"""Strips that look like none that teach are named, whatever they say."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipelines.probability.likeness import (
    MEASURES,
    Known,
    fitted,
    known_strips,
    measures,
    unlike_photographs,
    unlikeness,
    unlikeness_of,
)
from pipelines.types import PhotoEntry


def metal(seed: int, wide: int = 240) -> np.ndarray:
    """Grey grain with a soft light on it, in the middle of what cameras give."""
    rng = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(rng.standard_normal((48, wide)).astype(np.float32), (0, 0), 1.5)
    light = np.linspace(0.35, 0.6, wide, dtype=np.float32)
    return np.clip(light + 0.06 * grain / grain.std(), 0, 1)


def test_metal_is_like_what_teaches_and_tiles_and_flat_grey_are_not():
    assert all(unlikeness(metal(seed)) < 1 for seed in range(8))
    tiles = ((np.indices((48, 240)).sum(axis=0) // 4) % 2).astype(np.float32)
    assert unlikeness(tiles) > 1.5
    assert unlikeness(np.full((48, 240), 0.5, np.float32)) > 1.5


def test_the_negative_is_as_unlike_as_its_positive():
    strip = metal(3)
    assert unlikeness(1 - strip) == pytest.approx(unlikeness(strip), abs=1e-3)


def test_a_strip_larger_by_a_whole_number_is_as_unlike():
    strip = metal(4)
    assert measures(np.kron(strip, np.ones((3, 3), np.float32))) == pytest.approx(measures(strip), abs=1e-3)


def test_the_limit_holds_the_share_that_was_asked_for():
    rng = np.random.default_rng(1)
    turned = rng.normal(size=(10, 10))
    known = fitted(rng.normal(size=(4000, 10)) @ turned + 5, 0.95)
    fresh = rng.normal(size=(4000, 10)) @ turned + 5
    assert np.mean(unlikeness_of(fresh, known) <= 1) == pytest.approx(0.95, abs=0.02)


def test_distance_grows_with_the_way_from_the_middle():
    known = Known(np.zeros(10), np.eye(10), 2.0)
    assert unlikeness_of(np.array([[3.0, *[0] * 9], [0, 4.0, *[0] * 8]]), known).tolist() == [1.5, 2.0]


def test_the_released_measures_are_those_of_this_version():
    known = known_strips()
    assert known.mean.shape == (len(MEASURES),) and known.whitening.shape == (len(MEASURES),) * 2
    assert known.limit > 0


def test_photographs_outside_are_named_by_their_numbers():
    photos = [PhotoEntry("a", "0", unlikeness=far) for far in (0.4, 1.2, None, 3.0)]
    assert unlike_photographs(photos).startswith("Photographs 2, 4 look unlike what was validated")
    assert unlike_photographs(photos[:2]).startswith("Photograph 2 of 2 looks unlike")
    assert unlike_photographs(photos[:1]) == ""
