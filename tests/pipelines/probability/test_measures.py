"""The measures, against worked examples, against what must hold for any input, and against other programs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.probability.measures import (
    aligned,
    base_glyph_loss,
    base_log_loss,
    bootstrap,
    brier,
    calibration_error,
    cllr,
    cllr_min,
    confusions,
    coverage,
    distance,
    least_edits,
    log_loss,
    monotone,
    plain,
    reliability,
    right,
)

words = st.text(alphabet="0138AB", max_size=8)
claims = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)
trials = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=2, max_size=40).filter(
    lambda some: len({first for _, first in some}) == 2
)


def apart(pairs):
    return [p for p, _ in pairs], [ok for _, ok in pairs]


def test_separators_case_and_script_of_twins_do_not_count():
    assert plain("am116.06-00 | 9\n") == "AM11606009"
    assert plain("ВТ 733") == plain("BT733")
    assert plain("З") != plain("3")


@pytest.mark.parametrize(
    ("reference", "hypothesis", "edits"),
    [("4827", "4827", 0), ("4827", "487", 1), ("4827", "48827", 1), ("4827", "1827", 1), ("", "12", 2)],
)
def test_edits_are_counted(reference, hypothesis, edits):
    assert distance(reference, hypothesis) == edits


@given(words, words, st.booleans())
def test_an_alignment_keeps_order_leaves_nothing_out_and_costs_the_fewest_edits(
    reference, hypothesis, spare_first
):
    differs = [[float(a != b) for b in hypothesis] for a in reference]
    pairs = least_edits(differs, [1.0] * len(hypothesis), spare_first)
    assert [i for i, _ in pairs if i is not None] == list(range(len(reference)))
    assert [j for _, j in pairs if j is not None] == list(range(len(hypothesis)))
    cost = sum(1.0 if i is None or j is None else differs[i][j] for i, j in pairs)
    assert cost == distance(reference, hypothesis)


def test_of_equal_ways_the_one_that_pairs_comes_first_then_as_asked():
    pairing = least_edits([[1.0]], [1.0])
    assert pairing == [(0, 0)]
    differs = [[float(a != b) for b in "747?"] for a in "111744"]
    by_default, spare_first = (least_edits(differs, [1.0] * 4, first) for first in (False, True))
    assert by_default != spare_first
    assert {
        sum(i is None or j is None or differs[i][j] == 1 for i, j in p) for p in (by_default, spare_first)
    } == {5}


def test_a_word_is_sought_anywhere_when_asked():
    assert distance("4827", "XX4827YY", anywhere=True) == 0
    assert distance("4827", "XX487YY", anywhere=True) == 1


@given(words, words)
def test_matches_and_edits_fit_together(reference, hypothesis):
    matches = sum(right(reference, hypothesis))
    assert matches <= min(len(reference), len(hypothesis))
    assert distance(reference, hypothesis) >= max(len(reference), len(hypothesis)) - matches
    assert distance(reference, hypothesis) <= len(reference) + len(hypothesis) - 2 * matches


@given(words, words)
def test_what_stands_at_each_place_is_part_of_the_truth_in_its_order(reference, hypothesis):
    left = iter(reference)
    assert all(there in left for there in aligned(reference, hypothesis) if there)


def test_an_inserted_character_is_wrong_and_its_neighbours_are_not():
    assert right("4827", "48x27") == [True, True, False, True, True]
    assert aligned("4827", "48x27") == ["4", "8", "", "2", "7"]


def test_a_position_without_a_character_costs_nothing_and_takes_the_one_that_is_missing():
    assert aligned("48", ["4", "", "8"]) == ["4", "", "8"]
    assert aligned("4827", ["4", "8", "", "7"]) == ["4", "8", "2", "7"]


def test_rates_and_confusions_are_counted():
    assert confusions([("8", "3"), ("8", "3"), ("8", "8")]) == {("8", "3"): 2, ("8", "8"): 1}


def test_calibration_error_of_worked_examples():
    assert calibration_error([0.8] * 10, [True] * 8 + [False] * 2, bins=1) == pytest.approx(0.0)
    assert calibration_error([0.9] * 10, [False] * 10, bins=5) == pytest.approx(0.9)
    assert calibration_error([], []) == 0.0
    assert [b.count for b in reliability(np.linspace(0, 1, 25), [True] * 25, bins=10)].count(0) == 0


def test_equal_claims_are_not_sorted_by_their_outcome_into_bins():
    assert calibration_error([0.9] * 100, [True] * 90 + [False] * 10, bins=10) == pytest.approx(0.0)


@given(claims, st.integers(1, 12))
def test_calibration_error_is_a_mean_gap(pairs, bins):
    p, ok = apart(pairs)
    groups = reliability(p, ok, bins)
    assert sum(group.count for group in groups) == len(p)
    assert abs(np.mean(p) - np.mean(ok)) - 1e-9 <= calibration_error(p, ok, bins) <= 1 + 1e-9


@given(claims)
def test_no_measure_depends_on_the_order(pairs):
    for measure in (calibration_error, log_loss, brier):
        assert measure(*apart(pairs)) == pytest.approx(measure(*apart(pairs[::-1])), abs=1e-12)


def test_log_loss_of_even_odds_is_one_bit():
    assert log_loss([0.5, 0.5], [True, False]) == pytest.approx(math.log(2))
    assert base_log_loss([True, False, True, False]) == pytest.approx(math.log(2))
    assert base_glyph_loss(list("0123456789")) == pytest.approx(math.log(10))
    assert brier([0.5, 1.0], [True, True]) == pytest.approx(0.125)


@given(claims)
def test_no_constant_claim_beats_the_base_rate(pairs):
    _, ok = apart(pairs)
    assert base_log_loss(ok) <= min(log_loss([p] * len(ok), ok) for p in (0.1, 0.3, 0.5, 0.9)) + 1e-9


def test_cllr_of_saying_nothing_is_one_and_of_knowing_all_is_none():
    assert cllr([0, 0, 0], [True, False, False]) == pytest.approx(1.0)
    assert cllr([math.inf, -math.inf], [True, False]) == 0.0
    assert cllr([-2, 2], [True, False]) == pytest.approx(math.log2(101))
    assert math.isnan(cllr([1.0], [True])) and math.isnan(cllr_min([1.0], [True]))


@given(trials)
def test_recalibration_never_costs_and_does_not_depend_on_scale(pairs):
    ratios, first = apart(pairs)
    least = cllr_min(ratios, first)
    assert 0 <= least <= min(1.0, cllr(ratios, first)) + 1e-9
    assert cllr_min([3 * value - 1 for value in ratios], first) == pytest.approx(least)


@given(trials)
def test_exchanging_the_hypotheses_changes_no_cost(pairs):
    ratios, first = apart(pairs)
    exchanged = [-value for value in ratios], [not one for one in first]
    assert cllr(*exchanged) == pytest.approx(cllr(ratios, first))
    assert cllr_min(*exchanged) == pytest.approx(cllr_min(ratios, first))


@given(trials)
def test_the_monotone_fit_keeps_the_mean_and_the_order(pairs):
    scores, outcome = apart(pairs)
    fitted = monotone(scores, outcome)
    assert fitted.mean() == pytest.approx(np.mean(outcome))
    assert (np.diff(fitted[np.argsort(scores, kind="stable")]) >= -1e-12).all()


# Worked out once, outside this project, by `lir.metrics.cllr` and `cllr_min` of lir 1.3.1 (Netherlands
# Forensic Institute) on Python 3.11: log10 likelihood ratios, how many of them (from the front) are trials in
# which the first hypothesis was true, Cllr, Cllr_min.
BY_LIR = [
    (
        [
            *(1.034, 2.36, 2.225, 0.49, 0.702, 0.473, 1.57, 0.944, 1.747, -0.847, 2.567, 0.904),
            *(-0.32, -1.137, -1.379, -0.537, -0.175, -1.203, -1.153, -0.314, -1.87, -2.514, -0.605),
            *(-1.671, -2.92, -1.814, -1.468),
        ],
        12,
        0.29383867367370464,
        0.15040168643486715,
    ),
    ([2.0, 1.0, 1.0, 0.5, -0.5, 1.0, 0.5, -0.5, -1.0, -2.0], 5, 0.880821751538106, 0.6754887502163468),
    ([1.0, 2.0, 0.5, -0.5, -3.0], 3, 0.19084078014927486, 0.0),
    ([-1.0, 0.2, 0.1, 1.5], 2, 2.5921487443634295, 1.0),
]


@pytest.mark.parametrize(("ratios", "firsts", "cost", "least"), BY_LIR)
def test_costs_are_those_of_lir(ratios, firsts, cost, least):
    first = [number < firsts for number in range(len(ratios))]
    assert cllr(ratios, first) == pytest.approx(cost, abs=1e-12)
    assert cllr_min(ratios, first) == pytest.approx(least, abs=1e-12)


def test_calibration_error_is_that_of_scikit_learn():
    """lir's "ECE" is the empirical cross-entropy, another thing; the expected calibration error was worked
    out once from scikit-learn 1.9.1's `calibration_curve(strategy="quantile", n_bins=4)`, 40 claims."""
    rng = np.random.default_rng(7)
    p = np.round(rng.random(40), 3)
    assert calibration_error(p, rng.random(40) < p**1.5, bins=4) == pytest.approx(0.09815, abs=1e-12)


def test_sets_are_measured():
    assert coverage([{"8", "3"}, {"1"}, {""}], ["3", "7", ""]) == pytest.approx(2 / 3)
    assert math.isnan(coverage([], []))


def test_the_interval_holds_the_figure_narrows_with_plates_and_is_the_same_again():
    few, many = list(np.linspace(0, 1, 10)), list(np.linspace(0, 1, 400))
    wide, narrow = bootstrap(few, np.mean, seed=3), bootstrap(many, np.mean, seed=3)
    assert wide[0] < narrow[0] < 0.5 < narrow[1] < wide[1]
    assert bootstrap(few, np.mean, seed=3) == wide != bootstrap(few, np.mean, seed=4)
    # The standard error of a mean of 400 from this distribution is 0.0144; 95 % lie within 1.96 of them.
    assert narrow[1] - narrow[0] == pytest.approx(2 * 1.96 * np.std(many) / 20, rel=0.1)
    assert all(math.isnan(end) for end in bootstrap([], np.mean))


def test_whole_plates_are_drawn():
    """Ten plates of a hundred equal characters are ten observations, not a thousand."""
    plates = [[float(number % 2)] * 100 for number in range(10)]
    low, high = bootstrap(plates, lambda drawn: float(np.mean(np.concatenate(drawn))))
    assert high - low > 0.4
