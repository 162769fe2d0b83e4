"""The lessons that travel with the program, each with plates to look at or exercises to do."""

from __future__ import annotations

from dataclasses import dataclass

from examiner.exercises.exercise import Exercise, ExerciseKind
from examiner.exercises.translations import _
from models.plates.workpiece import Worked


@dataclass(frozen=True)
class Look:
    """A plate in a state, with a line below it."""

    exercise: Exercise
    worked: Worked
    caption: str


@dataclass(frozen=True)
class Lesson:
    """`tries`: exercises that belong to the lesson, done from its page."""

    name: str
    title: str
    paragraphs: tuple[str, ...]
    looks: tuple[Look, ...] = ()
    tries: tuple[Exercise, ...] = ()


_PLATE = Exercise(21, 4)
_SHALLOW = Exercise(23, 2)


def _etched(dwell: float) -> Worked:
    return Worked(ground_mm=_PLATE.ground_mm, dwell=dwell)


LESSONS = (
    Lesson(
        "light",
        _("Light"),
        (
            _(
                "A groove is seen by its flanks: one mirrors the lamp, the other turns away"
                " from it. A stroke that runs along the light has no such flank and is "
                "lost."
            ),
            _(
                "Take photographs from at least four sides, low. What shows in one "
                "direction only may be a scratch; what stays at the same place in several "
                "is more likely a stroke."
            ),
        ),
        (
            Look(
                _SHALLOW, Worked(_SHALLOW.ground_mm, azimuth=0.0, elevation=15.0), _("Light from above, low")
            ),
            Look(
                _SHALLOW,
                Worked(_SHALLOW.ground_mm, azimuth=90.0, elevation=15.0),
                _("The same plate, light from the right"),
            ),
            Look(
                _SHALLOW,
                Worked(_SHALLOW.ground_mm, azimuth=90.0, elevation=70.0),
                _("The same plate, steep light"),
            ),
        ),
        (Exercise(31, 2),),
    ),
    Lesson(
        "noise",
        _("Noise and grinding lines"),
        (
            _(
                "Grinding lines are as sharp as strokes and run through the whole field. A "
                "filter that weakens their direction weakens strokes of that direction too:"
                " 1, I and the stem of 4."
            ),
            _(
                "Look at the bare metal beside the marking through the same filter. What "
                "appears there was made by the filter or the wheel."
            ),
        ),
        (
            Look(_PLATE, Worked(_PLATE.ground_mm, azimuth=0.0, elevation=15.0), _("Lines across the light")),
            Look(
                Exercise(21, 4, ExerciseKind.BLANK),
                Worked(_PLATE.ground_mm, azimuth=0.0, elevation=15.0),
                _("A plate on which nothing ever stood"),
            ),
        ),
        (Exercise(32, 3, ExerciseKind.BLANK),),
    ),
    Lesson(
        "time",
        _("Time"),
        (
            _(
                "Under the reagent each character comes, is at its best and goes in its own"
                " time. No single photograph shows them all."
            ),
            _(
                "Swab shortly, dry, photograph, and look before you go on. What is over-"
                "etched does not come back without polishing, and polishing costs metal."
            ),
        ),
        (
            Look(_PLATE, _etched(15), _("After 15 seconds")),
            Look(_PLATE, _etched(90), _("After 90 seconds")),
            Look(_PLATE, _etched(480), _("After 480 seconds")),
        ),
        (Exercise(33, 4),),
    ),
    Lesson(
        "alternatives",
        _("Alternatives and unreadable"),
        (
            _(
                "A closed loop that is half gone is an 8 or a 3. Writing both is more true "
                "than choosing, and finds the record just as well."
            ),
            _(
                "Unreadable is a full answer. A character invented for an unreadable place "
                "sends a trace to somebody else's gun."
            ),
        ),
        (Look(_PLATE, Worked(_PLATE.ground_mm * 1.45, dwell=80.0), _("Which of these would you sign?")),),
        (Exercise(34, 5),),
    ),
    Lesson(
        "bias",
        _("Bias"),
        (
            _(
                "A proposal that is seen changes what is seen. Here the same plate is read "
                "twice: once with a proposal that is right, once with one that is wrong on "
                "purpose."
            ),
            _(
                "Compare what you locked alone with what you signed afterwards. How often "
                "did a wrong proposal turn a right reading into a wrong one?"
            ),
        ),
        (),
        (Exercise(35, 4), Exercise(35, 4, misleading=True)),
    ),
    Lesson(
        "confidence",
        _("Confidence"),
        (
            _(
                "Say 90 percent where nine of ten such readings are right. The Brier score "
                "is the mean square of what is missing: 0 is perfect, 0.25 is what a coin "
                "gets by saying 50."
            ),
            _(
                "Who says 100 percent and is wrong once in ten is surer than right. The "
                "calibration table shows it after each exercise."
            ),
        ),
        (),
        (Exercise(36, 4), Exercise(37, 5)),
    ),
    Lesson(
        "altered",
        _("Artisanal and altered markings"),
        (
            _(
                "A number struck over another leaves two sets of strokes. The later one is "
                "the strong one; report the layer that you read."
            ),
            _(
                "Uneven spacing, depth or line, and forms that no factory's punches have, "
                "are signs of a craft-made or altered marking. Note them with a photograph "
                "before anything is etched."
            ),
            _("A laser engraving is not squeezed metal: etching destroys it and brings nothing back."),
        ),
        (Look(Exercise(25, 1, ExerciseKind.OVERSTAMPED), Worked(), _("One character was struck over")),),
        (Exercise(38, 3, ExerciseKind.OVERSTAMPED),),
    ),
)


def lesson(name: str) -> Lesson | None:
    """The lesson of a name, or None."""
    return next((one for one in LESSONS if one.name == name), None)
