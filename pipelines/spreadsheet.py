"""Text as a cell of a CSV file that a spreadsheet neither runs nor changes, and back.

A spreadsheet runs what begins like a formula, and turns what looks like a number, a date or a truth value
into one: 0000017 becomes 17, 12E45 becomes 1.2E+46, 3-12 a day, MAR12 another. Such a text gets a leading
apostrophe. It keeps the text as it is in Excel and in LibreOffice, which write it back with the apostrophe.
Taking one leading apostrophe away gives the exact text.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

SIGN = "'"

BOM = "\ufeff"
"""Begins a CSV file in UTF-8; without it Excel takes the file for one in the code page of the system."""

_FORMULA = frozenset("=+-@|%")
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d")

# Where a program may see another cell begin: after a line break, and after another country's separator.
_BREAKS = re.compile("(\r\n|[\r\n\v\f\x1c-\x1f\x85\u2028\u2029;\t])")

# What no spreadsheet takes for a value, though it is no letter: JSON, an unread character, a path, words.
_PLAIN = frozenset('[{?/\\_&*!<>~^"')

# Letters and numbers only, as in MAR12 or 5 MAR 2020: a month has another name in each language.
_DATE = re.compile(r"[^\W\d_]{3,}\W{0,3}\d+(\W{1,3}\d+)*")

_TRUTH = frozenset({"true", "false"})


def cell_of(text: str) -> str:
    """The text, with an apostrophe where a spreadsheet would run it or take it for a number or a date."""
    pieces = _BREAKS.split(text)
    guarded = [f"{SIGN}{piece}" if _begins_like_a_formula(piece) else piece for piece in pieces[::2]]
    if guarded[0] == pieces[0] and _is_changed(text):
        guarded[0] = f"{SIGN}{pieces[0]}"
    pieces[::2] = guarded
    return "".join(pieces)


def text_of(cell: str) -> str:
    """Inverse of `cell_of`."""
    pieces = _BREAKS.split(cell)
    pieces[::2] = [piece.removeprefix(SIGN) for piece in pieces[::2]]
    return "".join(pieces)


def csv_row(cells: Iterable[object], line_end: str = "") -> str:
    """The cells as one row: text guarded by `cell_of`, numbers as they are, None as an empty cell."""
    written = io.StringIO()
    csv.writer(written, lineterminator=line_end).writerow(
        [cell_of(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in cells]
    )
    return written.getvalue()


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[object]], line_end: str = "\n") -> str:
    """A table with a heading, as `csv_row` writes its rows; without BOM."""
    return "".join(csv_row(row, line_end) for row in (columns, *rows))


def _begins_like_a_formula(piece: str) -> bool:
    if piece.startswith(SIGN):
        return True
    start = unicodedata.normalize("NFKC", _significant(piece).lstrip(f'"{SIGN}')[:1])
    return start[:1] in _FORMULA or start[:1] in _DASHES


def _is_changed(text: str) -> bool:
    """Whether a spreadsheet takes the text of a whole cell for a number, a date or a truth value."""
    plain = _significant(text)
    if plain != text:
        return True  # What cannot be seen at the beginning may be taken away.
    if not plain:
        return False
    first = plain[0]
    if not (first.isalpha() or first in _PLAIN):
        return True
    plain = unicodedata.normalize("NFKC", plain).strip()
    return plain.casefold() in _TRUTH or _DATE.fullmatch(plain) is not None or plain[0].isnumeric()


def _significant(text: str) -> str:
    """Without what stands before the first sign that can be seen."""
    return text.lstrip("".join({c for c in text if c.isspace() or unicodedata.category(c) in ("Cc", "Cf")}))
