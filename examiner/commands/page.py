"""`examiner page` and `examiner watch`: the page on this machine, and a folder to which a camera saves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from examiner.commands.messages import log
from examiner.commands.options import (
    LaboratoryFile,
    MarkingMethod,
    Port,
    Readers,
    ValidatedTable,
    reader_names,
    validation_of,
)
from examiner.commands.output import standard_output
from examiner.commands.places import check_apart, existing_folder, originals, output_folder, path_named


def watch(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            parser=existing_folder,
            callback=originals,
            help="Folder to which the camera saves.",
        ),
    ],
    read: Annotated[
        bool, typer.Option("--read", help="Read the whole series again with each photograph.")
    ] = False,
    readers: Readers = None,
    once: Annotated[bool, typer.Option("--once", help="End when no file is incomplete any more.")] = False,
) -> None:
    """Watch a folder. Prints a JSON object for each photograph as soon as it is completely saved.

    Files that are left alone are named on standard error. Ends with Ctrl-C. Exit code 0.
    """
    import tempfile
    from time import sleep

    from examiner.photographs.watched_folder import Watched, follow, pause_s, waiting
    from examiner.photographs.watched_series import WatchedSeries

    names = reader_names(readers)

    def wait(watched: Watched) -> bool:
        if once and not waiting(watched):
            return False
        sleep(pause_s(watched))
        return True

    output = standard_output()
    with tempfile.TemporaryDirectory(prefix="examiner-watch-") as room:
        series = WatchedSeries(Path(room), read, names)

        def take(path: Path) -> None:
            output.write(json.dumps(series.join(path), ensure_ascii=False) + "\n")
            output.flush()

        try:
            for left in follow(folder, take, wait):
                log.warning("%s: %s", left.name or folder, left.why)
        except KeyboardInterrupt:
            pass  # The way to end it.


def page(
    casebook: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="Folder of the casebook; by default ./casebook.",
        ),
    ] = None,
    port: Port = 7860,
    live: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=existing_folder,
            callback=originals,
            help="Folder to which a tethered camera saves.",
        ),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=existing_folder,
            callback=originals,
            help="Folder below which folders may be read.",
        ),
    ] = None,
    words: LaboratoryFile = None,
    validated: ValidatedTable = None,
    method: MarkingMethod = "",
    served_as: Annotated[
        str,
        typer.Option(
            metavar="ORIGIN", help="Where a reverse proxy on this machine serves the page, as https://name."
        ),
    ] = "",
) -> None:
    """Open the page on this machine. Prints an address that opens it once."""
    from examiner.casebook.laboratory import LaboratoryError, laboratory
    from examiner.page import launch
    from pipelines.environment import CASEBOOK, path_in

    folder = casebook or Path(path_in(CASEBOOK) or "casebook")
    check_apart("--casebook", folder, [place for place in (live, archive) if place is not None])
    try:
        its_words = laboratory(words)
    except LaboratoryError as error:
        raise typer.BadParameter(str(error), param_hint="--laboratory") from error
    validation = validation_of(validated, method)
    launch(
        folder,
        port=port,
        validation=validation,
        watched=live,
        words=its_words,
        archive=archive,
        served_as=served_as,
    )
