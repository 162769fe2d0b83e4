"""`examiner stamp`: the ledger's head stamped by an authority outside, with files that are carried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from examiner.commands.examples import EXAMPLES
from examiner.commands.messages import log
from examiner.commands.places import (
    existing_file,
    existing_folder,
    originals,
    output_folder,
    path_named,
    read_only,
)
from examiner.commands.program import ExaminerCommand, ExaminerGroup

stamp = typer.Typer(
    cls=ExaminerGroup,
    help="Have the head of the ledger stamped by a time-stamping authority (RFC 3161); no network is needed.",
    epilog=EXAMPLES["stamp"],
    rich_markup_mode=None,
)

Archive = Annotated[
    Path,
    typer.Option(
        "--archive",
        metavar="DIR",
        parser=path_named,
        callback=output_folder,
        help="Archive of heads, a folder of its own.",
    ),
]


@stamp.command(cls=ExaminerCommand, epilog=EXAMPLES["stamp request"])
def request(
    casebook: Annotated[
        Path,
        typer.Argument(
            metavar="CASEBOOK", parser=existing_folder, callback=originals, help="Folder of the casebook."
        ),
    ],
    archive: Archive,
) -> None:
    """Note the head of now in the archive, and write the request for it. Prints the request's file."""
    from examiner.casebook.database import FILE
    from examiner.casebook.stamps import request_stamp

    if not (casebook / FILE).is_file():
        raise typer.BadParameter(f"{casebook} holds no casebook ({FILE})", param_hint="CASEBOOK")
    typer.echo(request_stamp(casebook, archive))


@stamp.command(cls=ExaminerCommand, epilog=EXAMPLES["stamp take"])
def take(
    answer: Annotated[
        Path,
        typer.Argument(
            metavar="ANSWER", parser=existing_file, callback=read_only, help="Answer of the authority (.tsr)."
        ),
    ],
    archive: Archive,
) -> None:
    """Keep an answer beside its request. `examiner verify CASEBOOK --archive` checks it."""
    from examiner.casebook.stamps import take_answer

    log.info("kept for line %s", take_answer(answer, archive).seq)


@stamp.command(name="list", cls=ExaminerCommand, epilog=EXAMPLES["stamp list"])
def list_(archive: Archive) -> None:
    """Print the archived heads, a JSON object each."""
    from examiner.casebook.stamps import head_as_json, heads_of

    for head in heads_of(archive):
        typer.echo(json.dumps(head_as_json(head)))
