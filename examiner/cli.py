"""`examiner …`: the command line. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
import logging
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from examiner.course_command import course, train
from examiner.enhance_command import enhance
from examiner.fuse_command import fuse
from examiner.people_command import people
from examiner.record_command import export, verify
from examiner.report_command import report
from examiner.trace_command import trace
from pipelines.glyphs import ALPHABETS

if TYPE_CHECKING:
    from examiner.validated_for import Validation
    from pipelines.types import Proposal

FAILED = 3
"""Exit code when some photographs could not be read."""

ValidatedTable = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Table of what was validated, from `examiner validate`.")
]
MarkingMethod = Annotated[
    str, typer.Option(metavar="NAME", help="How the marking was made: stamped, engraved, …")
]

application = typer.Typer(
    help="Reads erased markings from photographs; the examiner decides every character.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point of the installed command."""
    application()


application.command()(enhance)
application.command()(fuse)
application.command()(verify)
application.command()(export)
application.command()(trace)
application.command()(report)
application.add_typer(people, name="people")
application.add_typer(course, name="course")
application.command()(train)


@application.callback()
def _every_command() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(message)s")


@application.command()
def read(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Photographs, videos or folders of them.")
    ],
    each_photo: Annotated[
        bool, typer.Option("--each-photo", help="Read every photograph of a folder alone.")
    ] = False,
    region: Annotated[
        str | None,
        typer.Option(metavar="X0,Y0,X1,Y1", help="Where the marking lies, in stored pixels."),
    ] = None,
    rotate: Annotated[
        float | None,
        typer.Option(metavar="DEG", help="Degrees clockwise that turn the marking upright."),
    ] = None,
    readers: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Readers to use; all by default.")
    ] = None,
    alphabet: Annotated[
        str | None,
        typer.Option(metavar="|".join(ALPHABETS), help="The alphabet the marking is known to be in."),
    ] = None,
    jsonl: Annotated[
        str, typer.Option(metavar="FILE|-", help="Where the JSON lines go; - is standard output.")
    ] = "-",
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, metavar="N", help="Processes; one a core by default.")
    ] = None,
    validated: ValidatedTable = None,
    method: MarkingMethod = "",
) -> None:
    """Propose a reading for each series of photographs: one JSON object a line, in the order of the input.

    Exit code 0 if all photographs were read, 3 if some were not, 2 for wrong usage.
    """
    from examiner.batch import Options, read_all, series_in
    from pipelines.errors import MarkingError
    from pipelines.regions import parse_region

    names = _reader_names(readers)
    validation = _validation(validated, method)
    try:
        given = None if region is None else parse_region(region.split(","), "--region")
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="--region") from error
    if rotate is not None and not math.isfinite(rotate):
        raise typer.BadParameter(f"a number of degrees is needed, got {rotate}", param_hint="--rotate")
    if alphabet not in (None, *ALPHABETS):
        raise typer.BadParameter(
            f"alphabets are {', '.join(ALPHABETS)}; got {alphabet!r}", param_hint="--alphabet"
        )
    options = Options(given, rotate, names, alphabet)
    every = series_in(paths, each_photo, options)
    count = min(workers or os.cpu_count() or 1, max(1, len(every)))
    failed = False
    with _output(jsonl) as output, _progress(len(every)) as advance:
        for proposal in read_all(every, options, count):
            proposal = replace(proposal, validation=validation(proposal.readers))
            output.write(json.dumps(proposal.to_json(), ensure_ascii=False) + "\n")
            output.flush()
            failed |= _report(proposal)
            advance()
    raise typer.Exit(FAILED if failed else 0)


@application.command()
def validate(
    folder: Annotated[
        Path,
        typer.Argument(help="Folder with a folder of photographs per series.", exists=True, file_okay=False),
    ],
    truth: Annotated[
        Path,
        typer.Option(
            metavar="CSV", help="Table with the columns series, text and any more (method, metal, …)."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where JSON, CSV and the table of what is validated go."),
    ] = None,
    readers: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Readers to use; all by default.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, metavar="N", help="Processes; one a core by default.")
    ] = None,
) -> None:
    """Measure the proposals on plates of your own, whose text is known.

    Exit code 0 if every series of the table was read and judged, 3 if some were not, 2 for wrong usage.
    """
    from rich.console import Console

    from examiner import validation
    from examiner.validated_for import FILE_NAME, read_table
    from examiner.validation_report import figures_table, glyphs_table, report_of, write
    from pipelines.errors import MarkingError

    names = _reader_names(readers)
    try:
        rows, problems = validation.read_truth(truth)
    except MarkingError as error:
        raise typer.BadParameter(str(error), param_hint="--truth") from error
    try:
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            # Found out now rather than after hours of reading.
            read_table(out / FILE_NAME) if (out / FILE_NAME).exists() else None
    except (MarkingError, OSError) as error:
        raise typer.BadParameter(f"{out}: {error}", param_hint="--out") from error
    problems += [f"{name}: no row in {truth}" for name in validation.without_truth(folder, rows)]
    count = min(workers or os.cpu_count() or 1, len(rows))
    found = []
    proposals = os.devnull if out is None else str(out / "proposals.jsonl")
    with _output(proposals) as output, _progress(len(rows)) as advance:
        for outcome in validation.outcomes(folder, rows, names, count):
            found.append(outcome)
            if outcome.proposal is not None:
                output.write(json.dumps(outcome.proposal.to_json(), ensure_ascii=False) + "\n")
                output.flush()
            advance()
    report = report_of(truth, found, problems)
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(figures_table(report.groups))
    console.print(glyphs_table(report.glyphs))
    for said in report.notes:
        typer.echo(said, err=True)
    for problem in report.problems:
        typer.echo(problem, err=True)
    if out is not None:
        try:
            written = write(report, out)
        except OSError as error:
            typer.echo(f"{error.filename}: cannot be written ({error.strerror})", err=True)
            raise typer.Exit(1) from error
        typer.echo("\n".join(f"written: {path}" for path in written), err=True)
    raise typer.Exit(FAILED if report.problems else 0)


@application.command()
def watch(
    folder: Annotated[
        Path, typer.Argument(help="Folder to which the camera saves.", exists=True, file_okay=False)
    ],
    read: Annotated[
        bool, typer.Option("--read", help="Read the whole series anew with each photograph.")
    ] = False,
    readers: Annotated[
        str | None, typer.Option(metavar="NAME,…", help="Readers to use with --read; all by default.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when no file is waited for any more.")] = False,
) -> None:
    """Follow a folder: one JSON object a line for each photograph as it is completely saved.

    What is left alone is named on standard error. Ends with Ctrl-C. Exit code 0.
    """
    import tempfile
    from time import sleep

    from examiner.watch import Watched, follow, pause_s, waiting
    from examiner.watched_series import WatchedSeries

    names = _reader_names(readers)

    def wait(watched: Watched) -> bool:
        if once and not waiting(watched):
            return False
        sleep(pause_s(watched))
        return True

    with tempfile.TemporaryDirectory(prefix="examiner-watch-") as room, _output("-") as output:
        series = WatchedSeries(Path(room), read, names)

        def take(path: Path) -> None:
            output.write(json.dumps(series.join(path), ensure_ascii=False) + "\n")
            output.flush()

        try:
            for left in follow(folder, take, wait):
                typer.echo(f"{left.name or folder}: {left.why}", err=True)
        except KeyboardInterrupt:
            pass  # The way to end it.


@application.command()
def page(
    casebook: Annotated[
        Path | None, typer.Option(help="Folder of the casebook; by default ./casebook.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 7860,
    live: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where a tethered camera saves.", exists=True, file_okay=False),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option("--laboratory", metavar="FILE", help="The laboratory's words and demands, as TOML."),
    ] = None,
    validated: ValidatedTable = None,
    method: MarkingMethod = "",
) -> None:
    """Open the page on this machine."""
    from examiner.laboratory import LaboratoryError, laboratory
    from examiner.page import launch

    try:
        said = laboratory(words)
    except LaboratoryError as error:
        raise typer.BadParameter(str(error), param_hint="--laboratory") from error
    validation = _validation(validated, method)
    launch(casebook, port=port, validation=validation, watched=live, words=said)


def _validation(validated: Path | None, method: str) -> Validation:
    """What to say of proposals, by the table where there is one."""
    from examiner.validated_for import read_table, statement
    from pipelines.errors import TruthError

    if method and validated is None:
        raise typer.BadParameter("a method is looked up in the table of --validated", param_hint="--method")
    try:
        table = None if validated is None else read_table(validated)
    except TruthError as error:
        raise typer.BadParameter(str(error), param_hint="--validated") from error
    return partial(statement, table, method=method)


def _reader_names(readers: str | None) -> tuple[str, ...] | None:
    from pipelines.propose import READERS

    names = None if readers is None else tuple(name.strip() for name in readers.split(","))
    if names is not None and not set(names) <= set(READERS):
        raise typer.BadParameter(f"readers are {', '.join(READERS)}; got {readers!r}", param_hint="--readers")
    return names


@contextmanager
def _output(jsonl: str) -> Iterator[TextIO]:
    # A name that is no UTF-8 has characters that cannot be written; as \udc80… they are JSON and come back.
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
    """By its name or, where the file is there, by its content."""
    from pipelines.formats import HEAD, extension_format, sniff

    if extension_format(path.suffix) is not None:
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return sniff(file.read(HEAD)) is not None


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("series", total=total)
        yield lambda: bar.advance(task)


def _report(proposal: Proposal) -> bool:
    """Names each failure on stderr; True where there was one."""
    failures = [photo.error for photo in proposal.photos if photo.error]
    if proposal.error:
        failures.append(proposal.error)
    for failure in failures:
        typer.echo(f"{failure.kind}: {failure.message}", err=True)
    return bool(failures)
