"""A row of readings as one string, with a sign for each state."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from examiner.examination.readings import CharacterReading, Layer, State

NOT_READ = "·"
"""Sign of a position that has no reading yet."""

NO_CHARACTER = "␣"
"""Sign of a position where no character stands."""

OVER_STAMPED = "^"
"""Before the sign of a reading that is of the over-stamp."""

LEGEND: Mapping[str, str] = {
    "A": "definite: the character as it was typed",
    "(10)": "definite: one position read as more than one character",
    "A?": "probable",
    "[3/8]": "alternatives, the one most believed in first",
    "~": "trace only: something stands here, what it is cannot be said",
    "_": "unreadable",
    NO_CHARACTER: "no character at this position",
    "{star}": "a symbol, by its name",
    NOT_READ: "not read yet",
    "^6": "of the over-stamp; what lies below it is not read",
    "\\": "the next sign is meant as a character",
}
"""What each sign in a reading's string means."""

_SIGNS = frozenset("[]{}()?~_/^\\" + NO_CHARACTER + NOT_READ)


def reading_string(readings: Iterable[CharacterReading | None]) -> str:
    """A row of readings with one sign per state, as LEGEND explains: `AB␣4[3/8]_7?`."""
    return "".join(sign(reading) for reading in readings)


def sign(reading: CharacterReading | None) -> str:
    """The sign of one reading."""
    if reading is None:
        return NOT_READ
    return (OVER_STAMPED if reading.layer is Layer.OVER_STAMP else "") + _of_state(reading)


def _of_state(reading: CharacterReading) -> str:
    match reading.state:
        case State.DEFINITE:
            return _text(reading.reading)
        case State.PROBABLE:
            return f"{_text(reading.reading)}?"
        case State.ALTERNATIVES:
            return f"[{'/'.join(_text(text) for text in reading.alternatives)}]"
        case State.SYMBOL:
            return f"{{{escaped(reading.reading)}}}"
        case State.TRACE_ONLY:
            return "~"
        case State.UNREADABLE:
            return "_"
        case State.NO_CHARACTER:
            return NO_CHARACTER


def _text(reading: str) -> str:
    """One character as it is; in brackets what would else look like several positions."""
    single = not any(unicodedata.combining(character) == 0 for character in reading[1:])
    return escaped(reading) if single else f"({escaped(reading)})"


def escaped(text: str) -> str:
    """A text with a backslash before each of its characters that is a sign."""
    return "".join(f"\\{character}" if character in _SIGNS else character for character in text)
