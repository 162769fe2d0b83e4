"""From columns of evidence to strings of characters: connectionist temporal classification, read both ways.

Evidence says at each column how probable each glyph class is and how probable "between characters" is. The
likelihood of a string is the sum over all ways to lay it along the columns (Graves et al. 2006,
doi:10.1145/1143844.1143891). Likelihoods of the same string in several pieces of evidence (photographs,
enhancements, readers) multiply, so evidence is pooled without an order and without aligning columns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS

Columns = npt.NDArray[np.float32]
"""(T, C) log-probabilities of one slice; class 0 lies between characters."""

String = tuple[int, ...]
"""Glyph classes, 1-based into GLYPHS."""

REACH = 0.6
"""Pitches from its centre at which a character's cell ends where no neighbour's begins."""

NEGLIGIBLE = -9.0
"""Log-probability below which a class is not tried at a column."""

MAX_CHARACTERS = 40
"""Longer strings are not proposed: no marking has them, a texture read as text may."""


def text_of(string: String) -> str:
    return "".join(GLYPHS[i - 1] for i in string)


def string_of(text: str) -> String:
    """Classes of a text that consists of GLYPHS only. Raises ValueError otherwise."""
    return tuple(GLYPHS.index(glyph) + 1 for glyph in text)


def doubted(columns: Columns, doubt: float) -> Columns:
    """The columns mixed with `doubt` (0..1) of a uniform distribution.

    Bounds what one column can say against a string: a photograph in which a character is not to be seen
    cannot veto the photographs in which it is.
    """
    classes = columns.shape[1]
    mixed = (1 - doubt) * np.exp(columns.astype(np.float64)) + doubt / classes
    return np.log(mixed).astype(np.float32)


def beam_search(columns: Columns, width: int = 8, classes: int = 5) -> list[String]:
    """The most probable strings of one slice, best first, at most `width` of them.

    `classes`: how many glyph classes are tried at each column. About 4 ms for 40 columns.
    """
    beams: dict[String, tuple[float, float]] = {(): (0.0, -math.inf)}
    best = np.argsort(-columns[:, 1:], axis=1, kind="stable")[:, :classes] + 1
    for column, order in zip(columns.tolist(), best.tolist(), strict=True):
        tried = [glyph for glyph in order if column[glyph] > NEGLIGIBLE]
        grown: dict[String, tuple[float, float]] = {}
        for string, (ends_between, ends_in_glyph) in beams.items():
            total = _log_add(ends_between, ends_in_glyph)
            _grow(grown, string, total + column[0], -math.inf)
            if string:
                _grow(grown, string, -math.inf, ends_in_glyph + column[string[-1]])
            if len(string) >= MAX_CHARACTERS:
                continue
            for glyph in tried:
                start = ends_between if string and string[-1] == glyph else total
                _grow(grown, (*string, glyph), -math.inf, start + column[glyph])
        ranked = sorted(((-_log_add(*ends), string, ends) for string, ends in grown.items()))
        beams = {string: ends for _, string, ends in ranked[:width]}
    return list(beams)


def _grow(grown: dict[String, tuple[float, float]], string: String, between: float, glyph: float) -> None:
    old = grown.get(string)
    grown[string] = (between, glyph) if old is None else (_log_add(old[0], between), _log_add(old[1], glyph))


def _log_add(one: float, other: float) -> float:
    """Logarithm of the sum of two numbers given by their logarithms; on plain floats 10 times as fast as
    numpy's."""
    high, low = (one, other) if one > other else (other, one)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def log_likelihoods(columns: Columns, strings: Sequence[String]) -> npt.NDArray[np.float64]:
    """(S,) natural logarithm of the probability of each string given one slice's columns.

    -inf where a string does not fit into the columns. Cost about T × S × 2L additions, all strings at once.
    """
    longest = max((len(string) for string in strings), default=0)
    labels = np.zeros((len(strings), 2 * longest + 1), np.int64)
    for row, string in enumerate(strings):
        labels[row, 1 : 2 * len(string) : 2] = string
    # A glyph may follow the glyph before it directly only if it differs from it.
    skips = np.zeros(labels.shape, bool)
    skips[:, 3::2] = labels[:, 3::2] != labels[:, 1:-2:2]
    skips &= labels > 0
    alpha = np.full(labels.shape, -np.inf)
    alpha[:, 0] = columns[0, 0]
    if longest:
        alpha[:, 1] = np.where(labels[:, 1] > 0, columns[0][labels[:, 1]], -np.inf)
    for column in columns[1:].astype(np.float64):
        stay_or_step = alpha.copy()
        stay_or_step[:, 1:] = np.logaddexp(stay_or_step[:, 1:], alpha[:, :-1])
        stay_or_step[:, 2:] = np.where(
            skips[:, 2:], np.logaddexp(stay_or_step[:, 2:], alpha[:, :-2]), stay_or_step[:, 2:]
        )
        alpha = stay_or_step + column[labels]
    rows = np.arange(len(strings))
    ends = 2 * np.array([len(string) for string in strings], np.int64)
    last_glyph = np.where(ends > 0, alpha[rows, np.maximum(ends - 1, 0)], -np.inf)
    return np.asarray(np.logaddexp(alpha[rows, ends], last_glyph), np.float64)


def substitutions(columns: Columns, string: String) -> npt.NDArray[np.float64]:
    """(n, C) log-likelihoods of every string that differs from `string` at one position only.

    Row i, class c: the i-th character replaced by glyph class c; c = 0: left out. Where c is the character
    itself this is the likelihood of the string. Exact, by forward and backward sums, about 3 ms for 60
    columns.
    """
    places = range(len(string))
    total = _with_one_glyph(columns, string, [2 * i for i in places], [2 * i + 2 for i in places])
    total[:, 0] = log_likelihoods(columns, [string[:i] + string[i + 1 :] for i in places])
    return total


def insertions(columns: Columns, string: String) -> npt.NDArray[np.float64]:
    """(n + 1, C) log-likelihoods of every string that has one character more than `string`.

    Row i, class c: glyph class c before the i-th character, row n behind the last. Column 0 is the string as
    it is. Exact, by forward and backward sums; cost as of `substitutions`.
    """
    gaps = [2 * i for i in range(len(string) + 1)]
    total = _with_one_glyph(columns, string, gaps, gaps)
    total[:, 0] = log_likelihoods(columns, [string])[0]
    return total


def _with_one_glyph(
    columns: Columns, string: String, before: Sequence[int], behind: Sequence[int]
) -> npt.NDArray[np.float64]:
    """(rows, C) log-likelihood of the string with one glyph of each class instead of all between two gaps.

    Row i: between the gaps of state numbers `before[i]` and `behind[i]`, see `_lattice_labels`.
    """
    lattice = columns.astype(np.float64)
    nowhere = np.full((len(lattice), 1), -np.inf)
    forward = np.concatenate([nowhere, _forward(lattice, string)], axis=1)
    backward = np.concatenate([_backward(lattice, string), nowhere], axis=1)
    labels = np.concatenate([[-1], _lattice_labels(string)[0], [-1]])
    first, last = np.array(before, np.int64), np.array(behind, np.int64)
    every = np.arange(columns.shape[1])
    # Where a glyph stands beside the gap, its like may not follow it directly.
    after_other = every[None, :] != labels[first][:, None]
    before_other = every[None, :] != labels[last + 2][:, None]
    shape = len(first), len(every)
    entering = np.where(first[:, None] == 0, 0.0, np.full(shape, -np.inf))
    inside = np.full(shape, -np.inf)
    total = np.full(shape, -np.inf)
    for t in range(len(lattice)):
        inside = np.logaddexp(inside, entering) + lattice[t]
        if t + 1 < len(lattice):
            after_glyph = np.where(before_other, backward[t + 1, last + 1][:, None], -np.inf)
            leaving = np.logaddexp(backward[t + 1, last][:, None], after_glyph)
        else:
            leaving = np.where(last[:, None] == 2 * len(string), 0.0, np.full(shape, -np.inf))
        total = np.logaddexp(total, inside + leaving)
        before_glyph = np.where(after_other, forward[t, first][:, None], -np.inf)
        entering = np.logaddexp(forward[t, first + 1][:, None], before_glyph)
    return total


def _lattice_labels(string: String) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """States gap, glyph, gap, … and whether a state may follow the one two before it directly."""
    labels = np.zeros(2 * len(string) + 1, np.int64)
    labels[1::2] = string
    skips = np.zeros(len(labels), bool)
    skips[3::2] = labels[3::2] != labels[1:-2:2]
    return labels, skips


def _forward(columns: npt.NDArray[np.float64], string: String) -> npt.NDArray[np.float64]:
    """(T, 2n+1) log-mass of all ways to be in each state at each column."""
    labels, skips = _lattice_labels(string)
    mass = np.full((len(columns), len(labels)), -np.inf)
    mass[0, :2] = columns[0, labels[:2]]
    for t in range(1, len(columns)):
        mass[t] = columns[t, labels] + _reached(mass[t - 1], skips)
    return mass


def _backward(columns: npt.NDArray[np.float64], string: String) -> npt.NDArray[np.float64]:
    """(T, 2n+1) log-mass of all ways to finish from each state, its own column included."""
    labels, skips = _lattice_labels(string)
    skips_from = np.concatenate([skips[2:], [False, False]])
    mass = np.full((len(columns), len(labels)), -np.inf)
    mass[-1, -2:] = columns[-1, labels[-2:]]
    for t in range(len(columns) - 2, -1, -1):
        mass[t] = columns[t, labels] + _reached(mass[t + 1][::-1], skips_from[::-1])[::-1]
    return mass


def _reached(mass: npt.NDArray[np.float64], skips: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Mass that stays, steps on from the state before, or skips a gap."""
    reached = mass.copy()
    reached[1:] = np.logaddexp(reached[1:], mass[:-1])
    reached[2:] = np.where(skips[2:], np.logaddexp(reached[2:], mass[:-2]), reached[2:])
    return reached


def spans(columns: Columns, string: String, widest: float) -> list[tuple[float, float]]:
    """Where each character of a string lies, as column numbers from its first to behind its last column.

    Round its centre, see `centres`; half of a gap goes to each neighbour. `widest`: columns that a character
    takes at most. Raises ValueError when the string does not fit into the columns.
    """
    return _cells(centres(columns, string), len(columns), widest)


def centres(columns: Columns, string: String) -> list[float]:
    """The column numbers of each character's centre in the single most probable way to lay the string along
    the columns. Raises ValueError when the string does not fit into the columns."""
    labels, skips = _lattice_labels(string)
    score = np.full(len(labels), -np.inf)
    score[:2] = columns[0][labels[:2]]
    came_from = np.zeros((len(columns), len(labels)), np.int64)
    for t, column in enumerate(columns[1:].astype(np.float64), start=1):
        choices = np.full((3, len(labels)), -np.inf)
        choices[0] = score
        choices[1, 1:] = score[:-1]
        choices[2, 2:] = np.where(skips[2:], score[:-2], -np.inf)
        came_from[t] = choices.argmax(axis=0)
        score = choices.max(axis=0) + column[labels]
    state = len(labels) - 1 if score[-1] >= score[-2:][0] else len(labels) - 2  # ends in a gap or a glyph
    if not np.isfinite(score[state]):
        raise ValueError(f"{len(string)} characters do not fit into {len(columns)} columns")
    path = np.zeros(len(columns), np.int64)
    for t in range(len(columns) - 1, -1, -1):
        path[t] = state
        state -= came_from[t, state]
    return [float(np.flatnonzero(path == 2 * i + 1).mean()) + 0.5 for i in range(len(string))]


def _cells(middles: list[float], columns: int, widest: float) -> list[tuple[float, float]]:
    """Cells round character centres: borders half way between neighbours, the outer ones half a pitch out."""
    if not middles:
        return []
    pitch = min(widest, float(np.median(np.diff(middles)))) if len(middles) > 1 else widest
    borders = [(a + b) / 2 for a, b in pairwise(middles)]
    half = pitch / 2
    left = max(0.0, middles[0] - half)
    right = min(float(columns), middles[-1] + half)
    edges = [left, *borders, right]
    return [
        (max(start, centre - REACH * pitch), min(end, centre + REACH * pitch))
        for start, centre, end in zip(edges, middles, edges[1:], strict=False)
    ]
