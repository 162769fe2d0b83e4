"""`examiner course` and `examiner train`: exercises for a class, offline, never mixed with casework."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from examiner.commands.options import errors_named
from examiner.spreadsheet import cell_of
from pipelines.errors import ExitCode

course = typer.Typer(help="Courses of exercises: make a set, mark the results.", no_args_is_help=True)


@course.command()
def make(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The course; a new file.")],
    title: Annotated[str, typer.Option(help="What the course is called.")] = "Reading restored markings",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same course.")] = 1,
    count: Annotated[int, typer.Option(min=1, max=200, help="Number of exercises.")] = 18,
    proficiency: Annotated[
        bool,
        typer.Option("--proficiency", help="A test: no proposal, one try at each exercise, signed results."),
    ] = False,
) -> None:
    """Make a set of exercises from a seed, as one file for trainees."""
    from examiner.exercises.course import course_json, make_course

    with errors_named(out):
        new_course = make_course(title, seed, count, proficiency)
        with out.open("x", encoding="utf-8") as file:
            json.dump(course_json(new_course), file, ensure_ascii=False, indent=2)


@course.command()
def mark(
    results: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Result files of trainees.")],
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
            typer.echo(str(error), err=True)
            failed = True
    rows = class_table(read)
    if as_json:
        everything = {
            "class": rows,
            "confusion": confusion(read),
            "progress": {file["trainee"]: progress(file) for file in read},
        }
        typer.echo(json.dumps(everything, ensure_ascii=False, indent=2))
    elif rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    if failed:
        raise typer.Exit(ExitCode.LEFT_OUT)


def _cell(value: Any) -> Any:
    return cell_of(value) if isinstance(value, str) else value


def train(
    folder: Annotated[Path | None, typer.Option(help="Folder for results; by default ./training.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 7861,
    course_file: Annotated[
        Path | None, typer.Option("--course", metavar="FILE", help="A course to work through.", exists=True)
    ] = None,
    language: Annotated[str, typer.Option(metavar="en|ru|ro", help="Language of the page.")] = "en",
    photographs: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Folder of your own photographs with truth.csv, as exercises.", exists=True
        ),
    ] = None,
) -> None:
    """Open the training page on this machine: a restoration to watch, exercises, lessons."""
    from examiner.page.training.server import launch_training

    with errors_named():
        launch_training(folder or Path("training"), port, course_file, language, photographs)
