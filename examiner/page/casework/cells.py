"""One position as the browser needs it: crop, the answer asked for, what stands beside it, proposal."""

from __future__ import annotations

from typing import Any

from examiner.examination.acts import Mode, Phase
from examiner.examination.evidence_at_places import EvidenceAtPlace, evidence_at_places
from examiner.examination.notation import evidence_words, set_words
from examiner.examination.positions import ExaminedPosition
from examiner.examination.readings import CharacterReading, State
from examiner.examination.state import Examination, agreed, differ, may_decide
from examiner.page.casework.view_model import ViewContent
from examiner.photographs.crops import crop_share
from pipelines.glyphs import glyph_class
from pipelines.types import Position, Proposal

MOST_CANDIDATES = 4

STATE_WORDS = {
    "proposed": "one candidate stands out",
    "alternatives": "several candidates",
    "unreadable": "not readable",
    "no_character": "probably no character",
}


BLIND = (Mode.CASEWORK, Mode.QUALITY_CONTROL)
"""Modes with an own reading before the proposal."""


def state_word(examination: Examination, position: ExaminedPosition) -> str:
    """The state of the answer asked for, or "open"."""
    reading = _answer(examination, position)
    return reading.state.value if reading else "open"


def _answer(examination: Examination, position: ExaminedPosition) -> CharacterReading | None:
    """The reading that is made now, or was made last: what a cell shows as its answer."""
    match examination.phase:
        case Phase.OBSERVE:
            return position.own
        case Phase.LOCKED if not may_decide(examination):
            return position.own
        case Phase.SETTLING if differ(position):
            return position.settled
    return agreed(position)


def act_now(examination: Examination) -> str:
    """The act by which a position is answered now; empty where none is."""
    if examination.phase is Phase.OBSERVE:
        return "observe"
    if examination.phase is Phase.SETTLING:
        return "" if examination.signers else "settle"
    return "decide" if may_decide(examination) else ""


def _asked(content: ViewContent, position: ExaminedPosition) -> dict[str, Any] | None:
    """The answer asked for; of what is settled with the reason of the person who looks at it."""
    value = _reading(_answer(content.examination, position))
    if value is not None and content.examination.phase is Phase.SETTLING and position.settled is not None:
        value["reason"] = dict(position.settled_why).get(content.examiner, "")
    return value


def _others(content: ViewContent, position: ExaminedPosition) -> list[dict[str, Any]]:
    """The readings that stand beside the one that is made: the own one, or those of both examiners."""
    examination = content.examination
    if examination.second_reader:
        said = [(content.reader, position.final), (examination.second_reader, position.second)]
    elif content.proposal is not None and examination.mode in BLIND:
        said = [("own", position.own)]
    else:
        return []
    return [{"label": label, "reading": _reading(reading)} for label, reading in said]


def cells_of(content: ViewContent) -> list[dict[str, Any]]:
    """Plain values of every position, in the order of reading."""
    positions = content.examination.positions
    evidence = {} if content.proposal is None else evidence_at_places(positions, content.proposal)
    return [_cell(content, n, position, evidence.get(position.id)) for n, position in enumerate(positions, 1)]


def _cell(
    content: ViewContent, n: int, position: ExaminedPosition, evidence: EvidenceAtPlace | None
) -> dict[str, Any]:
    """The `n`th position. `evidence` is what the readers see at its place; None before the reveal."""
    proposed = _proposed(content.proposal, position)
    return {
        "id": position.id,
        "n": n,
        "line": position.line,
        "line_label": f"line {position.line + 1}",
        "crop": content.crop(position),
        "share": crop_share(position.place.quad),
        "asked": _asked(content, position),
        "others": _others(content, position),
        "settled_why": [f"{person}: {reason}" for person, reason in position.settled_why],
        "proposed": _candidates(proposed),
        "at_place": _evidence(evidence, position, proposed),
        "differs": _differs(content, position, proposed),
    }


def _evidence(evidence: EvidenceAtPlace | None, position: ExaminedPosition, proposed: Position | None) -> str:
    if evidence is None:
        return ""
    return evidence_words(evidence.position, position.own or agreed(position), proposed)


def _differs(content: ViewContent, position: ExaminedPosition, proposed: Position | None) -> bool:
    """Whether two readings beside each other say different things: examiners, or examiner and machine."""
    if content.examination.second_reader:
        return differ(position)
    beside = content.proposal is not None and content.examination.mode in BLIND
    return beside and differs(position.own, proposed)


def reasons_offered(content: ViewContent) -> list[str]:
    """What the laboratory offers as reasons where it asks for them."""
    examination = content.examination
    if examination.phase is Phase.SETTLING:
        wanted = examination.rules.settled_by_both
    else:
        wanted = examination.rules.reasons and content.proposal is not None and may_decide(examination)
    return list(content.laboratory.words["reasons"]) if wanted else []


def _proposed(proposal: Proposal | None, position: ExaminedPosition) -> Position | None:
    if proposal is None or position.proposed is None:
        return None
    line, index = position.proposed
    return proposal.lines[line].positions[index]


def _candidates(proposed: Position | None) -> dict[str, Any] | None:
    if proposed is None:
        return None
    return {
        "candidates": [
            {"glyph": candidate.glyph, "p": candidate.p}
            for candidate in proposed.candidates[:MOST_CANDIDATES]
        ],
        "state_words": STATE_WORDS[proposed.state],
        "set_words": set_words(proposed),
        "photos": [[index, nats] for index, nats in proposed.photos],
    }


def _reading(reading: CharacterReading | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {
        "state": reading.state.value,
        "reading": reading.reading,
        "alternatives": list(reading.alternatives),
        "reason": reading.reason,
        "excluded": list(reading.excluded),
        "features": reading.features,
        "photos": list(reading.photos),
        "layer": reading.layer.value,
        "over_stamp": reading.over_stamp,
        "read_from": reading.read_from.value,
    }


def differs(own_reading: CharacterReading | None, proposed: Position | None) -> bool:
    """Whether own reading and first candidate say different things; a twin of another script is the same."""
    if own_reading is None or proposed is None:
        return own_reading is not proposed
    first = proposed.candidates[0].glyph if proposed.candidates else ""
    if proposed.state == "unreadable":
        return own_reading.state not in (State.UNREADABLE, State.TRACE_ONLY)
    if own_reading.state is State.NO_CHARACTER:
        return first != ""
    if own_reading.state in (State.DEFINITE, State.PROBABLE):
        return (glyph_class(own_reading.reading) or own_reading.reading) != first
    return True
