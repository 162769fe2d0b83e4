"""What the training page answers: plain values. The truth leaves only at an exercise's end."""

from __future__ import annotations

import base64
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from examiner.exercises.attempt import Attempt, Stage, acted, begun, stated, with_proposal
from examiner.exercises.course import Course, result_json
from examiner.exercises.exercise import (
    GRADE_WORDS,
    GRADES,
    Exercise,
    ExerciseError,
    exercise_from_json,
    exercise_json,
    kind_of,
    plate_of,
)
from examiner.exercises.explanations import why
from examiner.exercises.lessons import LESSONS, lesson
from examiner.exercises.outcome import picture, proposed_for, result_of
from examiner.exercises.own_photographs import OwnPhotograph, own_score, pixels_of
from examiner.exercises.translations import LANGUAGES, UNCHECKED, _, catalogue, translation
from examiner.page.readers.queue import finished
from examiner.people import Person
from examiner.photographs.crops import jpeg
from models.plates.workpiece import Worked
from pipelines.enhance.recipe import run_recipe, shipped_recipes
from pipelines.errors import MarkingError

SHARE = 0.12
"""Of blank plates among exercises without a course, and of over-stamped ones."""

TRIES = 200
"""Tries held in memory, one a window."""

WATCHED = Exercise(12, 4)
"""The plate of the restoration to watch."""

QUALITY = 92
"""JPEG quality of a picture on its way to the browser: training shows no evidence."""


class TrainingDesk:
    """One trainee's exercises. `folder`: where results are written; `course`: None to practise."""

    def __init__(
        self,
        folder: Path,
        person: Person,
        course: Course | None = None,
        own_photographs: tuple[OwnPhotograph, ...] = (),
        language: str = "en",
    ) -> None:
        self.folder = folder
        self.person = person
        self.course = course
        self.own_photographs = own_photographs
        self.language = language
        self._tries: OrderedDict[str, Attempt] = OrderedDict()
        self._results: list[dict[str, Any]] = []
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="readers")
        self._lock = threading.RLock()

    def close(self) -> None:
        """Ends the readers once the plate being read is done."""
        self._readers.shutdown(cancel_futures=True)

    # What the browser asks for

    def open(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The page's words and lists, in the language asked for."""
        wanted = sent.get("language")
        if isinstance(wanted, str) and wanted in LANGUAGES:
            self.language = wanted
        say = translation(self.language)
        return {
            "kind": "opened",
            "language": self.language,
            "languages": [[code, name] for code, name in LANGUAGES.items()],
            "unchecked": self.language in UNCHECKED,
            "words": catalogue(self.language),
            "trainee": self.person.full_name,
            "grades": [[grade, say(GRADE_WORDS[grade])] for grade in GRADES],
            "lessons": [self._lesson(known.name) for known in LESSONS],
            "course": self._course(),
            "own": [[number, photograph.path.name] for number, photograph in enumerate(self.own_photographs)],
            "recipes": [[recipe.name, recipe.title] for recipe in shipped_recipes().values()],
            "depth_mm": plate_of(WATCHED).punch.depth,
        }

    def watch(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The watched plate after this work, and why it looks so."""
        try:
            worked = _worked(sent)
        except ExerciseError as error:
            return {"kind": "watched", "error": str(error)}
        say = translation(self.language)
        return {
            "kind": "watched",
            "ticket": sent.get("ticket"),
            "picture": address(picture(WATCHED, worked)),
            "why": [say(text) for text in why(plate_of(WATCHED), worked)],
        }

    def begin(self, window: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """A new exercise: one of the course, of a lesson, or of a grade."""
        try:
            exercise = self._wanted(sent)
        except ExerciseError as error:
            return {"kind": "tried", "error": str(error)}
        attempt = begun(exercise, self.course is not None and self.course.proficiency)
        return self._kept(window, attempt)

    def act(self, window: str, sent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """One act of the open exercise; after the lock, the proposal, which takes the readers seconds."""
        attempt = self._tries.get(window)
        if attempt is None:
            yield {"kind": "tried", "error": "no exercise is open"}
            return
        try:
            if sent.get("do") == "lock" and "readings" in sent:
                attempt = acted(attempt, {"do": "read", "readings": sent["readings"]})
            attempt = acted(attempt, sent)
            if sent.get("do") == "lock" and not attempt.proficiency:
                yield self._kept(window, attempt)
                future: Future[list[str]] = self._readers.submit(proposed_for, attempt)
                while not finished(future, 0.5):
                    yield {
                        "kind": "tried",
                        "progress": translation(self.language)(_("The readers look at your photographs.")),
                    }
                attempt = with_proposal(attempt, future.result())
            elif sent.get("do") == "lock":
                attempt = acted(attempt, {"do": "finish"})
            yield self._kept(window, attempt)
        except MarkingError as error:
            yield {"kind": "tried", "error": str(error)}

    def enhance(self, window: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """One of the photographs taken, through a recipe."""
        attempt = self._tries.get(window)
        number, recipe = sent.get("photograph"), shipped_recipes().get(str(sent.get("recipe")))
        if (
            attempt is None
            or recipe is None
            or type(number) is not int
            or not 0 <= number < len(attempt.photographs)
        ):
            return {"kind": "enhanced", "error": "no such photograph or recipe"}
        pixels = picture(attempt.exercise, attempt.photographs[number], number)
        enhanced, _ = run_recipe(recipe, (pixels / 255).astype(np.float32))
        return {
            "kind": "enhanced",
            "photograph": number,
            "picture": address(np.round(enhanced * 255).astype(np.uint8)),
        }

    def own_photograph(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """One of the laboratory's photographs to read, or the score of what was read on it."""
        number = sent.get("number")
        if type(number) is not int or not 0 <= number < len(self.own_photographs):
            return {"kind": "own", "error": "no such photograph"}
        photograph = self.own_photographs[number]
        try:
            if "readings" not in sent:
                return {
                    "kind": "own",
                    "number": number,
                    "name": photograph.path.name,
                    "picture": address(pixels_of(photograph)),
                }
            readings = [stated(value) for value in list(sent["readings"])[:40]]
            score = own_score(photograph, readings, float(sent.get("at", 0.0)))
        except (MarkingError, TypeError, ValueError) as error:
            return {"kind": "own", "error": str(error)}
        return {"kind": "own", "number": number, "struck": photograph.text, "score": score.to_json()}

    # Inside

    def _wanted(self, sent: Mapping[str, Any]) -> Exercise:
        if (name := sent.get("lesson")) is not None:
            wanted_lesson = lesson(str(name))
            number = sent.get("number")
            if wanted_lesson is None or type(number) is not int or not 0 <= number < len(wanted_lesson.tries):
                raise ExerciseError("there is no such exercise in this lesson")
            return wanted_lesson.tries[number]
        if self.course is not None:
            left = [exercise for exercise in self.course.exercises if _key(exercise) not in self._done()]
            if not left:
                raise ExerciseError("every exercise of this course is done")
            return left[0]
        grade = sent.get("grade")
        if grade not in GRADES:
            raise ExerciseError("a grade is a number from 1 to 6")
        seed = sent.get("seed")
        chosen = (
            seed if type(seed) is int and 0 <= seed < 2**31 else int(np.random.default_rng().integers(2**31))
        )
        draw = float(np.random.default_rng([chosen, 12]).random())
        return Exercise(chosen, int(grade), kind_of(draw, SHARE))

    def _done(self) -> set[str]:
        return {json.dumps(result["exercise"], sort_keys=True) for result in self._results}

    def _kept(self, window: str, attempt: Attempt) -> dict[str, Any]:
        with self._lock:
            ended = attempt.stage is Stage.DONE and self._tries.get(window) != attempt
            self._tries[window] = attempt
            self._tries.move_to_end(window)
            while len(self._tries) > TRIES:
                self._tries.popitem(last=False)
            if ended:
                self._write(attempt)
        return self._view(attempt)

    def _view(self, attempt: Attempt) -> dict[str, Any]:
        say = translation(self.language)
        told: dict[str, Any] = {
            "kind": "tried",
            "stage": attempt.stage.value,
            "grade": say(GRADE_WORDS[attempt.exercise.grade]),
            "proficiency": attempt.proficiency,
            "picture": address(picture(attempt.exercise, attempt.worked)),
            "worked": asdict(attempt.worked),
            "photographs": [
                {
                    "picture": address(picture(attempt.exercise, worked, number)),
                    "dwell": worked.dwell,
                    "azimuth": worked.azimuth,
                }
                for number, worked in enumerate(attempt.photographs)
            ],
            "proposed": list(attempt.proposed),
            "course": self._course(),
        }
        if attempt.stage is Stage.DONE:
            told["result"] = result_of(attempt)
        return told

    def _course(self) -> dict[str, Any] | None:
        if self.course is None:
            return None
        done = len(self._done())
        return {
            "title": self.course.title,
            "proficiency": self.course.proficiency,
            "done": done,
            "count": len(self.course.exercises),
            "file": str(self._path()) if done else "",
        }

    def _lesson(self, name: str) -> dict[str, Any]:
        say = translation(self.language)
        named = lesson(name)
        assert named is not None
        return {
            "name": named.name,
            "title": say(named.title),
            "paragraphs": [say(text) for text in named.paragraphs],
            "looks": [
                {"picture": address(picture(look.exercise, look.worked)), "caption": say(look.caption)}
                for look in named.looks
            ],
            "tries": len(named.tries),
        }

    def _write(self, attempt: Attempt) -> None:
        """Adds the try to this session's result file; without a course, to a practice file."""
        self._results.append(result_of(attempt))
        course = self.course or Course("Practice", 0, False, (attempt.exercise,))
        mine = [
            result
            for result in self._results
            if self.course is None or result["exercise"] in _exercises(course)
        ]
        if self.course is None:
            course = Course("Practice", 0, False, tuple(_exercise(result) for result in mine))
        body = result_json(course, self.person.full_name, mine, self.person.key)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path()
        part = path.with_suffix(".part")
        part.write_text(json.dumps(body, ensure_ascii=False, indent=2), encoding="utf-8")
        part.replace(path)

    def _path(self) -> Path:
        name = "practice" if self.course is None else f"course-{self.course.seed}"
        return self.folder / f"{name}-{self.person.name}-{STARTED}.json"


STARTED = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
"""When this program was started: no run writes over another's results."""


def address(pixels: npt.NDArray[np.uint8]) -> str:
    """A picture as an address of its own."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg(pixels, QUALITY)).decode("ascii")


def _worked(sent: Mapping[str, Any]) -> Worked:
    """The watched plate's state. Raises ExerciseError for what no slider can say."""
    limits = {
        "ground_mm": (0.0, 2.0),
        "dwell": (0.0, 900.0),
        "strength": (0.25, 4.0),
        "azimuth": (0.0, 360.0),
        "elevation": (6.0, 85.0),
    }
    values: dict[str, Any] = {}
    for name, (low, high) in limits.items():
        value = sent.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise ExerciseError(f"{name} is a number from {low:g} to {high:g}")
        values[name] = float(value)
    return Worked(**values, wet=sent.get("wet") is True, particles=sent.get("particles") is True)


def _key(exercise: Exercise) -> str:
    return json.dumps(exercise_json(exercise), sort_keys=True)


def _exercises(course: Course) -> list[dict[str, Any]]:
    return list(map(exercise_json, course.exercises))


def _exercise(result: Mapping[str, Any]) -> Exercise:
    return exercise_from_json(result["exercise"])
