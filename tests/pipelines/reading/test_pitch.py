"""Pitch: distances speak for characters that are missing or read twice, and only then."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.pitch import NARROW, WIDE, pitch_of, regularity, surplus


def test_an_even_row_is_as_regular_as_can_be():
    row = [10.0, 20.0, 30.0, 40.0, 50.0]
    assert pitch_of(row) == 10
    assert regularity(np.diff(row), 10).tolist() == [0.0] * 4
    assert surplus(row, 10)[1:-1].max() < 0


def test_a_character_in_a_gap_of_two_pitches_makes_the_row_more_regular():
    assert regularity([20.0], 10).sum() < regularity([10.0, 10.0], 10).sum()


def test_a_character_beside_another_makes_it_less_regular():
    assert regularity([10.0], 10).sum() > regularity([1.0, 9.0], 10).sum()


def test_a_character_between_two_neighbours_one_pitch_apart_is_surplus():
    gain = surplus([10.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0], 10)
    assert gain.argmax() == 2
    assert gain[2] > 0


@pytest.mark.parametrize("few", [[], [3.0], [3.0, 9.0], [3.0, 6.0, 60.0], [5.0, 5.0, 5.0, 5.0]])
def test_few_characters_show_no_pitch(few):
    assert pitch_of(few) is None


@given(st.lists(st.floats(0.01, 100), min_size=4, max_size=20), st.floats(0.1, 50))
def test_neither_scale_nor_direction_matters_and_all_is_bounded(gaps, scale):
    row = np.concatenate([[0.0], np.cumsum(gaps)])
    pitch = pitch_of(row)
    kept = regularity(gaps, pitch)
    assert kept.min() >= -NARROW and kept.max() <= 0
    assert regularity(np.array(gaps) * scale, pitch * scale) == pytest.approx(kept, abs=1e-6)
    assert np.abs(surplus(row, pitch)).max() <= 2 * max(NARROW, WIDE)
    assert surplus(row[-1] - row[::-1], pitch)[::-1] == pytest.approx(surplus(row, pitch), abs=1e-6)
