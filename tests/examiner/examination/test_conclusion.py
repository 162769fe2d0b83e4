"""From decided to signed: second examiner, settling, signatures, amendments, and the other modes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from examiner.examination.acts import (
    NO_DEMANDS,
    Amend,
    Decide,
    DrawLine,
    Lock,
    Mode,
    NoteContext,
    NothingSeen,
    Observe,
    OrderError,
    Phase,
    Place,
    ProposedPosition,
    Reveal,
    Rules,
    SecondPosition,
    Settle,
    Sign,
    TakeSecond,
)
from examiner.examination.order_of_work import apply, begin, proposal_in_view, suggestions_in_view
from examiner.examination.readings import CharacterReading, Layer, State
from examiner.examination.state import Examination, agreed, differ, undecided
from tests.examiner.drawn import PROPOSAL, RANKED, UNREADABLE, box, moves, read, walked

REVEAL = Reveal("ab" * 32, tuple(ProposedPosition(0, i, Place(0, box(10 * i))) for i in range(3)))
NOBODY = CharacterReading(State.NO_CHARACTER)


def through(examination: Examination, *acts) -> Examination:
    for act in acts:
        examination = apply(examination, act)
    return examination


def observed(mode: Mode = Mode.CASEWORK, rules: Rules = NO_DEMANDS, text: str = "ABC") -> Examination:
    drawn = apply(begin(mode, 2, rules), DrawLine(Place(0, box(0, 30)), 3))
    return through(drawn, *(Observe(i, read(c)) for i, c in enumerate(text, 1)), Lock())


def decided(rules: Rules = NO_DEMANDS, text: str = "ABC", reason: str = "") -> Examination:
    readings = [replace(read(c), reason=reason) for c in text]
    return through(observed(rules=rules), REVEAL, *(Decide(i, r) for i, r in enumerate(readings, 1)))


def second(text: str, first_x: float = 0, reader: str = "max") -> TakeSecond:
    said = {"_": UNREADABLE, " ": NOBODY}
    return TakeSecond(
        "other",
        reader,
        tuple(
            SecondPosition(i, Place(0, box(first_x + 10 * i)), said.get(c) or read(c))
            for i, c in enumerate(text)
        ),
    )


def test_a_second_reading_is_taken_in_only_once_all_is_decided():
    for too_early in (begin(Mode.CASEWORK, 2), observed(), through(observed(), REVEAL)):
        with pytest.raises(OrderError):
            apply(too_early, second("ABC"))
    assert apply(decided(), second("ABC")).phase is Phase.SETTLING
    with pytest.raises(OrderError, match="has read this examination"):
        through(decided(), second("ABC"), second("ABC"))


def test_both_readings_stay_where_the_examiners_differ():
    settling = apply(decided(), second("AXC"))
    assert [p.final.reading for p in settling.positions] == ["A", "B", "C"]
    assert [p.second.reading for p in settling.positions] == ["A", "X", "C"]
    assert [p.id for p in undecided(settling)] == [2]
    with pytest.raises(OrderError, match="read differently"):
        apply(settling, Sign("eva"))
    done = apply(settling, Settle(2, CharacterReading(State.ALTERNATIVES, alternatives=("B", "X"))))
    assert (done.positions[1].final.reading, done.positions[1].second.reading) == ("B", "X")
    assert agreed(done.positions[1]).alternatives == ("B", "X")
    assert agreed(done.positions[0]) == done.positions[0].final


def test_a_position_that_one_of_them_did_not_see_is_a_difference():
    settling = apply(decided(), second("ABCD"))
    assert [p.final is None for p in settling.positions] == [False, False, False, True]
    assert [differ(p) for p in settling.positions] == [False, False, False, True]
    fewer = apply(decided(), second("AB"))
    assert [differ(p) for p in fewer.positions] == [False, False, True]
    # No character there is what somebody who marks no position says as well.
    assert not any(differ(p) for p in apply(decided(), second("ABC ")).positions)


def test_the_layer_read_is_part_of_the_answer_and_the_reason_is_not():
    settling = apply(decided(reason="seen twice"), second("ABC"))
    assert not any(differ(p) for p in settling.positions)
    over = replace(read("A"), layer=Layer.OVER_STAMP)
    act = TakeSecond("other", "max", (SecondPosition(1, Place(0, box(0)), over),))
    assert differ(apply(decided(), act).positions[0])


def test_two_signatures_end_what_two_have_read():
    settling = apply(decided(), second("ABC"))
    once = apply(settling, Sign("eva"))
    assert (once.phase, once.signers) == (Phase.SETTLING, ("eva",))
    with pytest.raises(OrderError, match="has signed already"):
        apply(once, Sign("eva"))
    with pytest.raises(OrderError, match="second examiner, max"):
        apply(once, Sign("ann"))
    with pytest.raises(OrderError, match="cannot change after a signature"):
        apply(once, Settle(1, read("Z")))
    assert apply(once, Sign("max")).phase is Phase.SIGNED
    assert through(settling, Sign("max"), Sign("eva")).phase is Phase.SIGNED


def test_a_reason_without_a_person_stays_with_the_reading():
    earlier = replace(read("B"), reason="the lower bow is closed")
    [_, position, _] = through(decided(), second("AXC"), Settle(2, earlier)).positions
    assert (position.settled, position.settled_why) == (earlier, ())


def test_a_laboratory_can_demand_a_second_examiner_and_reasons():
    with pytest.raises(OrderError, match="without a second examiner"):
        apply(decided(Rules(second=True)), Sign("eva"))
    silent = decided(Rules(reasons=True))
    for act in (Sign("eva"), second("ABC")):
        with pytest.raises(OrderError, match="3 decisions do not say why"):
            apply(silent, act)
    assert apply(decided(Rules(reasons=True), reason="kept: seen"), Sign("eva")).phase is Phase.SIGNED


def test_what_is_signed_is_amended_and_stays_in_the_record():
    signed = apply(decided(), Sign("eva"))
    with pytest.raises(OrderError, match="unless it is amended"):
        apply(signed, Decide(1, read("Z")))
    opened = apply(signed, Amend("the B is an 8, see photograph 2"))
    assert opened.amendments[0].positions == signed.positions
    assert opened.amendments[0].signers == ("eva",)
    again = through(opened, Decide(2, read("8")), Sign("eva"))
    assert again.phase is Phase.SIGNED
    assert [p.final.reading for p in again.positions] == ["A", "8", "C"]
    assert [p.final.reading for p in again.amendments[0].positions] == ["A", "B", "C"]
    with pytest.raises(OrderError, match="only a signed examination"):
        apply(opened, Amend("once more"))


def test_an_amendment_of_what_two_have_signed_needs_both_again():
    signed = through(decided(), second("AXC"), Settle(2, read("B")), Sign("eva"), Sign("max"))
    opened = apply(signed, Amend("new photograph of the item"))
    assert opened.phase is Phase.SETTLING and opened.signers == ()
    assert through(opened, Settle(1, read("4")), Sign("max"), Sign("eva")).phase is Phase.SIGNED


def test_in_quality_control_the_proposal_comes_after_the_signature():
    locked = observed(Mode.QUALITY_CONTROL)
    assert [p.final.reading for p in locked.positions] == ["A", "B", "C"]
    with pytest.raises(OrderError, match="after your own reading is signed"):
        apply(locked, REVEAL)
    with pytest.raises(OrderError, match="decisions"):
        apply(locked, Decide(1, read("Z")))
    signed = apply(locked, Sign("eva"))
    assert proposal_in_view(signed, PROPOSAL) is None and suggestions_in_view(signed, RANKED) == []
    shown = apply(signed, REVEAL)
    assert shown.phase is Phase.SIGNED and proposal_in_view(shown, PROPOSAL) is PROPOSAL
    assert [p.proposed for p in shown.positions] == [(0, 0), (0, 1), (0, 2)]
    assert [p.final for p in shown.positions] == [p.final for p in signed.positions]
    changed = through(
        shown, Amend("the proposal shows an overlooked stroke"), Decide(2, read("8")), Sign("eva")
    )
    assert (changed.phase, changed.positions[1].final.reading) == (Phase.SIGNED, "8")


def test_a_signed_reading_takes_no_position_from_a_proposal():
    more = Reveal("ab" * 32, (*REVEAL.positions, ProposedPosition(0, 3, Place(0, box(30)))))
    signed = apply(observed(Mode.QUALITY_CONTROL), Sign("eva"))
    assert len(apply(signed, more).positions) == 3


def test_quality_control_before_the_proposal_can_be_amended():
    opened = through(observed(Mode.QUALITY_CONTROL), Sign("eva"), Amend("typed wrongly"))
    with pytest.raises(OrderError):
        apply(opened, REVEAL)
    assert through(opened, Decide(1, read("Z")), Sign("eva")).positions[0].final.reading == "Z"


@given(moves)
def test_in_quality_control_nothing_is_in_view_before_a_signature(intentions):
    signed = False
    for before, act, after in walked(Mode.QUALITY_CONTROL, intentions):
        signed = signed or (isinstance(act, Sign) and after is not None and after.phase is Phase.SIGNED)
        now = after or before
        if not signed:
            assert proposal_in_view(now, PROPOSAL) is None and suggestions_in_view(now, RANKED) == []


@given(moves)
def test_a_second_reading_ends_with_its_lock_and_sees_nothing(intentions):
    for before, act, after in walked(Mode.SECOND, intentions):
        now = after or before
        assert proposal_in_view(now, PROPOSAL) is None and suggestions_in_view(now, RANKED) == []
        assert now.phase in (Phase.OBSERVE, Phase.LOCKED)
        assert not isinstance(act, (Reveal, Sign, TakeSecond, NoteContext)) or after is None


def test_informed_work_may_begin_with_the_proposal_and_has_the_same_demands():
    informed = apply(begin(Mode.INFORMED, 2, Rules(reasons=True)), REVEAL)
    assert informed.phase is Phase.REVEALED
    answered = through(informed, *(Decide(i, read("A")) for i in (1, 2, 3)))
    with pytest.raises(OrderError, match="do not say why"):
        apply(answered, Sign("eva"))


def test_nothing_seen_is_a_full_reading():
    with pytest.raises(OrderError, match="nothing to lock"):
        apply(begin(Mode.CASEWORK, 1), Lock())
    seen = through(begin(Mode.CASEWORK, 1), NothingSeen("bare metal under every light"), Lock())
    nothing = Reveal("ab" * 32, ())
    assert through(seen, nothing, Sign("eva")).phase is Phase.SIGNED
    with pytest.raises(OrderError, match="positions are marked"):
        apply(apply(begin(Mode.CASEWORK, 1), DrawLine(Place(0, box(0, 30)), 3)), NothingSeen("no"))
    drawn = through(begin(Mode.CASEWORK, 1), NothingSeen("no"), DrawLine(Place(0, box(0, 30)), 3))
    assert drawn.nothing_seen == ""


def test_what_was_told_comes_after_the_own_reading_and_the_proposal():
    note = NoteContext("owner says it is a Tokarev of 1943")
    for too_early in (begin(Mode.CASEWORK, 1), observed()):
        with pytest.raises(OrderError, match="after your own reading"):
            apply(too_early, note)
    told = through(observed(), REVEAL, note)
    assert told.context == (note.note,)
    assert through(told, Decide(1, read()), note).context == (note.note,) * 2


def test_a_reading_names_photographs_of_the_series():
    drawn = apply(begin(Mode.CASEWORK, 2), DrawLine(Place(0, box(0, 30)), 3))
    with pytest.raises(OrderError, match="outside the series"):
        apply(drawn, Observe(1, replace(read(), photos=(2,))))
    assert apply(drawn, Observe(1, replace(read(), photos=(1, 0)))).positions[0].own.photos == (1, 0)
