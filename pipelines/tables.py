"""Tables that people write: CSV as a spreadsheet of any country saves it.

Cells apart by commas, semicolons or tabs; UTF-8 with or without BOM, or UTF-16; blank rows; headings in any
case; spaces after separators; decimal commas. What cannot be understood is named with file, row and column.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import MarkingError

LARGEST = 10_000_000
"""Bytes of a table at most, where no other limit is given."""

SEPARATORS = (",", ";", "\t")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # Begins like that of UTF-16.
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

_DECIMAL = re.compile(r"[-+]?\d+([.,])\d+")
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}([.,])\d{3}")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_CHANGED = re.compile(r"\d(?:[.,]\d+)?E\+\d+")


@dataclass(frozen=True)
class TableRow:
    """A row. `where`: its file and its number, as a spreadsheet counts. `cells` by column, without spaces
    round them; those that the row is too short for are empty, and in `lacks`. `decimal_sign`: of the file,
    empty where it has none or both. `surplus`: what to say of a row with more cells than columns."""

    where: str
    cells: Mapping[str, str]
    error: type[MarkingError]
    decimal_sign: str = ""
    lacks: tuple[str, ...] = ()
    surplus: str = ""

    def number(self, column: str, what: str) -> float:
        """The finite number of a cell. `what` it is, for the message. Raises the table's error."""
        return self.numbers((self.cells.get(column, ""),), column, what)[0]

    def numbers(self, texts: Sequence[str], column: str, what: str) -> list[float]:
        """Finite numbers that stand in a cell. Raises the table's error."""
        return [_number(text, self, column, what) for text in texts]


@dataclass(frozen=True)
class Table:
    """A table with its headings, as `heading_of` writes them."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def read_table(
    path: Path,
    required: Sequence[str],
    optional: str,
    error: type[MarkingError],
    largest: int = LARGEST,
    strict: bool = True,
) -> Table:
    """The table of a file: rows that are not blank, below a heading that names the `required` columns. A file
    of blank rows only is a table without columns.

    `optional`: how the other columns are called in a message. Raises `error`, which names the file, the row
    and the cause: a file that cannot be read or is no text, a workbook, a missing column, two columns of one
    name, a quotation mark that is not closed, and if `strict` more cells than columns.
    """
    lines = _cells(_text(path, error, largest), required, path, error)
    expected = f"{', '.join(required)}{optional}"
    number, heading = next(lines, (0, []))
    if not number:
        return Table((), ())
    columns = tuple(heading_of(cell) for cell in heading)
    missing = [name for name in required if name not in columns]
    if missing:
        named = ", ".join(cell.strip() for cell in heading if cell.strip()) or "nothing"
        raise error(
            f"{path}, row {number}: no column {' and no column '.join(missing)}; the first row must name "
            f"{expected}, apart by commas, semicolons or tabs; it says: {named[:200]}"
        )
    doubled = next((name for name in columns if name and columns.count(name) > 1), None)
    if doubled is not None:
        raise error(f"{path}, row {number}: two columns {doubled}; expected one, remove the other")
    rows = []
    body = list(lines)
    decimal_sign = _decimal_sign([row for _, row in body])
    for number, row in body:
        where = f"{path}, row {number}"
        surplus = ""
        if any(row[len(columns) :]):
            surplus = (
                f"{where}: {len(row)} cells for {len(columns)} columns; put a text or number that holds the "
                "separator in quotes, or save the table with semicolons"
            )
            if strict:
                raise error(surplus)
        cells = dict(zip(columns, (*row, *[""] * len(columns)), strict=False))
        by_column = {name: cell for name, cell in cells.items() if name}
        rows.append(TableRow(where, by_column, error, decimal_sign, columns[len(row) :], surplus))
    return Table(columns, tuple(rows))


def heading_of(cell: str) -> str:
    """A heading in small letters, with _ for spaces and hyphens between words."""
    return re.sub(r"[\s-]+", "_", unicodedata.normalize("NFKC", cell).strip().casefold())


def changed_by_spreadsheet(text: str) -> bool:
    """Whether the text looks like what a spreadsheet makes of a marking such as 12E45."""
    return _CHANGED.fullmatch(text) is not None


def separator_of(line: str, required: Sequence[str] = ()) -> str:
    """The separator that finds most of the required headings in the first line, or else most cells."""

    def rank(separator: str) -> tuple[int, int]:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        return sum(heading_of(cell) in required for cell in cells), len(cells)

    return max(SEPARATORS, key=rank)


def encoding_of(head: bytes) -> str:
    """The encoding of a file by its first bytes: UTF-8, UTF-16 or UTF-32, with or without BOM."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    for encoding, zero in (("utf-16-le", 1), ("utf-16-be", 0)):
        # The first heading is Latin: every other byte is zero.
        if len(head) >= 8 and not any(head[zero:8:2]) and all(head[1 - zero : 8 : 2]):
            return encoding
    return "utf-8"


def _text(path: Path, error: type[MarkingError], largest: int) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as problem:
        raise error(f"{path}: cannot be read ({problem.strerror or problem})") from problem
    if len(data) > largest:
        raise error(f"{path}: larger than {largest} bytes; that is no such table, name another file")
    if data.startswith(_WORKBOOKS):
        raise error(f"{path}: is a workbook, not CSV; save it as CSV UTF-8 in the spreadsheet")
    try:
        text = data.decode(encoding_of(data[:64]))
    except UnicodeDecodeError as problem:
        row = data[: problem.start].count(b"\n") + 1
        raise error(
            f"{path}, row {row}: is not in UTF-8 or UTF-16 (byte {problem.start}); save it as CSV UTF-8 in "
            "the spreadsheet"
        ) from problem
    if "\0" in text:
        raise error(f"{path}: holds zero bytes, so it is no text; save it as CSV UTF-8 in the spreadsheet")
    return text


def _cells(
    text: str, required: Sequence[str], path: Path, error: type[MarkingError]
) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with its number."""
    first, _, rest = text.partition("\n")
    said = re.fullmatch(r"sep=(.)\s*", first, re.IGNORECASE)  # As Excel writes it.
    if said:
        text = rest
    heading = next((line for line in text.splitlines() if line.strip(" ,;\t\xa0")), "")
    separator = said[1] if said else separator_of(heading, required)
    number = 0
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    try:
        for number, row in enumerate(reader, 1):
            cells = [unicodedata.normalize("NFC", cell).strip() for cell in row]
            if any(cells):
                yield number, cells
    except csv.Error as problem:
        raise error(
            f"{path}, row {number + 1}: cannot be read as cells apart by {_NAMES.get(separator, separator)} "
            f"({problem}); see whether each quotation mark has its second one"
        ) from problem


def _number(text: str, row: TableRow, column: str, what: str) -> float:
    plain = _SPACES.sub("", text).replace("\u2212", "-")
    if (grouped := _GROUPED.fullmatch(plain)) and grouped[1] != row.decimal_sign:
        # 1.234 is a number as programs write it, unless the file writes 1,5 elsewhere.
        if (not row.decimal_sign and grouped[1] == ",") or row.decimal_sign == ",":
            whole, decimals = re.split("[.,]", plain)
            raise row.error(
                f"{row.where}: column {column}: {text!r} can be {whole}{decimals} or {whole}.{decimals}; "
                "write it without a sign between thousands"
            )
        plain = plain.replace(",", "") if grouped[1] == "," else plain
    try:
        value = float(_with_point(plain)) if plain.isascii() and "_" not in plain else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        got = repr(text) if text else "an empty cell"
        raise row.error(f"{row.where}: column {column}: expected {what}, got {got}")
    return value


def _with_point(plain: str) -> str:
    """With a point as decimal sign, and no signs between thousands where the decimal sign is another one."""
    last = max(plain.rfind(","), plain.rfind("."))
    if last < 0:
        return plain
    whole, decimals = plain[:last], plain[last + 1 :]
    if re.fullmatch(r"[-+]?\d{1,3}(([.,])\d{3}(\2\d{3})*)?", whole) and plain[last] not in whole:
        return f"{re.sub('[.,]', '', whole)}.{decimals}"
    return plain.replace(",", ".")


def _decimal_sign(rows: Sequence[Sequence[str]]) -> str:
    """The one sign that stands where it can only be a decimal sign; empty where there is none, or both."""
    signs = {
        match[1]
        for row in rows
        for cell in row
        for part in cell.split()
        if (match := _DECIMAL.fullmatch(part)) and not _GROUPED.fullmatch(part)
    }
    return signs.pop() if len(signs) == 1 else ""
