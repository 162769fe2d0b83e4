"""`examiner verify`, `export`, `report` and `trace`: a casebook checked, and files made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from examiner.commands.messages import log
from examiner.commands.options import Force, LaboratoryFile, PaperSize, whole_number
from examiner.commands.output import new_file
from examiner.commands.places import (
    check_new_file,
    existing,
    existing_file,
    existing_folder,
    originals,
    output_file,
    output_folder,
    path_named,
    read_only,
)
from pipelines.errors import ExitCode

if TYPE_CHECKING:
    from examiner.casebook.verification import Keys

CasebookFolder = Annotated[
    Path,
    typer.Argument(
        metavar="CASEBOOK", parser=existing_folder, callback=originals, help="Folder of the casebook."
    ),
]
ExaminationId = Annotated[
    str, typer.Argument(metavar="EXAMINATION", help="The examination, by the beginning of its id.")
]

MOST_KEYS = 1 << 20
"""Bytes of a file of keys."""


def verify(
    record: Annotated[
        Path,
        typer.Argument(
            metavar="CASEBOOK|ZIP",
            parser=existing,
            callback=originals,
            help="Folder of a casebook, or a hand-over file.",
        ),
    ],
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="Hash of the head of the ledger, as a report names it."),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=existing_file,
            callback=read_only,
            help="Public keys of the examiners, made by `examiner people keys`.",
        ),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--file",
            metavar="FILE",
            parser=existing_file,
            callback=read_only,
            help="A file that was given out; repeat the option for several.",
        ),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=existing_folder,
            callback=read_only,
            help="Archive of heads, made by `examiner stamp`.",
        ),
    ] = None,
    authority: Annotated[
        Path | None,
        typer.Option(
            metavar="PEM",
            parser=existing_file,
            callback=read_only,
            help="Certificates of the time-stamping authority.",
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
    from examiner.casebook.verification import casebook_notes, casebook_wrong, files_wrong
    from examiner.casebook.view_replay import views_replayed
    from examiner.exports.handover_check import checked_handover

    known = _keys(keys)
    if record.is_file():
        check = checked_handover(record, head, known)
        wrong = list(check.wrong)
        for words in check.withheld:
            log.info("withheld: %s", words)
        for words in check.notes:
            log.info("not covered: %s", words)
    else:
        # Opening would begin a casebook there.
        if not (record / FILE).is_file():
            raise typer.BadParameter(f"{record} holds no casebook ({FILE})", param_hint="CASEBOOK")
        wrong = casebook_wrong(record, head, known)
        for note in casebook_notes(record):
            log.info("note: %s", note)
        wrong += [] if wrong else files_wrong(record, files or [])
        if not wrong and not quick:
            replayed = views_replayed(record)
            wrong += replayed.wrong
            for reason in replayed.elsewhere:
                log.info("not compared: %s", reason)
            log.info("pictures that came out the same, bit for bit: %s", replayed.same)
    if archive is not None:
        wrong += _archive_wrong(record, archive, authority)
    for line in wrong:
        log.error("%s", line)
    if head is None and archive is None:
        log.info(
            "without --head, this does not find lines cut off the end, or a ledger that was written again"
        )
    log.info("nothing wrong found" if not wrong else f"{len(wrong)} things wrong")
    raise typer.Exit(ExitCode.FAILED if wrong else ExitCode.DONE)


def _archive_wrong(record: Path, archive: Path, authority: Path | None) -> list[str]:
    """What is wrong with the archived heads; says when each was stamped."""
    from examiner.casebook.stamps import StampError, certificates_in, checked_archive

    if record.is_file():
        raise typer.BadParameter("an archive holds heads of a casebook", param_hint="--archive")
    try:
        check = checked_archive(record, archive, certificates_in(authority) if authority else ())
    except StampError as error:
        return [str(error)]
    for words in check.said:
        log.info("%s", words)
    return list(check.wrong)


def export(
    casebook: CasebookFolder,
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="DIR|ZIP",
            parser=path_named,
            callback=output_folder,
            help="A new folder; with --examination a zip file.",
        ),
    ],
    examination: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The examination to hand over, by the beginning of its id."),
    ] = None,
    force: Force = False,
) -> None:
    """Copy a casebook that is in use, or write a hand-over file of one examination that anyone can check."""
    import getpass

    from examiner.casebook.backup import copy_casebook
    from examiner.casebook.casebook import Casebook
    from examiner.casebook.database import FILE
    from examiner.casebook.laboratory import laboratory
    from examiner.exports.files import HANDOVER, give_out
    from examiner.exports.handover import head_of

    if not (casebook / FILE).is_file():
        raise typer.BadParameter(f"{casebook} holds no casebook ({FILE})", param_hint="CASEBOOK")
    if examination is None:
        if force:
            raise typer.BadParameter(
                "a copy of a casebook is never written over another; name a new folder", param_hint="--force"
            )
        wrong = copy_casebook(casebook, out)
        for line in wrong:
            log.error("%s", line)
        raise typer.Exit(ExitCode.FAILED if wrong else ExitCode.DONE)
    check_new_file("--out", out, force)
    with Casebook(casebook) as book:
        id = book.id_beginning_with(examination)
        with new_file(out, force) as target:
            data = give_out(book, id, HANDOVER, getpass.getuser(), laboratory())
            target.write(data)
    log.info("head of %s: %s", out.name, head_of(data))
    log.info("Tell it on another way than the file: with it, `verify` covers all of the file.")


def report(
    casebook: CasebookFolder,
    examination: ExaminationId,
    out: Annotated[
        list[Path],
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            parser=path_named,
            callback=output_file,
            help="File for the report: .pdf, or .json for the same as data. Repeat the option for both.",
        ),
    ],
    force: Force = False,
    paper: PaperSize = None,
    words: LaboratoryFile = None,
) -> None:
    """Write the report of an examination as PDF/A. The casebook records that it was given out."""
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.casebook.laboratory import laboratory
    from examiner.exports.files import give_out

    paths = [(_report_name(path), path) for path in out]
    its_words = laboratory(words)
    with Casebook(casebook) as book:
        id = book.id_beginning_with(examination)
        for name, path in paths:
            with new_file(path, force) as target:
                target.write(give_out(book, id, name, getpass.getuser(), its_words, paper or ""))


def photolog(
    casebook: CasebookFolder,
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="PDF",
            parser=path_named,
            callback=output_file,
            help="File for the log.",
        ),
    ],
    case: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="The case: all its photographs, used or not.")
    ] = None,
    examination: Annotated[
        str | None, typer.Option(metavar="ID", help="One examination, by the beginning of its id.")
    ] = None,
    force: Force = False,
    paper: PaperSize = None,
    words: LaboratoryFile = None,
) -> None:
    """Write contact sheet and photo log of a case or an examination as PDF/A. The casebook records it."""
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.casebook.laboratory import laboratory
    from examiner.exports.photo_log import photo_log, photographs_of_case, photographs_of_examination

    if (case is None) == (examination is None):
        raise typer.BadParameter("name either a case or an examination", param_hint="--case")
    if out.suffix.lower() != ".pdf":
        raise typer.BadParameter(f"{out}: expected a name that ends in .pdf", param_hint="--out")
    with Casebook(casebook) as book:
        if case is not None:
            logged = photographs_of_case(book, case)
        else:
            logged = photographs_of_examination(book, book.id_beginning_with(examination or ""))
        with new_file(out, force) as target:
            data = photo_log(book, logged, laboratory(words), paper or "")
            target.write(data)
            for id in logged.examinations:
                book.record_export(id, getpass.getuser(), "photo-log.pdf", data)


def trace(
    casebook: CasebookFolder,
    examination: ExaminationId,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            parser=path_named,
            callback=output_file,
            help="A file; the casebook records that it was given out.",
        ),
    ] = None,
    force: Force = False,
    most: Annotated[
        int,
        typer.Option(metavar="N", parser=whole_number(1, 10_000), help="Number of candidates to list."),
    ] = 50,
    makers: Annotated[
        bool, typer.Option("--makers", help="Name makers whose numbers have this form. This is no evidence.")
    ] = False,
    formats: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=existing_file,
            callback=read_only,
            help="The laboratory's own table of the forms of makers' numbers, a TOML file.",
        ),
    ] = None,
    package: Annotated[
        Path | None,
        typer.Option(
            metavar="ZIP",
            parser=path_named,
            callback=output_file,
            help="Request, patterns, report and photo log in one zip file; without any maker.",
        ),
    ] = None,
) -> None:
    """List patterns, spellings and ranked candidates to search for: a search aid, not a finding."""
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.casebook.laboratory import laboratory
    from examiner.exports.files import TRACE_PACKAGE, give_out
    from examiner.tracing.maker_formats import maker_formats
    from examiner.tracing.trace import trace as search_aids
    from examiner.tracing.trace import trace_text

    known = maker_formats(formats) if makers or formats else ()
    with Casebook(casebook) as book:
        id = book.id_beginning_with(examination)
        if package is not None:
            with new_file(package, force) as file:
                file.write(give_out(book, id, TRACE_PACKAGE, getpass.getuser(), laboratory()))
        aids = search_aids(book, id, known, most)
        text = json.dumps(aids, ensure_ascii=False, indent=2) + "\n" if as_json else trace_text(aids)
        if out is not None:
            with new_file(out, force) as file:
                file.write(text.encode())
                book.record_export(id, getpass.getuser(), out.name, text.encode())
    if out is None and package is None:
        typer.echo(text, nl=False)


def _keys(path: Path | None) -> Keys | None:
    if path is None:
        return None
    try:
        value = json.loads(path.read_bytes()[:MOST_KEYS])
        return {str(name): [str(key) for key in keys] for name, keys in value.items()}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise typer.BadParameter(
            f"{path}: not a file of public keys ({error}); make one with `examiner people keys`",
            param_hint="--keys",
        ) from error


def _report_name(path: Path) -> str:
    """Which report a file is for, by its suffix. Raises typer.BadParameter."""
    names = {".pdf": "report.pdf", ".json": "report.json"}
    if path.suffix.lower() not in names:
        raise typer.BadParameter(f"{path}: expected a name that ends in .pdf or .json", param_hint="--out")
    return names[path.suffix.lower()]
