"""Starting the training page: a program and a folder of its own, so that exercises never meet casework."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examiner.casebook.database import FILE
from examiner.exercises.course import Course, course_from_json, read_file
from examiner.exercises.exercise import ExerciseError
from examiner.exercises.own_photographs import own_photographs
from examiner.page.environment import PageError, prepare_environment
from examiner.people import Person, alone


@dataclass(frozen=True)
class RunningTraining:
    """A training page that answers at `address`."""

    address: str
    blocks: Any
    desk: Any

    def stop(self) -> None:
        """Ends the server and the readers."""
        self.blocks.close(verbose=False)
        self.desk.close()


def start_training(
    folder: Path,
    port: int | None,
    course: Course | None = None,
    language: str = "en",
    photographs: Path | None = None,
    person: Person | None = None,
) -> RunningTraining:
    """Starts the page and returns once it answers. Raises ExerciseError for a casebook's folder, PageError
    where the port is taken."""
    if (folder / FILE).exists():
        raise ExerciseError(f"{folder} holds a casebook: exercises are kept in another folder")
    os.umask(0o077)
    prepare_environment(folder)
    from examiner.page.server import launched
    from examiner.page.training.desk import TrainingDesk
    from examiner.page.training.layout import build_training

    own = own_photographs(photographs) if photographs else ()
    desk = TrainingDesk(folder / "results", person or alone(getpass.getuser()), course, own, language)
    blocks = build_training(desk)
    try:
        launched(blocks, "127.0.0.1", port)
    except OSError as error:
        raise PageError(f"port {port} is in use or not allowed; choose another port") from error
    return RunningTraining(blocks.local_url, blocks, desk)


def launch_training(
    folder: Path, port: int, course_file: Path | None, language: str, photographs: Path | None
) -> None:
    """Serves the training page until it is interrupted. A proficiency test is signed with the key of the
    account of the system's user, where there is one: its password is asked for."""
    course = course_from_json(read_file(course_file)) if course_file else None
    person = _person(course)
    running = start_training(folder, port, course, language, photographs, person)
    sys.stdout.write(f"Training (no casework): {running.address}\nResults: {folder / 'results'}\n")
    sys.stdout.flush()
    try:
        running.blocks.block_thread()
    except KeyboardInterrupt:
        pass  # The way to end the page.
    finally:
        running.stop()


def _person(course: Course | None) -> Person:
    from examiner.people import People, people_file

    name = getpass.getuser()
    if course is None or not course.proficiency or not people_file().exists():
        return alone(name)
    people = People(people_file())
    try:
        known = [one.name for one, _ in people.everybody()]
        return (
            people.sign_in(name, getpass.getpass(f"Password of {name}: ")) if name in known else alone(name)
        )
    finally:
        people.close()
