"""`examiner validate`: measures the proposals on plates of your own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from examiner.commands.messages import log, shows_progress
from examiner.commands.options import Force, PlatesFolder, Readers, Workers, reader_names
from examiner.commands.places import (
    existing_file,
    output_folder,
    path_named,
    read_only,
)
from pipelines.errors import ExitCode

if TYPE_CHECKING:
    from examiner.validation.plan import StatedPlan
    from examiner.validation.report import Report
    from examiner.validation.table import ValidatedRow

PROPOSALS = "proposals.jsonl"


def validate(
    folder: PlatesFolder,
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
    plan: Annotated[
        Path | None,
        typer.Option(
            metavar="TOML",
            parser=existing_file,
            callback=read_only,
            help="The laboratory's plan with its limits of acceptance; makes the dossier. Needs --out.",
        ),
    ] = None,
    force: Force = False,
    readers: Readers = None,
    workers: Workers = None,
) -> None:
    """Measure the proposals on plates of your own, whose text is known.

    With a plan it is a validation: a dossier says whether the limits were kept, and what has passed joins the
    table of what is validated.

    Exit code 0: every series of the table was read and judged, and the limits of a plan were kept. 3: some
    series were not read. 1: the limits were not kept, or the plates are too few. 2: wrong usage.
    """
    from contextlib import ExitStack
    from datetime import date

    from rich.console import Console

    from examiner.folders.progress import counting_bar
    from examiner.validation import measure as validation
    from examiner.validation.dossier import DOSSIER
    from examiner.validation.plan import read_plan
    from examiner.validation.report import FILES, figures_table, glyphs_table, report_of, write
    from examiner.validation.table import FILE_NAME, read_table
    from pipelines.errors import MarkingError

    names = reader_names(readers)
    if plan is not None and out is None:
        raise typer.BadParameter("needs a folder for the dossier; name it with --out", param_hint="--plan")
    try:
        stated = None if plan is None else read_plan(plan, date.today())
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="--plan") from error
    try:
        rows, problems = validation.read_truth(truth)
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="--truth") from error
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            # Checked now rather than after hours of reading.
            read_table(out / FILE_NAME) if (out / FILE_NAME).exists() else None
            before = [name for name in (*FILES, *DOSSIER, PROPOSALS) if (out / name).exists()]
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
    verdict = None
    if out is not None:
        passed, verdict = _dossier(report, stated, out)
        for path in write(report, out, passed):
            log.info("written: %s", path)
    if verdict not in (None, "passed"):
        raise typer.Exit(ExitCode.FAILED)
    raise typer.Exit(ExitCode.LEFT_OUT if report.problems else ExitCode.DONE)


def _dossier(report: Report, stated: StatedPlan | None, out: Path) -> tuple[list[ValidatedRow], str | None]:
    """Writes the dossier of a planned validation: the rows that have passed, and the verdict. An earlier
    dossier does not stay beside figures that it is not of."""
    from examiner.validation.dossier import DOSSIER, dossier_pdf, dossier_value, passed_rows
    from examiner.validation.table import FILE_NAME, read_table

    pdf, data = (out / name for name in DOSSIER)
    if stated is None:
        for path in (pdf, data):
            path.unlink(missing_ok=True)
        log.info("no plan, so nothing joins the table of what is validated; see --plan")
        return [], None
    value = dossier_value(report, stated)
    passed = passed_rows(value, report.rows)
    pdf.write_bytes(dossier_pdf(value))
    data.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for path in (pdf, data):
        log.info("written: %s", path)
    for judgement in value["judgements"]:
        why = "".join(f"; {words}" for words in judgement["lacking"])
        name = f"{judgement['method'] or 'no method'}, {judgement['readers'] or 'no reader'}"
        log.info("%s: %s%s", name, judgement["verdict"], why)
    old = read_table(out / FILE_NAME) if (out / FILE_NAME).is_file() else []
    kept = {row.combination for row in old} & (
        {row.combination for row in report.rows} - {row.combination for row in passed}
    )
    for readers, _, method in sorted(kept):
        log.warning(
            "%s still holds an earlier validation of %s, %s: take it out if it no longer stands",
            FILE_NAME,
            method,
            readers,
        )
    return passed, value["verdict"]
