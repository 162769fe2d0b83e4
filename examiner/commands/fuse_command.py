"""`examiner fuse`: the photographs of a folder as pictures for the eye."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FAILED = 3
"""Exit code when a photograph was left out or a fusion that was asked for could not be made."""


def fuse(
    folder: Annotated[Path, typer.Argument(help="Photographs of one marking.", exists=True, file_okay=False)],
    how: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Fusions to make; by default all that can be.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where they go; by default fused beside the photographs."),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(metavar="FILE", help="Over which photograph; by default the middle one.")
    ] = None,
) -> None:
    """Fuse the photographs of a folder to pictures for the eye, each with a record of what it was made of.

    Exit code 0 if all were made, 3 if a photograph was left out or a fusion that was asked for could not be.
    """
    from examiner.photographs.fused_folder import fuse as fused
    from examiner.photographs.fused_folder import laid_folder
    from pipelines.errors import MarkingError
    from pipelines.fuse import FUSIONS

    wanted = list(FUSIONS) if how is None else [name.strip() for name in how.split(",")]
    if not set(wanted) <= set(FUSIONS):
        raise typer.BadParameter(f"fusions are {', '.join(FUSIONS)}; got {how!r}", param_hint="--how")
    try:
        laid = laid_folder(folder, reference)
    except MarkingError as error:
        typer.echo(f"{error.kind}: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    for name, why in laid.left_out:
        typer.echo(f"left out: {name}: {why}", err=True)
    failed = bool(laid.left_out)
    for one in fused(laid, wanted, output or folder / "fused"):
        if one.picture is not None:
            typer.echo(one.picture)
            continue
        typer.echo(f"{one.name}: {one.why_not}", err=True)
        failed |= how is not None
    raise typer.Exit(FAILED if failed else 0)
