"""`examiner read`, `examiner merge`, `examiner convert` and `examiner import`: proposals for folders, parts
of an archive put together, files for other programs, and series of a run into a casebook."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from examiner.commands.messages import log, shows_progress
from examiner.commands.options import (
    Force,
    MarkingMethod,
    Readers,
    ValidatedTable,
    Workers,
    number,
    reader_names,
    validation_of,
)
from examiner.commands.output import standard_output
from examiner.commands.places import (
    STANDARD_OUTPUT,
    check_apart,
    existing_file,
    originals,
    output_file,
    output_folder,
    path_named,
    read_only,
)
from pipelines.errors import ExitCode
from pipelines.glyphs import ALPHABETS

if TYPE_CHECKING:
    from examiner.folders.annotations.write import Targets
    from examiner.folders.progress import Tally
    from examiner.folders.results.file import Results
    from examiner.folders.results.row import ResultRow, SeriesResult
    from examiner.folders.results.run_record import RunRecord
    from examiner.folders.run import SeriesDone
    from examiner.folders.series import Options
    from examiner.folders.shard import Shard
    from examiner.validation.table import Validation
    from pipelines.types import Failure, Mark, Proposal

PageXml = Annotated[
    Path | None,
    typer.Option(
        "--page-xml",
        metavar="DIR",
        parser=path_named,
        callback=output_folder,
        help="Folder for a PAGE XML file of each photograph, with boxes of lines and characters.",
    ),
]
Alto = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        parser=path_named,
        callback=output_folder,
        help="Folder for an ALTO file of each photograph, likewise.",
    ),
]
Coco = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        parser=path_named,
        callback=output_file,
        help="COCO JSON of all photographs, for people who annotate.",
    ),
]
LabelStudio = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        parser=path_named,
        callback=output_file,
        help="Tasks for Label Studio, with the proposals as predictions.",
    ),
]

MODES = ("casework", "quality_control", "informed", "training")
"""How a series of a run may be examined."""


def read(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            parser=path_named,
            callback=originals,
            help="Photographs, videos or folders of them.",
        ),
    ],
    each_photo: Annotated[
        bool, typer.Option("--each-photo", help="Read each photograph of a folder as a series of its own.")
    ] = False,
    region: Annotated[
        str | None,
        typer.Option(metavar="X0,Y0,X1,Y1", help="Where the marking is, in stored pixels."),
    ] = None,
    rotate: Annotated[
        float | None,
        typer.Option(
            metavar="DEG",
            parser=number(what="a number of degrees"),
            help="Degrees clockwise that turn the marking upright.",
        ),
    ] = None,
    mirrored: Annotated[
        Literal["yes", "no", "auto"],
        typer.Option(
            metavar="yes|no|auto",
            help="Whether the photographs show the marking as in a mirror, as casts and tapes do. "
            "auto finds out, with a probability.",
        ),
    ] = "auto",
    band: Annotated[
        str | None,
        typer.Option(
            metavar="X0,Y0,X1,Y1,HEIGHT",
            help="Where the row lies, in stored pixels: the ends of its middle line, from its first "
            "character to its last, and its height. A row is always read there.",
        ),
    ] = None,
    centres: Annotated[
        str | None,
        typer.Option(
            metavar="D,…", help="With --band: the middle of each position, in pixels along the band."
        ),
    ] = None,
    edges: Annotated[
        str | None,
        typer.Option(
            metavar="D,…", help="With --band: the borders between positions, in pixels along the band."
        ),
    ] = None,
    readers: Readers = None,
    alphabet: Annotated[
        Literal["latin", "cyrillic"] | None,
        typer.Option(metavar="|".join(ALPHABETS), help="The alphabet of the marking, where it is known."),
    ] = None,
    damaged: Annotated[
        bool,
        typer.Option("--damaged", help="Read also what is left of photographs that are damaged inside."),
    ] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE|-",
            parser=path_named,
            callback=output_file,
            help="File for results, written one by one: .jsonl, .csv, .sqlite or .parquet. -, the default, "
            "is JSON lines on standard output, in the order of the input. Repeat the option for both.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the file of --out; no series is read twice.")
    ] = False,
    overview: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="Folder for a page of all results, to open in a browser.",
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="N/COUNT",
            help="Read one part of the archive, such as 3/50, into a .sqlite file; see `examiner merge`.",
        ),
    ] = None,
    page_xml: PageXml = None,
    alto: Alto = None,
    coco: Coco = None,
    label_studio: LabelStudio = None,
    force: Force = False,
    workers: Workers = None,
    scheduler: Annotated[
        str, typer.Option(metavar="tcp://HOST:PORT", help="Read on the Dask cluster with this scheduler.")
    ] = "",
    patience: Annotated[
        float,
        typer.Option(
            metavar="S",
            parser=number(1, 1e6, "a number of seconds"),
            help="Seconds of computing per photograph after which a worker counts as hung.",
        ),
    ] = 120.0,
    keep_intermediates: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="New folder for pictures of each step of the reading, to see where it went wrong.",
        ),
    ] = None,
    validated: ValidatedTable = None,
    method: MarkingMethod = "",
) -> None:
    """Propose the text of each series of photographs. This is triage, never a reading.

    Exit code 0: all photographs were read. 3: something could not be read, or was noticed. 2: wrong usage.
    130: Ctrl-C or SIGTERM.
    """
    from examiner.folders.annotations.write import Targets
    from examiner.folders.notices import duplicates, links_in, storage_in
    from examiner.folders.overview.page import PAGE, pictures_folder, write_overview
    from examiner.folders.progress import progress_bar, summary
    from examiner.folders.results.file import check_results, check_whole, results_in, results_to, rows_in
    from examiner.folders.results.run_record import begin_run, finish_run
    from examiner.folders.run import Where, run
    from examiner.folders.series import series_in
    from examiner.folders.shard import series_of_shard
    from pipelines.errors import ResultsError, WorkerError
    from pipelines.intermediates import new_folder

    file, on_standard_output = _outputs(out)
    place = replace(_place(region, rotate, band, centres, edges), mirrored=_mirrored(mirrored))
    options = replace(_options(place, readers, alphabet), damaged=damaged)
    targets = Targets(page_xml, alto, coco, label_studio)
    report = _Report(
        validation_of(validated, method),
        keep=file is None and overview is not None,
        keep_proposals=file is None and bool(targets),
    )
    if resume and file is None:
        raise typer.BadParameter("needs the file to continue; name it with --out", param_hint="--resume")
    _check_scheduler(scheduler)
    part = None if shard is None else _part(shard, file)
    _check_folders(targets, resume or force)
    if targets and file is not None:
        check_whole(file)
    if overview is not None and not (resume or force) and os.path.lexists(overview / PAGE):
        raise typer.BadParameter(
            f"{overview / PAGE} exists already; name another folder, or add --force to replace the page",
            param_hint="--overview",
        )
    if file is not None:
        check_results(file, resume, force)
    if keep_intermediates is not None:
        new_folder(keep_intermediates)
    all_series = series_in(paths, each_photo, options)
    if part is not None:
        all_series = series_of_shard(all_series, paths, part)
    # A run that writes a file must survive a crash of the reading, so that reads in a process of its own.
    where = Where(
        workers or os.cpu_count() or 1, scheduler, patience, apart=file is not None and len(all_series) > 1
    )
    began = time.monotonic()
    stopped = ""
    with ExitStack() as stack:
        results = None if file is None else stack.enter_context(results_to(file, resume, force))
        recorded = file is not None and file.suffix.lower() == ".sqlite"
        if file is not None and recorded:
            begin_run(file, _run_record(paths, each_photo, options, validated, method, part))
        pictures = None if overview is None else pictures_folder(overview)
        known = {} if results is None else dict(results.known)
        lines = standard_output() if on_standard_output else None
        for notice in (*links_in(paths), *duplicates(all_series)):
            report.failure(notice)
        for notice in storage_in(paths):
            report.left_out(notice)
        show = stack.enter_context(progress_bar(len(all_series), shows_progress()))
        finished = run(all_series, options, where, known, pictures, keep_intermediates)
        try:
            _write(finished, report, results, lines, show)
            if file is not None and recorded:
                finish_run(file)
        except KeyboardInterrupt:
            stopped = "stopped"
        except (ResultsError, WorkerError) as error:
            stopped = str(error)
        finally:
            finished.close()
    if targets:
        kept = report.proposals() if file is None else (result.proposal for result in results_in(file))
        stopped = _annotate(kept, targets) or stopped
    if file is not None:
        report.known(row for row in rows_in(file) if row.series in known)
    if overview is not None:
        try:
            page = write_overview(overview, report.rows if file is None else rows_in(file), report.notices)
        except OSError as error:
            stopped = stopped or f"{overview}: the overview cannot be written ({error.strerror})"
        else:
            log.info("written: %s", page)
    if file is not None:
        log.info("%s", summary(report.tally, len(all_series), time.monotonic() - began))
    if stopped:
        again = "; run again with --resume to continue" if file is not None else ""
        log.error("%s after %s of %s series%s", stopped, report.tally.series, len(all_series), again)
        raise typer.Exit(ExitCode.INTERRUPTED if stopped == "stopped" else ExitCode.FAILED)
    raise typer.Exit(ExitCode.LEFT_OUT if report.failed else ExitCode.DONE)


def merge(
    parts: Annotated[
        list[Path],
        typer.Argument(
            metavar="RESULTS",
            parser=existing_file,
            callback=read_only,
            help="Files of results of all parts, from `examiner read --shard`.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            parser=path_named,
            callback=output_file,
            help="File for the results of the whole archive: .sqlite.",
        ),
    ],
    overview: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="Folder for pages of all results, with the pictures that are there already.",
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Put the parts of an archive together, as if one machine had read all of it.

    Exit code 0: the file is written. 2: parts are missing, doubled or unfinished, or do not belong together;
    nothing is written.
    """
    from examiner.folders.merged import merge_shards
    from examiner.folders.overview.page import pictures_folder, write_overview
    from examiner.folders.results.file import rows_in

    if out.suffix.lower() != ".sqlite":
        raise typer.BadParameter(f"{out}: parts are put together into a .sqlite file", param_hint="--out")
    count = merge_shards(parts, out, _command_line(), force)
    log.info("written: %s, %d series of %d parts", out, count, len(parts))
    if overview is not None:
        pictures_folder(overview)
        log.info("written: %s", write_overview(overview, rows_in(out), ()))


def convert(
    results: Annotated[
        Path,
        typer.Argument(
            metavar="RESULTS",
            parser=existing_file,
            callback=read_only,
            help="File of results, from `examiner read --out`: .jsonl, .sqlite or .parquet.",
        ),
    ],
    page_xml: PageXml = None,
    alto: Alto = None,
    coco: Coco = None,
    label_studio: LabelStudio = None,
    force: Force = False,
) -> None:
    """Write the proposals of a file of results for other programs: PAGE XML, ALTO, COCO, Label Studio.

    Exit code 0: all photographs are in the files. 3: some could not be put in, and are counted. 2: wrong
    usage.
    """
    from examiner.folders.annotations.write import Targets
    from examiner.folders.results.file import check_whole, results_in

    targets = Targets(page_xml, alto, coco, label_studio)
    if not targets:
        raise typer.BadParameter(
            "name at least one of --page-xml, --alto, --coco and --label-studio", param_hint="RESULTS"
        )
    check_whole(results)
    _check_folders(targets, force)
    originals_of = [Path(photo.path) for result in results_in(results) for photo in result.proposal.photos]
    for option, path in asdict(targets).items():
        if path is not None:
            check_apart(f"--{option.replace('_', '-')}", path, originals_of)
    fault = _annotate((result.proposal for result in results_in(results)), targets)
    if fault:
        log.error("%s", fault)
        raise typer.Exit(ExitCode.FAILED)


def import_(
    results: Annotated[
        Path,
        typer.Argument(
            metavar="RESULTS",
            parser=existing_file,
            callback=read_only,
            help="File of results, from `examiner read --out`.",
        ),
    ],
    casebook: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            parser=path_named,
            callback=output_folder,
            help="Folder of the casebook; it is made where there is none.",
        ),
    ],
    series: Annotated[
        list[str],
        typer.Option("--series", metavar="NAME", help="A series of the file; repeat the option for several."),
    ],
    mode: Annotated[
        Literal["casework", "quality_control", "informed", "training"],
        typer.Option(metavar="|".join(MODES), help="How the series is examined."),
    ] = "casework",
    marking: Annotated[
        str, typer.Option(metavar="ID", help="The marking to which the examination belongs.")
    ] = "",
) -> None:
    """Begin an examination of each named series, with its photographs and without its proposal.

    Prints one line for each: the id of the examination and the series. Exit code 0: all were taken in. 3:
    some were not. 2: wrong usage.
    """
    import getpass

    from examiner.casebook.casebook import Casebook
    from examiner.examination.acts import Mode
    from examiner.folders.into_casebook import import_series
    from examiner.folders.results.file import rows_in

    rows = {row.series: row for row in rows_in(results)}
    unknown = [name for name in series if name not in rows]
    if unknown:
        raise typer.BadParameter(
            f"there is no series {unknown[0]!r} in {results}; write it as the file does",
            param_hint="--series",
        )
    chosen = [rows[name] for name in dict.fromkeys(series)]
    photographs = [Path(photo["path"]) for row in chosen for photo in json.loads(row.photographs)]
    check_apart("--casebook", casebook, photographs)
    failed = False
    with Casebook(casebook) as book:
        for imported in import_series(
            book, chosen, getpass.getuser(), mode=Mode(mode), marking=marking, results=results.name
        ):
            if imported.error is not None:
                failed = True
                log.warning("%s: %s", imported.error.kind, imported.error.message)
            else:
                typer.echo(f"{imported.examination} {imported.series}")
    raise typer.Exit(ExitCode.LEFT_OUT if failed else ExitCode.DONE)


class _Report:
    """Counts what a run has done, and prints each failure on standard error. `keep`: keeps the rows, and
    `keep_proposals` the proposals, where no file holds them."""

    def __init__(self, validation: Validation, keep: bool, keep_proposals: bool) -> None:
        from examiner.folders.annotations.write import ProposalStore
        from examiner.folders.progress import Tally

        self._validation, self._keep = validation, keep
        self._read: set[str] = set()
        self._named: set[int] = set()
        self.tally = Tally()
        self.rows: list[ResultRow] = []
        self.notices: list[Failure] = []
        self.failed = False
        self._store = ProposalStore() if keep_proposals else None

    def failure(self, notice: Failure) -> None:
        """Prints a notice."""
        self.notices.append(notice)
        self._name(notice.kind, notice.message)

    def left_out(self, notice: Failure) -> None:
        """Prints what is left out by rule; this is no failure."""
        self.notices.append(notice)
        log.warning("%s", notice.message)

    def result(self, result: SeriesResult, photographs: int) -> SeriesResult:
        """The result as it is written, with a statement of what it was validated on."""
        from examiner.folders.results.row import row_of, with_validation

        result = with_validation(result, self._validation(result.proposal.readers))
        row = row_of(result)
        if self._store is not None:
            self._store.add(result.proposal)
        self._read.add(row.series)
        if self._keep:
            self.rows.append(row)
        self.tally = self.tally.after(photographs, row.state != "read")
        self._failures(row)
        return result

    def proposals(self) -> Iterator[Proposal]:
        """Those that were kept, by the name of the series."""
        return iter(()) if self._store is None else self._store.by_series()

    def known(self, rows: Iterable[ResultRow]) -> None:
        """Prints the failures of series that were read in an earlier run."""
        for row in rows:
            if row.series not in self._read:
                self._failures(row)

    def _failures(self, row: ResultRow) -> None:
        failures = json.loads(row.failures)
        # That no photograph is left follows from what is said of each.
        causes = [failure for failure in failures if failure["kind"] != "no_photographs"]
        for failure in causes or failures:
            self._name(failure["kind"], failure["message"])

    def _name(self, kind: str, message: str) -> None:
        self.failed = True
        if (fault := hash((kind, message))) not in self._named:
            self._named.add(fault)
            log.warning("%s: %s", kind, message)


def _write(
    finished: Iterable[SeriesDone],
    report: _Report,
    results: Results | None,
    lines: TextIO | None,
    show: Callable[[Tally], None],
) -> None:
    """Writes each result when it is there, and the lines in the order of the input."""
    from examiner.folders.pool import in_turn

    def written() -> Iterator[SeriesDone]:
        for done in finished:
            if done.result is None:
                report.tally = report.tally.after_known()
            else:
                result = report.result(done.result, done.photographs)
                if results is not None:
                    results.write(result)
                done = replace(done, result=result)
            show(report.tally)
            yield done

    for done in in_turn(written()) if lines is not None else written():
        if lines is not None and done.result is not None:
            lines.write(json.dumps(done.result.proposal.to_json(), ensure_ascii=False) + "\n")
            lines.flush()


def _place(
    region: str | None, rotate: float | None, band: str | None, centres: str | None, edges: str | None
) -> Mark:
    """Where the options say that the marking is. Raises typer.BadParameter."""
    from pipelines.errors import MarkingError
    from pipelines.photographs.regions import parse_band, parse_region
    from pipelines.types import Mark

    if band is not None and not (region is None and rotate is None):
        raise typer.BadParameter(
            "gives the region and the rotation too; leave out --region and --rotate", param_hint="--band"
        )
    if band is None and not (centres is None and edges is None):
        raise typer.BadParameter("is needed for --centres and --edges", param_hint="--band")
    try:
        if band is not None:
            middles, borders = ([] if text is None else text.split(",") for text in (centres, edges))
            return Mark(band=parse_band(band.split(","), middles, borders, "--band"))
        return Mark(None if region is None else parse_region(region.split(","), "--region"), rotate)
    except MarkingError as error:
        hint = "--band" if band is not None else "--region"
        raise typer.BadParameter(str(error), param_hint=hint) from error


def _mirrored(said: str) -> bool | None:
    from pipelines.errors import RegionError
    from pipelines.photographs.regions import parse_mirrored

    try:
        return parse_mirrored(said, "--mirrored")
    except RegionError as error:
        raise typer.BadParameter("expected yes, no or auto", param_hint="--mirrored") from error


def _options(place: Mark, readers: str | None, alphabet: str | None) -> Options:
    """The options of the reading. Raises typer.BadParameter."""
    from examiner.folders.series import Options

    return Options(place.region, place.rotate_cw, reader_names(readers), alphabet, place.band, place.mirrored)


def _outputs(out: Sequence[Path] | None) -> tuple[Path | None, bool]:
    """The file of results, and whether lines go to standard output. Raises typer.BadParameter."""
    files = [path for path in out or () if path != STANDARD_OUTPUT]
    if len(files) > 1:
        raise typer.BadParameter(
            f"expected one file, and - besides, got {len(files)} files; name one", param_hint="--out"
        )
    return files[0] if files else None, not files or STANDARD_OUTPUT in (out or ())


def _check_scheduler(address: str) -> None:
    """Raises typer.BadParameter for what is no address of a Dask scheduler."""
    if address and not re.fullmatch(r"[a-z+]+://[^\s/]+(:\d+)?/?", address):
        raise typer.BadParameter(f"expected tcp://HOST:PORT, got {address!r}", param_hint="--scheduler")


def _part(shard: str, file: Path | None) -> Shard:
    """Raises typer.BadParameter."""
    from examiner.folders.shard import parse_shard

    try:
        part = parse_shard(shard)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--shard") from error
    if file is None or file.suffix.lower() != ".sqlite":
        raise typer.BadParameter(
            "needs a file that knows which part it is; name a .sqlite file with --out", param_hint="--shard"
        )
    return part


def _run_record(
    paths: Sequence[Path],
    each_photo: bool,
    options: Options,
    validated: Path | None,
    method: str,
    part: Shard | None,
) -> RunRecord:
    import hashlib

    from examiner.folders.job import versions_here
    from examiner.folders.results.row import printable
    from examiner.folders.results.run_record import RunRecord

    return RunRecord(
        _command_line(),
        dict(versions_here()),
        {
            "paths": sorted(printable(str(path)) for path in paths),
            "each_photo": each_photo,
            **asdict(options),
            "validated": None if validated is None else hashlib.sha256(validated.read_bytes()).hexdigest(),
            "method": method,
        },
        1 if part is None else part.number,
        1 if part is None else part.count,
    )


def _command_line() -> str:
    from examiner.folders.results.row import printable

    return printable(shlex.join(["examiner", *sys.argv[1:]]))


def _check_folders(targets: Targets, replaces: bool) -> None:
    """Raises typer.BadParameter where a folder for documents holds something that is not to be replaced."""
    for option, folder in (("--page-xml", targets.page_xml), ("--alto", targets.alto)):
        if folder is not None and not replaces and folder.is_dir() and any(folder.iterdir()):
            raise typer.BadParameter(
                f"{folder} holds files already; name a new folder, or add --force to replace them",
                param_hint=option,
            )


def _annotate(proposals: Iterable[Proposal], targets: Targets) -> str:
    """Writes the files for other programs; says why they could not be written, or nothing."""
    from examiner.folders.annotations.write import write_annotations

    try:
        written = write_annotations(proposals, targets)
    except OSError as error:
        return (
            f"{error.filename or 'files for other programs'}: cannot be written ({error.strerror or error})"
        )
    for name, path in asdict(targets).items():
        if path is not None:
            log.info("written: %s (%s), %d photographs", path, name, written.photographs)
    if written.left_out:
        log.warning(
            "left_out: %d photographs are not in these files: video frames, or read by an earlier version",
            written.left_out,
        )
    return ""
