"""Files of results, by suffix: JSON lines, CSV, SQLite or Parquet.

A later run can add to a file. Each result is on the disk before the next one: a power cut or `kill -9` loses
at most the series that are being read. Where a series is in a file twice, because its photographs changed,
the last result counts; closing the file removes the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol

from examiner.folders.results.as_csv import CsvResults, rows_of_csv
from examiner.folders.results.as_parquet import (
    ParquetResults,
    journal_of,
    results_of_parquet,
    rows_of_parquet,
)
from examiner.folders.results.as_sqlite import SqliteResults, results_of_sqlite, rows_of_sqlite
from examiner.folders.results.lines import (
    JSONL,
    LinesResults,
    exists_error,
    lock,
    results_of_jsonl,
    rows_of_lines,
)
from examiner.folders.results.row import ResultRow, SeriesResult
from pipelines.errors import ResultsError


class Results(Protocol):
    """A file of results that is open for writing. `known`: the key of each series in it."""

    @property
    def known(self) -> Mapping[str, str]: ...

    def write(self, result: SeriesResult) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> Results: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


_OPEN: Mapping[str, Callable[[Path, bool], Results]] = {
    ".jsonl": lambda path, resume: LinesResults(path, JSONL, resume),
    ".csv": CsvResults,
    ".sqlite": SqliteResults,
    ".parquet": ParquetResults,
}

_ROWS: Mapping[str, Callable[[Path], Iterator[ResultRow]]] = {
    ".jsonl": lambda path: rows_of_lines(path, JSONL),
    ".csv": rows_of_csv,
    ".sqlite": rows_of_sqlite,
    ".parquet": rows_of_parquet,
}

_WHOLE: Mapping[str, Callable[[Path], Iterator[SeriesResult]]] = {
    ".jsonl": results_of_jsonl,
    ".sqlite": results_of_sqlite,
    ".parquet": results_of_parquet,
}

SUFFIXES = tuple(_OPEN)


def check_results(path: Path, resume: bool, force: bool) -> None:
    """Raises ResultsError for another suffix, for both of `resume` and `force`, and for a file that exists
    where neither is set."""
    _suffix(path)
    if resume and force:
        raise ResultsError(f"{path}: cannot be continued and replaced; leave out --resume or --force")
    if path.exists() and path.stat().st_size and not (resume or force):
        raise exists_error(path)


def results_to(path: Path, resume: bool, force: bool = False) -> Results:
    """Opens the file for writing; makes it where there is none. With `resume` results are added to it, with
    `force` what was there is removed.

    Raises ResultsError as `check_results` does, for a file that holds something else or that another run
    writes, and where it cannot be written.
    """
    check_results(path, resume, force)
    try:
        if force:
            _remove(path)
        return _OPEN[_suffix(path)](path, resume)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written ({error.strerror or error})") from error


def _remove(path: Path) -> None:
    """Removes a file of results with what belongs to it. Raises ResultsError where a run writes it."""
    if path.exists():
        with path.open("rb") as file:
            lock(file, path)
    beside = [path.with_name(f"{path.name}{more}") for more in ("-wal", "-shm", "-journal")]
    for part in (path, journal_of(path), *beside):
        part.unlink(missing_ok=True)


def rows_in(path: Path) -> Iterator[ResultRow]:
    """The rows of a file of results, one for each series. Raises ResultsError."""
    try:
        yield from _ROWS[_suffix(path)](path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read ({error.strerror or error})") from error


def check_whole(path: Path) -> None:
    """Raises ResultsError for a file that has no boxes of characters, which are in the whole proposals."""
    if _suffix(path) not in _WHOLE:
        raise ResultsError(
            f"{path}: CSV has no boxes of characters; write results as {', '.join(_WHOLE)} for this"
        )


def results_in(path: Path) -> Iterator[SeriesResult]:
    """The results of a file with their whole proposals, one for each series. Raises ResultsError."""
    check_whole(path)
    try:
        yield from _WHOLE[_suffix(path)](path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read ({error.strerror or error})") from error


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _OPEN:
        raise ResultsError(
            f"{path}: results are written as {', '.join(SUFFIXES)}; got {suffix or 'no suffix'}"
        )
    return suffix
