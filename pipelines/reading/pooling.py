"""One line read from many slices: photographs × enhanced forms × readers, pooled as likelihoods.

Slices of one photograph show the same light and the same noise, so they share one vote (their weights sum
to 1); photographs add up. Sums are exact, so the order of photographs does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS, SEPARATORS
from pipelines.reading.decode import (
    Columns,
    String,
    beam_search,
    cells_round,
    centres,
    doubted,
    insertions_in,
    log_likelihoods_in,
    substitutions_in,
    text_of,
)
from pipelines.reading.pitch import pitch_of, regularity, surplus
from pipelines.types import Evidence

DOUBT = 0.02
"""Share of every column that is spread evenly over all classes: see `decode.doubted`."""

STRINGS_PER_SLICE = 4
"""Strings that each slice puts up for the vote."""

ROUNDS = 3
"""Improvements by one character tried after the vote."""

MOST_FILLED = 6
"""Positions added to a line as those of characters that cannot be read."""

PLACES = 3
"""Gaps, likeliest first, in which one more is tried at a time."""

LIKELIEST = 5
"""Glyph classes that may make a position likely between them."""

WIDEST = 1.1
"""Heights of the band that one character takes at most along it."""

FLOOR = -60.0
"""Natural logarithm: what one slice can say against a string that does not fit into it."""


@dataclass(frozen=True, eq=False)
class Slice:
    """What one reader saw in one form of one photograph's strip.

    `photo`: index into the series, None where the reader saw all photographs at once. `votes` is False where
    the slice only tells what one photograph carries. `start` and `end`: where the strip's edges lie along the
    band, as fractions of the band's length (a strip cut wider than the band starts below 0). `weight`: its
    share of its photograph's vote. `height`: of the strip in columns; `tall`: of the strip in heights of the
    band. `outside`, `small`: see `Evidence`.
    """

    columns: Columns
    outside: npt.NDArray[np.float32]
    centres: npt.NDArray[np.float32]
    photo: int | None
    reader: str
    form: str
    weight: float
    start: float
    end: float
    height: float
    votes: bool = True
    tall: float = 1.0
    small: npt.NDArray[np.float32] | None = None

    @cached_property
    def beams(self) -> list[String]:
        """The most probable strings of the slice by itself, best first. Looked for once: a line is pooled
        with others and without them."""
        return beam_search(self.columns)

    def centres_of(self, string: String) -> list[float]:
        """Column numbers of the characters' centres, see `decode.centres`; looked for once for a string."""
        if string not in self._laid:
            self._laid[string] = centres(self.columns, string)
        return self._laid[string]

    @cached_property
    def _laid(self) -> dict[String, list[float]]:
        return {}


@dataclass(frozen=True, eq=False)
class PooledLine:
    """The most probable string with what speaks for every other glyph at each of its n positions.

    `table` (n, C): pooled log-likelihood with that glyph class there, 0: no character; `by_photo`: its parts.
    `outside` (n,): greatest probability of signs outside the glyph classes. `cells`: begin and end of each
    position as fractions of the band; `centres`: where the characters' centres lie along it, likewise, in the
    slice that shows the string best. `weight`: of all slices that voted. `glyphs`: those that can stand
    there; the others have no probability. `small` (n,): likewise of small letters of a shape of their own;
    None where no reader says.
    """

    string: String
    table: npt.NDArray[np.float64]
    by_photo: dict[int, npt.NDArray[np.float64]]
    outside: npt.NDArray[np.float64]
    cells: tuple[tuple[float, float], ...]
    by_reader: dict[str, str]
    centres: tuple[float, ...] = ()
    weight: float = 1.0
    glyphs: frozenset[str] = frozenset(GLYPHS)
    small: npt.NDArray[np.float64] | None = None

    @property
    def text(self) -> str:
        return text_of(self.string)

    def logs(self, votes: float) -> npt.NDArray[np.float64]:
        """The table as the mean over all that voted, times `votes`: what readers weigh does not change its
        scale."""
        return self.table * (votes / self.weight)

    def conditionals(self, votes: float) -> npt.NDArray[np.float64]:
        """(n, C) probabilities at each position, the rest of the string given, were `votes` photographs heard
        by one reader."""
        logs = self.logs(votes)
        raised = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float64)


def as_slice(
    evidence: Evidence,
    photo: int | None,
    form: str,
    weight: float,
    start: float,
    end: float,
    aspect: float,
    doubt: float = DOUBT,
    tall: float = 1.0,
) -> Slice:
    """A slice from a reader's evidence of one strip of that `aspect` (width over height), `tall` heights of
    the band high."""
    return Slice(
        columns=doubted(evidence.log_probs[0], doubt),
        outside=evidence.outside[0],
        centres=evidence.columns,
        photo=photo,
        reader=evidence.reader,
        form=form,
        weight=weight,
        start=start,
        end=end,
        height=len(evidence.columns) / aspect,
        tall=tall,
        small=None if evidence.small is None else evidence.small[0],
    )


def pool(given: Sequence[Slice]) -> PooledLine:
    """The line that these slices show together. Raises ValueError without slices that vote."""
    slices = [piece for piece in given if piece.votes]
    if not slices:
        raise ValueError("no slices to pool")
    beams = [piece.beams for piece in slices]
    strings = sorted({string for beam in beams for string in beam[:STRINGS_PER_SLICE]})
    votes = _votes(slices, strings)
    string = strings[int(votes.argmax())]
    tables = _changes(slices, string)
    weight = _weight(slices)
    for _ in range(ROUNDS):
        # The pitch counts like one reader's evidence in one photograph, however many there are.
        places = _laid_out(slices, _own(slices, tables, string), string)
        none = weight * _of_pitch(places)
        better = _best_change(string, _with(_pooled(_bounded_all(tables), slices), none))
        if better == string:
            break
        string, tables = better, _changes(slices, better)
    return _laid(string, tables, given, slices, own_answers(slices, beams))


def filled(line: PooledLine, given: Sequence[Slice]) -> PooledLine:
    """The line with a position wherever a character stands more likely than not, though none of the glyph
    classes by itself is likelier than nothing: it is kept as one that cannot be read. A gap in the pitch
    speaks for one, a place without room against it.

    `given`: the slices that `line` was pooled from.
    """
    slices = [piece for piece in given if piece.votes]
    string = line.string
    places, pitch = list(line.centres), pitch_of(line.centres)
    for _ in range(MOST_FILLED):
        tables = insertions_in([piece.columns for piece in slices], string)
        pooled = _pooled(_bounded_all(tables), slices) / line.weight
        more = pooled[:, 1:] - pooled[:, :1]
        # Doubt spreads a little over all classes, so that many of them seem more than a few.
        mass = np.log(np.exp(np.sort(more, axis=1)[:, -LIKELIEST:]).sum(axis=1))
        tried = []
        for place in np.argsort(-mass, kind="stable")[:PLACES]:
            glyph = int(more[place].argmax()) + 1
            longer = (*string[:place], glyph, *string[place:])
            laid = _laid_out(slices, [float(table[place, glyph]) for table in tables], longer)
            kept = _more_regular(places, laid, pitch)
            # Between words there is room for a separator whether or not one stands there.
            kept = min(kept, 0.0) if text_of((glyph,)) in SEPARATORS else kept
            tried.append((float(mass[place]) + kept, longer, laid))
        worth, longer, laid = max(tried)
        if worth <= 0:
            break
        string, places = longer, laid
    if string == line.string:
        return line
    return _laid(string, _changes(slices, string), given, slices, line.by_reader)


def _more_regular(before: Sequence[float], after: Sequence[float], pitch: float | None) -> float:
    """How much better the pitch is kept after a character was added; 0 where that cannot be told."""
    if pitch is None or not after:
        return 0.0
    return float(regularity(np.diff(after), pitch).sum() - regularity(np.diff(before), pitch).sum())


def _changes(slices: Sequence[Slice], string: String) -> list[npt.NDArray[np.float64]]:
    """What each slice says of the string and of those that differ from it in one character."""
    return substitutions_in([piece.columns for piece in slices], string) if slices else []


def _of_pitch(places: Sequence[float]) -> npt.NDArray[np.float64]:
    """(n, 1) what the pitch says for each character's being none: see `pitch.surplus`."""
    pitch = pitch_of(places)
    return (np.zeros(len(places)) if pitch is None else surplus(places, pitch))[:, None]


def _with(table: npt.NDArray[np.float64], none: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The table of `_changes` with `none` (n, 1) added for no character."""
    return np.concatenate([table[:, :1] + none, table[:, 1:]], axis=1)


def _clearest(slices: Sequence[Slice], own: Sequence[float]) -> int:
    """The slice in which a string is laid along the columns: the one that shows it best. `own`: its
    log-likelihood in each."""
    return int(np.argmax([fit / len(piece.columns) for fit, piece in zip(own, slices, strict=True)]))


def _own(slices: Sequence[Slice], tables: Sequence[npt.NDArray[np.float64]], string: String) -> list[float]:
    """The string's log-likelihood in each slice, as its table holds it."""
    if not string:
        return [0.0] * len(slices)
    return [float(table[0, string[0]]) for table in tables]


def _laid_out(slices: Sequence[Slice], own: Sequence[float], string: String) -> list[float]:
    """Where the characters' centres lie along the band in the slice that shows the string best, as fractions
    of it; all alike where the string fits nowhere. `own`: see `_clearest`."""
    clearest = slices[_clearest(slices, own)]
    try:
        return _along(clearest, clearest.centres_of(string)).tolist()
    except ValueError:
        return [0.0] * len(string)


def _along(piece: Slice, columns: Sequence[float]) -> npt.NDArray[np.float64]:
    """Column numbers of a slice as fractions of the band."""
    count = len(piece.columns)
    places = np.interp(columns, np.arange(count) + 0.5, piece.centres, left=0.0, right=1.0)
    return np.asarray(piece.start + places * (piece.end - piece.start), np.float64)


def _laid(
    string: String,
    tables: Sequence[npt.NDArray[np.float64]],
    given: Sequence[Slice],
    slices: Sequence[Slice],
    by_reader: dict[str, str],
) -> PooledLine:
    """The line of a string with its `tables`, see `_changes`; `slices`: those of the given ones that vote."""
    own, photos, weight = _own(slices, tables, string), _photos(given), _weight(slices)
    places = _laid_out(slices, own, string)
    none, laid = _of_pitch(places), _clearest(slices, own)
    tables = _bounded_all(tables)
    table = _with(_pooled(tables, slices), weight * none)
    heard = [(piece, table) for piece, table in zip(slices, tables, strict=True) if piece.photo is not None]
    silent = [piece for piece in given if not piece.votes]
    heard += zip(silent, _bounded_all(_changes(silent, string)), strict=True)
    by_photo = {
        photo: _with(
            _pooled(
                [table for piece, table in heard if piece.photo == photo],
                [piece for piece, _ in heard if piece.photo == photo],
            ),
            weight / len(photos) * none,
        )
        for photo in photos
    }
    cells, outside = _cells(slices[laid], string)
    return PooledLine(string, table, by_photo, outside, cells, by_reader, tuple(places), weight)


def _votes(slices: Sequence[Slice], strings: Sequence[String]) -> npt.NDArray[np.float64]:
    """What all slices say of each string."""
    said = log_likelihoods_in([piece.columns for piece in slices], strings)
    return _pooled(_bounded_all(list(said)), slices)


def _weight(slices: Sequence[Slice]) -> float:
    return fsum(piece.weight for piece in slices)


def _photos(slices: Sequence[Slice]) -> list[int]:
    return sorted({piece.photo for piece in slices if piece.photo is not None})


def _bounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What a slice can say against a string is limited, so that a failed photograph vetoes nothing.

    A string that does not fit into the slice counts as the least probable one that does: a reader that saw
    few characters has few columns, which says nothing against a longer line.
    """
    fits = np.isfinite(values)
    least = values[fits].min() if fits.any() else 0.0
    return np.maximum(np.where(fits, values, least), values.max(initial=FLOOR) + FLOOR)


def _bounded_all(tables: Sequence[npt.NDArray[np.float64]]) -> list[npt.NDArray[np.float64]]:
    return [_bounded(table) for table in tables]


def _pooled(parts: Sequence[npt.NDArray[np.float64]], slices: Sequence[Slice]) -> npt.NDArray[np.float64]:
    weighted = np.stack([part * piece.weight for part, piece in zip(parts, slices, strict=True)])
    flat = weighted.reshape(len(weighted), -1)
    return np.array([fsum(column) for column in flat.T.tolist()]).reshape(weighted.shape[1:])


def _best_change(string: String, table: npt.NDArray[np.float64]) -> String:
    if not string:
        return string
    position, glyph = np.unravel_index(int(table.argmax()), table.shape)
    now = table[0, string[0]]
    if table[position, glyph] <= now + 1e-9:
        return string
    middle = (int(glyph),) if glyph else ()
    return (*string[: int(position)], *middle, *string[int(position) + 1 :])


def _cells(piece: Slice, string: String) -> tuple[tuple[tuple[float, float], ...], npt.NDArray[np.float64]]:
    columns = len(piece.columns)
    try:
        laid = cells_round(piece.centres_of(string), columns, WIDEST * piece.height)
    except ValueError:
        laid = [(i * columns / len(string), (i + 1) * columns / len(string)) for i in range(len(string))]
    along = _along(piece, np.array(laid).reshape(-1).tolist())
    outside = [float(piece.outside[int(a) : max(int(a) + 1, int(b))].max()) for a, b in laid]
    return tuple((float(a), float(b)) for a, b in along.reshape(-1, 2)), np.array(outside)


def own_answers(slices: Sequence[Slice], beams: Sequence[Sequence[String]]) -> dict[str, str]:
    """Each reader's own most probable string, from its slices alone; `beams`: what each slice puts up."""
    answers = {}
    for reader in sorted({piece.reader for piece in slices}):
        own = [piece for piece in slices if piece.reader == reader]
        strings = sorted(
            {beam[0] for piece, beam in zip(slices, beams, strict=True) if piece.reader == reader}
        )
        # One string needs no vote.
        best = int(_votes(own, strings).argmax()) if len(strings) > 1 else 0
        answers[reader] = text_of(strings[best])
    return answers
