"""Makers whose numbers could look like a partial reading. Off by default, and beside the evidence."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from examiner.tracing.patterns import Slot
from examiner.tracing.spellings import SEPARATORS
from pipelines.errors import ExitCode, MarkingError

MAX_FILE = 1 << 20


class MakerFormatError(MarkingError):
    """A table of makers' formats that cannot be used."""

    kind = "maker_formats"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class MakerFormat:
    """A row of the table. `pattern` signs: A Latin letter, Я Cyrillic letter, X either, 9 digit."""

    maker: str
    pattern: tuple[str, ...]
    marks: str
    known: str
    source: str


def maker_formats(path: Path | None = None) -> tuple[MakerFormat, ...]:
    """The rows of a file, by default of the shipped table. Raises MakerFormatError."""
    where = str(path or "maker_formats.toml")
    try:
        if path is None:
            text = (files("examiner.tracing") / "maker_formats.toml").read_text("utf-8")
        else:
            with path.open("rb") as file:
                text = file.read(MAX_FILE).decode("utf-8")
        return tuple(_row(row, where) for row in tomllib.loads(text)["format"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise MakerFormatError(f"{where}: no table of makers' formats ({error})") from error


def fitting(slots: Sequence[Slot], formats: Sequence[MakerFormat]) -> list[MakerFormat]:
    """The formats with a pattern that some string admitted by the slots has. Separators do not count."""
    plain = [slot for slot in slots if not slot.options or not set(slot.options) <= SEPARATORS]
    return [row for row in formats if any(_fits(plain, pattern) for pattern in row.pattern)]


def _fits(slots: Sequence[Slot], pattern: str) -> bool:
    """Slots read as more than one character fit none: a format has one sign a position."""
    return len(slots) == len(pattern) and all(
        _stands(slot, sign) for slot, sign in zip(slots, pattern, strict=True)
    )


def _stands(slot: Slot, sign: str) -> bool:
    if slot.open:
        return sign in "AЯX9" or slot.admits(sign)
    return any(_is(option, sign) for option in slot.options)


def _is(text: str, sign: str) -> bool:
    latin = len(text) == 1 and text.isascii() and text.isalpha()
    cyrillic = len(text) == 1 and "Ѐ" <= text <= "ӿ"
    match sign:
        case "A":
            return latin
        case "Я":
            return cyrillic
        case "X":
            return latin or cyrillic
        case "9":
            return len(text) == 1 and text in "0123456789"
        case _:
            return text.upper() == sign


def _row(row: Any, where: str) -> MakerFormat:
    row = {**row, "pattern": tuple(row["pattern"])}
    texts = [row["maker"], row["marks"], row["known"], row["source"], *row["pattern"]]
    if not all(isinstance(text, str) and text for text in texts) or set(row) != set(
        MakerFormat.__annotations__
    ):
        raise MakerFormatError(
            f"{where}: a row has maker, pattern, marks, known and source; got {row!r}"[:300]
        )
    if row["known"] not in ("published", "unchecked"):
        raise MakerFormatError(f"{where}: known is published or unchecked, got {row['known']!r}")
    return MakerFormat(**row)
