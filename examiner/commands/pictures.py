"""`examiner enhance` and `examiner fuse`: pictures for the eye from photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from examiner.commands.messages import log
from examiner.commands.options import Force, names_among, number
from examiner.commands.output import standard_output
from examiner.commands.places import (
    existing,
    existing_folder,
    originals,
    output_folder,
    path_named,
    read_only,
)
from pipelines.errors import ExitCode

Photographs = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH", parser=existing, callback=originals, help="Photographs, or folders of them."
    ),
]


def enhance(
    paths: Photographs,
    recipe: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A shipped recipe, one of --recipes, or a TOML file.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="Folder for the enhanced photographs, as 16-bit PNG.",
        ),
    ] = None,
    force: Force = False,
    recipes: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=existing_folder,
            callback=read_only,
            help="Folder of the laboratory's recipes.",
        ),
    ] = None,
    character: Annotated[
        float | None,
        typer.Option(
            metavar="PX",
            parser=number(1, 20_000, "a number of pixels"),
            help="Height of a character, to which sizes are adjusted.",
        ),
    ] = None,
) -> None:
    """Enhance photographs. Prints a JSON object for each, with its steps and their hashes.

    Steps and hashes are the same as on the page. Photographs are never changed. Exit code 0: all were
    enhanced. 3: some were not. 2: wrong usage.
    """
    from examiner.photographs.enhanced_folder import enhanced, find_recipe, line, photographs_of
    from pipelines.errors import PhotoError, RecipeError

    if not recipe.strip():
        raise typer.BadParameter("is empty; name a recipe", param_hint="--recipe")
    try:
        chosen = find_recipe(recipe, recipes)
    except RecipeError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from error
    try:
        photographs = photographs_of(paths)
    except PhotoError as error:
        raise typer.BadParameter(str(error), param_hint="PATH") from error
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise typer.BadParameter(
                f"{out} cannot be made ({error.strerror}); name another folder", param_hint="--out"
            ) from error
    failed = False
    output = standard_output()
    for record in enhanced(photographs, chosen, out, character, force):
        output.write(line(record))
        if record["error"] is not None:
            failed = True
            log.warning("%s: %s", record["error"]["kind"], record["error"]["message"])
    raise typer.Exit(ExitCode.LEFT_OUT if failed else ExitCode.DONE)


def fuse(
    paths: Photographs,
    how: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Fusions to make; by default all that are possible.")
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="Folder for the pictures; by default ./fused.",
        ),
    ] = Path("fused"),
    force: Force = False,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The photograph to which the others are registered; by default the middle one.",
        ),
    ] = None,
) -> None:
    """Fuse photographs of one marking into pictures for the eye, each with a record of how it was made.

    Exit code 0: every possible picture was made. 3: a photograph was left out, or a fusion that was named
    could not be made. 2: wrong usage.
    """
    from examiner.photographs.enhanced_folder import photographs_of
    from examiner.photographs.fused_folder import fuse as fused
    from examiner.photographs.fused_folder import registered_photographs
    from pipelines.errors import PhotoError
    from pipelines.fuse import FUSIONS

    wanted = list(FUSIONS) if how is None else list(names_among(how, FUSIONS, "--how", "fusions"))
    try:
        photographs = photographs_of(paths)
    except PhotoError as error:
        raise typer.BadParameter(str(error), param_hint="PATH") from error
    registered = registered_photographs(photographs, reference)
    for name, why in registered.left_out:
        log.warning("left out: %s: %s", name, why)
    failed = bool(registered.left_out)
    for fusion in fused(registered, wanted, out, force):
        if fusion.picture is not None:
            typer.echo(fusion.picture)
            continue
        log.warning("%s: %s", fusion.name, fusion.why_not)
        failed |= how is not None
    raise typer.Exit(ExitCode.LEFT_OUT if failed else ExitCode.DONE)
