"""The table of permissions: what it must say whatever else is in it, and what single cells say."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from examiner.examination.acts import ACTS, Mode, NoteInformed, Phase
from examiner.examination.permissions import (
    DEED_OF_ACT,
    TABLE,
    TASKS,
    WHEN,
    Asking,
    Deed,
    Standing,
    Whose,
    begin_refusal,
    general_refusal,
    refusal,
)
from examiner.examination.roles import Role

EVERY = [*product(TABLE, Role, Mode, Phase, Whose)]
LOOKING = (Deed.SEE, Deed.BEGIN_SECOND)


def refused(deed: Deed, role: Role, mode: Mode, phase: Phase, whose: Whose, **more: Any) -> str:
    return refusal(Asking("ann", frozenset([role])), deed, Standing("eva", mode, phase, whose, **more))


def test_every_act_of_a_person_is_a_deed_and_every_deed_has_its_rule() -> None:
    assert set(DEED_OF_ACT) == set(ACTS.values()) - {NoteInformed}
    assert set(TABLE) | set(TASKS) | {Deed.BEGIN} == set(Deed)
    assert set(WHEN) == set(TABLE) - {Deed.SEE}


def test_nobody_writes_into_what_is_somebody_elses() -> None:
    for deed, role, mode, phase, whose in EVERY:
        if whose in (Whose.OTHER, Whose.WAITING) and deed not in LOOKING:
            assert refused(deed, role, mode, phase, whose), (deed, role, mode, phase, whose)


def test_the_blind_side_of_two_readings_sees_nothing() -> None:
    for deed, role, mode, phase, whose in EVERY:
        if whose in (Whose.BLIND, Whose.UNTAKEN):
            assert refused(deed, role, mode, phase, whose), (deed, role, mode, phase, whose)


def test_administrators_and_trainers_have_no_part_in_casework() -> None:
    for deed, mode, phase, whose in product(TABLE, Mode, Phase, Whose):
        assert refused(deed, Role.ADMINISTRATOR, mode, phase, whose)
        if mode is not Mode.TRAINING:
            assert refused(deed, Role.TRAINER, mode, phase, whose)


def test_after_the_signature_only_the_two_examiners_amend_reveal_and_give_out() -> None:
    after = (Deed.SEE, Deed.AMEND, Deed.REVEAL, Deed.SUGGEST, Deed.GIVE_OUT)
    for deed, role, mode, whose in product(TABLE, Role, Mode, Whose):
        if not refused(deed, role, mode, Phase.SIGNED, whose):
            assert deed in after and (deed is Deed.SEE or whose in (Whose.OWN, Whose.BESIDE))


def test_a_second_reading_that_was_set_beside_the_first_is_changed_no_more() -> None:
    for deed, phase in product(TABLE, Phase):
        allowed = not refused(deed, Role.REVIEWER, Mode.SECOND, phase, Whose.OWN, ended=True)
        assert allowed == (deed is Deed.SEE)


def test_what_is_held_is_not_even_seen_and_of_a_machine_nothing_is_shown() -> None:
    for deed, phase, whose in product(TABLE, Phase, Whose):
        where = (deed, Role.EXAMINER, Mode.CASEWORK, phase, whose)
        if deed is not Deed.BEGIN_SECOND:
            assert refused(*where, held="somebody reads it alone")
        held = refused(*where, held_machine="somebody reads it alone")
        assert bool(held) == (deed in (Deed.REVEAL, Deed.SUGGEST) or bool(refused(*where)))


@pytest.mark.parametrize(
    ("deed", "role", "whose", "phase", "allowed"),
    [
        (Deed.LOCK, Role.EXAMINER, Whose.OWN, Phase.OBSERVE, True),
        (Deed.LOCK, Role.REVIEWER, Whose.OWN, Phase.OBSERVE, False),
        (Deed.LOCK, Role.REVIEWER, Whose.WAITING, Phase.OBSERVE, False),
        (Deed.REVEAL, Role.REVIEWER, Whose.WAITING, Phase.LOCKED, False),
        (Deed.TAKE_SECOND, Role.REVIEWER, Whose.WAITING, Phase.REVEALED, False),
        (Deed.TAKE_SECOND, Role.EXAMINER, Whose.OWN, Phase.REVEALED, True),
        (Deed.SETTLE, Role.REVIEWER, Whose.BESIDE, Phase.SETTLING, True),
        (Deed.SIGN, Role.REVIEWER, Whose.BESIDE, Phase.REVEALED, False),
        (Deed.DESCRIBE, Role.TRAINER, Whose.OTHER, Phase.SIGNED, False),
        (Deed.SEE, Role.REVIEWER, Whose.OTHER, Phase.SIGNED, True),
        (Deed.GIVE_OUT, Role.REVIEWER, Whose.OTHER, Phase.SIGNED, False),
        (Deed.BEGIN_SECOND, Role.REVIEWER, Whose.OTHER, Phase.REVEALED, True),
        (Deed.BEGIN_SECOND, Role.REVIEWER, Whose.OTHER, Phase.SETTLING, False),
    ],
)
def test_single_cells(deed: Deed, role: Role, whose: Whose, phase: Phase, allowed: bool) -> None:
    assert (refused(deed, role, Mode.CASEWORK, phase, whose) == "") == allowed


def test_what_concerns_no_examination_goes_by_the_role() -> None:
    person = {role: Asking("ann", frozenset([role])) for role in Role}
    assert [role for role in Role if not begin_refusal(person[role], Mode.CASEWORK)] == [Role.EXAMINER]
    assert [role for role in Role if not general_refusal(person[role], Deed.BATCH)] == [Role.EXAMINER]
    assert begin_refusal(person[Role.ADMINISTRATOR], Mode.TRAINING)
    assert not begin_refusal(person[Role.TRAINER], Mode.TRAINING)
    assert "no role" in general_refusal(Asking("ann", frozenset()), Deed.ENTER)
