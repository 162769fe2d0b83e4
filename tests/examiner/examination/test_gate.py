"""The gate across a casebook: to whom a machine may be shown while a photograph is read alone."""

from __future__ import annotations

from dataclasses import replace

from examiner.examination.acts import Mode, Phase
from examiner.examination.gate import ALONE, Sharing, held, held_machine

CASEWORK = Sharing("c", "plate", "eva", Mode.CASEWORK, Phase.OBSERVE)
TRAINING = Sharing("t", "copy", "max", Mode.TRAINING, Phase.REVEALED, machine=True)


def test_while_it_is_read_alone_nothing_of_a_machine_is_shown_to_who_may_still_read_it() -> None:
    for mode, phase in (
        *((Mode.CASEWORK, phase) for phase in (Phase.OBSERVE, Phase.LOCKED)),
        *((Mode.QUALITY_CONTROL, phase) for phase in (Phase.OBSERVE, Phase.LOCKED)),
        (Mode.SECOND, Phase.OBSERVE),
    ):
        alone = replace(CASEWORK, mode=mode, phase=phase)
        assert "eva is reading" in held("max", False, TRAINING, [alone])
        assert "lock that reading first" in held("eva", False, TRAINING, [alone])
        # Who knows already loses nothing, unless that person is the one who reads alone.
        assert held("max", True, TRAINING, [alone]) == ""
        assert held("eva", True, TRAINING, [alone])


def test_when_nobody_reads_it_alone_any_more_it_is_open() -> None:
    for mode in Mode:
        done = replace(CASEWORK, mode=mode, phase=Phase.SIGNED)
        assert held("max", False, TRAINING, [done]) == "" == held_machine("eva", False, TRAINING, [done])


def test_the_own_proposal_is_revealed_past_the_own_lock_whoever_else_reads() -> None:
    own = replace(CASEWORK, phase=Phase.LOCKED)
    second = Sharing("s", "plate", "max", Mode.SECOND, Phase.OBSERVE)
    assert held_machine("eva", False, own, [second]) == ""
    # Two readings of one's own: neither is revealed before both are locked; then both may be.
    twin = replace(CASEWORK, id="d")
    assert held_machine("eva", False, own, [twin])
    assert held_machine("eva", False, own, [replace(twin, phase=Phase.LOCKED)]) == ""


def test_who_reads_alone_sees_no_other_reading_of_it_either() -> None:
    other = replace(CASEWORK, id="o", reader="ann")
    assert held("eva", False, other, [CASEWORK])
    assert held("eva", False, other, [replace(CASEWORK, phase=Phase.LOCKED)]) == ""
    assert held("max", False, other, [CASEWORK]) == ""


def test_a_third_person_may_look_once_all_have_read() -> None:
    first = replace(CASEWORK, phase=Phase.REVEALED, machine=True)
    second = Sharing("s", "plate", "max", Mode.SECOND, Phase.OBSERVE)
    assert held("ann", False, first, [second])
    assert held("ann", False, first, [replace(second, phase=Phase.LOCKED)]) == ""
    assert {Mode.CASEWORK, Mode.QUALITY_CONTROL, Mode.SECOND} == ALONE
