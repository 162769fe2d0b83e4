"""Candidates against every combination counted out, and probabilities against hand-made ones."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.tracing.candidates import OTHER, candidates
from examiner.tracing.patterns import Slot

CLASSES = "0138AB"
GLYPHS = CLASSES + "АВ"
shares = st.dictionaries(st.sampled_from(CLASSES), st.floats(0.01, 1), min_size=1).map(
    lambda found: {glyph: p / (sum(found.values()) + 0.1) for glyph, p in found.items()}
)
slot = st.one_of(
    st.lists(st.sampled_from(GLYPHS), min_size=1, max_size=3, unique=True).map(lambda o: Slot(tuple(o))),
    st.lists(st.sampled_from(GLYPHS), max_size=2, unique=True).map(lambda e: Slot(excluded=tuple(e))),
)
rows = st.lists(st.tuples(slot, st.none() | shares), min_size=1, max_size=4)


@given(rows, st.integers(1, 30))
def test_the_likeliest_come_first_and_none_is_left_out(pairs, most):
    slots, proposed = zip(*pairs, strict=True)
    every = candidates(slots, proposed, 10_000)
    assert len(every.shown) == every.total
    assert math.isclose(sum(one.p for one in every.shown), 1, abs_tol=1e-9)
    assert len({one.text for one in every.shown}) == every.total
    some = candidates(slots, proposed, most)
    best = sorted((one.p for one in every.shown), reverse=True)[:most]
    assert [one.p for one in some.shown] == pytest.approx(best)
    for one in every.shown:
        assert all(s.admits(c) or c == OTHER for s, c in zip(slots, one.text, strict=True))


@given(rows)
def test_one_position_at_a_time_is_what_all_come_to(pairs):
    slots, proposed = zip(*pairs, strict=True)
    alone = [{one.text: one.p for one in candidates([slot], [known], 100).shown} for slot, known in pairs]
    for one in candidates(slots, proposed, 10_000).shown:
        assert math.isclose(
            one.p, math.prod(p[c] for p, c in zip(alone, one.text, strict=True)), abs_tol=1e-12
        )


def test_the_reading_restricts_the_proposal():
    found = candidates([Slot(("3", "8"))], [{"8": 0.6, "3": 0.2, "B": 0.1}])
    assert [(one.text, round(one.p, 9)) for one in found.shown] == [("8", 0.75), ("3", 0.25)]


def test_a_cyrillic_letter_has_the_probability_of_the_class_it_looks_like():
    found = candidates([Slot(("Я", "А"))], [{"A": 0.9, "Я": 0.05}])
    assert [(one.text, round(one.p, 9)) for one in found.shown] == [
        ("А", round(0.9 / 0.95, 9)),
        ("Я", round(0.05 / 0.95, 9)),
    ]


def test_alternatives_that_look_the_same_share_their_class():
    found = candidates([Slot(("A", "А", "8"))], [{"A": 0.6, "8": 0.4}])
    assert [(one.text, round(one.p, 9)) for one in found.shown] == [("8", 0.4), ("A", 0.3), ("А", 0.3)]
    assert found.equal == ()


def test_where_the_latin_letter_is_ruled_out_its_class_is_the_cyrillic_one():
    assert [one.text for one in candidates([Slot(excluded=("A",))], [{"A": 0.7}]).shown] == ["А", "?"]
    assert [one.text for one in candidates([Slot(excluded=("A", "А"))], [{"A": 0.7}]).shown] == ["?"]


def test_what_the_proposal_does_not_name_has_the_rest():
    found = candidates([Slot(excluded=("1",))], [{"8": 0.5, "1": 0.2, "": 0.1}])
    assert {one.text: round(one.p, 9) for one in found.shown} == {
        "8": round(0.5 / 0.7, 9),
        "?": round(0.2 / 0.7, 9),
    }


def test_without_a_proposal_alternatives_share_evenly_and_are_named():
    found = candidates([Slot(("A",)), Slot(("3", "8")), Slot()], [None, None, None])
    assert found.equal == (2,) and [(one.text, one.p) for one in found.shown] == [("A3?", 0.5), ("A8?", 0.5)]


def test_the_number_of_all_is_exact_where_few_are_shown():
    slots = [Slot(tuple(GLYPHS))] * 12
    found = candidates(slots, [None] * 12, 3)
    assert found.total == len(GLYPHS) ** 12 and len(found.shown) == 3
    assert math.isclose(found.share, 3 / len(GLYPHS) ** 12)


def test_nothing_read_has_no_candidates():
    assert candidates([], []).shown == () and list(itertools.chain(candidates([], []).equal)) == []
