"""`examiner …`: the command line. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from examiner.command_parts import (
    FAILED,
    MarkingMethod,
    ValidatedTable,
    output_to,
    reader_names,
    validation_of,
)
from examiner.course_command import course, train
from examiner.enhance_command import enhance
from examiner.fuse_command import fuse
from examiner.import_command import import_
from examiner.people_command import people
from examiner.read_command import read
from examiner.record_command import export, verify
from examiner.report_command import report
from examiner.trace_command import trace

application = typer.Typer(
    help="Reads erased markings from photographs; the examiner decides every character.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point of the installed command."""
    application()


application.command()(read)
application.command(name="import")(import_)
application.command()(enhance)
application.command()(fuse)
application.command()(verify)
application.command()(export)
application.command()(trace)
application.command()(report)
application.add_typer(people, name="people")
application.add_typer(course, name="course")
application.command()(train)


@application.callback()
def _every_command() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(message)s")


@application.command()
def validate(
    folder: Annotated[
        Path,
        typer.Argument(help="Folder with a folder of photographs per series.", exists=True, file_okay=False),
    ],
    truth: Annotated[
        Path,
        typer.Option(
            metavar="CSV", help="Table with the columns series, text and any more (method, metal, …)."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where JSON, CSV and the table of what is validated go."),
    ] = None,
    readers: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Readers to use; all by default.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, metavar="N", help="Processes; one a core by default.")
    ] = None,
) -> None:
    """Measure the proposals on plates of your own, whose text is known.

    Exit code 0 if every series of the table was read and judged, 3 if some were not, 2 for wrong usage.
    """
    from rich.console import Console

    from examiner import validation
    from examiner.folders.progress import progress
    from examiner.validated_for import FILE_NAME, read_table
    from examiner.validation_report import figures_table, glyphs_table, report_of, write
    from pipelines.errors import MarkingError

    names = reader_names(readers)
    try:
        rows, problems = validation.read_truth(truth)
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="--truth") from error
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            # Found out now rather than after hours of reading.
            read_table(out / FILE_NAME) if (out / FILE_NAME).exists() else None
    except (MarkingError, OSError) as error:
        raise typer.BadParameter(f"{out}: {error}", param_hint="--out") from error
    problems += [f"{name}: no row in {truth}" for name in validation.without_truth(folder, rows)]
    count = min(workers or os.cpu_count() or 1, len(rows))
    found = []
    proposals = os.devnull if out is None else str(out / "proposals.jsonl")
    with output_to(proposals) as output, progress(len(rows)) as advance:
        for outcome in validation.outcomes(folder, rows, names, count):
            found.append(outcome)
            if outcome.proposal is not None:
                output.write(json.dumps(outcome.proposal.to_json(), ensure_ascii=False) + "\n")
                output.flush()
            advance(1, outcome.proposal is None)
    report = report_of(truth, found, problems)
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(figures_table(report.groups))
    console.print(glyphs_table(report.glyphs))
    for said in report.notes:
        typer.echo(said, err=True)
    for problem in report.problems:
        typer.echo(problem, err=True)
    if out is not None:
        try:
            written = write(report, out)
        except OSError as error:
            typer.echo(f"{error.filename}: cannot be written ({error.strerror})", err=True)
            raise typer.Exit(1) from error
        typer.echo("\n".join(f"written: {path}" for path in written), err=True)
    raise typer.Exit(FAILED if report.problems else 0)


@application.command()
def watch(
    folder: Annotated[
        Path, typer.Argument(help="Folder to which the camera saves.", exists=True, file_okay=False)
    ],
    read: Annotated[
        bool, typer.Option("--read", help="Read the whole series anew with each photograph.")
    ] = False,
    readers: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Readers to use with --read; all by default.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when no file is waited for any more.")] = False,
) -> None:
    """Follow a folder: one JSON object a line for each photograph as it is completely saved.

    What is left alone is named on standard error. Ends with Ctrl-C. Exit code 0.
    """
    import tempfile
    from time import sleep

    from examiner.watch import Watched, follow, pause_s, waiting
    from examiner.watched_series import WatchedSeries

    names = reader_names(readers)

    def wait(watched: Watched) -> bool:
        if once and not waiting(watched):
            return False
        sleep(pause_s(watched))
        return True

    with tempfile.TemporaryDirectory(prefix="examiner-watch-") as room, output_to("-") as output:
        series = WatchedSeries(Path(room), read, names)

        def take(path: Path) -> None:
            output.write(json.dumps(series.join(path), ensure_ascii=False) + "\n")
            output.flush()

        try:
            for left in follow(folder, take, wait):
                typer.echo(f"{left.name or folder}: {left.why}", err=True)
        except KeyboardInterrupt:
            pass  # The way to end it.


@application.command()
def page(
    casebook: Annotated[
        Path | None, typer.Option(help="Folder of the casebook; by default ./casebook.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 7860,
    live: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where a tethered camera saves.", exists=True, file_okay=False),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Below which folders may be read.", exists=True, file_okay=False),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option("--laboratory", metavar="FILE", help="The laboratory's words and demands, as TOML."),
    ] = None,
    validated: ValidatedTable = None,
    method: MarkingMethod = "",
) -> None:
    """Open the page on this machine."""
    from examiner.laboratory import LaboratoryError, laboratory
    from examiner.page import launch

    try:
        said = laboratory(words)
    except LaboratoryError as error:
        raise typer.BadParameter(str(error), param_hint="--laboratory") from error
    validation = validation_of(validated, method)
    launch(casebook, port=port, validation=validation, watched=live, words=said, archive=archive)
