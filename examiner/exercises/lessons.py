"""The lessons of the training page: texts, plates to look at, and exercises."""

from __future__ import annotations

from dataclasses import dataclass

from examiner.exercises.exercise import Exercise, ExerciseKind
from examiner.exercises.translations import _
from models.plates.workpiece import Worked


@dataclass(frozen=True)
class Look:
    """A plate in a certain state, with its caption."""

    exercise: Exercise
    worked: Worked
    caption: str


@dataclass(frozen=True)
class Lesson:
    """`tries`: the exercises that belong to the lesson."""

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
                "Take photographs with low light from at least four sides. What shows in only one "
                "direction may be a scratch; what stays at the same place in several is more likely a"
                " stroke."
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
                "Look at the bare metal beside the marking through the same filter. What appears "
                "there was made by the filter or by the grinding wheel."
            ),
        ),
        (
            Look(_PLATE, Worked(_PLATE.ground_mm, azimuth=0.0, elevation=15.0), _("Lines across the light")),
            Look(
                Exercise(21, 4, ExerciseKind.BLANK),
                Worked(_PLATE.ground_mm, azimuth=0.0, elevation=15.0),
                _("A plate that never had a marking"),
            ),
        ),
        (Exercise(32, 3, ExerciseKind.BLANK),),
    ),
    Lesson(
        "time",
        _("Time"),
        (
            _(
                "Under the reagent each character appears, is clearest and fades at its own time. No "
                "single photograph shows them all."
            ),
            _(
                "Swab for a short time, dry, photograph, and look before you go on. What is over-"
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
                "A closed loop that is half gone is an 8 or a 3. To write both is more honest than to"
                " choose, and a search finds the record just as well."
            ),
            _(
                "Unreadable is a complete answer. A character that is invented where nothing can be "
                "read leads the search to somebody else's gun."
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
                "A proposal changes what a person sees after it. Here the same plate is read twice: "
                "once with a proposal that is right, once with one that is wrong on purpose."
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
                "Say 90 percent when nine out of ten such readings are right. The Brier score is the "
                "mean squared difference between confidence and truth: 0 is perfect, 0.25 is what "
                "guessing with 50 percent gives."
            ),
            _(
                "Somebody who says 100 percent and is wrong one time in ten is too confident. The "
                "calibration table after each exercise shows this."
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
                "A number struck over another leaves two sets of strokes. The later one is stronger; "
                "report the layer that you read."
            ),
            _(
                "Uneven spacing, depth or line, and forms that no factory's punches have, "
                "are signs of a craft-made or altered marking. Note them with a photograph "
                "before anything is etched."
            ),
            _("A laser engraving does not deform the metal: etching destroys it and brings nothing back."),
        ),
        (
            Look(
                Exercise(25, 1, ExerciseKind.OVERSTAMPED),
                Worked(),
                _("One character was struck over another"),
            ),
        ),
        (Exercise(38, 3, ExerciseKind.OVERSTAMPED),),
    ),
)


def lesson(name: str) -> Lesson | None:
    """The lesson with this name, or None."""
    return next((entry for entry in LESSONS if entry.name == name), None)
