"""The score of a try: outcome of each reading, calibration of stated confidence, influence of the proposal.

Readings are aligned to what was struck by least edits, so that one position too many or too few does not
shift the others. A character can be read where one of the photographs still shows `READABLE` of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from examiner.examination.readings import CharacterReading, State
from examiner.exercises.attempt import StatedReading
from pipelines.probability.measures import brier, least_edits

READABLE = 0.35
"""Visibility from which a character can be read; assumption, set by eye."""

BINS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0))
"""Ranges of stated confidence in the trainee's table. They are fixed, because a try has few readings."""


class Outcome(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    HELD = "alternatives hold it"
    RIGHTLY_UNREADABLE = "rightly unreadable"
    WRONGLY_UNREADABLE = "wrongly unreadable"
    MISSED = "missed"
    INVENTED = "invented"
    RIGHTLY_EMPTY = "rightly no character"


TRUE = (Outcome.RIGHT, Outcome.HELD, Outcome.RIGHTLY_UNREADABLE, Outcome.RIGHTLY_EMPTY)
"""Outcomes of readings that say what is true."""


@dataclass(frozen=True)
class Judgement:
    """One aligned pair: what was struck (empty: nothing), what was read (None: no position), the outcome."""

    truth: str
    read: str | None
    outcome: Outcome
    confidence: float | None


@dataclass(frozen=True)
class CalibrationBin:
    """Readings whose stated confidence lies in a range: how many, their mean confidence, share true."""

    low: float
    high: float
    count: int
    stated: float
    true: float


@dataclass(frozen=True)
class Influence:
    """How the proposal changed readings, counted over positions."""

    kept: int
    right_to_wrong: int
    wrong_to_right: int
    wrong_to_other_wrong: int
    towards_proposal: int


@dataclass(frozen=True)
class Score:
    """`brier`: mean squared difference between stated confidence and truth, None without readings."""

    counts: Mapping[str, int]
    judged: tuple[Judgement, ...]
    brier: float | None
    bins: tuple[CalibrationBin, ...]
    influence: Influence
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def score(
    truth: str,
    visibility: Sequence[float],
    own: Sequence[StatedReading],
    final: Sequence[StatedReading],
    proposed: Sequence[str],
    seconds: float,
) -> Score:
    """The score of a try; `final` is judged, `own` is what was read before the proposal. `visibility` of each
    character is the best that the photographs taken show of it."""
    judged = judge(truth, visibility, final)
    trusted = [
        (judgement.confidence, judgement.outcome in TRUE)
        for judgement in judged
        if judgement.confidence is not None
    ]
    confidences, true = [confidence for confidence, _ in trusted], [is_true for _, is_true in trusted]
    return Score(
        counts={
            outcome.value: sum(judgement.outcome is outcome for judgement in judged) for outcome in Outcome
        },
        judged=judged,
        brier=brier(confidences, true) if trusted else None,
        bins=calibration_bins(trusted),
        influence=influence(truth, visibility, own, final, proposed),
        seconds=seconds,
    )


def judge(
    truth: str, visibility: Sequence[float], readings: Sequence[StatedReading]
) -> tuple[Judgement, ...]:
    """Every character struck and every position read, aligned."""
    return tuple(
        _judged(
            "" if at is None else truth[at],
            0.0 if at is None else visibility[at],
            None if position is None else readings[position],
        )
        for at, position in aligned(truth, [stated.reading for stated in readings])
    )


def aligned(truth: str, readings: Sequence[CharacterReading]) -> list[tuple[int | None, int | None]]:
    """Pairs of places in the truth and in the readings by least edits, see `least_edits`."""
    differs = [[_differs(glyph, reading) for reading in readings] for glyph in truth]
    return least_edits(differs, [_extra(reading) for reading in readings], spare_first=True)


def calibration_bins(trusted: Sequence[tuple[float, bool]]) -> tuple[CalibrationBin, ...]:
    """The ranges of BINS that hold a reading; the upper end belongs to the last one only."""
    bins = []
    for low, high in BINS:
        inside = [pair for pair in trusted if low <= pair[0] < high or pair[0] == high == 1.0]
        if inside:
            stated, true = (sum(column) / len(inside) for column in zip(*inside, strict=True))
            bins.append(CalibrationBin(low, high, len(inside), float(stated), float(true)))
    return tuple(bins)


def influence(
    truth: str,
    visibility: Sequence[float],
    own: Sequence[StatedReading],
    final: Sequence[StatedReading],
    proposed: Sequence[str],
) -> Influence:
    """What changed between own and final reading. Raises ValueError where their positions differ."""
    places = {j: i for i, j in aligned(truth, [stated.reading for stated in own]) if j is not None}
    count = dict.fromkeys(("kept", "right_to_wrong", "wrong_to_right", "wrong_to_other_wrong"), 0)
    towards = 0
    for position, (before, after) in enumerate(zip(own, final, strict=True)):
        if _signs_of(before.reading) == _signs_of(after.reading):
            count["kept"] += 1
            continue
        at = places.get(position)
        glyph, visible = ("", 0.0) if at is None else (truth[at], visibility[at])
        was, now = (_judged(glyph, visible, stated).outcome in TRUE for stated in (before, after))
        if was and not now:
            count["right_to_wrong"] += 1
        elif now and not was:
            count["wrong_to_right"] += 1
        else:
            count["wrong_to_other_wrong"] += not was
        towards += position < len(proposed) and after.reading.reading == proposed[position] != ""
    return Influence(**count, towards_proposal=towards)


def _judged(glyph: str, visible: float, stated: StatedReading | None) -> Judgement:
    if stated is None:
        # A character of which nothing is left is not missed.
        outcome = Outcome.MISSED if visible >= READABLE else Outcome.RIGHTLY_UNREADABLE
        return Judgement(glyph, None, outcome, None)
    return Judgement(
        glyph, _signs_of(stated.reading), _outcome(glyph, visible, stated.reading), stated.confidence
    )


def _outcome(glyph: str, visible: float, reading: CharacterReading) -> Outcome:
    match reading.state:
        case State.NO_CHARACTER:
            return Outcome.RIGHTLY_EMPTY if not glyph else Outcome.WRONG
        case State.UNREADABLE | State.TRACE_ONLY:
            if not glyph:
                return Outcome.INVENTED if reading.state is State.TRACE_ONLY else Outcome.RIGHTLY_UNREADABLE
            return Outcome.WRONGLY_UNREADABLE if visible >= READABLE else Outcome.RIGHTLY_UNREADABLE
        case _ if not glyph:
            return Outcome.INVENTED
        case State.ALTERNATIVES:
            return Outcome.HELD if glyph in reading.alternatives else Outcome.WRONG
        case _:
            return Outcome.RIGHT if reading.reading == glyph else Outcome.WRONG


def _signs_of(reading: CharacterReading) -> str:
    if reading.state is State.ALTERNATIVES:
        return "/".join(reading.alternatives)
    return reading.reading or {"unreadable": "?", "trace_only": "~", "no_character": "␣"}[reading.state]


def _differs(glyph: str, reading: CharacterReading) -> float:
    if reading.reading == glyph or glyph in reading.alternatives:
        return 0.0
    return 0.75 if reading.state in (State.UNREADABLE, State.TRACE_ONLY) else 1.0


def _extra(reading: CharacterReading) -> float:
    return 0.0 if reading.state is State.NO_CHARACTER else 1.0
