"""Parts that several commands share: options, the file for lines, errors and their exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

if TYPE_CHECKING:
    from examiner.validation.table import Validation

ValidatedTable = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Table of what was validated, made by `examiner validate`."),
]
MarkingMethod = Annotated[
    str, typer.Option(metavar="NAME", help="How the marking was made: stamped, engraved, …")
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

    names = None if readers is None else tuple(name.strip() for name in readers.split(","))
    if names is not None and not set(names) <= set(READERS):
        raise typer.BadParameter(f"readers are {', '.join(READERS)}; got {readers!r}", param_hint="--readers")
    return names


@contextmanager
def errors_named(out: Path | None = None) -> Iterator[None]:
    """Prints an error of the block on standard error and ends the command with its exit code. `out`: the file
    that an operating system's error is about, where that error does not name it."""
    from pipelines.errors import ExitCode, MarkingError

    try:
        yield
    except MarkingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    except OSError as error:
        place = error.filename or out
        typer.echo(f"{f'{place}: ' if place else ''}cannot be written ({error.strerror or error})", err=True)
        raise typer.Exit(ExitCode.FAILED) from error


@contextmanager
def output_to(jsonl: str) -> Iterator[TextIO]:
    """Standard output for -, else a new file, which replaces one of this name."""
    # Bytes of a name that are not UTF-8 cannot be written; as \udc80… they are JSON, and can be read back.
    if jsonl == "-":
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
        yield sys.stdout
        return
    target = Path(jsonl)
    try:
        if _is_photograph(target):
            raise typer.BadParameter(
                f"{jsonl} is a photograph; results are not written over it", param_hint="--jsonl"
            )
        output = target.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise typer.BadParameter(
            f"{jsonl} cannot be written: {error.strerror}", param_hint="--jsonl"
        ) from error
    with output:
        yield output


def _is_photograph(path: Path) -> bool:
    """By its name or, where the file exists, by its content."""
    from pipelines.photographs.formats import HEAD, extension_format, sniff

    if extension_format(path.suffix) is not None:
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return sniff(file.read(HEAD)) is not None
