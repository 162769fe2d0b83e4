"""What the browser is told: one plain dict from an examination. Nothing else makes data for the browser.

The proposal enters here only as the casebook hands it out through the gate of `examiner.examination`; before
the reveal it is None, and with it everything a reader or locator made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from examiner.export import limitation
from examiner.page.images import crop_share
from examiner.positions import ExaminedPosition
from examiner.readings import CharacterReading, State
from examiner.records import Mode, Phase
from examiner.standing import Examination, undecided
from pipelines.calibration import calibration
from pipelines.candidate_sets import MOST, likelihood_ratio, set_text
from pipelines.glyphs import glyph_class
from pipelines.types import Position, Proposal

MOST_CANDIDATES = 4

PHASE_WORDS = {
    Phase.OBSERVE: "own reading",
    Phase.LOCKED: "locked",
    Phase.REVEALED: "decide",
    Phase.SIGNED: "signed",
}

STEPS = {
    Phase.OBSERVE: ("lock", "Lock own reading"),
    Phase.LOCKED: ("reveal", "Reveal the proposal"),
    Phase.REVEALED: ("sign", "Sign"),
}

ANSWER_KEYS = "type the character   ? unreadable   _ none   / alternatives   ~ trace   ! probable"

LEGENDS = {
    Phase.OBSERVE: ANSWER_KEYS + "   ⌫ undo",
    Phase.LOCKED: "own readings are locked; Ctrl+Enter reveals the proposal",
    Phase.REVEALED: ANSWER_KEYS + "   PgDn least certain",
    Phase.SIGNED: "",
}

TRAINING_BANNER = (
    "Training: the proposal is shown at once. What is decided here is an exercise, not a finding."
)

STATE_WORDS = {
    "proposed": "one candidate stands out",
    "alternatives": "several candidates",
    "unreadable": "not readable",
    "no_character": "probably no character",
}


@dataclass(frozen=True)
class ShownPhoto:
    """A photograph of the series as the browser needs it: sizes and matrices of the full resolution."""

    index: int
    name: str
    sha256: str
    thumb: str
    width: int
    height: int
    proxy_width: int
    to_upright: tuple[float, ...]
    to_stored: tuple[float, ...]
    upright_degrees: int


@dataclass(frozen=True)
class Choice:
    """An entry of the selector of samples and examinations."""

    value: str
    label: str
    group: str


@dataclass(frozen=True)
class Notice:
    """A message to the person; `kind` is "error" or "info"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Shown:
    """Everything that a view is made of. `proposal` has passed the gate, or is None."""

    id: str
    examiner: str
    examination: Examination
    proposal: Proposal | None
    photos: tuple[ShownPhoto, ...]
    photo: int
    recipe: str
    recipes: tuple[Mapping[str, str], ...]
    original: str
    enhanced: str
    crop: Callable[[ExaminedPosition], str]
    choices: tuple[Choice, ...]
    downloads: Mapping[str, Mapping[str, str]]
    chosen: str
    fusions: tuple[Mapping[str, Any], ...] = ()
    fusion: Mapping[str, Any] | None = None
    fusing: str = ""
    """What is said while a fused picture is made."""
    reply: int = -1
    notice: Notice | None = None
    busy: str = ""
    unasked: bool = False
    """Sent without an event of the strip: what it waits for is still to come."""


def view(shown: Shown) -> dict[str, dict[str, Any]]:
    """Values of the case bar, the viewer and the strip."""
    return {"case": _case(shown), "viewer": _viewer(shown), "strip": _strip(shown)}


def waiting_view(
    choices: Sequence[Choice], examiner: str, busy: str, notice: Notice | None = None
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
        },
        "viewer": {},
        "strip": {
            "examination": "",
            "phase": "",
            "cells": [],
            "revealed": False,
            "blind": False,
            "may_answer": False,
            "may_edit": False,
            "may_undo": False,
            "step": None,
            "tally": "",
            "legend": "",
            "nothing": "Open photographs above, or choose a sample.",
            "empty_detail": "",
            "downloads": {},
            "limitation": "",
            "limitation_in_full": "",
            "reply": -1,
            "notice": asdict(notice) if notice else None,
            "busy": busy,
        },
    }


def _case(shown: Shown) -> dict[str, Any]:
    examination = shown.examination
    training = examination.mode is Mode.TRAINING
    return {
        "choices": [asdict(choice) for choice in shown.choices],
        "chosen": shown.chosen,
        "examiner": f"Examiner: {shown.examiner}",
        "photos": [{"name": photo.name, "sha256": photo.sha256} for photo in shown.photos],
        "phases": _phases(examination),
        "mode": examination.mode.value,
        "mode_words": "Training" if training else "Casework",
    }


def _phases(examination: Examination) -> list[dict[str, str]]:
    order = list(Phase)
    if examination.mode is Mode.TRAINING:
        order = [Phase.REVEALED, Phase.SIGNED]
    now = order.index(examination.phase) if examination.phase in order else 0
    done = examination.phase is Phase.SIGNED
    return [
        {"word": PHASE_WORDS[phase], "state": "done" if i < now or done else "now" if i == now else "to come"}
        for i, phase in enumerate(order)
    ]


def _viewer(shown: Shown) -> dict[str, Any]:
    examination = shown.examination
    numbers = {position.id: n for n, position in enumerate(examination.positions, 1)}
    may_draw = examination.phase in (Phase.OBSERVE, Phase.REVEALED)
    invite = may_draw and not examination.positions
    return {
        "examination": shown.id,
        "photos": [asdict(photo) for photo in shown.photos],
        "photo": shown.photo,
        "recipe": shown.recipe,
        "recipes": [dict(recipe) for recipe in shown.recipes],
        "fusions": [dict(fusion) for fusion in shown.fusions],
        "fusion": shown.fusion,
        "fusing": shown.fusing,
        "image": {"original": shown.original, "enhanced": shown.enhanced},
        "may_draw": may_draw,
        "may_lay": examination.phase is not Phase.SIGNED,
        "laid_by_hand": [asdict(laid) for laid in examination.taking.laid],
        "banner": TRAINING_BANNER if examination.mode is Mode.TRAINING else "",
        "invite": "Draw the band of one line of characters, or type it at the right." if invite else "",
        "positions": [
            {
                "id": position.id,
                "n": numbers[position.id],
                "frame": position.place.frame,
                "quad": position.place.quad,
                "state": _state(examination, position),
            }
            for position in examination.positions
        ],
    }


def _state(examination: Examination, position: ExaminedPosition) -> str:
    reading = position.own if examination.phase in (Phase.OBSERVE, Phase.LOCKED) else position.final
    return reading.state.value if reading else "open"


def _strip(shown: Shown) -> dict[str, Any]:
    examination = shown.examination
    phase = examination.phase
    revealed = shown.proposal is not None
    return {
        "examination": shown.id,
        "phase": phase.value,
        "revealed": revealed,
        "blind": examination.mode is Mode.CASEWORK,
        "cells": [_cell(shown, n, position) for n, position in enumerate(examination.positions, 1)],
        "may_answer": phase in (Phase.OBSERVE, Phase.REVEALED),
        "may_edit": phase in (Phase.OBSERVE, Phase.REVEALED),
        "may_undo": phase is not Phase.SIGNED and examination.earlier is not None,
        "step": _step(examination, shown.examiner),
        "tally": _tally(examination),
        "legend": LEGENDS[phase],
        "nothing": _nothing(examination),
        "empty_detail": "Positions appear here once a band is placed.",
        "downloads": {kind: dict(file) for kind, file in shown.downloads.items()},
        "limitation": _validated(shown.proposal) if shown.proposal else "",
        "limitation_in_full": limitation() if revealed else "",
        "reply": shown.reply,
        "unasked": shown.unasked,
        "notice": asdict(shown.notice) if shown.notice else None,
        "busy": shown.busy,
    }


def _validated(proposal: Proposal) -> str:
    """What the casebook keeps with the proposal; those of earlier versions say nothing."""
    said = proposal.validation or f"validated on {calibration().validated_on} only"
    return f"Probabilities {said}."


def _cell(shown: Shown, n: int, position: ExaminedPosition) -> dict[str, Any]:
    proposed = _proposed(shown.proposal, position)
    return {
        "id": position.id,
        "n": n,
        "line": position.line,
        "crop": shown.crop(position),
        "share": crop_share(position.place.quad),
        "own": _reading(position.own),
        "final": _reading(position.final),
        "proposed": _candidates(proposed),
        "differs": shown.proposal is not None
        and shown.examination.mode is Mode.CASEWORK
        and differs(position.own, proposed),
    }


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


def set_words(proposed: Position) -> str:
    """The candidate set, and how many times likelier the photographs are with one glyph than with another."""
    if not proposed.candidate_set:
        return ""
    words = f"Meant to hold 95 in 100: {set_text(proposed.candidate_set)}."
    if len(proposed.candidate_set) > MOST:
        words = "No short set at 95 in 100."
    glyphs = [glyph for glyph, _ in proposed.log10_likelihoods if glyph][:2]
    if len(glyphs) == 2:
        # The likelier of the two by the photographs alone comes first.
        ratio = likelihood_ratio(proposed, glyphs[0], glyphs[1])
        one, other = glyphs if ratio >= 1 else glyphs[::-1]
        words += f" LR {one} to {other}: {_times(max(ratio, 1 / ratio))}."
    return words


def _times(ratio: float) -> str:
    return "over 1000" if ratio > 1000 else f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


def _reading(reading: CharacterReading | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {
        "state": reading.state.value,
        "reading": reading.reading,
        "alternatives": list(reading.alternatives),
        "reason": reading.reason,
    }


def differs(own: CharacterReading | None, proposed: Position | None) -> bool:
    """Whether own reading and first candidate say different things; a twin of another script is the same."""
    if own is None or proposed is None:
        return own is not proposed
    first = proposed.candidates[0].glyph if proposed.candidates else ""
    if proposed.state == "unreadable":
        return own.state not in (State.UNREADABLE, State.TRACE_ONLY)
    if own.state is State.NO_CHARACTER:
        return first != ""
    if own.state in (State.DEFINITE, State.PROBABLE):
        return (glyph_class(own.reading) or own.reading) != first
    return True


def _step(examination: Examination, examiner: str) -> dict[str, Any] | None:
    if examination.phase not in STEPS:
        return None
    name, label = STEPS[examination.phase]
    if examination.mode is Mode.TRAINING and examination.phase is Phase.OBSERVE:
        name, label = "reveal", "Show the proposal"
    ready = name == "reveal" or (bool(examination.positions) and not undecided(examination))
    return {"name": name, "label": f"{label} as {examiner}" if name == "sign" else label, "ready": ready}


def _tally(examination: Examination) -> str:
    total = len(examination.positions)
    if total == 0:
        return "no positions"
    if examination.phase is Phase.SIGNED:
        return f"Signed · {total} positions decided"
    if examination.phase is Phase.LOCKED:
        return f"{total} own readings locked"
    done = total - len(undecided(examination))
    return f"{done} of {total} {'read' if examination.phase is Phase.OBSERVE else 'decided'}"


def _nothing(examination: Examination) -> str:
    if examination.phase is Phase.OBSERVE:
        return "No positions yet. Mark the band of one line and say how many characters stand in it."
    return "No position here. Mark a band where you see characters."
