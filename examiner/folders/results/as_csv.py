"""Results as CSV for spreadsheets: one row for each series, each on one line of the file.

Line breaks within a cell are written as \\n and \\r, backslashes before them as \\\\. A cell that begins with
= + - @, a tab or an apostrophe gets a leading apostrophe, so that no spreadsheet runs it as a formula.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import Any

from examiner.folders.results.lines import LineFormat
from examiner.folders.results.row import COLUMNS, ResultRow, SeriesResult, row_of
from examiner.spreadsheet import cell_of, text_of

_NUMBERS = {"confidence": float, "lines": int, "seconds": float}


def _line(result: SeriesResult) -> str:
    cells = asdict(row_of(result))
    return _joined([_cell(name, cells[name]) for name in COLUMNS])


def _row(line: str) -> ResultRow:
    cells = next(csv.reader([line]), [])
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells, expected {len(COLUMNS)}")
    return ResultRow(**{name: _value(name, cell) for name, cell in zip(COLUMNS, cells, strict=True)})


def _cell(name: str, value: Any) -> str:
    if name in _NUMBERS:
        return repr(value)
    return cell_of(str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r"))


def _value(name: str, cell: str) -> Any:
    if name in _NUMBERS:
        return _NUMBERS[name](cell)
    pieces = text_of(cell).split("\\\\")
    return "\\".join(piece.replace("\\n", "\n").replace("\\r", "\r") for piece in pieces)


def _joined(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()


CSV = LineFormat("CSV", _joined(list(COLUMNS)), _line, _row)
