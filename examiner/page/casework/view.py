"""What the browser is told: one plain dict from an examination. Nothing else makes data for the browser.

The proposal enters here only as the casebook hands it out through the gate of
`examiner.examination.order_of_work`; before
the reveal it is None, and with it everything a reader or locator made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from examiner.examination.acts import ACTS, Mode, Phase
from examiner.examination.mode_words import MODE_WORDS, informed_words
from examiner.examination.notation import direction_words
from examiner.examination.permissions import DEED_OF_ACT, Deed
from examiner.examination.seen_state import SeenState
from examiner.examination.state import (
    Examination,
    may_decide,
    settled_without_reason,
    undecided,
    without_reason,
)
from examiner.exports.reading_json import limitation
from examiner.page.casework.cells import act_now, cells_of, reasons_offered, state_word
from examiner.page.casework.exports import OFFERED
from examiner.page.casework.view_model import Notice, SelectorOption, ViewContent
from pipelines.probability.calibration import calibration
from pipelines.probability.likeness import unlike_photographs
from pipelines.types import Proposal

PHASE_WORDS = {
    Phase.OBSERVE: "own reading",
    Phase.LOCKED: "locked",
    Phase.REVEALED: "decide",
    Phase.SETTLING: "settle",
    Phase.SIGNED: "signed",
}

ANSWER_KEYS = "type the character   ? unreadable   _ none   / alternatives   ~ trace   ! probable"

INVITATION = "Draw a band over one line of characters, or type its edges on the right."

LEGENDS = {
    Phase.OBSERVE: ANSWER_KEYS + "   ⌫ undo",
    Phase.LOCKED: "your reading is locked",
    Phase.REVEALED: ANSWER_KEYS + "   PgDn least certain",
    Phase.SETTLING: "decide where the two readings differ: " + ANSWER_KEYS,
    Phase.SIGNED: "",
}

ONLY_LOOKING = "you may only look at this examination"

BANNERS = {
    Mode.CASEWORK: "",
    Mode.QUALITY_CONTROL: "",
    Mode.INFORMED: "Informed: you may see the proposal before you read. The report says so.",
    Mode.TRAINING: (
        "Training: the proposal is shown at once. What you decide here is an exercise, not a finding."
    ),
    Mode.SECOND: "Second examiner: read on your own. Neither the first reading nor a proposal is shown.",
}


def view(content: ViewContent) -> dict[str, dict[str, Any]]:
    """Values of the case bar, the viewer and the strip."""
    return {"case": _case(content), "viewer": _viewer(content), "strip": _strip(content)}


def waiting_view(
    choices: Sequence[SelectorOption],
    examiner: str,
    busy: str,
    notice: Notice | None = None,
    question: Mapping[str, str] | None = None,
    sign_out: bool = False,
) -> dict[str, dict[str, Any]]:
    """What is shown while no examination is open."""
    return {
        "case": {
            "choices": [asdict(choice) for choice in choices],
            "chosen": "",
            "examiner": f"Examiner: {examiner}",
            "photos": [],
            "phases": [],
            "mode": "",
            "mode_words": "",
            "sign_out": sign_out,
            "filed": "",
            "question": dict(question) if question else None,
        },
        "viewer": {},
        "strip": {
            "examination": "",
            "phase": "",
            "cells": [],
            "revealed": False,
            "act": "",
            "reasons": [],
            "scale": {},
            "more": [],
            "may_answer": False,
            "may_edit": False,
            "may_undo": False,
            "step": None,
            "tally": "",
            "legend": "",
            "nothing": "Open photographs above, or choose a sample.",
            "empty_detail": "",
            "exports": [],
            "download": None,
            "directions": "",
            "limitation": "",
            "limitation_in_full": "",
            "reply": -1,
            "seen": SeenState(0, 0, 0).to_json(),
            "stale": False,
            "stamp": 0,
            "notice": asdict(notice) if notice else None,
            "busy": busy,
        },
    }


def _case(content: ViewContent) -> dict[str, Any]:
    examination = content.examination
    return {
        "choices": [asdict(choice) for choice in content.choices],
        "chosen": content.chosen,
        "examiner": f"Examiner: {content.examiner}",
        "photos": [{"name": photo.name, "sha256": photo.sha256} for photo in content.photos],
        "phases": _phases(examination),
        "mode": examination.mode.value,
        "mode_words": MODE_WORDS[examination.mode].title,
        "sign_out": content.sign_out,
        "filed": content.filed,
        "question": dict(content.question) if content.question else None,
    }


def _phases(examination: Examination) -> list[dict[str, str]]:
    match examination.mode:
        case Mode.TRAINING | Mode.INFORMED:
            order = [Phase.REVEALED, Phase.SIGNED]
        case Mode.SECOND:
            order = [Phase.OBSERVE, Phase.LOCKED]
        case Mode.QUALITY_CONTROL:
            order = [Phase.OBSERVE, Phase.LOCKED, Phase.SIGNED]
        case Mode.CASEWORK:
            order = [Phase.OBSERVE, Phase.LOCKED, Phase.REVEALED, Phase.SIGNED]
    if examination.second_reader or examination.rules.second:
        order.insert(-1, Phase.SETTLING)
    now = order.index(examination.phase) if examination.phase in order else 0
    done = examination.phase is Phase.SIGNED
    return [
        {"word": PHASE_WORDS[phase], "state": "done" if i < now or done else "now" if i == now else "to come"}
        for i, phase in enumerate(order)
    ]


def _viewer(content: ViewContent) -> dict[str, Any]:
    examination = content.examination
    numbers = {position.id: n for n, position in enumerate(examination.positions, 1)}
    may_draw = content.allowed(Deed.PLACE)
    invite = may_draw and not examination.positions
    return {
        "examination": content.id,
        "photos": [asdict(photo) for photo in content.photos],
        "photo": content.photo,
        "recipe": content.recipe,
        "recipes": [dict(recipe) for recipe in content.recipes],
        "fusions": [dict(fusion) for fusion in content.fusions],
        "fusion": content.fusion,
        "fusing": content.fusing,
        "image": {"original": content.original, "enhanced": content.enhanced},
        "may_draw": may_draw,
        "may_register": content.allowed(Deed.DESCRIBE),
        "seen": content.seen.to_json(),
        "registered_by_hand": [asdict(pair) for pair in examination.series.registered_by_hand],
        "banner": _banner(examination),
        "invite": INVITATION if invite else "",
        "positions": [
            {
                "id": position.id,
                "n": numbers[position.id],
                "frame": position.place.frame,
                "quad": position.place.quad,
                "state": state_word(examination, position),
            }
            for position in examination.positions
        ],
    }


def _banner(examination: Examination) -> str:
    """What the mode means, and who was shown something of a machine before."""
    said = [BANNERS[examination.mode], *map(informed_words, examination.informed)]
    return " ".join(words for words in said if words)


def _strip(content: ViewContent) -> dict[str, Any]:
    examination = content.examination
    phase = examination.phase
    revealed = content.proposal is not None
    act = act_now(examination)
    if act and not content.allowed(DEED_OF_ACT[ACTS[act]]):
        act = ""
    return {
        "examination": content.id,
        "phase": phase.value,
        "revealed": revealed,
        "act": act,
        "reasons": reasons_offered(content),
        "scale": dict(content.laboratory.scale),
        "cells": cells_of(content),
        "may_answer": bool(act),
        "may_edit": content.allowed(Deed.PLACE),
        "may_undo": content.allowed(Deed.UNDO) and examination.earlier is not None,
        "step": content.step.to_json() if content.step else None,
        "more": [stage.to_json() for stage in content.more],
        "tally": _tally(examination),
        "legend": LEGENDS[phase] if act or not act_now(examination) else ONLY_LOOKING,
        "nothing": _nothing(examination),
        "empty_detail": "Positions appear here after you place a band.",
        "exports": [list(offer) for offer in OFFERED] if content.allowed(Deed.GIVE_OUT) else [],
        "download": dict(content.download) if content.download else None,
        "directions": direction_words(content.proposal.lines) if content.proposal else "",
        "limitation": _validated(content.proposal) if content.proposal else "",
        "limitation_in_full": limitation() if revealed else "",
        "reply": content.reply,
        "seen": content.seen.to_json(),
        "stale": content.stale,
        "stamp": content.stamp,
        "notice": asdict(content.notice) if content.notice else None,
        "busy": content.busy,
    }


def _validated(proposal: Proposal) -> str:
    """What the casebook keeps with the proposal; those of earlier versions say nothing."""
    said = proposal.validation or f"validated on {calibration().validated_on} only"
    sentences = (f"Probabilities {said}.", "Letter case is open.", unlike_photographs(proposal.photos))
    return " ".join(filter(None, sentences))


def _tally(examination: Examination) -> str:
    total = len(examination.positions)
    if total == 0:
        return "nothing seen" if examination.nothing_seen else "no positions"
    if examination.phase is Phase.SIGNED:
        return f"Signed · {total} positions decided"
    if examination.phase is Phase.LOCKED and not may_decide(examination):
        return f"{total} own readings locked"
    if examination.phase is Phase.SETTLING:
        return _to_settle(examination)
    silent = len(without_reason(examination))
    if examination.phase is Phase.REVEALED and silent and not undecided(examination):
        return f"{silent} without a reason"
    done = total - len(undecided(examination))
    return f"{done} of {total} {'read' if examination.phase is Phase.OBSERVE else 'decided'}"


def _to_settle(examination: Examination) -> str:
    """What is left to settle, and whose reasons for what is settled are missing."""
    left, lacking = len(undecided(examination)), settled_without_reason(examination)
    if left or not lacking:
        return f"{left} to settle"
    number, person = lacking[0]
    more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return f"no reason of {person} at position {number}{more}"


def _nothing(examination: Examination) -> str:
    if examination.nothing_seen:
        return f"Nothing seen: {examination.nothing_seen}"
    if examination.phase is Phase.OBSERVE:
        return "No positions yet. Draw a band over one line and enter how many characters it has."
    return "No positions. Draw a band where you see characters."
