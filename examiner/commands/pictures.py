"""`examiner enhance` and `examiner fuse`: pictures for the eye from a folder of photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.errors import ExitCode


def enhance(
    folder: Annotated[Path, typer.Argument(help="Folder of photographs.", exists=True, file_okay=False)],
    recipe: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A shipped recipe, one of --recipes, or a TOML file.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the enhanced photographs, as 16-bit PNG."),
    ] = None,
    recipes: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the laboratory's recipes.")
    ] = None,
    character: Annotated[
        float | None,
        typer.Option(
            min=1, max=20_000, metavar="PX", help="Height of a character, to which sizes are adjusted."
        ),
    ] = None,
) -> None:
    """Enhance every photograph of a folder. Prints a JSON object for each, with its steps and their hashes.

    Steps and hashes are the same as on the page. Photographs are never changed. Exit code 0: all were
    enhanced. 3: some were not. 2: wrong usage.
    """
    from examiner.photographs.enhanced_folder import enhanced, find_recipe, line
    from pipelines.errors import PhotoError, RecipeError

    try:
        chosen = find_recipe(recipe, recipes)
    except RecipeError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from error
    if out is not None:
        if out.resolve() == folder.resolve():
            raise typer.BadParameter("name a folder that is not among the photographs", param_hint="--out")
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise typer.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from error
    failed = False
    try:
        for record in enhanced(folder, chosen, out, character):
            typer.echo(line(record).encode("utf-8", "backslashreplace"), nl=False)
            if record["error"] is not None:
                failed = True
                typer.echo(f"{record['error']['kind']}: {record['error']['message']}", err=True)
    except PhotoError as error:
        raise typer.BadParameter(str(error), param_hint="FOLDER") from error
    raise typer.Exit(ExitCode.LEFT_OUT if failed else ExitCode.DONE)


def fuse(
    folder: Annotated[Path, typer.Argument(help="Photographs of one marking.", exists=True, file_okay=False)],
    how: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Fusions to make; by default all that are possible.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Folder for the pictures; by default `fused` beside the photographs."
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The photograph to which the others are registered; by default the middle one.",
        ),
    ] = None,
) -> None:
    """Fuse the photographs of a folder into pictures for the eye, each with a record of how it was made.

    Exit code 0: every possible picture was made. 3: a photograph was left out, or a fusion that was named
    could not be made.
    """
    from examiner.photographs.fused_folder import fuse as fused
    from examiner.photographs.fused_folder import registered_folder
    from pipelines.errors import MarkingError
    from pipelines.fuse import FUSIONS

    wanted = list(FUSIONS) if how is None else [name.strip() for name in how.split(",")]
    if not set(wanted) <= set(FUSIONS):
        raise typer.BadParameter(f"fusions are {', '.join(FUSIONS)}; got {how!r}", param_hint="--how")
    try:
        registered = registered_folder(folder, reference)
    except MarkingError as error:
        typer.echo(f"{error.kind}: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    for name, why in registered.left_out:
        typer.echo(f"left out: {name}: {why}", err=True)
    failed = bool(registered.left_out)
    for fusion in fused(registered, wanted, output or folder / "fused"):
        if fusion.picture is not None:
            typer.echo(fusion.picture)
            continue
        typer.echo(f"{fusion.name}: {fusion.why_not}", err=True)
        failed |= how is not None
    raise typer.Exit(ExitCode.LEFT_OUT if failed else ExitCode.DONE)
