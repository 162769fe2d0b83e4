"""The scores themselves, against worked examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scoring import calibration_error, distance, log_loss, plain, right

words = st.text(alphabet="0138AB", max_size=8)


def test_separators_and_case_do_not_count():
    assert plain("am116.06-00 | 9\n") == "AM11606009"


@pytest.mark.parametrize(
    ("reference", "hypothesis", "edits"),
    [("4827", "4827", 0), ("4827", "487", 1), ("4827", "48827", 1), ("4827", "1827", 1), ("", "12", 2)],
)
def test_edits_are_counted(reference, hypothesis, edits):
    assert distance(reference, hypothesis) == edits


def test_a_word_is_sought_anywhere_when_asked():
    assert distance("4827", "XX4827YY", anywhere=True) == 0
    assert distance("4827", "XX487YY", anywhere=True) == 1


@given(words, words)
def test_matches_and_edits_fit_together(reference, hypothesis):
    matches = sum(right(reference, hypothesis))
    assert matches <= min(len(reference), len(hypothesis))
    assert distance(reference, hypothesis) >= max(len(reference), len(hypothesis)) - matches
    assert distance(reference, hypothesis) <= len(reference) + len(hypothesis) - 2 * matches


def test_an_inserted_character_is_wrong_and_its_neighbours_are_not():
    assert right("4827", "48x27") == [True, True, False, True, True]


def test_calibration_error_of_worked_examples():
    assert calibration_error([(0.8, True)] * 8 + [(0.8, False)] * 2, bins=1) == pytest.approx(0.0)
    assert calibration_error([(0.9, False)] * 10, bins=5) == pytest.approx(0.9)
    assert calibration_error([]) == 0.0


def test_log_loss_of_even_odds_is_one_bit():
    assert log_loss([(0.5, True), (0.5, False)]) == pytest.approx(0.6931, abs=1e-4)
