"""Text as a cell of a CSV file that no spreadsheet runs as a formula, and back.

A cell that begins with = + - @, a tab, a carriage return or an apostrophe gets a leading apostrophe.
"""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def cell_of(text: str) -> str:
    """The text, with a leading apostrophe where it begins like a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def text_of(cell: str) -> str:
    """Inverse of `cell_of`."""
    return cell.removeprefix("'")
