"""One try at an exercise as a state machine: work on the plate, photograph it, read, lock, see the proposal.

Time under the reagent only grows: metal that is dissolved does not come back. `at` of each act is in seconds
since the exercise was opened; the caller gives it.
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
    """A reading and the trainee's confidence that it is true, 0..1."""

    reading: CharacterReading
    confidence: float


@dataclass(frozen=True)
class Attempt:
    """The state of a try. `photographs`: the state of the plate in each. By position: `own`, the readings
    before the proposal; `final`, those after it; `proposed`, the text that was proposed."""

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
    """A new try: the plate as it comes to the laboratory, ground as its grade says."""
    return Attempt(exercise, proficiency, worked=Worked(ground_mm=exercise.ground_mm))


def acted(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    """The try after one act (a mapping with `do`). Raises ExerciseError, which says what was expected."""
    at = _number(act.get("at", attempt.seconds), 0, 86_400, "at")
    attempt = replace(attempt, seconds=max(attempt.seconds, at))
    do = act.get("do")
    if do in WORK:
        _need(attempt, Stage.WORKING, "work on the plate ends when the reading is locked")
        return WORK[str(do)](attempt, act)
    match do:
        case "lock":
            return _locked(attempt)
        case "finish":
            return _finished(attempt, act)
        case _:
            raise ExerciseError(f"there is no act {str(do)[:40]!r}")


def with_proposal(attempt: Attempt, proposed: Sequence[str]) -> Attempt:
    """The proposal, once the reading is locked; in a proficiency test there is none."""
    _need(attempt, Stage.LOCKED, "a proposal is shown only after the lock")
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
        raise ExerciseError(f"at most {MOST_PHOTOGRAPHS} photographs can be taken")
    return replace(attempt, photographs=(*attempt.photographs, attempt.worked))


def _read(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    readings = act.get("readings")
    if not isinstance(readings, list) or len(readings) > MOST_POSITIONS:
        raise ExerciseError(f"readings must be a list of at most {MOST_POSITIONS} positions")
    return replace(attempt, own=tuple(None if reading is None else stated(reading) for reading in readings))


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
        raise ExerciseError("take a photograph first: readings are made from photographs")
    readings = tuple(reading for reading in attempt.own if reading is not None)
    if len(readings) < len(attempt.own):
        raise ExerciseError("every position needs an answer; unreadable is an answer too")
    return replace(attempt, stage=Stage.LOCKED, own=readings, final=readings)


def _finished(attempt: Attempt, act: Mapping[str, Any]) -> Attempt:
    _need(attempt, Stage.LOCKED, "an exercise can be finished only after the lock")
    readings = act.get("readings")
    if readings is None or attempt.proficiency:
        return replace(attempt, stage=Stage.DONE)
    if not isinstance(readings, list) or len(readings) != len(attempt.own):
        raise ExerciseError(f"the final reading must have the {len(attempt.own)} positions that were locked")
    return replace(attempt, stage=Stage.DONE, final=tuple(map(stated, readings)))


def stated(value: Any) -> StatedReading:
    """A reading with its confidence from plain values. Raises ExerciseError."""
    try:
        reading = reading_from_json(value["reading"])
        confidence = _number(value["confidence"], 0, 1, "confidence")
    except (RecordError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ExerciseError(f"not a reading ({error})"[:300]) from error
    if reading.state is State.SYMBOL:
        raise ExerciseError("exercises have no symbols; state a character")
    return StatedReading(reading, confidence)


def _need(attempt: Attempt, stage: Stage, why: str) -> None:
    if attempt.stage is not stage:
        raise ExerciseError(f"{why}; the state of this exercise is {attempt.stage.value!r}")


def _number(value: Any, low: float, high: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ExerciseError(f"{name} must be a number")
    if not low <= value <= high:
        raise ExerciseError(f"{name} must be a number from {low:g} to {high:g}, got {value:g}")
    return float(value)
