"""`examiner enhance`: a recipe over a folder of photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FAILED = 3
"""Exit code when some photographs could not be enhanced."""


def enhance(
    folder: Annotated[Path, typer.Argument(help="Folder of photographs.", exists=True, file_okay=False)],
    recipe: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A shipped recipe, one of --recipes, or a TOML file.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the enhanced photographs go, as PNG of 16 bits."),
    ] = None,
    recipes: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the laboratory's recipes.")
    ] = None,
    character: Annotated[
        float | None,
        typer.Option(
            min=1, max=20_000, metavar="PX", help="Height of a character, that sizes are fitted to."
        ),
    ] = None,
) -> None:
    """Enhance every photograph of a folder: one JSON object a line, with each step and the hashes between.

    Steps and hashes are those of the page. Photographs are never written to. Exit code 0 if all were
    enhanced, 3 if some were not, 2 for wrong usage.
    """
    from examiner.photographs.enhanced_folder import enhanced, find_recipe, line
    from pipelines.errors import PhotoError, RecipeError

    try:
        found = find_recipe(recipe, recipes)
    except RecipeError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from error
    if out is not None:
        if out.resolve() == folder.resolve():
            raise typer.BadParameter("results do not go among the photographs", param_hint="--out")
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise typer.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from error
    failed = False
    try:
        for record in enhanced(folder, found, out, character):
            typer.echo(line(record).encode("utf-8", "backslashreplace"), nl=False)
            if record["error"] is not None:
                failed = True
                typer.echo(f"{record['error']['kind']}: {record['error']['message']}", err=True)
    except PhotoError as error:
        raise typer.BadParameter(str(error), param_hint="FOLDER") from error
    raise typer.Exit(FAILED if failed else 0)
