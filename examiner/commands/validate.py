"""`examiner validate`: measures the proposals on plates of your own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from examiner.commands.messages import log, shows_progress
from examiner.commands.options import Force, Readers, Workers, reader_names
from examiner.commands.places import (
    existing_file,
    existing_folder,
    originals,
    output_folder,
    path_named,
    read_only,
)
from pipelines.errors import ExitCode

PROPOSALS = "proposals.jsonl"


def validate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            parser=existing_folder,
            callback=originals,
            help="Folder with a folder of photographs per series.",
        ),
    ],
    truth: Annotated[
        Path,
        typer.Option(
            metavar="CSV",
            parser=existing_file,
            callback=read_only,
            help="Table with the columns series, text and any more (method, metal, …).",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="Folder for JSON, CSV and the table of what is validated, to which it adds.",
        ),
    ] = None,
    force: Force = False,
    readers: Readers = None,
    workers: Workers = None,
) -> None:
    """Measure the proposals on plates of your own, whose text is known.

    Exit code 0: every series of the table was read and judged. 3: some were not. 2: wrong usage.
    """
    from contextlib import ExitStack

    from rich.console import Console

    from examiner.folders.progress import counting_bar
    from examiner.validation import measure as validation
    from examiner.validation.report import FILES, figures_table, glyphs_table, report_of, write
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
            before = [name for name in (*FILES, PROPOSALS) if (out / name).exists()]
            if before and not force:
                raise typer.BadParameter(
                    f"{out / before[0]} exists already; name another folder, or add --force to replace the "
                    f"figures ({FILE_NAME} is kept and added to)",
                    param_hint="--out",
                )
    except (MarkingError, OSError) as error:
        raise typer.BadParameter(f"{out}: {error}", param_hint="--out") from error
    problems += [f"{name}: no row in {truth}" for name in validation.without_truth(folder, rows)]
    count = min(workers or os.cpu_count() or 1, len(rows))
    outcomes = []
    proposals = Path(os.devnull) if out is None else out / PROPOSALS
    with ExitStack() as stack:
        output = stack.enter_context(proposals.open("w", encoding="utf-8", errors="backslashreplace"))
        advance = stack.enter_context(counting_bar(len(rows), shows_progress()))
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
        log.info("%s", note)
    for problem in report.problems:
        log.warning("%s", problem)
    if out is not None:
        for path in write(report, out):
            log.info("written: %s", path)
    raise typer.Exit(ExitCode.LEFT_OUT if report.problems else ExitCode.DONE)
