"""How other people's records may spell a number: without separators, with look-alikes, in Latin letters.

Each spelling changes what a query admits, never a reading, and is named. Records of one country drop spaces,
hyphens and letters that look like digits; those of another hold Cyrillic numbers in Latin letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from examiner.tracing.patterns import Slot
from pipelines.glyphs import CYRILLIC_TWINS

SEPARATORS = frozenset(" -./\\_–—·")

DIGITS_FOR = {"O": "0", "О": "0", "I": "1", "І": "1"}
"""Letters that records spell as digits: the conversion of alphabetic O to zero, and I to one."""

LOOK_ALIKES = ("0OОQD", "1IІL", "2Z", "3ЗЭ", "5S", "6Бб", "8BВ", "4Ч")
"""Signs that are taken for each other in stamped numbers when they are typed in."""

ICAO = dict(
    zip(
        "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЇЄҐЎЂЈЉЊЋЏ",
        (
            *("A", "B", "V", "G", "D", "E", "E", "ZH", "Z", "I", "I", "K", "L", "M", "N", "O", "P", "R", "S"),
            *("T", "U", "F", "KH", "TS", "CH", "SH", "SHCH", "IE", "Y", "", "E", "IU", "IA", "I", "I", "IE"),
            *("G", "U", "D", "J", "LJ", "NJ", "C", "DZ"),
        ),
        strict=True,
    )
)
"""Transliteration of Cyrillic capitals as in machine-readable passports (ICAO Doc 9303-3, section 6 B)."""


@dataclass(frozen=True)
class Spelling:
    """A way of spelling: its name, what it does in words, and the change of what is admitted."""

    name: str
    said: str
    change: Callable[[Sequence[Slot]], tuple[Slot, ...]]


def spelled(slots: Sequence[Slot]) -> list[tuple[Spelling, tuple[Slot, ...]]]:
    """Each spelling that changes what the slots admit, with what it admits; in a fixed order."""
    spellings: list[tuple[Spelling, tuple[Slot, ...]]] = []
    for spelling in SPELLINGS:
        changed = spelling.change(slots)
        if changed != tuple(slots) and changed not in [known for _, known in spellings]:
            spellings.append((spelling, changed))
    return spellings


def _without_separators(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    return _each(lambda text: "" if text in SEPARATORS else text, dict.fromkeys(SEPARATORS, ""))(slots)


def _each(
    change: Callable[[str], str], table: Mapping[str, str]
) -> Callable[[Sequence[Slot]], tuple[Slot, ...]]:
    """Every option changed; a position of which nothing is left goes. `table`: what single characters are
    changed into."""

    def changed(slots: Sequence[Slot]) -> tuple[Slot, ...]:
        written = (
            replace(slot, options=_once(map(change, slot.options)), excluded=_still(slot.excluded, table))
            for slot in slots
        )
        return tuple(slot for slot in written if slot.options != ("",))

    return changed


def _still(excluded: Sequence[str], table: Mapping[str, str]) -> tuple[str, ...]:
    """What stays ruled out: a sign that nothing but what was ruled out is written as."""
    gone = set(excluded)
    written = [table.get(character, character) for character in excluded]
    return _once(sign for sign in written if len(sign) == 1 and _written_as(sign, table) <= gone)


def _written_as(sign: str, table: Mapping[str, str]) -> set[str]:
    """The characters that are written as this sign."""
    itself = set() if sign in table else {sign}
    return itself | {character for character, text in table.items() if text == sign}


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _by(table: Mapping[str, str]) -> Callable[[Sequence[Slot]], tuple[Slot, ...]]:
    return _each(lambda text: "".join(table.get(character, character) for character in text), table)


def _look_alike(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    return tuple(
        replace(
            slot,
            options=_once(_alike(slot.options)),
            excluded=tuple(text for text in slot.excluded if set(_alike([text])) <= set(slot.excluded)),
        )
        for slot in slots
    )


def _alike(options: Sequence[str]) -> list[str]:
    alike = list(options)
    for option in options:
        for group in LOOK_ALIKES:
            if option in group:
                alike += group
    return alike


def _plain_latin(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    return _by(DIGITS_FOR)(_by(CYRILLIC_TWINS)(_without_separators(slots)))


SPELLINGS = (
    Spelling("without separators", "spaces, hyphens, points and strokes left out", _without_separators),
    Spelling("digits for letters", "O written as 0, I as 1", _by(DIGITS_FOR)),
    Spelling(
        "Latin look-alikes",
        "Cyrillic letters as the Latin ones that look the same",
        _by(CYRILLIC_TWINS),
    ),
    Spelling(
        "transliterated",
        "Cyrillic letters by sound, as in passports (ICAO Doc 9303); what is not read as one letter",
        _by(ICAO),
    ),
    Spelling("normal form", "Latin look-alikes, O as 0, I as 1, without separators", _plain_latin),
    Spelling(
        "taken for each other", "what is easily taken for what was read, when it is typed in", _look_alike
    ),
)
