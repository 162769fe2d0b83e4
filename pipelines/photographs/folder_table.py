"""Tables that a person puts beside the photographs of a folder: CSV in UTF-8 whose column `file` names
them."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from pipelines.errors import MarkingError

LARGEST = 10_000_000
"""Bytes of a table at most."""

TableRow = dict[str, str]


def read_rows(
    path: Path, columns: Sequence[str], optional: str, error: type[MarkingError]
) -> list[tuple[str, str, TableRow]]:
    """Rows as (where it stands, `composed` file name, cells by column); none where there is no such table.

    `columns`: those that no row may leave empty, `file` first; `optional`: how the others are called in a
    message. Raises `error` naming file and row: for a table that cannot be read, a cell that is missing, a
    cell too many, and a row that names no file of the folder, as what it says would be lost unseen.
    """
    if not path.is_file():
        return []
    try:
        if path.stat().st_size > LARGEST:
            raise error(f"{path}: larger than {LARGEST} bytes; that is no table of photographs")
        table = csv.DictReader(path.read_text("utf-8-sig").splitlines())
        rows = [(table.line_num, row) for row in table]
        there = {composed(file.name) for file in path.parent.iterdir()}
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise error(f"{path}: cannot be read as a table ({problem}); expected CSV in UTF-8") from problem
    named_rows = []
    for number, row in rows:
        where = f"{path}, row {number}"
        missing = [column for column in columns if not (row.get(column) or "").strip()]
        if missing:
            raise error(f"{where}: no {', '.join(missing)}; expected {','.join(columns)}{optional}")
        if any(cell.strip() for cell in row.get(None, ())):
            raise error(f"{where}: more cells than columns; write 1.5, not 1,5")
        name = composed(str(row["file"]).strip())
        if name not in there:
            raise error(f"{where}: no file {name!r} in this folder; expected one that is there")
        named_rows.append((where, name, {column: cell or "" for column, cell in row.items() if column}))
    return named_rows


def composed(name: str) -> str:
    """The name with each accented letter as one sign: some systems store й in a file's name as two."""
    return unicodedata.normalize("NFC", name)
