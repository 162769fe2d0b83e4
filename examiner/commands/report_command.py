"""`examiner report`: the report of an examination as PDF/A, and all of it as one JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
        raise typer.Exit(1) from error
