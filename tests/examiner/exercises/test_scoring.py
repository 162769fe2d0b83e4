"""Scoring against examples worked out by hand, and what holds for every try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.examination.readings import CharacterReading, State
from examiner.exercises.attempt import StatedReading
from examiner.exercises.scoring import (
    Influence,
    Outcome,
    aligned,
    calibration_bins,
    influence,
    judge,
    score,
)


def said(text: str, confidence: float = 0.9) -> StatedReading:
    """`4` definite, `3/8` alternatives, `?` unreadable, `~` trace, `_` no character."""
    states = {"?": State.UNREADABLE, "~": State.TRACE_ONLY, "_": State.NO_CHARACTER}
    if text in states:
        return StatedReading(CharacterReading(states[text]), confidence)
    if "/" in text:
        return StatedReading(CharacterReading(State.ALTERNATIVES, "", tuple(text.split("/"))), confidence)
    return StatedReading(CharacterReading(State.DEFINITE, text), confidence)


def outcomes(truth: str, visible: list[float], *readings: str) -> list[str]:
    return [judgement.outcome.value for judgement in judge(truth, visible, [said(text) for text in readings])]


def test_a_worked_example():
    # AB123 struck; the 1 is gone, the rest can be seen.
    own = [said("A", 1.0), said("8", 0.6), said("?", 0.8), said("2/7", 0.5), said("3", 0.9)]
    final = [said("A", 1.0), said("B", 0.9), said("?", 0.8), said("2/7", 0.5), said("8", 0.9)]
    scored = score("AB123", [1, 1, 0.1, 1, 1], own, final, ["A", "B", "I", "2", "8"], 61.0)
    assert [judgement.outcome for judgement in scored.judged] == [
        *(Outcome.RIGHT, Outcome.RIGHT, Outcome.RIGHTLY_UNREADABLE, Outcome.HELD, Outcome.WRONG),
    ]
    # 0, 0.1², 0.2², 0.5², 0.9²
    assert scored.brier == pytest.approx((0 + 0.01 + 0.04 + 0.25 + 0.81) / 5)
    assert scored.influence == Influence(3, 1, 1, 0, 2)
    assert [(b.low, b.count, b.true) for b in scored.bins] == [(0.5, 1, 1.0), (0.7, 1, 1.0), (0.9, 3, 2 / 3)]
    assert scored.seconds == 61.0


@pytest.mark.parametrize(
    ("truth", "visible", "read", "expected"),
    [
        ("47", [1, 1], ["4", "7"], ["right", "right"]),
        ("47", [1, 1], ["4"], ["right", "missed"]),
        ("47", [1, 0], ["4"], ["right", "rightly unreadable"]),
        ("47", [1, 1], ["?", "7"], ["wrongly unreadable", "right"]),
        ("47", [0, 1], ["~", "7"], ["rightly unreadable", "right"]),
        ("47", [1, 1], ["4", "1", "7"], ["right", "invented", "right"]),
        ("47", [1, 1], ["4", "_", "7"], ["right", "rightly no character", "right"]),
        ("47", [1, 1], ["4", "1/7"], ["right", "alternatives hold it"]),
        ("", [], ["8"], ["invented"]),
        ("", [], ["_"], ["rightly no character"]),
        ("", [], [], []),
        ("4711", [1] * 4, ["7", "1", "1"], ["missed", "right", "right", "right"]),
    ],
)
def test_outcomes(truth, visible, read, expected):
    assert outcomes(truth, visible, *read) == expected


def test_a_proposal_that_misleads_and_one_that_helps():
    assert influence("4", [1], [said("4")], [said("9")], ["9"]) == Influence(0, 1, 0, 0, 1)
    assert influence("4", [1], [said("9")], [said("4")], ["4"]) == Influence(0, 0, 1, 0, 1)
    assert influence("4", [1], [said("9")], [said("7")], ["4"]) == Influence(0, 0, 0, 1, 0)
    assert influence("4", [1], [said("4", 0.5)], [said("4", 0.9)], ["4"]) == Influence(1, 0, 0, 0, 0)


def test_brier_of_nothing_is_nothing():
    nothing = score("", [], [], [], [], 0.0)
    assert (nothing.brier, nothing.bins, nothing.judged) == (None, (), ())


def test_the_last_bin_holds_its_upper_end():
    [judgement] = calibration_bins([(1.0, True)])
    assert (judgement.low, judgement.high, judgement.count) == (0.9, 1.0, 1)


readings = st.lists(st.sampled_from(["1", "4", "7", "?", "_", "1/7"]), max_size=7)


@given(st.text("147", max_size=7), readings)
def test_alignment_keeps_order_and_leaves_nothing_out(truth, texts):
    pairs = aligned(truth, [said(text).reading for text in texts])
    assert [i for i, _ in pairs if i is not None] == list(range(len(truth)))
    assert [j for _, j in pairs if j is not None] == list(range(len(texts)))


@given(st.text("147", min_size=1, max_size=7))
def test_who_reads_the_truth_is_right_everywhere(truth):
    readings = [said(c, 1.0) for c in truth]
    scored = score(truth, [1.0] * len(truth), readings, readings, list(truth), 1.0)
    assert scored.counts["right"] == len(truth) and scored.brier == 0.0
