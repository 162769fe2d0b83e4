"""Evidence belongs to the place it was read at, and the ratio is of what the person read."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.examination.acts import DrawLine, Lock, Mode, Observe, Place
from examiner.examination.evidence_at_places import (
    RatioOfReading,
    evidence_at_places,
    glyphs_of,
    in_order,
    nearness_along,
    ratio_of_reading,
    shared_extent,
)
from examiner.examination.order_of_work import apply, begin, revealing
from examiner.examination.positions import ExaminedPosition, halves, merged
from examiner.examination.readings import CharacterReading, State
from pipelines.types import Candidate, LineProposal, PhotoEntry, Position, Proposal, Quad
from tests.examiner.drawn import UNREADABLE, box, read

AT_PLACE = Position(
    (Candidate("8", 0.62), Candidate("3", 0.31)),
    box(0),
    "alternatives",
    candidate_set=("8", "3"),
    log10_likelihoods=(("8", 0.0), ("3", -1.0), ("B", -2.0), ("A", -2.5), ("", -3.0)),
)


def position(quad: Quad) -> Position:
    return replace(AT_PLACE, box=quad)


def proposal(*lines: tuple[list[Quad], list[Quad]], frame: int = 0) -> Proposal:
    """Each line: the boxes of the machine's own count, and of the places."""
    proposed = tuple(
        LineProposal(
            "8",
            "8",
            frame,
            box(0, 500),
            tuple(map(position, counted)),
            at_places=tuple(map(position, places)),
        )
        for counted, places in lines
    )
    return Proposal("series", (PhotoEntry("a", None),), proposed, {}, 0.1)


def marked(quads: list[Quad], line: int = 0, first_id: int = 1) -> list[ExaminedPosition]:
    return [
        ExaminedPosition(first_id + i, line, Place(0, quad), own=read("8")) for i, quad in enumerate(quads)
    ]


def turned(quad: Quad, degrees: float) -> Quad:
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    a, b, c, d = ((float(x), float(y)) for x, y in np.asarray(quad) @ matrix.T)
    return (a, b, c, d)


small = st.integers(0, 5)


@given(st.integers(0, 5).flatmap(lambda n: small.flatmap(lambda m: st.lists(
    st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), min_size=m, max_size=m), min_size=n, max_size=n
).map(lambda rows: np.array(rows, np.float64).reshape(n, m)))))  # fmt: skip
def test_pairs_are_in_order_and_no_other_pairs_are_nearer_in_sum(nearness: np.ndarray) -> None:
    pairs = in_order(nearness)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    assert all(nearness[pair] > 0 for pair in pairs)
    n, m = nearness.shape
    best = max(
        sum(nearness[i, j] for i, j in zip(rows, columns, strict=True))
        for size in range(min(n, m) + 1)
        for rows in combinations(range(n), size)
        for columns in combinations(range(m), size)
    )
    assert sum(nearness[pair] for pair in pairs) == pytest.approx(best)


@given(st.integers(1, 20), st.floats(-180, 180), st.floats(-0.45, 0.45))
def test_a_row_that_lies_up_to_half_a_character_off_keeps_its_order(
    count: int, degrees: float, shift: float
) -> None:
    row = [turned(box(10 * i), degrees) for i in range(count)]
    off = [turned(box(10 * i + 10 * shift), degrees) for i in range(count)]
    assert in_order(nearness_along(row, off)) == [(i, i) for i in range(count)]


@given(st.integers(3, 15), st.data())
def test_a_position_that_the_machine_does_not_count_moves_no_other(count: int, data: st.DataObject) -> None:
    row = [box(10 * i) for i in range(count)]
    gone = data.draw(st.integers(0, count - 1))
    others = [quad for i, quad in enumerate(row) if i != gone]
    kept = [i for i in range(count) if i != gone]
    assert in_order(nearness_along(row, others)) == list(zip(kept, range(count - 1), strict=True))


def test_boxes_of_equal_width_meet_characters_of_several_widths_by_order() -> None:
    # 1 and I are narrow: equal boxes drift against the places, by less than a character.
    ends = np.cumsum([0, 10, 4, 10, 4, 10])
    row = [box(float(x), float(w)) for x, w in zip(ends, [10, 4, 10, 4, 10], strict=False)]
    equal = [box(38 / 5 * i, 38 / 5) for i in range(5)]
    assert in_order(nearness_along(row, equal)) == [(i, i) for i in range(5)]


def test_another_row_below_is_not_near() -> None:
    assert not nearness_along([box(0)], [box(0, y=20)]).any()


def test_shared_extent_is_over_the_joint_extent() -> None:
    shared = shared_extent([box(0), box(0, 5)], [box(0), box(2), box(30)])
    assert shared == pytest.approx(np.array([[1, 8 / 12, 0], [0.5, 3 / 12, 0]]))


def test_each_marked_place_has_its_evidence_where_the_machine_counts_otherwise() -> None:
    places = [box(0), box(10), box(20)]
    evidence = evidence_at_places(marked(places), proposal(([box(0, 10), box(20, 10)], places)))
    assert {id: (at.line, at.index, at.counted) for id, at in evidence.items()} == {
        1: (0, 0, (0, 0)),
        2: (0, 1, None),
        3: (0, 2, (0, 1)),
    }


def test_rows_meet_their_lines_by_place_whatever_their_order() -> None:
    upper, lower = [box(0), box(10)], [box(0, y=40), box(10, y=40)]
    positions = [*marked(lower, line=0), *marked(upper, line=1, first_id=3)]
    evidence = evidence_at_places(positions, proposal(([], upper), ([], lower)))
    assert {id: (at.line, at.index) for id, at in evidence.items()} == {
        1: (1, 0),
        2: (1, 1),
        3: (0, 0),
        4: (0, 1),
    }


def test_what_was_split_or_merged_after_the_reading_has_no_evidence() -> None:
    places = [box(0), box(10), box(20), box(30)]
    first, second, third, fourth = marked(places)
    joined, _ = merged([first, second, third, fourth], third, 9)
    evidence = evidence_at_places([*halves(first, 7), second, joined], proposal(([], places)))
    assert {id: at.index for id, at in evidence.items()} == {2: 1}


def test_another_photograph_and_a_proposal_without_places_say_nothing() -> None:
    places = [box(0), box(10)]
    assert evidence_at_places(marked(places), proposal(([], places), frame=1)) == {}
    assert evidence_at_places(marked(places), proposal((places, []))) == {}
    assert evidence_at_places(marked(places), proposal()) == {}


def test_positions_that_the_proposal_brought_have_none() -> None:
    examination = apply(begin(Mode.CASEWORK, 1), DrawLine(Place(0, box(0, 20)), 2))
    for id in (1, 2):
        examination = apply(examination, Observe(id, read("8")))
    # The machine counts a third one, and a part of it lies over the second.
    machine = proposal(([box(0), box(10), box(17)], [box(0), box(10)]))
    revealed = apply(apply(examination, Lock()), revealing(machine, "0" * 64))
    assert len(revealed.positions) == 3
    assert sorted(evidence_at_places(revealed.positions, machine)) == [1, 2]


@pytest.mark.parametrize(
    ("reading", "ratio"),
    [
        (read("8"), RatioOfReading("8", "3", 1.0)),
        (read("3"), RatioOfReading("3", "8", -1.0)),
        (CharacterReading(State.PROBABLE, "b"), RatioOfReading("B", "8", -2.0)),
        (read("А"), RatioOfReading("A", "8", -2.5)),
        (read("A"), RatioOfReading("A", "8", -2.5)),
        (CharacterReading(State.NO_CHARACTER), RatioOfReading("", "8", -3.0)),
        (CharacterReading(State.ALTERNATIVES, "", ("3", "8")), RatioOfReading("8", "B", 2.0)),
        (CharacterReading(State.ALTERNATIVES, "", ("Ж", "3")), RatioOfReading("3", "8", -1.0)),
        (CharacterReading(State.SYMBOL, "8"), None),
        (read("10"), None),
        (read("Ω"), None),
        (read("Ж"), None),
        (UNREADABLE, None),
        (CharacterReading(State.TRACE_ONLY), None),
        (None, None),
    ],
)
def test_the_ratio_is_of_what_was_read_against_the_best_other(
    reading: CharacterReading | None, ratio: RatioOfReading | None
) -> None:
    assert ratio_of_reading(reading, AT_PLACE) == ratio


def test_twins_named_as_alternatives_are_one_class() -> None:
    assert glyphs_of(CharacterReading(State.ALTERNATIVES, "", ("А", "A", "Д"))) == ("A", "Д")


@given(st.floats(-900, 900), st.floats(-900, 900))
def test_the_ratio_of_two_glyphs_is_that_of_the_other_way_round_turned(first: float, second: float) -> None:
    at_place = replace(AT_PLACE, log10_likelihoods=(("8", first), ("3", second)))
    one, other = ratio_of_reading(read("8"), at_place), ratio_of_reading(read("3"), at_place)
    assert one and other and one.log10 == pytest.approx(-other.log10, abs=1e-6)
    assert one.log10 == pytest.approx(first - second, abs=1e-3)
