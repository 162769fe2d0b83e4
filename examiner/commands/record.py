"""`examiner verify`, `export`, `report` and `trace`: a casebook checked, and files made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from examiner.commands.options import errors_named
from pipelines.errors import ExitCode

if TYPE_CHECKING:
    from examiner.casebook.verification import Keys

MOST_KEYS = 1 << 20
"""Bytes of a file of keys."""


def verify(
    record: Annotated[
        Path,
        typer.Argument(
            metavar="CASEBOOK|ZIP", help="Folder of a casebook, or a hand-over file.", exists=True
        ),
    ],
    head: Annotated[
        str | None, typer.Option(help="Hash of the head of the ledger, as a report names it.")
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Public keys of the examiners, made by `examiner people keys`.", exists=True
        ),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="A file that was given out; repeat the option for several.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not work out again the pictures that examiners saw.")
    ] = False,
) -> None:
    """Check the chain of the ledger, originals, proposals, order of work, signatures and pictures.

    Exit code 0: nothing wrong was found. 1: something is wrong.
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
            for reason in replayed.elsewhere:
                typer.echo(f"not compared: {reason}", err=True)
            typer.echo(f"pictures that came out the same, bit for bit: {replayed.same}", err=True)
    for line in wrong:
        typer.echo(line, err=True)
    if head is None:
        typer.echo(
            "without --head, this does not find lines cut off the end, or a ledger that was written again",
            err=True,
        )
    typer.echo("nothing wrong found" if not wrong else f"{len(wrong)} things wrong", err=True)
    raise typer.Exit(ExitCode.FAILED if wrong else ExitCode.DONE)


def export(
    casebook: Annotated[Path, typer.Argument(help="Folder of the casebook; it may be in use.", exists=True)],
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", metavar="FOLDER|ZIP", help="A new folder; with --examination a new zip file."
        ),
    ],
    examination: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The examination to hand over, by the beginning of its id."),
    ] = None,
) -> None:
    """Copy a casebook that is in use, or write a hand-over file of one examination that anyone can check."""
    import getpass

    from examiner.casebook.backup import copy_casebook
    from examiner.casebook.casebook import Casebook
    from examiner.casebook.database import FILE
    from examiner.casebook.laboratory import laboratory
    from examiner.exports.files import HANDOVER, give_out, new_file

    if not (casebook / FILE).is_file():
        raise typer.BadParameter(f"{casebook} holds no casebook ({FILE})", param_hint="CASEBOOK")
    with errors_named(out):
        if examination is None:
            wrong = copy_casebook(casebook, out)
            for line in wrong:
                typer.echo(line, err=True)
            raise typer.Exit(ExitCode.FAILED if wrong else ExitCode.DONE)
        with Casebook(casebook) as book:
            id = book.id_beginning_with(examination)
            with new_file(out) as target:
                target.write(give_out(book, id, HANDOVER, getpass.getuser(), laboratory()))


def report(
    casebook: Annotated[Path, typer.Argument(help="Folder of the casebook.", exists=True, file_okay=False)],
    examination: Annotated[str, typer.Argument(help="The examination, by the beginning of its id.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="PDF", help="A new file for the report.")],
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="A new file for the same report as JSON.")
    ] = None,
    paper: Annotated[
        str, typer.Option(metavar="a4|letter", help="Size of the paper; by default that of the laboratory.")
    ] = "",
    words: Annotated[
        Path | None,
        typer.Option(
            "--laboratory", metavar="FILE", help="The laboratory's words, for a series without a case."
        ),
    ] = None,
) -> None:
    """Write the report of an examination as PDF/A. The casebook records that it was given out."""
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.casebook.laboratory import laboratory
    from examiner.exports.files import give_out, new_file

    paths = {"report.pdf": out} | ({"report.json": as_json} if as_json else {})
    with errors_named(out):
        its_words = laboratory(words)
        with Casebook(casebook) as book:
            id = book.id_beginning_with(examination)
            for name, path in paths.items():
                with new_file(path) as target:
                    target.write(give_out(book, id, name, getpass.getuser(), its_words, paper))


def trace(
    casebook: Annotated[Path, typer.Argument(help="Folder of the casebook.", exists=True, file_okay=False)],
    examination: Annotated[str, typer.Argument(help="The examination, by the beginning of its id.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE", help="A new file; the casebook records that it was given out."
        ),
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="Number of candidates to list.")] = 50,
    makers: Annotated[
        bool, typer.Option("--makers", help="Name makers whose numbers have this form. This is no evidence.")
    ] = False,
    formats: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The laboratory's own table of the forms of makers' numbers."),
    ] = None,
) -> None:
    """List patterns, spellings and ranked candidates to search for: a search aid, not a finding."""
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.exports.files import new_file
    from examiner.tracing.maker_formats import maker_formats
    from examiner.tracing.trace import trace as search_aids
    from examiner.tracing.trace import trace_text

    with errors_named(out):
        known = maker_formats(formats) if makers or formats else ()
        with Casebook(casebook) as book:
            id = book.id_beginning_with(examination)
            aids = search_aids(book, id, known, most)
            text = json.dumps(aids, ensure_ascii=False, indent=2) + "\n" if as_json else trace_text(aids)
            if out is not None:
                with new_file(out) as file:
                    file.write(text.encode())
                    book.record_export(id, getpass.getuser(), out.name, text.encode())
    if out is None:
        typer.echo(text, nl=False)


def _keys(path: Path | None) -> Keys | None:
    if path is None:
        return None
    try:
        value = json.loads(path.read_bytes()[:MOST_KEYS])
        return {str(name): [str(key) for key in keys] for name, keys in value.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise typer.BadParameter(
            f"{path}: not a file of public keys ({error})", param_hint="--keys"
        ) from error
