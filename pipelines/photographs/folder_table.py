"""Tables that a person puts beside the photographs of a folder, whose column `file` names them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from pipelines.errors import MarkingError
from pipelines.spreadsheet import text_of
from pipelines.tables import TableRow, read_table


def read_rows(
    path: Path, columns: Sequence[str], optional: str, error: type[MarkingError]
) -> list[tuple[str, TableRow]]:
    """Rows as (`composed` file name, row); none where there is no such table.

    `columns`: those that no row may leave empty, `file` first; `optional`: how the others are called in a
    message. Raises `error` naming file and row: for a table that cannot be read, a cell that is missing, and
    a row that names no file of the folder, as what it says would be lost unseen.
    """
    if not path.is_file():
        return []
    table = read_table(path, columns, optional, error)
    try:
        there = {composed(file.name) for file in path.parent.iterdir()}
    except OSError as problem:
        raise error(f"{path.parent}: cannot be listed ({problem.strerror or problem})") from problem
    named_rows = []
    for row in table.rows:
        missing = [column for column in columns if not row.cells[column]]
        if missing:
            raise error(f"{row.where}: no {', '.join(missing)}; expected {','.join(columns)}{optional}")
        name = composed(row.cells["file"])
        # A name that our own tables guard against spreadsheets has an apostrophe before it.
        name = name if name in there else text_of(name)
        if name not in there:
            raise error(f"{row.where}: no file {name!r} in this folder; expected one that is there")
        named_rows.append((name, row))
    return named_rows


def composed(name: str) -> str:
    """The name with each accented letter as one sign: some systems store й in a file's name as two."""
    return unicodedata.normalize("NFC", name)
