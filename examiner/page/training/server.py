"""Starting the training page: a program and a folder of its own, so that exercises never meet casework."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from examiner.casebook.database import FILE
from examiner.exercises.course import Course, course_from_json, read_file
from examiner.exercises.exercise import ExerciseError
from examiner.exercises.own_photographs import own_photographs
from examiner.page.environment import prepare_environment
from examiner.people import People, Person, alone, people_file

if TYPE_CHECKING:
    from examiner.page.training.desk import TrainingDesk
    from examiner.page.web_server import RunningPage


def start_training(
    folder: Path,
    port: int | None,
    course: Course | None = None,
    language: str = "en",
    photographs: Path | None = None,
    person: Person | None = None,
) -> RunningPage[TrainingDesk]:
    """Starts the page on this machine and returns once it answers. Raises ExerciseError for a casebook's
    folder, PageError where the port is taken."""
    if (folder / FILE).exists():
        raise ExerciseError(f"{folder} holds a casebook: exercises are kept in another folder")
    prepare_environment(folder)
    # Gradio reads its switches from the environment when it is imported.
    from examiner.page.training.desk import TrainingDesk
    from examiner.page.training.layout import build_training
    from examiner.page.web_server import serve_blocks

    person = person or alone(getpass.getuser())
    to_read = own_photographs(photographs) if photographs else ()
    desk = TrainingDesk(folder / "results", person, course, to_read, language)
    return serve_blocks(build_training(desk), desk, "127.0.0.1", port)


def launch_training(
    folder: Path, port: int, course_file: Path | None, language: str, photographs: Path | None
) -> None:
    """Serves the training page until it is interrupted; prints its address once it answers."""
    course = course_from_json(read_file(course_file)) if course_file else None
    running = start_training(folder, port, course, language, photographs, _trainee(course))
    running.wait(f"Training (no casework): {running.address}\nResults: {folder / 'results'}\n")


def _trainee(course: Course | None) -> Person:
    """Who works here. A proficiency test is signed with the key of the account of the system's user, where
    there is one: its password is asked for."""
    name = getpass.getuser()
    if course is None or not course.proficiency or not people_file().exists():
        return alone(name)
    people = People(people_file())
    try:
        if name not in [person.name for person, _ in people.everybody()]:
            return alone(name)
        return people.sign_in(name, getpass.getpass(f"Password of {name}: "))
    finally:
        people.close()
