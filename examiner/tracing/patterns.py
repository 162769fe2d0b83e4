"""What a partial reading admits, position by position, and the search patterns that say just that.

A search aid, not a finding: a pattern finds what the reading allows in somebody else's records, which may
hold the number in another spelling (see `examiner.tracing.spellings`). Everything here is pure.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from examiner.examination.readings import CharacterReading, Layer, State
from examiner.examination.scripts import script_words

SEARCH_AID = "search aid, not a finding"

ANY_NUMBER = "\0"
"""In a pattern; no reading holds it."""

MOST_PATTERNS = 64
"""LIKE and file-name patterns that are written out, one for each combination of alternatives."""


@dataclass(frozen=True)
class Slot:
    """What may stand at one position: one of `options`, or any one character but `excluded` where there are
    none."""

    options: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether any character may stand there."""
        return not self.options

    def admits(self, text: str) -> bool:
        """Whether this text may stand there."""
        if self.options:
            return text in self.options
        return len(text) == 1 and text not in self.excluded


@dataclass(frozen=True)
class Patterns:
    """One query in the languages of databases. `like` and `wildcards` stand for the query together, and say
    more than it where `exact` is False: they can name no exclusions."""

    regex: str
    like: tuple[str, ...]
    wildcards: tuple[str, ...]
    exact: bool
    combinations: int | None
    """How many strings the reading admits; None where a position is open."""


def slots_of(readings: Iterable[CharacterReading | None]) -> tuple[Slot, ...]:
    """What a line's readings admit. Where nothing was read yet, and where only an over-stamp was, any
    character may stand; positions without a character and symbols take no part in a number."""
    slots = []
    for reading in readings:
        if not takes_part(reading):
            continue
        if reading is None or reading.layer is Layer.OVER_STAMP:
            slots.append(Slot())
        elif reading.state is State.ALTERNATIVES:
            slots.append(Slot(reading.alternatives))
        elif reading.reading:
            slots.append(Slot((reading.reading,)))
        else:
            slots.append(Slot(excluded=tuple(text for text in reading.excluded if len(text) == 1)))
    return tuple(slots)


def slots_of_over_stamps(readings: Iterable[CharacterReading | None]) -> tuple[Slot, ...]:
    """What the number admits that was struck over the first one; empty where no over-stamp was read. Where no
    over-stamp was read the first character stands on."""
    rows = [reading for reading in readings if takes_part(reading)]
    if not any(reading and (reading.over_stamp or reading.layer is Layer.OVER_STAMP) for reading in rows):
        return ()
    over = [
        replace(reading, layer=Layer.ORIGINAL, over_stamp="")
        if reading is not None and reading.layer is Layer.OVER_STAMP
        else CharacterReading(State.DEFINITE, reading.over_stamp)
        if reading is not None and reading.over_stamp
        else reading
        for reading in rows
    ]
    return slots_of(over)


def slot_words(slots: Sequence[Slot]) -> str:
    """The characters of slots that have a look-alike in another script, by place in the pattern:
    "1 Cyrillic A, 2 digit 8"; empty where all of them are Latin letters and digits as usual."""
    named = [
        f"{place} {' or '.join(script_words(text) or text for text in slot.options)}"
        for place, slot in enumerate(slots, 1)
        if any(script_words(text) for text in slot.options)
    ]
    return ", ".join(named)


def takes_part(reading: CharacterReading | None) -> bool:
    """Whether a position is one of a number's: not where no character stands, or a symbol does."""
    if reading is None or reading.layer is Layer.OVER_STAMP:
        return True
    return reading.state not in (State.NO_CHARACTER, State.SYMBOL)


def admits(slots: Sequence[Slot], text: str) -> bool:
    """Whether a string is one of those that the slots allow."""
    if not slots:
        return text == ""
    first, rest = slots[0], slots[1:]
    options = first.options or ((text[0],) if text else ())
    return any(
        text.startswith(option) and first.admits(option) and admits(rest, text[len(option) :])
        for option in options
    )


def patterns_of(slots: Sequence[Slot]) -> Patterns:
    """The query in each language."""
    written = math.prod(len(slot.options) or 1 for slot in slots) <= MOST_PATTERNS
    rows = list(itertools.product(*(_written(slot, written) for slot in slots)))
    likes = tuple(dict.fromkeys("".join(map(_like, row)) for row in rows))
    wildcards = tuple(dict.fromkeys("".join(map(_wildcard, row)) for row in rows))
    plain = not any(slot.open and slot.excluded for slot in slots)
    literal = all(not set(option) & set("?*[]") for slot in slots for option in slot.options)
    return Patterns(
        regex="^" + "".join(map(_regex, slots)) + "$",
        like=likes,
        wildcards=wildcards,
        exact=written and plain and literal,
        combinations=combinations(slots),
    )


def combinations(slots: Sequence[Slot]) -> int | None:
    """How many combinations of alternatives the slots admit; None where a position is open."""
    return None if any(slot.open for slot in slots) else math.prod(len(slot.options) for slot in slots)


def _written(slot: Slot, written: bool) -> tuple[str | None, ...]:
    """Texts of a position in a pattern: None is any one character, ANY_NUMBER any number of them."""
    if slot.open or (len(slot.options) > 1 and not written):
        return (None if all(len(option) == 1 for option in slot.options) else ANY_NUMBER,)
    return slot.options


def _regex(slot: Slot) -> str:
    if slot.open:
        return f"[^{''.join(map(_in_class, slot.excluded))}]" if slot.excluded else "."
    if len(slot.options) == 1:
        return re.escape(slot.options[0])
    if all(len(option) == 1 for option in slot.options):
        return f"[{''.join(map(_in_class, slot.options))}]"
    return f"(?:{'|'.join(map(re.escape, slot.options))})"


def _in_class(character: str) -> str:
    return f"\\{character}" if character in "\\]^-[" else character


def _like(text: str | None) -> str:
    if text is None or text == ANY_NUMBER:
        return "_" if text is None else "%"
    return re.sub(r"([\\%_])", r"\\\1", text)


def _wildcard(text: str | None) -> str:
    """`?` for what has no literal spelling there: the signs themselves cannot be escaped everywhere."""
    if text is None or text == ANY_NUMBER:
        return "?" if text is None else "*"
    return re.sub(r"[?*\[\]]", "?", text)
