"""Options that several commands share, and parsers of their values: numbers in a range, names of readers."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from examiner.commands.places import existing_file, existing_folder, originals, read_only

if TYPE_CHECKING:
    from examiner.validation.table import Validation


def whole_number(least: int, most: int) -> Callable[[str | int], int]:
    """Parser of an option. It raises typer.BadParameter, which names the range."""

    def parse(text: str | int) -> int:
        try:
            value = int(text)
        except ValueError as error:
            raise typer.BadParameter(
                f"expected a whole number from {least} to {most}, got {text!r}"
            ) from error
        if not least <= value <= most:
            raise typer.BadParameter(f"expected a whole number from {least} to {most}, got {value}")
        return value

    return parse


def number(
    least: float = -math.inf, most: float = math.inf, what: str = "a number"
) -> Callable[[str], float]:
    """Parser of an option: a finite number. It raises typer.BadParameter, which names the range."""
    ends = (least > -math.inf and f"from {least:g}", most < math.inf and f"to {most:g}")
    expected = " ".join([what, *(end for end in ends if end)])

    def parse(text: str | float) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and least <= value <= most):
            raise typer.BadParameter(f"expected {expected}, got {str(text)!r}")
        return value

    return parse


Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
PlatesFolder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        parser=existing_folder,
        callback=originals,
        help="Folder with a folder of photographs per series.",
    ),
]
PaperSize = Annotated[
    Literal["a4", "letter"] | None,
    typer.Option(metavar="a4|letter", help="Size of the paper; by default that of the laboratory."),
]
Readers = Annotated[str | None, typer.Option(metavar="NAME,…", help="Readers to use; all by default.")]
Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N", parser=whole_number(1, 256), help="Number of processes; by default one per core."
    ),
]
Port = Annotated[int, typer.Option(metavar="N", parser=whole_number(1, 65535), help="Port on 127.0.0.1.")]
ValidatedTable = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        parser=existing_file,
        callback=read_only,
        help="Table of what was validated, made by `examiner validate`.",
    ),
]
MarkingMethod = Annotated[
    str, typer.Option(metavar="NAME", help="How the marking was made: stamped, engraved, …")
]
LaboratoryFile = Annotated[
    Path | None,
    typer.Option(
        "--laboratory",
        metavar="FILE",
        parser=existing_file,
        callback=read_only,
        help="TOML file of the laboratory's words and rules.",
    ),
]


def validation_of(validated: Path | None, method: str) -> Validation:
    """What to say about the validation of a proposal, by the table where there is one."""
    from examiner.validation.table import read_table, statement
    from pipelines.errors import TruthError

    if method and validated is None:
        raise typer.BadParameter("needs a table; name it with --validated", param_hint="--method")
    try:
        table = None if validated is None else read_table(validated)
    except TruthError as error:
        raise typer.BadParameter(str(error), param_hint="--validated") from error
    return partial(statement, table, method=method)


def reader_names(readers: str | None) -> tuple[str, ...] | None:
    """The names of the readers to use; None for all."""
    from pipelines.propose import READERS

    if readers is None:
        return None
    return names_among(readers, READERS, "--readers", "readers")


def names_among(text: str, known: Collection[str], option: str, what: str) -> tuple[str, ...]:
    """Names with commas between. Raises typer.BadParameter for one that is not known."""
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in known:
            raise typer.BadParameter(
                f"there is no {name!r}; the {what} are {', '.join(known)}", param_hint=option
            )
    return names
