"""The order of work: what random acts can never reach, and the geometry of places."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from examiner.examination.acts import (
    Amend,
    Decide,
    DeletePosition,
    DrawLine,
    InsertBefore,
    InsertPosition,
    Lock,
    MergePositions,
    Mode,
    Observe,
    OrderError,
    Phase,
    Place,
    ProposedPosition,
    Reveal,
    Sign,
    SplitPosition,
    TakeSecond,
    Undo,
)
from examiner.examination.order_of_work import (
    MAX_POSITIONS,
    apply,
    begin,
    proposal_in_view,
    revealing,
    suggestions_in_view,
)
from examiner.examination.positions import in_reading_order
from examiner.examination.state import Examination, find, undecided
from tests.examiner.drawn import PROPOSAL, RANKED, UNREADABLE, box, moves, proposal, read, walked

SHA = "ab" * 32

walks = settings(max_examples=60)


@walks
@given(moves)
def test_in_casework_no_proposal_is_in_view_before_the_lock(intentions):
    locked = False
    for before, act, after in walked(Mode.CASEWORK, intentions):
        if isinstance(act, Reveal) and not locked:
            assert after is None
        locked = locked or (isinstance(act, Lock) and after is not None)
        now = after or before
        if not locked:
            assert proposal_in_view(now, PROPOSAL) is None
            assert suggestions_in_view(now, RANKED) == []
            assert now.proposal_sha256 is None
            assert all(p.proposed is None and p.final is None for p in now.positions)


@walks
@given(moves)
def test_own_readings_do_not_change_after_the_lock(intentions):
    for before, _, after in walked(Mode.CASEWORK, intentions):
        if after is not None and before.phase is not Phase.OBSERVE:
            earlier = {p.id: p.own for p in before.positions}
            assert all(p.own == earlier.get(p.id) for p in after.positions if p.id in earlier)
            assert all(p.own is None for p in after.positions if p.id >= before.next_id)


@walks
@given(moves)
def test_what_is_signed_is_final_and_whole(intentions):
    for before, act, after in walked(Mode.CASEWORK, intentions):
        if before.phase is Phase.SIGNED and after is not None:
            assert isinstance(act, Amend)
            assert after.amendments[-1].positions == before.positions and after.phase is not Phase.SIGNED
        if isinstance(act, Sign) and after is not None:
            assert not undecided(after)
            assert proposal_in_view(after, PROPOSAL) is PROPOSAL


@walks
@given(moves)
def test_undo_brings_back_what_was(intentions):
    for before, act, after in walked(Mode.TRAINING, intentions):
        if after is None or isinstance(act, Undo):
            continue
        if isinstance(act, (Lock, Reveal, Sign, TakeSecond, Amend)):
            with pytest.raises(OrderError):
                apply(after, Undo())
        else:
            assert apply(after, Undo()) == replace(before, next_id=after.next_id)


@walks
@given(moves)
def test_an_id_names_one_place_for_ever(intentions):
    places: dict[int, Place] = {}
    for before, _, after in walked(Mode.TRAINING, intentions):
        if after is None:
            continue
        assert after.next_id >= before.next_id
        for position in after.positions:
            assert position.id < after.next_id
            assert places.setdefault(position.id, position.place) == position.place
        assert len({p.id for p in after.positions}) == len(after.positions)


@walks
@given(moves)
def test_a_replay_equals_the_steps(intentions):
    steps = walked(Mode.CASEWORK, intentions)
    made = [act for _, act, after in steps if after is not None]
    last = next(after for _, _, after in reversed(steps) if after is not None)
    assert reduce(apply, made, begin(Mode.CASEWORK, 2)) == last


@walks
@given(moves)
def test_positions_are_in_reading_order(intentions):
    for _, _, after in walked(Mode.CASEWORK, intentions):
        if after is None:
            continue
        assert in_reading_order(reversed(after.positions)) == after.positions
        assert [p.line for p in after.positions] == sorted(p.line for p in after.positions)
        if after.phase is Phase.OBSERVE:
            for one, next_one in pairwise(after.positions):
                if one.line == next_one.line:
                    assert along(one.place) <= centre(next_one.place) @ reading_direction(one.place) + 1e-6


def centre(place: Place) -> np.ndarray:
    return np.mean(place.quad, axis=0)


def reading_direction(place: Place) -> np.ndarray:
    quad = np.asarray(place.quad)
    return (quad[1] - quad[0]) / np.linalg.norm(quad[1] - quad[0])


def along(place: Place) -> float:
    return float(centre(place) @ reading_direction(place))


def drawn(count: int = 4, mode: Mode = Mode.CASEWORK) -> Examination:
    return apply(begin(mode, 2), DrawLine(Place(0, box(0, 10 * count)), count))


def spans(examination: Examination) -> list[tuple[float, float]]:
    return [(p.place.quad[0][0], p.place.quad[1][0]) for p in examination.positions]


def locked(examination: Examination) -> Examination:
    for position in examination.positions:
        examination = apply(examination, Observe(position.id, read()))
    return apply(examination, Lock())


def test_a_line_is_divided_evenly():
    assert spans(drawn()) == [(0, 10), (10, 20), (20, 30), (30, 40)]


def test_an_inserted_position_lies_between_its_neighbours():
    first = drawn()
    assert spans(apply(first, InsertPosition(2))) == [(0, 10), (10, 20), (15, 25), (20, 30), (30, 40)]
    assert (
        apply(first, InsertBefore(3)).positions[2].place == apply(first, InsertPosition(2)).positions[2].place
    )


def test_a_position_inserted_at_an_end_lies_beyond_it():
    assert spans(apply(drawn(2), InsertPosition(2)))[-1] == (20, 30)
    assert spans(apply(drawn(2), InsertBefore(1)))[0] == (-10, 0)


def test_a_split_halves_and_a_merge_joins():
    halved = apply(drawn(2), SplitPosition(1))
    assert spans(halved) == [(0, 5), (5, 10), (10, 20)]
    joined = apply(halved, MergePositions(halved.positions[1].id))
    assert spans(joined) == [(0, 5), (5, 20)]
    assert all(p.own is None for p in joined.positions)


def test_the_last_position_has_nothing_to_merge_with():
    with pytest.raises(OrderError, match="no next one"):
        apply(drawn(2), MergePositions(2))


def test_deleting_takes_away_one_position_and_keeps_the_other_ids():
    assert [p.id for p in apply(drawn(), DeletePosition(2)).positions] == [1, 3, 4]


def test_an_upside_down_line_is_read_in_its_own_direction():
    turned = ((40.0, 20.0), (0.0, 20.0), (0.0, 0.0), (40.0, 0.0))
    line = apply(begin(Mode.CASEWORK, 1), DrawLine(Place(0, turned), 4))
    assert [p.place.quad[0][0] for p in line.positions] == [40, 30, 20, 10]


@pytest.mark.parametrize(
    "quad",
    [
        ((5.0, 5.0),) * 4,
        box(0, 0.5),
        ((0.0, 0.0), (40.0, 20.0), (40.0, 0.0), (0.0, 20.0)),
        ((0.0, 0.0), (40.0, 0.0), (80.0, 0.0), (20.0, 0.0)),
    ],
)
def test_a_line_without_area_or_crossing_itself_is_refused(quad):
    with pytest.raises(OrderError, match="band"):
        apply(begin(Mode.CASEWORK, 1), DrawLine(Place(0, quad), 3))


@pytest.mark.parametrize(("frame", "count"), [(2, 3), (-1, 3), (0, 0), (0, 61)])
def test_a_line_lies_in_a_photograph_and_has_a_few_positions(frame, count):
    with pytest.raises(OrderError):
        apply(begin(Mode.CASEWORK, 2), DrawLine(Place(frame, box(0, 100)), count))


def test_a_full_examination_can_still_be_made_smaller():
    boxes = tuple(ProposedPosition(0, i, Place(0, box(10 * i))) for i in range(MAX_POSITIONS + 5))
    full = apply(begin(Mode.TRAINING, 1), Reveal(SHA, boxes))
    assert len(apply(full, DeletePosition(1)).positions) == MAX_POSITIONS + 4
    with pytest.raises(OrderError, match="at most"):
        apply(full, InsertPosition(1))


def test_a_lock_needs_a_reading_of_every_position():
    with pytest.raises(OrderError, match="nothing to lock"):
        apply(begin(Mode.CASEWORK, 1), Lock())
    with pytest.raises(OrderError, match="4 positions have no reading"):
        apply(drawn(), Lock())


def test_between_lock_and_reveal_places_and_readings_rest():
    held = locked(drawn())
    for act in (
        DrawLine(Place(0, box(0, 50)), 2),
        InsertPosition(1),
        DeletePosition(1),
        SplitPosition(1),
        MergePositions(1),
        Observe(1, UNREADABLE),
        Decide(1, UNREADABLE),
        Undo(),
        Lock(),
        Sign(),
    ):
        with pytest.raises(OrderError):
            apply(held, act)


def test_a_ranking_of_recipes_names_no_glyph_between_lock_and_reveal():
    (ranked,) = suggestions_in_view(locked(drawn()), RANKED)
    assert ranked.recipe == "strokes" and ranked.positions == ()
    seen = apply(locked(drawn()), revealing(PROPOSAL, SHA))
    assert suggestions_in_view(seen, RANKED) == RANKED
    assert suggestions_in_view(begin(Mode.TRAINING, 1), RANKED) == []


def test_in_training_the_proposal_may_be_seen_at_once():
    seen = apply(begin(Mode.TRAINING, 1), revealing(PROPOSAL, SHA))
    assert proposal_in_view(seen, PROPOSAL) is PROPOSAL
    assert len(seen.positions) == 1
    with pytest.raises(OrderError, match="already shown"):
        apply(seen, revealing(PROPOSAL, SHA))


def test_a_reveal_matches_by_place_where_the_first_character_was_not_seen():
    own = locked(apply(begin(Mode.CASEWORK, 1), DrawLine(Place(0, box(10, 30)), 3)))
    seen = apply(own, revealing(proposal([box(x + 1) for x in (0, 10, 20, 30)]), SHA))
    assert [p.proposed for p in seen.positions] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert [p.own is None for p in seen.positions] == [True, False, False, False]
    assert [p.id for p in seen.positions] == [4, 1, 2, 3]
    assert {p.line for p in seen.positions} == {0}


def test_a_reveal_keeps_an_own_position_that_the_proposal_lacks():
    seen = apply(locked(drawn()), revealing(proposal([box(0), box(20)]), SHA))
    assert [p.proposed for p in seen.positions] == [(0, 0), None, (0, 1), None]


def test_a_reveal_pairs_what_shares_most_whatever_comes_first():
    spurious, right = box(7), box(11)
    seen = apply(locked(drawn(2)), revealing(proposal([spurious, right]), SHA))
    assert find(seen, 2).proposed == (0, 1)
    assert [p.proposed for p in seen.positions] == [None, (0, 0), (0, 1)]


def test_places_in_other_photographs_are_other_places():
    seen = apply(locked(drawn(2)), revealing(proposal([box(0)], frame=1), SHA))
    assert [(p.line, p.proposed) for p in seen.positions] == [(0, None), (0, None), (1, (0, 0))]


def test_a_proposal_about_a_photograph_outside_the_series_is_refused():
    with pytest.raises(OrderError, match="outside the series"):
        apply(locked(drawn(2)), revealing(proposal([box(0)], frame=2), SHA))


def test_every_position_needs_a_decision_of_its_own():
    seen = apply(locked(drawn(2)), revealing(PROPOSAL, SHA))
    one = apply(seen, Decide(1, read("B")))
    with pytest.raises(OrderError, match="1 positions are not decided"):
        apply(one, Sign())
    assert apply(apply(one, Decide(2, UNREADABLE)), Sign()).phase is Phase.SIGNED


def test_an_examination_needs_a_photograph():
    with pytest.raises(OrderError, match="at least one"):
        begin(Mode.CASEWORK, 0)
