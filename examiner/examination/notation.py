"""Readings in writing, a sign for each state; a proposal's sets and the evidence at a place in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from examiner.examination.evidence_at_places import glyphs_of, ratio_of_reading
from examiner.examination.readings import CharacterReading, Layer, State
from examiner.examination.scripts import appearance, script_words, told_apart
from pipelines.probability.candidate_sets import MOST, likelihood_ratio, set_text
from pipelines.types import LineProposal, Position

NOT_READ = "·"
"""Sign of a position that has no reading yet."""

UNREADABLE = "?"
"""Sign of a position whose character could not be read, here as everywhere else in the program."""

NO_CHARACTER = "␣"
"""Sign of a position where no character stands."""

OVER_STAMPED = "^"
"""Before the sign of a reading that is of the over-stamp."""

MOST_NAMED = 3
"""Candidates of a place that are named in words."""

LEGEND: Mapping[str, str] = {
    "A": "definite: the character as it was typed",
    "(10)": "one position read as more than one character",
    "[A]": "probable",
    "[3/8]": "alternatives, the one most believed in first",
    "~": "trace only: something stands here, what it is cannot be said",
    UNREADABLE: "unreadable: a character stands here that could not be read",
    NO_CHARACTER: "no character at this position",
    "{star}": "a symbol, by its name",
    NOT_READ: "not read yet",
    "^6": "of the over-stamp; what lies below it is not read",
    "<4^6>": "two layers: first what was struck first, then what was struck over it",
    "\\": "the next sign is meant as a character",
}
"""What each sign in a reading's string means."""

_SIGNS = frozenset("[]{}()<>?~_/^\\" + NO_CHARACTER + NOT_READ)


_KEYS = {
    State.DEFINITE: "A",
    State.PROBABLE: "[A]",
    State.ALTERNATIVES: "[3/8]",
    State.TRACE_ONLY: "~",
    State.UNREADABLE: UNREADABLE,
    State.NO_CHARACTER: NO_CHARACTER,
    State.SYMBOL: "{star}",
}


def reading_string(readings: Iterable[CharacterReading | None], apart: bool = False) -> str:
    """A row of readings with one sign per state, as LEGEND explains: `AB␣4[3/8]?[7]`. `apart`: alternatives
    that look the same are named by their script, for people: `[Cyrillic A/Latin A]`."""
    return "".join(sign(reading, apart) for reading in readings)


def sign(reading: CharacterReading | None, apart: bool = False) -> str:
    """The sign of one reading."""
    if reading is None:
        return NOT_READ
    if reading.over_stamp:
        over = _text(reading.over_stamp)
        below = _of_state(reading, apart)
        if apart and appearance(below) == appearance(over):
            below, over = script_words(reading.reading), script_words(reading.over_stamp)
        return f"<{below}{OVER_STAMPED}{over}>"
    return (OVER_STAMPED if reading.layer is Layer.OVER_STAMP else "") + _of_state(reading, apart)


def legend_of(readings: Iterable[CharacterReading | None]) -> dict[str, str]:
    """The signs that these readings are written with, and what each means; in the order of LEGEND."""
    keys: set[str] = set()
    for reading in readings:
        if reading is None:
            keys.add(NOT_READ)
            continue
        text = _of_state(reading)
        several = "(" in text.replace("\\(", "")
        keys |= {"(10)"} if several else set()
        keys |= {_KEYS[reading.state]} if not several or reading.state is not State.DEFINITE else set()
        keys |= {"^6"} if reading.layer is Layer.OVER_STAMP else set()
        keys |= {"<4^6>"} if reading.over_stamp else set()
        keys |= {"\\"} if "\\" in text else set()
    return {key: meaning for key, meaning in LEGEND.items() if key in keys}


def _of_state(reading: CharacterReading, apart: bool = False) -> str:
    match reading.state:
        case State.DEFINITE:
            return _text(reading.reading)
        case State.PROBABLE:
            return f"[{_text(reading.reading)}]"
        case State.ALTERNATIVES:
            texts = reading.alternatives
            if apart:
                named = told_apart(texts)
                return f"[{'/'.join(_text(t) if t == n else n for t, n in zip(texts, named, strict=True))}]"
            return f"[{'/'.join(map(_text, texts))}]"
        case State.SYMBOL:
            return f"{{{escaped(reading.reading)}}}"
        case State.TRACE_ONLY:
            return "~"
        case State.UNREADABLE:
            return UNREADABLE
        case State.NO_CHARACTER:
            return NO_CHARACTER


def _text(reading: str) -> str:
    """One character as it is; in brackets what would else look like several positions."""
    single = not any(unicodedata.combining(character) == 0 for character in reading[1:])
    return escaped(reading) if single else f"({escaped(reading)})"


def escaped(text: str) -> str:
    """A text with a backslash before each of its characters that is a sign."""
    return "".join(f"\\{character}" if character in _SIGNS else character for character in text)


def set_words(proposed: Position) -> str:
    """The candidate set, and how many times likelier the photographs are with one glyph than with another."""
    if not proposed.candidate_set:
        return ""
    words = _set_sentence(proposed)
    glyphs = [glyph for glyph, _ in proposed.log10_likelihoods if glyph][:2]
    if len(glyphs) == 2:
        # The likelier of the two by the photographs alone comes first.
        ratio = likelihood_ratio(proposed, glyphs[0], glyphs[1])
        likelier, other = glyphs if ratio >= 1 else glyphs[::-1]
        words += f" Likelihood ratio {likelier} : {other} {_times(max(ratio, 1 / ratio))}."
    return words


def direction_words(lines: Sequence[LineProposal]) -> str:
    """Which way round lines were read, where that is not plain: each reading with the probability of its way,
    and lines read in a mirror. Empty where every line is sure to be read as it stands."""
    return " ".join(filter(None, (_direction_sentence(n, line) for n, line in enumerate(lines, start=1))))


def _direction_sentence(number: int, line: LineProposal) -> str:
    direction = line.direction
    if direction is None:
        return ""
    ways = [(line, direction), *((w, w.direction) for w in line.other_ways if w.direction is not None)]
    if len(ways) == 1:
        return f"Line {number} is read in a mirror ({direction.p:.2f})." if line.mirrored else ""
    named = [f"{way.best} {_way_words(line, way)} ({said.p:.2f})" for way, said in ways]
    return f"Line {number} may be read more than one way round: {', or '.join(named)}."


def _way_words(line: LineProposal, way: LineProposal) -> str:
    if way is line:
        return "in a mirror" if line.mirrored else "as it is placed"
    angles = [0.0 if each.direction is None else each.direction.rotate_cw for each in (line, way)]
    over = 90 < (angles[1] - angles[0]) % 360 < 270
    words = ["turned by 180°" if over else "", "in a mirror" if way.mirrored else ""]
    return " and ".join(filter(None, words)) or "not in a mirror"


def evidence_words(
    at_place: Position, reading: CharacterReading | None, proposed: Position | None = None
) -> str:
    """What the readers see at a place that the person marked, and how much it says for the person's reading:
    "At this place: 8 (0.62), 3 (0.31). 95 % candidate set: 3 or 8. The reading: likelihood ratio 8 : 3 = 12."

    `proposed`: the machine's position that is described beside it; a candidate set that is the same is not
    said again.
    """
    named = [f"{_glyph(c.glyph)} ({c.p:.2f})" for c in at_place.candidates[:MOST_NAMED]]
    sentences = [f"At this place: {', '.join(named)}."] if named else []
    said = proposed is not None and set(proposed.candidate_set) == set(at_place.candidate_set)
    if at_place.candidate_set and not said:
        sentences.append(_set_sentence(at_place))
    if ratio := ratio_words(at_place, reading):
        sentences.append(ratio)
    return " ".join(sentences)


def ratio_words(at_place: Position, reading: CharacterReading | None, whose: str = "The reading") -> str:
    """The likelihood ratio of a reading against the best other one; empty where nothing is read."""
    if reading is None or reading.state in (State.TRACE_ONLY, State.UNREADABLE):
        return ""
    ratio = ratio_of_reading(reading, at_place)
    if ratio is None:
        what = "a symbol" if reading.state is State.SYMBOL else "no character that the readers know"
        return f"{whose} is {what}: there is no likelihood ratio."
    best = ", likeliest alternative" if len(glyphs_of(reading)) > 1 else ""
    glyphs = f"{_glyph(ratio.glyph)} : {_glyph(ratio.other)}"
    # Evidence of many photographs may be more than a float holds.
    return f"{whose}{best}: likelihood ratio {glyphs} {_times(10 ** min(ratio.log10, 9))}."


def _glyph(glyph: str) -> str:
    return glyph or "no character"


def _set_sentence(position: Position) -> str:
    if len(position.candidate_set) > MOST:
        return f"95 % candidate set: more than {MOST} characters."
    return f"95 % candidate set: {set_text(position.candidate_set)}."


def _times(ratio: float) -> str:
    if ratio > 1000:
        return "> 1000"
    if ratio < 0.001:
        return "< 0.001"
    return f"= {ratio:.2g}" if ratio < 1 else f"= {ratio:.1f}" if ratio < 10 else f"= {ratio:.0f}"
