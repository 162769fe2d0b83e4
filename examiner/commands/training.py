"""`examiner course` and `examiner train`: exercises for a class, offline, never mixed with casework."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from examiner.commands.examples import EXAMPLES
from examiner.commands.messages import log
from examiner.commands.options import Force, Port, whole_number
from examiner.commands.output import new_file, standard_output
from examiner.commands.places import (
    existing_file,
    existing_folder,
    originals,
    output_file,
    output_folder,
    path_named,
    read_only,
)
from examiner.commands.program import ExaminerCommand, ExaminerGroup
from pipelines.errors import ExitCode
from pipelines.spreadsheet import csv_text

course = typer.Typer(
    cls=ExaminerGroup,
    help="Courses of exercises: make a set, mark the results.",
    epilog=EXAMPLES["course"],
    rich_markup_mode=None,
)


@course.command(cls=ExaminerCommand, epilog=EXAMPLES["course make"])
def make(
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            parser=path_named,
            callback=output_file,
            help="File for the course.",
        ),
    ],
    force: Force = False,
    title: Annotated[
        str, typer.Option(metavar="WORDS", help="What the course is called.")
    ] = "Reading restored markings",
    seed: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=whole_number(0, 2**31 - 1),
            help="The same seed gives the same course.",
        ),
    ] = 1,
    count: Annotated[
        int, typer.Option(metavar="N", parser=whole_number(1, 200), help="Number of exercises.")
    ] = 18,
    proficiency: Annotated[
        bool,
        typer.Option("--proficiency", help="A test: no proposal, one try at each exercise, signed results."),
    ] = False,
) -> None:
    """Make a set of exercises from a seed, as one file for trainees."""
    from examiner.exercises.course import course_json, make_course

    text = json.dumps(course_json(make_course(title, seed, count, proficiency)), ensure_ascii=False, indent=2)
    with new_file(out, force) as file:
        file.write(text.encode())


@course.command(cls=ExaminerCommand, epilog=EXAMPLES["course mark"])
def mark(
    results: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE", parser=path_named, callback=read_only, help="Result files of trainees."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            parser=path_named,
            callback=output_file,
            help="File for the table; by default it is printed.",
        ),
    ] = None,
    force: Force = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON instead of a table.")] = False,
) -> None:
    """Print the table of a class from files of results; with --json also confusion matrix and progress.

    Exit code 3: a file cannot be used, or was changed after it was signed; the others are marked.
    """
    from examiner.exercises.course import class_table, confusion, progress, read_file, results_from_json
    from pipelines.errors import MarkingError

    read: list[dict[str, Any]] = []
    failed = False
    for path in results:
        try:
            read.append(results_from_json(read_file(path), path.name))
        except MarkingError as error:
            log.warning("%s", error)
            failed = True
    rows = class_table(read)
    if as_json:
        everything = {
            "class": rows,
            "confusion": confusion(read),
            "progress": {file["trainee"]: progress(file) for file in read},
        }
        text = json.dumps(everything, ensure_ascii=False, indent=2) + "\n"
    else:
        text = csv_text(list(rows[0]), [list(row.values()) for row in rows]) if rows else ""
    if out is not None and (rows or as_json):
        with new_file(out, force) as file:
            file.write(text.encode("utf-8" if as_json else "utf-8-sig"))
    else:
        standard_output().write(text)
    if failed:
        raise typer.Exit(ExitCode.LEFT_OUT)


def train(
    folder: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="Folder for results; by default ./training.",
        ),
    ] = Path("training"),
    port: Port = 7861,
    course_file: Annotated[
        Path | None,
        typer.Option(
            "--course",
            metavar="FILE",
            parser=existing_file,
            callback=read_only,
            help="A course to work through.",
        ),
    ] = None,
    language: Annotated[
        Literal["en", "ru", "ro"], typer.Option(metavar="en|ru|ro", help="Language of the page.")
    ] = "en",
    photographs: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=existing_folder,
            callback=originals,
            help="Folder of your own photographs with truth.csv, as exercises.",
        ),
    ] = None,
) -> None:
    """Open the training page on this machine: a restoration to watch, exercises, lessons."""
    from examiner.page.training.server import launch_training

    launch_training(folder, port, course_file, language, photographs)
