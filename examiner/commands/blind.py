"""`examiner blind`: a sheet of blind samples from plates of your own, with the answers apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from examiner.commands.messages import log
from examiner.commands.options import Force, PlatesFolder, whole_number
from examiner.commands.output import new_file
from examiner.commands.places import (
    existing_file,
    output_file,
    path_named,
    read_only,
)


def blind(
    folder: PlatesFolder,
    truth: Annotated[
        Path,
        typer.Option(
            metavar="CSV",
            parser=existing_file,
            callback=read_only,
            help="Table with the columns series and text, as for `examiner validate`.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", metavar="PDF", parser=path_named, callback=output_file, help="File for the sheet."
        ),
    ],
    answers: Annotated[
        Path,
        typer.Option(
            metavar="JSON",
            parser=path_named,
            callback=output_file,
            help="File for the answers; not in the folder of the sheet.",
        ),
    ],
    round: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the round; another name draws other samples.")
    ],
    samples: Annotated[
        int, typer.Option(metavar="N", parser=whole_number(1, 200), help="Number of samples.")
    ] = 12,
    force: Force = False,
    paper: Annotated[
        Literal["a4", "letter"], typer.Option(metavar="a4|letter", help="Size of the paper.")
    ] = "a4",
) -> None:
    """Write a sheet of blind samples for training and proficiency, and its answers apart."""
    from examiner.validation.blind import blind_sheet
    from examiner.validation.measure import read_truth
    from pipelines.errors import MarkingError

    if out.parent.resolve() == answers.parent.resolve():
        raise typer.BadParameter(
            "lies beside the sheet, where who reads the sheet finds it; name another folder",
            param_hint="--answers",
        )
    try:
        rows, problems = read_truth(truth)
        made = blind_sheet(folder, rows, truth.read_bytes(), round, samples, paper)
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="--truth") from error
    for problem in problems:
        log.warning("%s", problem)
    with new_file(answers, force) as sealed, new_file(out, force) as sheet:
        sealed.write(made.answers)
        sheet.write(made.sheet)
