"""`examiner validate`: measures the proposals on plates of your own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from examiner.commands.options import output_to, reader_names
from pipelines.errors import ExitCode


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
        typer.Option(metavar="DIR", help="Folder for JSON, CSV and the table of what is validated."),
    ] = None,
    readers: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Readers to use; all by default.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, metavar="N", help="Number of processes; by default one per core."),
    ] = None,
) -> None:
    """Measure the proposals on plates of your own, whose text is known.

    Exit code 0: every series of the table was read and judged. 3: some were not. 2: wrong usage.
    """
    from rich.console import Console

    from examiner.folders.progress import counting_bar
    from examiner.validation import measure as validation
    from examiner.validation.report import figures_table, glyphs_table, report_of, write
    from examiner.validation.table import FILE_NAME, read_table
    from pipelines.errors import MarkingError

    names = reader_names(readers)
    try:
        rows, problems = validation.read_truth(truth)
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="--truth") from error
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            # Checked now rather than after hours of reading.
            read_table(out / FILE_NAME) if (out / FILE_NAME).exists() else None
    except (MarkingError, OSError) as error:
        raise typer.BadParameter(f"{out}: {error}", param_hint="--out") from error
    problems += [f"{name}: no row in {truth}" for name in validation.without_truth(folder, rows)]
    count = min(workers or os.cpu_count() or 1, len(rows))
    outcomes = []
    proposals = os.devnull if out is None else str(out / "proposals.jsonl")
    with output_to(proposals) as output, counting_bar(len(rows)) as advance:
        for outcome in validation.outcomes(folder, rows, names, count):
            outcomes.append(outcome)
            if outcome.proposal is not None:
                output.write(json.dumps(outcome.proposal.to_json(), ensure_ascii=False) + "\n")
                output.flush()
            advance(1, outcome.proposal is None)
    report = report_of(truth, outcomes, problems)
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(figures_table(report.groups))
    console.print(glyphs_table(report.glyphs))
    for note in report.notes:
        typer.echo(note, err=True)
    for problem in report.problems:
        typer.echo(problem, err=True)
    if out is not None:
        try:
            written = write(report, out)
        except OSError as error:
            typer.echo(f"{error.filename}: cannot be written ({error.strerror})", err=True)
            raise typer.Exit(ExitCode.FAILED) from error
        typer.echo("\n".join(f"written: {path}" for path in written), err=True)
    raise typer.Exit(ExitCode.LEFT_OUT if report.problems else ExitCode.DONE)
