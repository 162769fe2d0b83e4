"""`examiner verify` and `examiner export`: whether a record is what it was, and copies of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from examiner.casebook.verification import Keys

MOST_KEYS = 1 << 20


def verify(
    record: Annotated[
        Path,
        typer.Argument(
            metavar="CASEBOOK|ZIP", help="Folder of a casebook, or a handed-over zip.", exists=True
        ),
    ],
    head: Annotated[str | None, typer.Option(help="Hash of the ledger's head, from a report.")] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Public keys of the examiners, from `examiner people keys`.", exists=True
        ),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--file", metavar="FILE", help="A file given out; may be repeated.", exists=True),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not make the pictures again that examiners looked at.")
    ] = False,
) -> None:
    """Check chain, originals, proposals, order of work, signatures and pictures.

    Exit code 1 if something is wrong.
    """
    from examiner.casebook.database import FILE
    from examiner.casebook.verification import casebook_wrong, files_wrong
    from examiner.casebook.view_replay import views_replayed
    from examiner.exports.handover import handover_wrong

    known = _keys(keys)
    if record.is_file():
        wrong = handover_wrong(record, head, known)
    else:
        # Opening would begin a casebook there.
        if not (record / FILE).is_file():
            raise typer.BadParameter(f"{record} holds no casebook ({FILE})", param_hint="CASEBOOK")
        wrong = casebook_wrong(record, head, known)
        wrong += [] if wrong else files_wrong(record, files or [])
        if not wrong and not quick:
            replayed = views_replayed(record)
            wrong += replayed.wrong
            for said in replayed.elsewhere:
                typer.echo(f"not compared: {said}", err=True)
            typer.echo(f"pictures that came out again, bit for bit: {replayed.same}", err=True)
    for line in wrong:
        typer.echo(line, err=True)
    if head is None:
        typer.echo("without --head, lines cut off the end and a ledger written anew are not found", err=True)
    typer.echo("nothing wrong found" if not wrong else f"{len(wrong)} things wrong", err=True)
    raise typer.Exit(1 if wrong else 0)


def export(
    casebook: Annotated[Path, typer.Argument(help="Folder of the casebook; it may be in use.", exists=True)],
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="FOLDER|ZIP", help="A new folder, or a zip for one examination."),
    ],
    examination: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The examination to hand over; the beginning of its id."),
    ] = None,
) -> None:
    """Copy a casebook that is in use, or hand one examination over as a zip that verifies on its own."""
    import getpass

    from examiner.casebook.backup import copy_casebook
    from examiner.casebook.casebook import Casebook
    from examiner.casebook.database import FILE
    from examiner.casebook.laboratory import laboratory
    from examiner.exports.files import HANDOVER, give_out, new_file
    from pipelines.errors import MarkingError

    if not (casebook / FILE).is_file():
        raise typer.BadParameter(f"{casebook} holds no casebook ({FILE})", param_hint="CASEBOOK")
    try:
        if examination is None:
            wrong = copy_casebook(casebook, out)
            for line in wrong:
                typer.echo(line, err=True)
            raise typer.Exit(1 if wrong else 0)
        with Casebook(casebook) as opened:
            id = opened.one_beginning_with(examination)
            with new_file(out) as target:
                target.write(give_out(opened, id, HANDOVER, getpass.getuser(), laboratory()))
    except MarkingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    except OSError as error:
        typer.echo(f"{out}: cannot be written ({error.strerror or error})", err=True)
        raise typer.Exit(1) from error


def _keys(path: Path | None) -> Keys | None:
    if path is None:
        return None
    try:
        value = json.loads(path.read_bytes()[:MOST_KEYS])
        return {str(name): [str(key) for key in keys] for name, keys in value.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise typer.BadParameter(f"{path}: no public keys ({error})", param_hint="--keys") from error
