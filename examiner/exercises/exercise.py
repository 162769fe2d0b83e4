"""An exercise: a simulated plate of a grade, fixed by its seed, and the texts and grades of exercises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from models.plates.camera import Camera
from models.plates.draw import random_punch, random_surface
from models.plates.etch import Etching
from models.plates.light import Glow, Light
from models.plates.obliterate import Obliteration
from models.plates.spec import Handling, PlateSpec
from models.plates.typefaces import FACES
from pipelines.errors import ExitCode, MarkingError
from pipelines.glyphs import DIGITS, LATIN

PICTURE = (424, 264)
"""Pixels of a picture, (w, h): small enough to follow a slider."""

GRADES = (1, 2, 3, 4, 5, 6)
GRADE_WORDS: Mapping[int, str] = {
    1: "intact",
    2: "lightly ground",
    3: "ground to the bottom of the strokes",
    4: "ground below the strokes",
    5: "faint",
    6: "nearly gone",
}
GROUND = {1: 0.0, 2: 0.55, 3: 1.1, 4: 1.6, 5: 2.1, 6: 2.6}
"""Metal taken off, in depths of the strokes."""

LETTERS = "".join(c for c in LATIN if c not in "IOQ")
"""Without those that makers leave out of serial numbers."""


class ExerciseError(MarkingError):
    """An exercise, course or result that cannot be used; the message says what was expected."""

    kind = "exercise"
    exit_code = ExitCode.USAGE


class ExerciseKind(StrEnum):
    MARKED = "marked"
    BLANK = "blank"
    OVERSTAMPED = "over-stamped"


@dataclass(frozen=True)
class Exercise:
    """`grade` 1 (intact) to 6 (nearly gone); `misleading`: the proposal shown afterwards is wrong on purpose,
    which the exercise says at its end."""

    seed: int
    grade: int
    kind: ExerciseKind = ExerciseKind.MARKED
    misleading: bool = False

    @property
    def text(self) -> str:
        """What was struck; empty for a blank plate."""
        return "" if self.kind is ExerciseKind.BLANK else _text(self.seed)

    @property
    def over(self) -> Mapping[int, str]:
        """By place in the row, what was struck over it."""
        return {index: glyph for _, index, glyph in plate_of(self).overstruck}

    @property
    def ground_mm(self) -> float:
        """How much the obliteration took off."""
        return GROUND[self.grade] * plate_of(self).punch.depth


def kind_of(draw: float, share: float) -> ExerciseKind:
    """The kind for a random draw from 0..1: a share of all plates is blank, as many are over-stamped."""
    if draw < share:
        return ExerciseKind.BLANK
    return ExerciseKind.OVERSTAMPED if draw < 2 * share else ExerciseKind.MARKED


def exercise_json(exercise: Exercise) -> dict[str, Any]:
    """Plain values."""
    return {**asdict(exercise), "kind": exercise.kind.value}


def exercise_from_json(value: Any) -> Exercise:
    """Inverse of `exercise_json`; every value is checked. Raises ExerciseError."""
    try:
        seed, grade = value["seed"], value["grade"]
        if type(seed) is not int or not 0 <= seed < 2**31 or grade not in GRADES or type(grade) is not int:
            raise ValueError("seed is a whole number from 0, grade a whole number from 1 to 6")
        return Exercise(
            seed, grade, ExerciseKind(value.get("kind", "marked")), value.get("misleading") is True
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ExerciseError(f"not an exercise ({type(error).__name__}: {error})"[:300]) from error


def plate_of(exercise: Exercise) -> PlateSpec:
    """The plate of an exercise; the same each time."""
    rng = np.random.default_rng([exercise.seed, 8])
    text = "" if exercise.kind is ExerciseKind.BLANK else _text(exercise.seed)
    faces = tuple(sorted(FACES))
    punch = replace(random_punch("stamped", rng, faces), dot_spacing=0.0)
    longest = max(len(_text(exercise.seed)), 5)
    block = longest * punch.pitch, punch.height
    scale = float(min(PICTURE[0] / (block[0] * 1.35), PICTURE[1] / (block[1] * 2.6)))
    size = PICTURE[0] / scale, PICTURE[1] / scale
    over: tuple[tuple[int, int, str], ...] = ()
    if exercise.kind is ExerciseKind.OVERSTAMPED:
        place = int(rng.integers(len(text)))
        other = [c for c in DIGITS if c != text[place]]
        over = ((0, place, other[int(rng.integers(len(other)))]),)
    direction = float(rng.normal(0, 8) + rng.choice([0.0, 90.0]))
    room = tuple(
        Glow((float(rng.normal(0, 0.2)), float(rng.normal(0, 0.2))), 0.12, (0.25, 0.26, 0.28))
        for _ in range(2)
    )
    return PlateSpec(
        seed=exercise.seed,
        lines=(text,) if text else (),
        tier="etched",
        size=size,
        overstruck=over,
        punch=punch,
        surface=replace(random_surface(rng), metal="steel", patina=0.15),
        obliteration=Obliteration(
            depth=1.0,
            slope=(float(rng.normal(0, 0.12)), float(rng.normal(0, 0.12))),
            unevenness=0.15,
            patch=(size[0] * 0.06, size[1] * 0.14, size[0] * 0.88, size[1] * 0.72),
            directions=(direction, direction + float(rng.normal(0, 20))),
        ),
        etching=Etching(
            strength=float(rng.uniform(0.45, 0.7)),
            darkening=float(rng.choice([0.1, 0.9])),
            rise=float(rng.uniform(30, 70)),
            fade=float(rng.uniform(200, 330)),
            dwell=(0.0, 600.0),
        ),
        light=Light(azimuth=315.0, elevation=25.0, room=room),
        camera=Camera(
            width=PICTURE[0],
            height=PICTURE[1],
            scale=scale,
            distance=220.0,
            aim=(size[0] / 2, size[1] / 2),
            blur=0.6,
            gain=0.3,
        ),
        handling=Handling(),
    )


def _text(seed: int) -> str:
    """A serial number of five to eight characters, some with letters first."""
    rng = np.random.default_rng([seed, 9])
    letters = int(rng.integers(0, 3))
    digits = int(rng.integers(5, 7))
    return "".join(LETTERS[int(rng.integers(len(LETTERS)))] for _ in range(letters)) + "".join(
        DIGITS[int(rng.integers(10))] for _ in range(digits)
    )
