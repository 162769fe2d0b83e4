"""`examiner import`: chosen series of a batch into a casebook, as new examinations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FAILED = 3
"""Exit code when a series could not be taken in."""

MODES = ("casework", "quality_control", "informed", "training")


def import_(
    results: Annotated[
        Path,
        typer.Argument(help="File of results, from `examiner read --out`.", exists=True, dir_okay=False),
    ],
    casebook: Annotated[Path, typer.Option(metavar="DIR", help="The casebook; begun where there is none.")],
    series: Annotated[
        list[str], typer.Option("--series", metavar="NAME", help="A series of the file; may be repeated.")
    ],
    mode: Annotated[str, typer.Option(metavar="|".join(MODES), help="How it is examined.")] = "casework",
    marking: Annotated[str, typer.Option(metavar="ID", help="The marking it is filed under.")] = "",
) -> None:
    """Begin an examination of each named series. Its photographs are taken in, its proposal is not.

    One line a series: the examination's id and the series. Exit code 0 if all were taken in, 3 if some were
    not, 2 for wrong usage.
    """
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.examination.acts import Mode
    from examiner.folders.into_casebook import import_series
    from examiner.folders.results.file import rows_in
    from pipelines.errors import MarkingError

    if mode not in MODES:
        raise typer.BadParameter(f"modes are {', '.join(MODES)}; got {mode!r}", param_hint="--mode")
    try:
        found = {row.series: row for row in rows_in(results)}
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="RESULTS") from error
    unknown = [name for name in series if name not in found]
    if unknown:
        raise typer.BadParameter(f"there is no series {unknown[0]!r} in {results}", param_hint="--series")
    failed = False
    try:
        with Casebook(casebook) as book:
            chosen = [found[name] for name in dict.fromkeys(series)]
            for one in import_series(
                book, chosen, getpass.getuser(), mode=Mode(mode), marking=marking, results=results.name
            ):
                if one.error is not None:
                    failed = True
                    typer.echo(f"{one.error.kind}: {one.error.message}", err=True)
                else:
                    typer.echo(f"{one.examination} {one.series}")
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="--casebook") from error
    raise typer.Exit(FAILED if failed else 0)
