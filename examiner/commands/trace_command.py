"""`examiner trace`: what can be searched for of a partial number, as text or JSON. Nothing is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


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
        raise typer.Exit(1) from error
    if out is None:
        typer.echo(said, nl=False)
