"""Each sentence of a report stands only where its record bears it out: over many small made-up records."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from examiner.casebook.laboratory import shipped
from examiner.examination.acts import Mode
from examiner.examination.mode_words import MODE_WORDS
from examiner.exports.report import statements

answers = st.none() | st.fixed_dictionaries(
    {"read_from": st.sampled_from(["photographs", "item"]), "reason": st.sampled_from(["", "clear"])}
)
proposed: Any = st.none() | st.just({"candidates": []})
positions = st.fixed_dictionaries(
    {which: answers for which in ("own", "final", "second", "settled")}
    | {"proposed": proposed, "at_place": proposed}
)
moments = st.none() | st.sampled_from(
    [{"by": "eva", "at": f"2026-01-0{day}T00:00:00+00:00"} for day in (1, 3)]
)
notes = st.lists(
    st.just({"person": "eva", "what": "batch", "examination": "", "time": "2026-01-01T00:00:00+00:00"}),
    max_size=1,
)
readings: Any = st.fixed_dictionaries(
    {
        "mode": st.sampled_from([mode.value for mode in MODE_WORDS]),
        "phase": st.sampled_from(["observe", "revealed", "settling", "signed"]),
        "locked": moments,
        "signed": moments,
        "rules": st.fixed_dictionaries({"reasons": st.booleans()}),
        "informed": notes,
        "case": st.none() | st.fixed_dictionaries({"procedure": st.lists(st.just({}), max_size=1)}),
        "positions": st.lists(positions, max_size=3),
        "second": st.none() | st.fixed_dictionaries({"informed": notes}),
        "context": st.lists(
            st.fixed_dictionaries({"at": st.sampled_from([f"2026-01-0{d}T00:00:00+00:00" for d in (2, 4)])}),
            max_size=2,
        ),
        "proposal": st.none()
        | st.fixed_dictionaries({"error": st.sampled_from([None, {"message": "the readers stopped"}])}),
    }
)


def from_item(reading):
    return any(
        position[which] and position[which]["read_from"] == "item"
        for position in reading["positions"]
        for which in ("own", "final", "second", "settled")
    )


@given(readings)
def test_what_is_said_of_the_order_of_reading_is_so(reading):
    said = statements.order(reading)
    own = [position["own"] for position in reading["positions"]]
    if any(MODE_WORDS[mode].order in said for mode in (Mode.CASEWORK, Mode.QUALITY_CONTROL)):
        assert all(own) and own and not reading["informed"]
    if statements.NO_POSITIONS in said:
        assert not own
    if statements.LATER in said:
        assert any(
            p["own"] is None and not (p["final"] is None and p["second"]) for p in reading["positions"]
        )
    if statements.REASONED in said:
        decided = [position["final"] for position in reading["positions"]]
        assert reading["proposal"] and any(decided)
        assert all(answer["reason"] for answer in decided if answer)
        assert all(p["final"] or p["second"] for p in reading["positions"])
    if reading["informed"] and said != statements.UNFINISHED:
        assert "eva was shown what a program made" in said
        assert not any(words.order in said for words in MODE_WORDS.values())


@given(readings, st.integers(0, 3))
def test_what_is_said_of_the_second_examiner_is_so(reading, differences):
    differences = min(differences, len(reading["positions"]))
    said = statements.second(reading, differences)
    assert bool(said) is (reading["second"] is not None)
    if statements.SECOND_ALONE in said:
        assert not reading["second"]["informed"]
    if statements.READ_ALIKE in said:
        assert reading["positions"] and not differences
    if statements.OTHERS_ALIKE in said:
        assert 0 < differences < len(reading["positions"])


@given(readings)
def test_what_was_told_afterwards_was_told_after_the_lock(reading):
    if statements.told(reading):
        assert reading["locked"] and reading["context"]
        assert min(note["at"] for note in reading["context"]) > reading["locked"]["at"]


@given(readings, st.booleans(), st.booleans())
def test_numbers_are_explained_where_there_are_any(reading, sets, other):
    said = statements.proposal(reading, sets, other)
    there = any(position["proposed"] or position["at_place"] for position in reading["positions"])
    assert (statements.NO_PROPOSAL in said) is (reading["proposal"] is None)
    assert (statements.PERCENTAGES in said) is bool(reading["proposal"] and there)
    if statements.SETS in said:
        assert sets and reading["proposal"]
    if statements.OTHER_VERSION in said:
        assert other


@given(readings, st.booleans())
def test_words_of_the_shipped_laboratory_follow_the_record(reading, filtered):
    words = shipped().report
    opened = statements.opening(reading, [*words["opening"], statements.RESTORED, "Our own words."])
    ended = statements.limits(reading, [*words["limits"], statements.ENHANCED, "Our own words."], filtered)
    assert opened[-1] == ended[-1] == "Our own words."
    assert (statements.RESTORED in opened) is bool(reading["case"] and reading["case"]["procedure"])
    assert (statements.ON_PHOTOGRAPHS in opened) is not from_item(reading)
    assert (statements.SEEN_IN_PHOTOGRAPHS in ended) is not from_item(reading)
    assert any("Enhanced" in line for line in ended) is filtered


def test_the_shipped_words_are_those_that_are_checked():
    words = shipped().report
    assert words["opening"] == (statements.ON_PHOTOGRAPHS,)
    assert words["limits"] == (statements.SEEN_IN_PHOTOGRAPHS, statements.ENHANCED_ONLY)


def test_few_photographs_are_counted_in_words():
    assert statements.photographs(1, 1000).startswith("1 photograph, printed")
    assert statements.photographs(4, 1000).startswith("4 photographs, printed")
