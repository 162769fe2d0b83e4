"""One try at an exercise as a state machine: work on the plate, photograph it, read, lock, see the proposal.

Time on the plate only moves on: what the reagent has eaten does not come back. `at` of each act is seconds
since the exercise was opened, told from outside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from examiner.examination.readings import CharacterReading, RecordError, State, reading_from_json
from examiner.exercises.exercise import Exercise, ExerciseError
from models.plates.workpiece import Worked, polished

MOST_PHOTOGRAPHS = 12
MOST_POSITIONS = 20
LONGEST_SWAB_S = 120.0
STRENGTHS = (0.5, 1.0, 2.0)


class Stage(StrEnum):
    WORKING = "working"
    LOCKED = "locked"
    DONE = "done"


@dataclass(frozen=True)
class StatedReading:
    """A reading with the confidence that goes with it, 0..1: that what is said of this position is true."""

    reading: CharacterReading
    confidence: float


@dataclass(frozen=True)
class Attempt:
    """Where a try stands. `photographs`: the state of the plate in each; `own` the readings before, `final`
    those after the proposal, by position; `proposed` what the proposal said, text by position."""

    exercise: Exercise
    proficiency: bool = False
    stage: Stage = Stage.WORKING
    worked: Worked = field(default_factory=Worked)
    photographs: tuple[Worked, ...] = ()
    own: tuple[StatedReading | None, ...] = ()
    final: tuple[StatedReading, ...] = ()
    proposed: tuple[str, ...] = ()
    swabs: int = 0
    seconds: float = 0.0


def begun(exercise: Exercise, proficiency: bool = False) -> Attempt:
    """A new try: the plate as it came, ground as its grade says."""
    return Attempt(exercise, proficiency, worked=Worked(ground_mm=exercise.ground_mm))


def acted(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    """After one act (a mapping with `do`). Raises ExerciseError saying what was expected."""
    at = _number(act.get("at", attempt.seconds), 0, 86_400, "at")
    attempt = replace(attempt, seconds=max(attempt.seconds, at))
    do = act.get("do")
    if do in WORK:
        _need(attempt, Stage.WORKING, "the plate is worked on before the reading is locked")
        return WORK[str(do)](attempt, act)
    match do:
        case "lock":
            return _locked(attempt)
        case "finish":
            return _finished(attempt, act)
        case _:
            raise ExerciseError(f"no act {str(do)[:40]!r}")


def with_proposal(attempt: Attempt, proposed: Sequence[str]) -> Attempt:
    """The proposal, once the reading is locked; in a proficiency test there is none."""
    _need(attempt, Stage.LOCKED, "a proposal is shown after the lock")
    return attempt if attempt.proficiency else replace(attempt, proposed=tuple(proposed))


def _swab(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    seconds = _number(act.get("seconds"), 1, LONGEST_SWAB_S, "seconds")
    strength = _number(act.get("strength", 1.0), min(STRENGTHS), max(STRENGTHS), "strength")
    worked = replace(
        attempt.worked,
        # Time under another strength counts by what it does.
        dwell=attempt.worked.dwell + seconds * strength,
        strength=1.0,
        wet=True,
        particles=False,
    )
    return replace(attempt, worked=worked, swabs=attempt.swabs + 1)


def _polish(attempt: Attempt, _: Mapping[str, Any]) -> Attempt:
    return replace(attempt, worked=polished(attempt.worked))


def _dry(attempt: Attempt, _: Mapping[str, Any]) -> Attempt:
    return replace(attempt, worked=replace(attempt.worked, wet=False))


def _particles(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    return replace(attempt, worked=replace(attempt.worked, particles=act.get("on") is True, wet=False))


def _light(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    azimuth = _number(act.get("azimuth"), 0, 360, "azimuth") % 360
    elevation = _number(act.get("elevation"), 6, 85, "elevation")
    return replace(attempt, worked=replace(attempt.worked, azimuth=azimuth, elevation=elevation))


def _photograph(attempt: Attempt, _: Mapping[str, Any]) -> Attempt:
    if len(attempt.photographs) >= MOST_PHOTOGRAPHS:
        raise ExerciseError(f"at most {MOST_PHOTOGRAPHS} photographs are taken")
    return replace(attempt, photographs=(*attempt.photographs, attempt.worked))


def _read(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    readings = act.get("readings")
    if not isinstance(readings, list) or len(readings) > MOST_POSITIONS:
        raise ExerciseError(f"readings are a list of at most {MOST_POSITIONS} positions")
    return replace(attempt, own=tuple(None if one is None else stated(one) for one in readings))


WORK = {
    "swab": _swab,
    "polish": _polish,
    "dry": _dry,
    "particles": _particles,
    "light": _light,
    "photograph": _photograph,
    "read": _read,
}
"""Acts before the lock."""


def _locked(attempt: Attempt) -> Attempt:
    _need(attempt, Stage.WORKING, "a reading is locked once")
    if not attempt.photographs:
        raise ExerciseError("take a photograph first: what is read is read from photographs")
    if any(one is None for one in attempt.own):
        raise ExerciseError("every position needs an answer; unreadable is one")
    own = tuple(one for one in attempt.own if one is not None)
    return replace(attempt, stage=Stage.LOCKED, own=own, final=own)


def _finished(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    _need(attempt, Stage.LOCKED, "an exercise ends after the lock")
    readings = act.get("readings")
    if readings is None or attempt.proficiency:
        return replace(attempt, stage=Stage.DONE)
    if not isinstance(readings, list) or len(readings) != len(attempt.own):
        raise ExerciseError(f"a final reading has the {len(attempt.own)} positions that were locked")
    return replace(attempt, stage=Stage.DONE, final=tuple(stated(one) for one in readings))


def stated(value: Any) -> StatedReading:
    """A reading with its confidence from plain values. Raises ExerciseError."""
    try:
        reading = reading_from_json(value["reading"])
        confidence = _number(value["confidence"], 0, 1, "confidence")
    except (RecordError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ExerciseError(f"no reading ({error})"[:300]) from error
    if reading.state is State.SYMBOL:
        raise ExerciseError("no symbols are struck in exercises")
    return StatedReading(reading, confidence)


def _need(attempt: Attempt, stage: Stage, why: str) -> None:
    if attempt.stage is not stage:
        raise ExerciseError(f"{why}; this exercise is at {attempt.stage.value!r}")


def _number(value: Any, low: float, high: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ExerciseError(f"{name} is a number")
    if not low <= value <= high:
        raise ExerciseError(f"{name} is a number from {low:g} to {high:g}")
    return float(value)
