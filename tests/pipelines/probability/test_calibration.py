"""Calibration: what goes out is a probability, and says no more than the evidence."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.glyphs import GLYPHS
from pipelines.probability.calibration import (
    COMMITTED,
    FEATURES,
    NAMED,
    Calibration,
    calibrated,
    calibration,
    features,
    position_text,
    state_of,
)
from pipelines.reading.pooling import PooledLine
from pipelines.types import Candidate

PLAIN = Calibration(1.0, {**dict.fromkeys(FEATURES, 0.0), "log_odds": 1.0}, "nothing")


def line_of(rows: list[dict[str, float]]) -> PooledLine:
    """A line whose positions have these log-likelihoods; every other glyph is 20 nats below."""
    table = np.full((len(rows), len(GLYPHS) + 1), -20.0)
    for row, likelihoods in zip(table, rows, strict=True):
        for glyph, value in likelihoods.items():
            row[GLYPHS.index(glyph) + 1 if glyph else 0] = value
    string = tuple(int(c) for c in table.argmax(axis=1))
    count = len(rows)
    cells = tuple((i / count, (i + 1) / count) for i in range(count))
    return PooledLine(string, table, {0: table}, np.zeros(count), cells, {})


likelihoods = st.dictionaries(st.sampled_from(GLYPHS), st.floats(-15, 0), min_size=1, max_size=5)
whole_likelihoods = st.dictionaries(st.sampled_from(GLYPHS), st.integers(-15, 0), min_size=1, max_size=5)


@given(st.lists(likelihoods, min_size=1, max_size=4))
def test_candidates_are_sorted_and_sum_to_at_most_one(rows):
    for candidates in calibrated(line_of(rows), calibration()):
        ps = [c.p for c in candidates]
        assert ps == sorted(ps, reverse=True)
        assert 0 < sum(ps) <= 1
        assert len({c.glyph for c in candidates}) == len(candidates)


@given(st.lists(whole_likelihoods, min_size=1, max_size=4), st.floats(-6, 6))
@example([{"8": 0, "3": -1}], -6.0)
def test_the_likeliest_glyph_stays_first_however_little_a_calibration_trusts_it(rows, trust):
    distrustful = Calibration(1.0, {**PLAIN.weights, "one": trust}, "nothing")
    line = line_of(rows)
    assert [c[0].glyph for c in calibrated(line, distrustful)] == [GLYPHS[i - 1] for i in line.string]


def test_more_evidence_gives_more_probability():
    ps = [calibrated(line_of([{"8": 0.0, "3": -gap}]), calibration())[0][0].p for gap in (0.2, 1, 3, 8)]
    assert ps == sorted(ps)


def test_half_an_eight_is_three_or_eight():
    candidates = calibrated(line_of([{"8": 0.0, "3": -0.1}]), PLAIN)[0]
    assert {c.glyph for c in candidates[:2]} == {"3", "8"}
    assert state_of(candidates) == "alternatives"
    assert position_text(candidates) == "?"


def test_no_character_can_be_a_candidate():
    candidates = calibrated(line_of([{"1": 0.0, "": -0.3}]), PLAIN)[0]
    assert candidates[1].glyph == ""


@pytest.mark.parametrize(
    ("glyphs", "ps", "state", "said"),
    [
        ("83", (COMMITTED, 0.05), "proposed", "8"),
        (("", "8"), (COMMITTED, 0.05), "no_character", ""),
        ("83", (COMMITTED - 0.01, 0.19), "alternatives", "?"),
        ("835", [NAMED / 3 + 0.01] * 3, "alternatives", "?"),
        ("8350", [NAMED / 3 - 0.01] * 3 + [0.2], "unreadable", "?"),
    ],
)
def test_states_and_what_is_shown_follow_from_probabilities(glyphs, ps, state, said):
    candidates = tuple(Candidate(glyph, p) for glyph, p in zip(glyphs, ps, strict=True))
    assert (state_of(candidates), position_text(candidates)) == (state, said)


def test_more_photographs_count_more_but_not_as_independent_ones():
    assert PLAIN.votes(4) == 4.0
    assert 1.0 <= Calibration(0.5, {}, "").votes(4) == 2.0
    assert calibration().votes(1) == 1.0


def test_features_have_a_column_each():
    table = features(line_of([{"8": 0.0}, {"3": 0.0}, {"1": 0.0}]), 1.0)
    assert table.shape == (3, len(FEATURES))
    assert table[:, 0].tolist() == [1.0, 1.0, 1.0]
    assert table[:, FEATURES.index("line_log_odds")].tolist() == [pytest.approx(table[:, 1].mean())] * 3


def test_agreement_is_that_of_the_leading_readers_place_by_place():
    line = replace(
        line_of([{"8": 0.0}, {"3": 0.0}]), by_reader={"marks": "83", "general": "85", "tesseract": "11"}
    )
    table = features(line, 1.0)
    assert table[:, FEATURES.index("agreed")].tolist() == [1.0, 0.5]
    assert table[:, FEATURES.index("line_agreed")].tolist() == [0.75, 0.75]


def test_an_empty_line_has_no_candidates():
    nothing = np.zeros((0, len(GLYPHS) + 1))
    assert calibrated(PooledLine((), nothing, {0: nothing}, np.zeros(0), (), {}), calibration()) == []
