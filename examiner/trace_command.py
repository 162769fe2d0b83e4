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
    most: Annotated[int, typer.Option(min=1, max=10_000, help="Candidates to list.")] = 50,
    makers: Annotated[
        bool, typer.Option("--makers", help="Name makers whose numbers could look so; no evidence.")
    ] = False,
    formats: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The laboratory's own table of makers' formats.")
    ] = None,
) -> None:
    """Patterns, other spellings and ranked candidates of what was read: a search aid, not a finding."""
    from examiner.casebook import Casebook
    from examiner.maker_formats import maker_formats
    from examiner.tracing import trace as traced
    from examiner.tracing import trace_text
    from pipelines.errors import MarkingError

    try:
        known = maker_formats(formats) if makers or formats else ()
        with Casebook(casebook) as opened:
            found = traced(opened, opened.one_beginning_with(examination), known, most)
    except MarkingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else trace_text(found), nl=False)
