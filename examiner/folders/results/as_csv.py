"""Results as CSV for spreadsheets: one row for each series, each on one line of the file.

Line breaks within a cell are written as \\n and \\r, backslashes before them as \\\\. What a spreadsheet
would run or change has an apostrophe before it (`pipelines.spreadsheet`). A file that a spreadsheet has
saved is read too, and put into this form again before a run adds to it.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from examiner.folders.results.lines import LineFormat, LinesResults, lock, rows_of_lines
from examiner.folders.results.row import COLUMNS, ResultRow, SeriesResult, row_of
from pipelines.errors import ResultsError
from pipelines.spreadsheet import BOM, csv_row, text_of
from pipelines.tables import encoding_of, heading_of, separator_of

_NUMBERS = {"confidence": float, "lines": int, "seconds": float, "weakest": float}
_JSON = ("photographs", "failures", "readers", "ways")
_ADDED = frozenset(field.name for field in fields(ResultRow) if field.default is not MISSING)
"""Columns that files of earlier versions lack."""

LONGEST = 32_767
"""Signs that Excel keeps of a cell."""


class CsvResults(LinesResults):
    """See `LinesResults`; begins by putting a file that a spreadsheet has saved into its own form."""

    def __init__(self, path: Path, resume: bool) -> None:
        if resume and path.is_file() and not _in_this_form(path):
            _restore(path)
        super().__init__(path, CSV, resume)


def rows_of_csv(path: Path) -> Iterator[ResultRow]:
    """The last row of each series, in the order of the file. Raises ResultsError."""
    if _in_this_form(path):
        yield from rows_of_lines(path, CSV)
        return
    last = {row.series: number for number, row in _saved_rows(path)}
    for number, row in _saved_rows(path):
        if last[row.series] == number:
            yield row


def _in_this_form(path: Path) -> bool:
    """Whether the file begins as one that no other program has written, or is empty."""
    with path.open("rb") as file:
        start = file.read(len(_HEADER) + 1)
    return start in (b"", _HEADER + b"\n") or (_HEADER.startswith(start) and len(start) < len(_HEADER))


def _restore(path: Path) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with path.open("r+b") as file:
        lock(file, path)
        rows = list(rows_of_csv(path))
        with part.open("xb") as target:
            target.write(_HEADER + b"\n")
            target.writelines(f"{_row_line(row)}\n".encode() for row in rows)
            target.flush()
            os.fsync(target.fileno())
        part.replace(path)


def _saved_rows(path: Path) -> Iterator[tuple[int, ResultRow]]:
    """The rows of a file as a spreadsheet saved it, each with its number."""
    with path.open("rb") as raw:
        encoding = encoding_of(raw.read(64))
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            separator = separator_of(file.readline(), COLUMNS)
            file.seek(0)
            reader = csv.reader(file, delimiter=separator)
            columns = [heading_of(cell) for cell in next(reader, [])]
            missing = [name for name in COLUMNS if name not in columns and name not in _ADDED]
            if missing:
                raise ResultsError(
                    f"{path}: no column {missing[0]}; expected a file of results as CSV; name another file"
                )
            places = {name: columns.index(name) for name in COLUMNS if name in columns}
            for number, cells in enumerate(reader, 2):
                if any(cell.strip() for cell in cells):
                    yield number, _saved_row(f"{path}, row {number}", cells, places)
    except UnicodeDecodeError as error:
        raise ResultsError(f"{path}: is not in UTF-8 or UTF-16; save it as CSV UTF-8") from error
    except csv.Error as error:
        raise ResultsError(f"{path}, row {number + 1}: cannot be read as CSV ({error})") from error


def _saved_row(where: str, cells: list[str], places: Mapping[str, int]) -> ResultRow:
    if len(cells) <= max(places.values()):
        raise ResultsError(f"{where}: {len(cells)} cells, expected {len(places)}; a spreadsheet has cut it")
    values = {}
    for name, place in places.items():
        cell = cells[place]
        try:
            values[name] = _value(name, cell.strip().replace(",", ".") if name in _NUMBERS else cell)
            if name in _JSON:
                json.loads(values[name])
            if name == "confidence" and not 0 <= values[name] <= 1:
                raise ValueError("not from 0 to 1")
        except ValueError as error:
            cause = (
                f"Excel keeps {LONGEST} signs of a cell"
                if len(cell) >= LONGEST
                else "a spreadsheet changed it"
            )
            raise ResultsError(
                f"{where}, column {name}: {cell[:60]!r} is not what was written; {cause}; use a copy of the "
                "file that no spreadsheet has saved, or read these photographs again"
            ) from error
    return ResultRow(**values)


def _line(result: SeriesResult) -> str:
    return _row_line(row_of(result))


def _row_line(row: ResultRow) -> str:
    cells = asdict(row)
    return csv_row(_cell(name, cells[name]) for name in COLUMNS)


def _row(line: str) -> ResultRow:
    cells = next(csv.reader([line]), [])
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells, expected {len(COLUMNS)}")
    return ResultRow(**{name: _value(name, cell) for name, cell in zip(COLUMNS, cells, strict=True)})


def _cell(name: str, value: Any) -> object:
    if name in _NUMBERS:
        return value
    return str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _value(name: str, cell: str) -> Any:
    if name in _NUMBERS:
        return _NUMBERS[name](cell)
    pieces = text_of(cell).split("\\\\")
    return "\\".join(piece.replace("\\n", "\n").replace("\\r", "\r") for piece in pieces)


CSV = LineFormat("CSV", BOM + csv_row(COLUMNS), _line, _row)

_HEADER = CSV.header.encode()
