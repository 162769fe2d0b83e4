"""The gate across a casebook: what of a machine may be shown to whom while somebody reads the same photograph
alone. Pure.

The gate of one examination stands in `examiner.examination.order_of_work`. This one goes by what photographs
show: an examination *shares* with another one where a photograph of it has the same bytes, the same pixels
or is a copy of the same exposure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from examiner.examination.acts import Mode, Phase

ALONE = frozenset((Mode.CASEWORK, Mode.QUALITY_CONTROL, Mode.SECOND))
"""Modes in which a person reads alone before anything of a machine is shown."""

OPEN_TO_SEE = {
    Mode.CASEWORK: frozenset((Phase.REVEALED, Phase.SETTLING, Phase.SIGNED)),
    Mode.QUALITY_CONTROL: frozenset((Phase.REVEALED, Phase.SIGNED)),
    Mode.SECOND: frozenset((Phase.LOCKED, Phase.REVEALED, Phase.SETTLING, Phase.SIGNED)),
}
"""For each mode in which a proposal must stay hidden at first, the phases in which it may be seen."""


@dataclass(frozen=True)
class Sharing:
    """An examination, as far as the gate asks. `machine`: whether something of a machine is shown in it."""

    id: str
    title: str
    reader: str
    mode: Mode
    phase: Phase
    machine: bool = False

    @property
    def reads_alone(self) -> bool:
        """Whether nothing of a machine may reach this reading yet."""
        return self.mode in ALONE and self.phase not in OPEN_TO_SEE[self.mode]

    @property
    def can_change(self) -> bool:
        """Whether this is an alone reading that is not locked yet."""
        return self.mode in ALONE and self.phase is Phase.OBSERVE

    @property
    def was_read_alone(self) -> bool:
        """Whether its reader has locked a reading made alone."""
        return self.mode in ALONE and self.phase is not Phase.OBSERVE


def held_machine(person: str, knows: bool, this: Sharing, sharing: Sequence[Sharing]) -> str:
    """Why nothing that a machine makes of the photographs of `this` may be shown to the person; empty where
    it may. `sharing`: the other examinations that share with it; `knows`: whether the person is known to have
    seen something of a machine of these photographs already.
    """
    past_own_lock = this.reader == person and this.was_read_alone
    for other in sharing:
        # Who is past the lock of two readings of one photograph may reveal either.
        open_still = other.can_change if past_own_lock else other.reads_alone
        if other.reader == person and open_still:
            return _own_words(other)
    read_alone = any(each.reader == person and each.was_read_alone for each in (this, *sharing))
    if knows or read_alone:
        return ""
    for other in sharing:
        if other.reader != person and other.reads_alone:
            return (
                f"{other.reader} is reading a photograph of it alone. Until that is done, nothing that a "
                "program makes of it is shown to those who may still read it"
            )
    return ""


def held(person: str, knows: bool, this: Sharing, sharing: Sequence[Sharing]) -> str:
    """Why the person may not see the examination as it stands; empty where it may."""
    if this.machine:
        return held_machine(person, knows, this, sharing)
    if this.reader == person:
        return ""
    own = next((other for other in sharing if other.reader == person and other.can_change), None)
    return _own_words(own) if own is not None else ""


def _own_words(other: Sharing) -> str:
    return f"you are reading a photograph of it alone in {other.title[:60]!r}: lock that reading first"
