"""Histogram and spectrum against pictures whose waves are known; the notch lies on the lines' waves."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.enhance.grinding import repeated_pattern
from pipelines.enhance.views import histogram, notch, spectrum
from pipelines.errors import RecipeError
from pipelines.types import Image


def waves(cycles: tuple[float, float], shape: tuple[int, int] = (240, 320), amplitude: float = 0.1) -> Image:
    """A wave of (down, across) cycles a pixel."""
    down, across = np.mgrid[: shape[0], : shape[1]]
    wave = np.sin(2 * np.pi * (down * cycles[0] + across * cycles[1]))
    return (0.5 + amplitude * wave).astype(np.float32)


def grain(shape: tuple[int, int] = (240, 320), deviation: float = 0.02) -> Image:
    return np.random.default_rng(3).normal(0, deviation, shape).astype(np.float32)


def test_histogram_counts_every_value_once() -> None:
    ramp = np.linspace(0, 1, 256 * 4, dtype=np.float32).reshape(32, 32)
    found = histogram(ramp)
    assert found.counts.shape == (1, 256) and found.counts.sum() == ramp.size
    assert found.counts.min() >= 3 and found.black == found.white == 1 / ramp.size
    colour = histogram(np.stack([ramp, ramp * 0, ramp * 0 + 1], axis=2))
    assert colour.counts.shape == (3, 256)
    assert colour.counts[1, 0] == colour.counts[2, 255] == ramp.size
    assert histogram(np.full((1, 1), 0.5, np.float32)).counts[0, 128] == 1


@pytest.mark.parametrize("cycles", [(0.0, 0.2), (0.25, 0.0), (0.1, 0.3), (0.3, -0.15)])
def test_a_wave_is_two_spots_in_the_spectrum(cycles: tuple[float, float]) -> None:
    shown = spectrum(waves(cycles))
    assert shown.shape == (512, 512) and shown.dtype == np.float32
    assert shown.min() >= 0 and shown.max() == 1
    spots = np.argwhere(shown > 0.99) / 512 - 0.5
    off = np.minimum(np.abs(spots - cycles).max(axis=1), np.abs(spots + np.array(cycles)).max(axis=1))
    assert len(spots) >= 2 and off.max() < 0.02


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (15, 16), (17, 33), (700, 900)])
def test_any_size_has_a_spectrum_and_a_notch(shape: tuple[int, int]) -> None:
    picture = np.clip(0.5 + grain(shape), 0, 1)
    assert spectrum(picture, 64).shape == (64, 64)
    assert notch("grinding_lines", {}, picture, 64).shape == (64, 64)
    flat = np.full(shape, 0.3, np.float32)
    assert spectrum(flat, 64).max() == 0 and notch("repeated_pattern", {}, flat, 64).min() == 1


def test_the_notch_lies_on_the_lines_waves() -> None:
    lines = waves((0.2, 0.0)) + grain()
    gain = notch("grinding_lines", {}, lines)
    low = np.argwhere(gain < 0.5) / 512 - 0.5
    assert len(low) and np.abs(low[:, 1]).max() < 0.05
    assert np.abs(np.abs(low[:, 0]) - 0.2).min() < 0.01
    with pytest.raises(RecipeError, match="no notch"):
        notch("median", {}, lines)
    with pytest.raises(RecipeError, match="no parameter"):
        notch("grinding_lines", {"nonsense": 1}, lines)


def test_patterns_in_any_direction_are_taken_out_and_a_stroke_stays() -> None:
    picture = 0.5 + grain()
    picture[80:160, 150:158] -= 0.25
    patterned = picture + (waves((0.13, 0.21)) - 0.5) + (waves((0.3, -0.1)) - 0.5)
    cleaned = repeated_pattern(np.clip(patterned, 0, 1).astype(np.float32))
    away = np.ones(picture.shape, bool)
    away[60:180, 130:180] = away[:20] = away[-20:] = False
    away[:, :20] = away[:, -20:] = False
    assert np.abs(cleaned - picture)[away].std() < 0.4 * np.abs(patterned - picture)[away].std()
    assert cleaned[90:150, 152:156].mean() < cleaned[90:150, 100:140].mean() - 0.2


def test_an_edge_and_grain_are_no_pattern() -> None:
    picture = np.clip(0.3 + grain(), 0, 1)
    picture[:, 160:] += np.float32(0.4)
    assert np.abs(repeated_pattern(picture) - picture).max() < 0.02
