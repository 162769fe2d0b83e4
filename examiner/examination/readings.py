"""What one person read at one position: a state, and what goes with it. Text is kept exactly as typed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from examiner.examination.untrusted_values import MAX_TEXT, Numbers
from pipelines.errors import ExitCode, MarkingError

MAX_READING = 16
"""Characters of one reading: a glyph of any script with its marks, or the name of a symbol."""

MAX_REASON = MAX_TEXT
"""Characters of a reason."""

MAX_ALTERNATIVES = 40
"""Alternatives of one reading."""

MAX_PHOTOS_NAMED = 60
"""Photographs that one reading names as its best ones."""


Converted = TypeVar("Converted")


class RecordError(MarkingError):
    """A value from outside (browser, file) that is no valid record."""

    kind = "record"
    exit_code = ExitCode.USAGE


class State(StrEnum):
    """How sure the examiner is of one character."""

    DEFINITE = "definite"
    PROBABLE = "probable"
    ALTERNATIVES = "alternatives"
    TRACE_ONLY = "trace_only"
    UNREADABLE = "unreadable"
    NO_CHARACTER = "no_character"
    SYMBOL = "symbol"


class Layer(StrEnum):
    """Which of the strokes that lie over each other a reading is of."""

    ORIGINAL = "original"
    OVER_STAMP = "over_stamp"


class ReadFrom(StrEnum):
    """What the reader had before the eyes."""

    PHOTOGRAPHS = "photographs"
    ITEM = "item"


@dataclass(frozen=True)
class CharacterReading:
    """What one person read at one position.

    `reading` is exactly what was typed (А and A stay apart); empty where nothing is read. `alternatives` are
    in the reader's order of belief, `excluded` what can be ruled out, also where nothing can be read.
    `over_stamp` is what was struck over the character that the reading is of, where both layers are read.
    `features` says what is seen ("closed lower loop"), `photos` which photographs (indices) show it best.
    Raises RecordError when state and content do not fit together.
    """

    state: State
    reading: str = ""
    alternatives: tuple[str, ...] = ()
    reason: str = ""
    excluded: tuple[str, ...] = ()
    features: str = ""
    photos: Numbers = ()
    layer: Layer = Layer.ORIGINAL
    read_from: ReadFrom = ReadFrom.PHOTOGRAPHS
    over_stamp: str = ""

    def __post_init__(self) -> None:
        reads = self.state in (State.DEFINITE, State.PROBABLE, State.SYMBOL)
        if bool(self.reading.strip()) != reads or bool(self.reading) != reads:
            needs = "needs a" if reads else "has no"
            raise RecordError(f"state {self.state.value!r} {needs} reading, got {self.reading[:40]!r}")
        several = 2 <= len(self.alternatives) == len(set(self.alternatives)) <= MAX_ALTERNATIVES
        if several != (self.state is State.ALTERNATIVES) or (self.alternatives and not several):
            raise RecordError(
                f"state 'alternatives', and no other, has 2 to {MAX_ALTERNATIVES} different alternatives; "
                f"got {self.state.value!r} with {len(self.alternatives)}"
            )
        self._check_excluded()
        self._check_over_stamp()
        for text in (self.reading, *self.alternatives, *self.excluded, self.over_stamp):
            if len(text) > MAX_READING or not text.isprintable():
                raise RecordError(
                    f"a reading has at most {MAX_READING} printable characters, got {text[:40]!r}"
                )
        if not all(text.strip() for text in (*self.alternatives, *self.excluded)):
            raise RecordError("alternatives and excluded characters may not be empty")
        _check_text("a reason", self.reason)
        _check_text("the features seen", self.features)
        if len(self.photos) > MAX_PHOTOS_NAMED or min(self.photos, default=0) < 0:
            raise RecordError(f"the best photographs are at most {MAX_PHOTOS_NAMED} of the series")
        check_different("the best photographs", self.photos)

    def _check_over_stamp(self) -> None:
        if self.over_stamp and not self.over_stamp.strip():
            raise RecordError("what was struck over a character is no blank")
        if self.over_stamp and self.layer is Layer.OVER_STAMP:
            raise RecordError("a reading of the over-stamp names what was struck over as its reading")

    def _check_excluded(self) -> None:
        if not len(set(self.excluded)) == len(self.excluded) <= MAX_ALTERNATIVES:
            raise RecordError(f"at most {MAX_ALTERNATIVES} different characters are excluded")
        if self.excluded and self.state is State.NO_CHARACTER:
            raise RecordError("where no character stands, none is excluded")
        both = {self.reading, *self.alternatives} & set(self.excluded)
        if both:
            raise RecordError(f"{sorted(both)[0]!r} cannot be read and excluded at once")


def same_answer(first: CharacterReading, second: CharacterReading) -> bool:
    """Whether two readings say the same of what stands there, whatever their reasons."""
    names = ("state", "reading", "alternatives", "layer", "over_stamp")
    return all(getattr(first, name) == getattr(second, name) for name in names)


def reading_from_json(value: Any) -> CharacterReading:
    """A reading from plain values; what is not named is empty, as in records of earlier versions.

    Raises RecordError where it is none.
    """
    return converted(value, CharacterReading, "reading")


def converted(value: Any, kind: type[Converted], what: str) -> Converted:
    """Plain values from outside as a dataclass, every field of its type and within its bounds.

    Raises RecordError, which says `what` it should have been and which field is wrong.
    """
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, UnicodeError) as error:
        raise RecordError(f"no {what}: {error}"[:300]) from error


def check_different(what: str, numbers: tuple[int, ...]) -> None:
    """Raises RecordError where a number is named twice."""
    if len(set(numbers)) < len(numbers):
        raise RecordError(f"{what}: each is named once")


def _check_text(what: str, text: str) -> None:
    if len(text) > MAX_REASON:
        raise RecordError(f"{what} has at most {MAX_REASON} characters, got {len(text)}")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise RecordError(f"{what} is text in lines, without control characters")
