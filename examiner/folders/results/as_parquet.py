"""Results as Parquet, for which the extra `parquet` installs pyarrow.

A Parquet file can be read only when its end is written. So results are kept as JSON lines beside it
(NAME.part.jsonl) until the run ends, however it ends; then the file is written in one piece.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from examiner.folders.results.lines import JSONL, LinesResults, exists_error, lines_of
from examiner.folders.results.row import COLUMNS, ResultRow, SeriesResult, printable, result_from_json, row_of
from pipelines.errors import ResultsError

GROUP = 500
"""Rows that are in memory and compressed together."""


class ParquetResults:
    """See `results_file`."""

    def __init__(self, path: Path, resume: bool) -> None:
        _pyarrow(path)
        self._path = path
        self._journal = journal_of(path)
        if not resume and (path.exists() or self._journal.exists()):
            raise exists_error(path)
        if path.exists() and not self._journal.exists():
            part = self._journal.with_name(f"{self._journal.name}.part")
            with part.open("w", encoding="utf-8") as file:
                file.writelines(f"{values['proposal']}\n" for values in _read(path, ("proposal",)))
            part.replace(self._journal)
        self._lines = LinesResults(self._journal, JSONL, resume=True)

    @property
    def known(self) -> Mapping[str, str]:
        return self._lines.known

    def write(self, result: SeriesResult) -> None:
        self._lines.write(result)

    def close(self) -> None:
        self._lines.close()
        _write(self._journal, self._path)
        self._journal.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def journal_of(path: Path) -> Path:
    """Where results are kept until the Parquet file is complete."""
    return path.with_name(f"{path.name}.part.jsonl")


def rows_of_parquet(path: Path) -> Iterator[ResultRow]:
    """The rows in the order in which they were read; those of earlier versions as this one makes them."""
    try:
        with _pyarrow(path).ParquetFile(path) as file:
            missing = set(COLUMNS) - set(file.schema_arrow.names)
    except ValueError as error:  # ArrowInvalid is one.
        raise _not_parquet(path, error) from error
    if missing:
        yield from (row_of(result) for result in results_of_parquet(path))
        return
    for values in _read(path, COLUMNS):
        yield ResultRow(**values)


def results_of_parquet(path: Path) -> Iterator[SeriesResult]:
    """The results with their whole proposals, in the order in which they were read. Raises ResultsError."""
    for values in _read(path, ("proposal",)):
        yield result_from_json(json.loads(values["proposal"]))


def _read(path: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    parquet = _pyarrow(path)
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(GROUP, columns=list(columns)):
                rows = batch.to_pylist()
                if batch.num_columns != len(columns):
                    raise ValueError("columns are missing")
                yield from rows
    except ValueError as error:  # ArrowInvalid is one.
        raise _not_parquet(path, error) from error


def _not_parquet(path: Path, error: ValueError) -> ResultsError:
    return ResultsError(f"{path}: is not a Parquet file of results ({error}); name another file")


def _write(journal: Path, path: Path) -> None:
    import pyarrow  # As in `_pyarrow`.

    parquet = _pyarrow(path)
    kinds = {
        "confidence": pyarrow.float64(),
        "lines": pyarrow.int64(),
        "seconds": pyarrow.float64(),
        "weakest": pyarrow.float64(),
    }
    schema = pyarrow.schema([(n, kinds.get(n, pyarrow.string())) for n in (*COLUMNS, "proposal")])
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    lines = lines_of(journal)
    with parquet.ParquetWriter(part, schema) as writer:
        while group := list(islice(lines, GROUP)):
            writer.write_table(pyarrow.Table.from_pylist([_values(line) for line in group], schema))
    part.replace(path)


def _values(line: str) -> dict[str, Any]:
    row = row_of(result_from_json(json.loads(line)))
    return {**asdict(row), "proposal": printable(line)}


def _pyarrow(path: Path) -> Any:
    try:
        import pyarrow.parquet  # The extra `parquet`, which need not be installed.
    except ImportError as error:
        raise ResultsError(
            f"{path}: Parquet needs pyarrow; install the extra `parquet`, or write .sqlite or .jsonl"
        ) from error
    return pyarrow.parquet
