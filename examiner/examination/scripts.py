"""Characters that look the same in two scripts, named: А is "Cyrillic A", A is "Latin A", 0 is "digit 0"."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from pipelines.glyphs import CYRILLIC_TWINS, glyph_class

_LIKE_DIGITS = {"O": "0", "I": "1", "З": "3", "Ч": "4", "Б": "6"}
"""Classes that look like a digit when they are printed."""

_ALIKE = frozenset((*CYRILLIC_TWINS, *CYRILLIC_TWINS.values(), *_LIKE_DIGITS, *_LIKE_DIGITS.values()))
_SCRIPTS = {"CYRILLIC": "Cyrillic", "LATIN": "Latin", "GREEK": "Greek", "DIGIT": "digit"}


def appearance(text: str) -> str:
    """A text as it looks, in any script: two texts with the same appearance are not told apart by eye."""
    return "".join(_looks(character) for character in text)


def _looks(character: str) -> str:
    name = glyph_class(character) or character
    return _LIKE_DIGITS.get(name, name)


def script_name(character: str) -> str:
    """One character with its script: "Cyrillic A" (a twin by its Latin form), "Latin small A", "digit 0"; by
    itself where it is of no script that has look-alikes."""
    named = unicodedata.name(character, "").split(" ")
    script = _SCRIPTS.get(named[0], "")
    if not script:
        return character
    upper = character.upper()
    if script == "Greek":
        return " ".join((script, *(word.lower() for word in named[1:])))
    small = "small " if character.islower() else ""
    return f"{script} {small}{CYRILLIC_TWINS.get(upper, upper)}"


def has_look_alike(text: str) -> bool:
    """Whether a character of the text looks like one of another script, or like a digit."""
    return any(
        character.upper() in _ALIKE or unicodedata.name(character, "").startswith("GREEK")
        for character in text
    )


def script_words(text: str) -> str:
    """Every character of a text named by its script; empty where none of them has a look-alike."""
    return " ".join(map(script_name, text)) if has_look_alike(text) else ""


def told_apart(texts: Sequence[str]) -> list[str]:
    """Texts that stand beside each other, each as it is; those that would look the same, named by script."""
    looks = [appearance(text) for text in texts]
    return [
        " ".join(map(script_name, text)) if looks.count(look) > 1 else text
        for text, look in zip(texts, looks, strict=True)
    ]


def difference_words(texts: Iterable[str]) -> dict[str, str]:
    """Of texts that look the same, what stands where they differ: "position 1 Cyrillic A". Others are
    missing."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(appearance(text), []).append(text)
    words = {}
    for group in groups.values():
        if len(group) < 2 or len({*map(len, group)}) > 1:
            continue
        places = [place for place in range(len(group[0])) if len({text[place] for text in group}) > 1]
        for text in group:
            words[text] = ", ".join(f"character {place + 1} {script_name(text[place])}" for place in places)
    return words


def grouped_by_look(texts: Sequence[str]) -> list[tuple[str, str]]:
    """One text of each look, with what stands for the others: ("AA40", "4 spellings that look like this:
    character 2 Cyrillic A or Latin A, character 4 digit 0 or Cyrillic O"); empty words where it is alone."""
    groups: dict[str, list[str]] = {}
    for text in dict.fromkeys(texts):
        groups.setdefault(appearance(text), []).append(text)
    return [(group[0], _spellings_words(group)) for group in groups.values()]


def _spellings_words(group: Sequence[str]) -> str:
    if len(group) < 2:
        return ""
    places = []
    for place, options in enumerate(zip(*group, strict=True), 1):
        different = dict.fromkeys(options)
        if len(different) > 1:
            places.append(f"character {place} {' or '.join(map(script_name, different))}")
    return f"{len(group)} spellings that look like this: {', '.join(places)}"


def glyph_words(glyph: str) -> str:
    """What a glyph class stands for, where it is easily taken for another: the readers see no script."""
    if glyph in CYRILLIC_TWINS.values():
        return "Latin or Cyrillic"
    if glyph in _LIKE_DIGITS:
        return "Cyrillic letter"
    return "digit" if glyph in _LIKE_DIGITS.values() else ""
