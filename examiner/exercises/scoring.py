"""What a try is worth: right and wrong, unreadable rightly and wrongly given, and how far to be trusted.

Readings are aligned to what was struck by least edits, so that a position seen too much or too little shifts
no other. A character counts as there to be read where the plate still shows `READABLE` of it in one of the
photographs taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from examiner.examination.readings import CharacterReading, State
from examiner.exercises.attempt import StatedReading

READABLE = 0.35
"""Visibility from which a character can be read; assumption, set by eye."""

BINS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0))


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
class Judged:
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
    judged: tuple[Judged, ...]
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
    """The score of a try; `final` is judged, `own` shows what the proposal did. `visibility` of each
    character is the best that the photographs taken show of it."""
    judged = judge(truth, visibility, final)
    trusted = [(one.confidence, one.outcome in TRUE) for one in judged if one.confidence is not None]
    return Score(
        counts={outcome.value: sum(one.outcome is outcome for one in judged) for outcome in Outcome},
        judged=judged,
        brier=brier(trusted),
        bins=calibration_bins(trusted),
        influence=influence(truth, visibility, own, final, proposed),
        seconds=seconds,
    )


def judge(truth: str, visibility: Sequence[float], readings: Sequence[StatedReading]) -> tuple[Judged, ...]:
    """Every character struck and every position read, aligned."""
    return tuple(
        _judged(
            "" if at is None else truth[at],
            0.0 if at is None else visibility[at],
            None if position is None else readings[position],
        )
        for at, position in aligned(truth, [one.reading for one in readings])
    )


def aligned(truth: str, readings: Sequence[CharacterReading]) -> list[tuple[int | None, int | None]]:
    """Pairs of places in the truth and in the readings by least edits; of equal ways the one that pairs most,
    then the leftmost. Costs O(n · m)."""
    rows, columns = len(truth) + 1, len(readings) + 1
    cost = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            ways = [] if i or j else [0.0]
            if i:
                ways.append(cost[i - 1][j] + 1)
            if j:
                ways.append(cost[i][j - 1] + _extra(readings[j - 1]))
            if i and j:
                ways.append(cost[i - 1][j - 1] + _differs(truth[i - 1], readings[j - 1]))
            cost[i][j] = min(ways)
    pairs: list[tuple[int | None, int | None]] = []
    i, j = rows - 1, columns - 1
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + _differs(truth[i - 1], readings[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif j and cost[i][j] == cost[i][j - 1] + _extra(readings[j - 1]):
            j -= 1
            pairs.append((None, j))
        else:
            i -= 1
            pairs.append((i, None))
    return pairs[::-1]


def brier(trusted: Iterable[tuple[float, bool]]) -> float | None:
    """Mean of (confidence - truth)²; None of nothing."""
    squares = [(confidence - true) ** 2 for confidence, true in trusted]
    return sum(squares) / len(squares) if squares else None


def calibration_bins(trusted: Sequence[tuple[float, bool]]) -> tuple[CalibrationBin, ...]:
    """The ranges of BINS that hold a reading; the upper end belongs to the last one only."""
    bins = []
    for low, high in BINS:
        inside = [(c, t) for c, t in trusted if low <= c < high or c == high == 1.0]
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
    places = {j: i for i, j in aligned(truth, [one.reading for one in own]) if j is not None}
    count = dict.fromkeys(("kept", "right_to_wrong", "wrong_to_right", "wrong_to_other_wrong"), 0)
    towards = 0
    for position, (before, after) in enumerate(zip(own, final, strict=True)):
        if _said(before.reading) == _said(after.reading):
            count["kept"] += 1
            continue
        at = places.get(position)
        glyph, shown = ("", 0.0) if at is None else (truth[at], visibility[at])
        was, now = (_judged(glyph, shown, one).outcome in TRUE for one in (before, after))
        if was and not now:
            count["right_to_wrong"] += 1
        elif now and not was:
            count["wrong_to_right"] += 1
        else:
            count["wrong_to_other_wrong"] += not was
        towards += position < len(proposed) and after.reading.reading == proposed[position] != ""
    return Influence(**count, towards_proposal=towards)


def _judged(glyph: str, shown: float, stated: StatedReading | None) -> Judged:
    if stated is None:
        # A character of which nothing is left is not missed.
        outcome = Outcome.MISSED if shown >= READABLE else Outcome.RIGHTLY_UNREADABLE
        return Judged(glyph, None, outcome, None)
    return Judged(glyph, _said(stated.reading), _outcome(glyph, shown, stated.reading), stated.confidence)


def _outcome(glyph: str, shown: float, reading: CharacterReading) -> Outcome:
    match reading.state:
        case State.NO_CHARACTER:
            return Outcome.RIGHTLY_EMPTY if not glyph else Outcome.WRONG
        case State.UNREADABLE | State.TRACE_ONLY:
            if not glyph:
                return Outcome.INVENTED if reading.state is State.TRACE_ONLY else Outcome.RIGHTLY_UNREADABLE
            return Outcome.WRONGLY_UNREADABLE if shown >= READABLE else Outcome.RIGHTLY_UNREADABLE
        case _ if not glyph:
            return Outcome.INVENTED
        case State.ALTERNATIVES:
            return Outcome.HELD if glyph in reading.alternatives else Outcome.WRONG
        case _:
            return Outcome.RIGHT if reading.reading == glyph else Outcome.WRONG


def _said(reading: CharacterReading) -> str:
    if reading.state is State.ALTERNATIVES:
        return "/".join(reading.alternatives)
    return reading.reading or {"unreadable": "?", "trace_only": "~", "no_character": "␣"}[reading.state]


def _differs(glyph: str, reading: CharacterReading) -> float:
    if reading.reading == glyph or glyph in reading.alternatives:
        return 0.0
    return 0.75 if reading.state in (State.UNREADABLE, State.TRACE_ONLY) else 1.0


def _extra(reading: CharacterReading) -> float:
    return 0.0 if reading.state is State.NO_CHARACTER else 1.0
