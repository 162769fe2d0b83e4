"""Measuring against drawings whose lengths and angles are known, and the doubt against many pointings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.enhance.measuring import POINTED, Scale, angle, distance, scale_from_ruler
from pipelines.errors import MeasuringError

places = st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000))


def test_a_ruler_gives_the_scale_and_the_scale_gives_lengths() -> None:
    scale = scale_from_ruler((100, 50), (100, 450), 20)
    assert scale.mm_per_px == pytest.approx(0.05)
    measured = distance((0, 0), (30, 40), scale)
    assert measured.value == pytest.approx(2.5)
    assert scale_from_ruler((0, 0), (4000, 0), 20).deviation < scale.deviation


def test_angles() -> None:
    assert angle((0, 0), (10, 0), (0, 10)).value == pytest.approx(90)
    assert angle((0, 0), (10, 0), (-10, 0)).value == pytest.approx(180)
    assert angle((5, 5), (10, 5), (20, 5)).value == 0
    assert angle((0, 0), (-10, 1), (-10, -1)).value == pytest.approx(2 * math.degrees(math.atan(0.1)))


@given(at=places, one=places, other=places)
def test_an_angle_has_no_order_and_lies_from_0_to_180(at, one, other) -> None:
    if math.dist(at, one) < 1 or math.dist(at, other) < 1:
        return
    found = angle(at, one, other)
    assert 0 <= found.value <= 180
    assert angle(at, other, one).value == pytest.approx(found.value, abs=1e-9)


def test_the_doubt_is_what_pointing_again_would_show() -> None:
    rng = np.random.default_rng(5)

    def pointed(place: tuple[float, float]) -> tuple[float, float]:
        x, y = rng.normal(place, POINTED)
        return float(x), float(y)

    lengths, angles = [], []
    for _ in range(3000):
        scale = scale_from_ruler(pointed((0, 0)), pointed((0, 300)), 10)
        lengths.append(distance(pointed((50, 50)), pointed((250, 50)), scale).value)
        angles.append(angle(pointed((0, 0)), pointed((200, 0)), pointed((0, 200))).value)
    scale = scale_from_ruler((0, 0), (0, 300), 10)
    assert np.std(lengths) == pytest.approx(distance((50, 50), (250, 50), scale).deviation, rel=0.05)
    assert np.std(angles) == pytest.approx(angle((0, 0), (200, 0), (0, 200)).deviation, rel=0.05)


def test_what_cannot_be_measured_is_refused() -> None:
    scale = Scale(0.1, 0.01)
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(MeasuringError, match="above 0"):
            scale_from_ruler((0, 0), (100, 0), wrong)
    with pytest.raises(MeasuringError, match="10 pixels"):
        scale_from_ruler((0, 0), (5, 0), 1)
    with pytest.raises(MeasuringError, match="finite"):
        distance((0, math.inf), (1, 1), scale)
    with pytest.raises(MeasuringError, match="angle"):
        angle((0, 0), (0.5, 0), (10, 10))
