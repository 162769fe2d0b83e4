"""`examiner verify`, `export`, `report` and `trace`: a casebook checked, and files made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.errors import ExitCode

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
        typer.Option(
            "--file", metavar="FILE", help="A file given out; may be repeated.", exists=True, dir_okay=False
        ),
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
    raise typer.Exit(ExitCode.FAILED if wrong else ExitCode.DONE)


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
            raise typer.Exit(ExitCode.FAILED if wrong else ExitCode.DONE)
        with Casebook(casebook) as opened:
            id = opened.one_beginning_with(examination)
            with new_file(out) as target:
                target.write(give_out(opened, id, HANDOVER, getpass.getuser(), laboratory()))
    except MarkingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    except OSError as error:
        typer.echo(f"{out}: cannot be written ({error.strerror or error})", err=True)
        raise typer.Exit(ExitCode.FAILED) from error


def report(
    casebook: Annotated[Path, typer.Argument(help="Folder of the casebook.", exists=True, file_okay=False)],
    examination: Annotated[str, typer.Argument(help="The examination, by the beginning of its id.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="PDF", help="A new file for the report.")],
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="All of it as JSON too; a new file.")
    ] = None,
    paper: Annotated[
        str, typer.Option(metavar="a4|letter", help="Size of the paper; else the laboratory's.")
    ] = "",
    words: Annotated[
        Path | None,
        typer.Option("--laboratory", metavar="FILE", help="Words for series of no case."),
    ] = None,
) -> None:
    """Write the report of an examination as PDF/A; what is given out is recorded in the casebook."""
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.casebook.laboratory import laboratory
    from examiner.exports.files import give_out, new_file
    from pipelines.errors import MarkingError

    wanted = {"report.pdf": out} | ({"report.json": as_json} if as_json else {})
    try:
        said = laboratory(words)
        with Casebook(casebook) as opened:
            id = opened.one_beginning_with(examination)
            for name, path in wanted.items():
                with new_file(path) as target:
                    target.write(give_out(opened, id, name, getpass.getuser(), said, paper))
    except MarkingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    except OSError as error:
        typer.echo(f"{error.filename}: cannot be written ({error.strerror or error})", err=True)
        raise typer.Exit(ExitCode.FAILED) from error


def trace(
    casebook: Annotated[Path, typer.Argument(help="Folder of the casebook.", exists=True, file_okay=False)],
    examination: Annotated[str, typer.Argument(help="The examination, by the beginning of its id.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="A new file; it is recorded as given out."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="Candidates to list.")] = 50,
    makers: Annotated[
        bool, typer.Option("--makers", help="Name makers whose numbers could look so; no evidence.")
    ] = False,
    formats: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The laboratory's own table of makers' formats.")
    ] = None,
) -> None:
    """Patterns, other spellings and ranked candidates of what was read: a search aid, not a finding."""
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.exports.files import new_file
    from examiner.tracing.maker_formats import maker_formats
    from examiner.tracing.trace import trace as traced
    from examiner.tracing.trace import trace_text
    from pipelines.errors import MarkingError

    try:
        known = maker_formats(formats) if makers or formats else ()
        with Casebook(casebook) as opened:
            id = opened.one_beginning_with(examination)
            found = traced(opened, id, known, most)
            said = json.dumps(found, ensure_ascii=False, indent=2) + "\n" if as_json else trace_text(found)
            if out is not None:
                with new_file(out) as file:
                    file.write(said.encode())
                    opened.record_export(id, getpass.getuser(), out.name, said.encode())
    except MarkingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    except OSError as error:
        typer.echo(f"{out}: cannot be written ({error.strerror or error})", err=True)
        raise typer.Exit(ExitCode.FAILED) from error
    if out is None:
        typer.echo(said, nl=False)


def _keys(path: Path | None) -> Keys | None:
    if path is None:
        return None
    try:
        value = json.loads(path.read_bytes()[:MOST_KEYS])
        return {str(name): [str(key) for key in keys] for name, keys in value.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise typer.BadParameter(f"{path}: no public keys ({error})", param_hint="--keys") from error
