"""Candidate sets hold the truth as often as promised; likelihood ratios say what the evidence says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.glyphs import GLYPHS
from pipelines.probability.calibration import FEATURES, Calibration, calibrated, calibration, marginals
from pipelines.probability.candidate_sets import (
    KINDS,
    MOST,
    candidate_sets,
    conformal_threshold,
    likelihood_ratio,
    log10_likelihoods,
    scores,
    set_text,
    within,
)
from pipelines.reading.pooling import PooledLine
from pipelines.types import Position, as_quad

PLAIN = Calibration(1.0, {**dict.fromkeys(FEATURES, 0.0), "log_odds": 1.0}, "nothing")
BOX = as_quad([(0, 0), (1, 0), (1, 1), (0, 1)])


def line_of(rows: list[dict[str, float]]) -> PooledLine:
    table = np.full((len(rows), len(GLYPHS) + 1), -20.0)
    for row, likelihoods in zip(table, rows, strict=True):
        for glyph, value in likelihoods.items():
            row[GLYPHS.index(glyph) + 1 if glyph else 0] = value
    cells = tuple((i / len(rows), (i + 1) / len(rows)) for i in range(len(rows)))
    string = tuple(int(c) for c in table.argmax(axis=1))
    return PooledLine(string, table, {0: table}, np.zeros(len(rows)), cells, {})


def position_of(likelihoods: dict[str, float], released: Calibration = PLAIN) -> Position:
    line = line_of([likelihoods])
    named = calibrated(line, released)
    (values,) = log10_likelihoods(line, released, named)
    return Position(named[0], BOX, "alternatives", (), candidate_sets(line, released)[0], values)


likelihoods = st.dictionaries(st.sampled_from(["", *GLYPHS]), st.floats(-15, 0), min_size=1, max_size=5)
tables = st.lists(likelihoods, min_size=1, max_size=4).map(line_of)


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of every difficulty whose probabilities are right, with their truths."""
    rng = np.random.default_rng(seed)
    sharp = rng.choice([0.3, 1.0, 4.0], count)[:, None]
    logits = rng.normal(0, 1, (count, 12)) * sharp
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return p, (p.cumsum(axis=1) > rng.random(count)[:, None]).argmax(axis=1)


@pytest.mark.parametrize("kind", KINDS)
def test_ninety_five_of_a_hundred_unseen_positions_are_covered(kind):
    p, truth = drawn(2000, 1)
    threshold = conformal_threshold(scores(p, kind)[np.arange(len(p)), truth])
    p, truth = drawn(4000, 2)
    held = [there in classes for there, classes in zip(truth, within(p, kind, threshold), strict=True)]
    # Four standard errors of both halves together.
    assert np.mean(held) == pytest.approx(0.95, abs=4 * math.sqrt(0.0475 * (1 / 2000 + 1 / 4000)))


def test_one_minus_p_gives_the_smaller_sets_and_mass_the_more_even_coverage():
    p, truth = drawn(4000, 3)
    sizes, uneven = {}, {}
    hard = p.max(axis=1) < np.median(p.max(axis=1))
    for kind in KINDS:
        threshold = conformal_threshold(scores(p, kind)[np.arange(len(p)), truth])
        found = within(p, kind, threshold)
        held = np.array([there in classes for there, classes in zip(truth, found, strict=True)])
        sizes[kind] = np.mean([len(classes) for classes in found])
        uneven[kind] = abs(held[hard].mean() - held[~hard].mean())
    assert sizes["probability"] < sizes["mass"]
    assert uneven["mass"] < uneven["probability"]


def test_the_threshold_of_worked_examples():
    assert conformal_threshold(np.arange(19) / 100) == 0.18
    assert conformal_threshold(np.arange(99) / 100) == 0.94
    assert conformal_threshold(np.arange(5) / 100) == math.inf
    assert conformal_threshold(np.array([])) == math.inf


def test_weights_count_like_copies():
    some, twice = np.arange(100) / 100, np.arange(100) >= 90
    copied = np.concatenate([some, some[twice]])
    weighted = conformal_threshold(some, np.where(twice, 2.0, 1.0))
    assert weighted == pytest.approx(conformal_threshold(copied), abs=0.011)


@given(tables, st.sampled_from(KINDS), st.floats(0, 1), st.floats(0, 1))
def test_a_set_holds_the_likeliest_and_grows_with_the_threshold(line, kind, one, other):
    p = marginals(line, PLAIN)
    small, large = within(p, kind, min(one, other)), within(p, kind, max(one, other))
    for row, few, many in zip(p, small, large, strict=True):
        assert few[0] == many[0] == int(row.argmax())
        assert many[: len(few)] == few


@given(tables)
def test_marginals_are_probabilities_and_candidates_their_greatest(line):
    p = marginals(line, calibration())
    assert (p >= 0).all() and (p.sum(axis=1) <= 1 + 1e-9).all()
    firsts = [named[0].p for named in calibrated(line, calibration())]
    assert firsts == pytest.approx(p.max(axis=1), abs=1e-4)


def test_half_an_eight_is_a_set_of_three_and_eight():
    position = position_of({"8": 0.0, "3": -0.1})
    assert set(position.candidate_set) == {"3", "8"}
    assert set_text(position.candidate_set) == "3 or 8"


def test_no_character_can_be_in_a_set():
    position = position_of({"1": 0.0, "": -0.3})
    assert set_text(position.candidate_set) == "1 or no character"


def test_a_clear_character_stands_alone_and_a_blur_is_unreadable():
    assert set_text(position_of({"8": 0.0}).candidate_set) == "8"
    blur = position_of(dict.fromkeys(GLYPHS[: MOST + 1], 0.0))
    assert len(blur.candidate_set) == MOST + 1
    assert set_text(blur.candidate_set) == set_text(()) == "unreadable"
    assert set_text(("B", "8", "3")) == "3, 8 or B"


def test_an_empty_line_has_no_sets():
    nothing = np.zeros((0, len(GLYPHS) + 1))
    line = PooledLine((), nothing, {0: nothing}, np.zeros(0), (), {})
    assert candidate_sets(line, calibration()) == log10_likelihoods(line, calibration(), []) == []


def test_the_ratio_is_that_of_the_likelihoods():
    position = position_of({"8": 0.0, "3": -math.log(20), "B": -math.log(50)})
    assert likelihood_ratio(position, "8", "3") == pytest.approx(20, rel=0.01)
    assert likelihood_ratio(position, "3", "B") == pytest.approx(2.5, rel=0.01)
    assert likelihood_ratio(position, "B", "B") == 1.0
    with pytest.raises(KeyError, match="'Z' is not a candidate"):
        likelihood_ratio(position, "8", "Z")


def test_a_calibration_can_make_ratios_weaker():
    weak = Calibration(1.0, PLAIN.weights, "nothing", pair_weight=0.5)
    position = position_of({"8": 0.0, "3": -math.log(25)}, weak)
    assert likelihood_ratio(position, "8", "3") == pytest.approx(5, rel=0.01)


@given(likelihoods)
def test_ratios_of_a_position_multiply(values):
    position = position_of(values)
    glyphs = [candidate.glyph for candidate in position.candidates]
    assert [glyph for glyph, _ in position.log10_likelihoods] == glyphs
    a, b = glyphs[0], glyphs[-1]
    assert likelihood_ratio(position, a, b) * likelihood_ratio(position, b, a) == pytest.approx(1)
    assert likelihood_ratio(position, a, b) >= 1 - 1e-9
