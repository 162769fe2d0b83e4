"""The next step of the order of work as the page offers it, and what else may be done now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from examiner.casebook.casebook import Casebook, ExaminationEntry
from examiner.examination.acts import Amend, Lock, Mode, NoteContext, NothingSeen, Phase, RecordError
from examiner.examination.seen_state import SeenState
from examiner.examination.state import Examination, settled_without_reason, undecided, without_reason
from examiner.people import Person

PROPOSAL_FIRST = (Mode.INFORMED, Mode.TRAINING)
"""Modes in which the proposal may be seen before an own reading is locked."""

_OPEN = (Phase.OBSERVE, Phase.REVEALED, Phase.SETTLING)


@dataclass(frozen=True)
class WorkStage:
    """A button: `name` comes back from the browser; `asks` is what a person types first, or empty."""

    name: str
    label: str
    ready: bool = True
    asks: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values for the browser."""
        return {"name": self.name, "label": self.label, "ready": self.ready, "asks": self.asks}


def next_stage(examination: Examination, person: str, second: ExaminationEntry | None) -> WorkStage | None:
    """What the order of work asks for now; None where nothing is left."""
    mode, done = examination.mode, not undecided(examination)
    told = done and not without_reason(examination)
    match examination.phase:
        case Phase.OBSERVE if mode in PROPOSAL_FIRST:
            return WorkStage("reveal", "Show the proposal")
        case Phase.OBSERVE:
            there = examination.positions or examination.nothing_seen
            return WorkStage("lock", "Lock your reading", bool(there) and done)
        case Phase.LOCKED if mode is Mode.SECOND:
            return None
        case Phase.LOCKED if mode is not Mode.QUALITY_CONTROL:
            return WorkStage("reveal", "Reveal the proposal")
        case Phase.LOCKED | Phase.REVEALED:
            return _conclusion(examination, person, second, told)
        case Phase.SETTLING if person in examination.signers:
            return WorkStage("sign", "You have signed; the other signature is missing", False)
        case Phase.SETTLING:
            return WorkStage("sign", f"Sign as {person}", done and not settled_without_reason(examination))
        case Phase.SIGNED if mode is Mode.QUALITY_CONTROL and examination.proposal_sha256 is None:
            return WorkStage("reveal", "Compare with the proposal")
    return None


def _conclusion(
    examination: Examination, person: str, second: ExaminationEntry | None, told: bool
) -> WorkStage:
    there = bool(examination.positions or examination.nothing_seen)
    if second is not None and second.phase is Phase.LOCKED:
        return WorkStage("take_second", f"Show the reading of {second.reader} beside yours", told and there)
    if examination.rules.second:
        who = f"{second.reader} is reading" if second is not None else "nobody has begun"
        return WorkStage("take_second", f"A second examiner is needed: {who}", False)
    unfinished = "" if second is None else f"; the second reading of {second.reader} is not finished"
    return WorkStage("sign", f"Sign as {person}{unfinished}", told and there)


def further_stages(examination: Examination) -> list[WorkStage]:
    """What else may be done now, in words of the person's own."""
    stages = []
    match examination.phase:
        case Phase.OBSERVE if not examination.positions:
            stages.append(WorkStage("nothing_seen", "Nothing seen", asks="What you looked at"))
        case Phase.SIGNED:
            stages.append(WorkStage("amend", "Amend", asks="Why you open it again"))
    proposal_known = examination.proposal_sha256 is not None or examination.mode in PROPOSAL_FIRST
    if (
        proposal_known
        and examination.phase in (Phase.OBSERVE, Phase.REVEALED, Phase.SETTLING)
        and examination.mode is not Mode.TRAINING
    ):
        stages.append(
            WorkStage("context", "Context", asks="What you were told: maker, model, format, search results")
        )
    return stages


def take_stage(casebook: Casebook, id: str, person: Person, sent: Mapping[str, Any], seen: SeenState) -> None:
    """Does a step that needs no readers. Raises OrderError or RecordError where it cannot be done."""
    said = sent.get("said", "")
    if not isinstance(said, str):
        raise RecordError("what is said is a text")
    match sent.get("step"):
        case "lock":
            casebook.act(id, Lock(), person.name, seen)
        case "sign":
            casebook.sign(id, person.name, person.key, seen)
        case "take_second":
            casebook.take_second(id, person.name, seen)
        case "nothing_seen":
            casebook.act(id, NothingSeen(said), person.name, seen)
        case "amend":
            casebook.act(id, Amend(said), person.name, seen)
        case "context":
            casebook.act(id, NoteContext(said), person.name, seen)
        case _:
            raise RecordError("no such step")
