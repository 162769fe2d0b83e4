"""From columns of evidence to strings of characters: connectionist temporal classification, read both ways.

Evidence says at each column how probable each glyph class is and how probable "between characters" is. The
likelihood of a string is the sum over all ways to lay it along the columns (Graves et al. 2006,
doi:10.1145/1143844.1143891). Likelihoods of the same string in several pieces of evidence (photographs,
enhancements, readers) multiply, so evidence is pooled without an order and without aligning columns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS

Floats = npt.NDArray[np.float64]

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

    `classes`: how many glyph classes are tried at each column. About 2 ms for 40 columns.
    """
    # String, what ends between characters, what ends in its last glyph, both together.
    beams: list[tuple[String, float, float, float]] = [((), 0.0, -math.inf, 0.0)]
    best = np.argsort(-columns[:, 1:], axis=1, kind="stable")[:, :classes] + 1
    for column, order in zip(columns.tolist(), best.tolist(), strict=True):
        tried = [(glyph, column[glyph]) for glyph in order if column[glyph] > NEGLIGIBLE]
        between = column[0]
        stayed = {
            string: (total + between, ends_in_glyph + column[string[-1]] if string else -math.inf)
            for string, _, ends_in_glyph, total in beams
        }
        ranked = []
        for string, ends_between, _, total in beams:
            if len(string) >= MAX_CHARACTERS:
                continue
            last = string[-1] if string else 0
            for glyph, chance in tried:
                longer = (*string, glyph)
                here = (ends_between if glyph == last else total) + chance
                if longer in stayed:
                    before, inside = stayed[longer]
                    stayed[longer] = before, _log_add(inside, here)
                else:
                    ranked.append((-here, longer, -math.inf, here))
        for string, (ends_between, ends_in_glyph) in stayed.items():
            ranked.append((-_log_add(ends_between, ends_in_glyph), string, ends_between, ends_in_glyph))
        ranked.sort()
        beams = [(string, first, last, -worth) for worth, string, first, last in ranked[:width]]
    return [string for string, _, _, _ in beams]


def _log_add(one: float, other: float) -> float:
    """Logarithm of the sum of two numbers given by their logarithms; on plain floats 10 times as fast as
    numpy's."""
    high, low = (one, other) if one > other else (other, one)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def log_likelihoods(columns: Columns, strings: Sequence[String]) -> Floats:
    """(S,) natural logarithm of the probability of each string given one slice's columns; -inf where a string
    does not fit into them."""
    return log_likelihoods_in([columns], strings)[0]


def log_likelihoods_in(slices: Sequence[Columns], strings: Sequence[String]) -> Floats:
    """(K, S): the same of several slices. Cost about T × K × S × 2L multiplications, all at once."""
    longest = max((len(string) for string in strings), default=0)
    labels = np.zeros((len(strings), 2 * longest + 1), np.int64)
    for row, string in enumerate(strings):
        labels[row, 1 : 2 * len(string) : 2] = string
    # What lies behind the end of a shorter string is not reached: its last gap is followed by no glyph.
    possible = np.arange(labels.shape[1]) <= 2 * np.array([[len(string)] for string in strings], np.int64)
    chances = [np.where(possible, np.exp(columns.astype(np.float64))[:, labels], 0.0) for columns in slices]
    lattice = _Lattice.of(chances, np.broadcast_to(labels, (len(slices), *labels.shape)))
    rows = np.arange(len(strings))
    ends = 2 * np.array([len(string) for string in strings], np.int64)
    last = [len(columns) - 1 for columns in slices]
    found = np.stack([lattice.mass[t, k] for k, t in enumerate(last)])
    scale = np.stack([lattice.logs[t, k] for k, t in enumerate(last)])
    whole = found[:, rows, ends] + np.where(ends > 0, found[:, rows, np.maximum(ends - 1, 0)], 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(whole) + scale, np.float64)


@dataclass(frozen=True, eq=False)
class _Lattice:
    """Mass (T, K, S, 2L + 1) of all ways to be in each state (gap, glyph, gap, …) at each column, in K slices
    for S strings, and the logarithm (T, K, S) of what it is to be multiplied with: the greatest mass of a
    column is 1. Plain sums are many times as fast as sums of logarithms."""

    mass: Floats
    logs: Floats

    @classmethod
    def of(cls, chances: Sequence[Floats], labels: npt.NDArray[np.int64]) -> _Lattice:
        """`chances`: for each slice (T, S, 2L + 1) probability of the state's label; `labels` (K, S, 2L + 1).
        Slices of fewer columns are followed by columns in which nothing is possible."""
        count = max(len(part) for part in chances)
        shape = (count, *labels.shape)
        given = np.zeros(shape)
        for k, part in enumerate(chances):
            given[: len(part), k] = part
        # A glyph may follow the glyph before it directly only if it differs from it.
        skips = np.zeros(labels.shape)
        skips[..., 3::2] = labels[..., 3::2] != labels[..., 1:-2:2]
        # Two places before the first state, which stay empty.
        mass = np.zeros((count, *labels.shape[:2], labels.shape[2] + 2))
        logs = np.zeros((count, *labels.shape[:2]))
        tops = np.ones((count, *labels.shape[:2], 1))
        mass[0, ..., 2:4] = given[0, ..., :2]
        for t in range(count):
            here = mass[t, ..., 2:]
            if t:
                before = mass[t - 1]
                np.multiply(before[..., :-2], skips, out=here)
                here += before[..., 1:-1]
                here += before[..., 2:]
                here *= given[t]
            np.max(here, axis=-1, keepdims=True, out=tops[t])
            # Where nothing is possible any more, nothing is divided.
            here /= np.where(tops[t] > 0, tops[t], 1.0)
        np.cumsum(np.log(np.where(tops > 0, tops, 1.0))[..., 0], axis=0, out=logs)
        return cls(mass[..., 2:], logs)


def substitutions(columns: Columns, string: String) -> Floats:
    """(n, C) log-likelihoods of every string that differs from `string` at one position only.

    Row i, class c: the i-th character replaced by glyph class c; c = 0: left out. Where c is the character
    itself this is the likelihood of the string. Exact, by forward and backward sums.
    """
    return substitutions_in([columns], string)[0]


def substitutions_in(slices: Sequence[Columns], string: String) -> list[Floats]:
    """The same for several slices. About 3 ms for 8 slices of 60 columns."""
    places = range(len(string))
    both = _BothWays.of(slices, string)
    tables = _with_one_glyph(both, slices, string, [2 * i for i in places], [2 * i + 2 for i in places])
    for table, without in zip(tables, both.without_one(string), strict=True):
        table[:, 0] = without
    return tables


def insertions(columns: Columns, string: String) -> Floats:
    """(n + 1, C) log-likelihoods of every string that has one character more than `string`.

    Row i, class c: glyph class c before the i-th character, row n behind the last. Column 0 is the string as
    it is. Exact, by forward and backward sums; cost as of `substitutions`.
    """
    return insertions_in([columns], string)[0]


def insertions_in(slices: Sequence[Columns], string: String) -> list[Floats]:
    """The same for several slices."""
    gaps = [2 * i for i in range(len(string) + 1)]
    both = _BothWays.of(slices, string)
    tables = _with_one_glyph(both, slices, string, gaps, gaps)
    for table, own in zip(tables, both.as_it_is(), strict=True):
        table[:, 0] = own
    return tables


@dataclass(frozen=True, eq=False)
class _BothWays:
    """Of one string in K slices of T columns at most: the mass of all ways to be in each state at each column
    (`forward`, one row before the first column, in which nothing has begun yet), and of all ways to finish
    from there, its own column included (`backward`, one row behind the last), each (K, T + 1, 2n + 3): a
    state before the first gap and one behind the last, which stay empty. `before`, `behind` (K, T + 1):
    logarithms of what they are to be multiplied with. `counts`: columns of each slice."""

    forward: Floats
    backward: Floats
    before: Floats
    behind: Floats
    counts: tuple[int, ...]

    @classmethod
    def of(cls, slices: Sequence[Columns], string: String) -> _BothWays:
        labels = _lattice_labels(string)[0]
        chances = [np.exp(columns.astype(np.float64))[:, None, labels] for columns in slices]
        # From the end it is the same lattice, everything turned round.
        turned = [part[::-1, :, ::-1] for part in chances]
        each = np.broadcast_to(labels, (len(slices), 1, len(labels)))
        lattice = _Lattice.of([*chances, *turned], np.concatenate([each, each[..., ::-1]]))
        counts = tuple(len(columns) for columns in slices)
        width = max(counts) + 1
        forward, backward = (np.zeros((len(slices), width, len(labels) + 2)) for _ in range(2))
        before, behind = np.zeros((len(slices), width)), np.zeros((len(slices), width))
        for k, count in enumerate(counts):
            forward[k, 1 : count + 1, 1:-1] = lattice.mass[:count, k, 0]
            before[k, 1 : count + 1] = lattice.logs[:count, k, 0]
            backward[k, :count, 1:-1] = lattice.mass[:count, len(slices) + k, 0][::-1, ::-1]
            behind[k, :count] = lattice.logs[:count, len(slices) + k, 0][::-1]
        return cls(forward, backward, before, behind, counts)

    @property
    def scales(self) -> Floats:
        """(K, T + 1) logarithm of the scale of what is before times what is behind; of no columns -inf."""
        beyond = np.arange(self.before.shape[1]) > np.array(self.counts)[:, None]
        return np.where(beyond, -np.inf, self.before + self.behind)

    def as_it_is(self) -> Floats:
        """(K,) log-likelihood of the string."""
        return self._finished(self.forward.shape[2] - 2)

    def _finished(self, state: int) -> Floats:
        """(K,) that all ends in that state or the glyph before it."""
        ends = [(k, count) for k, count in enumerate(self.counts)]
        with np.errstate(divide="ignore"):
            return np.array(
                [
                    np.log(self.forward[k, t, state] + self.forward[k, t, state - 1]) + self.before[k, t]
                    for k, t in ends
                ]
            )

    def without_one(self, string: String) -> Floats:
        """(K, n) log-likelihood of the string without each of its characters: the gap before it is the gap
        behind it, so that the glyph behind it follows that gap or, if it differs, the glyph before it."""
        found = np.empty((len(self.counts), len(string)))
        for i in range(len(string)):
            if i == len(string) - 1:
                found[:, i] = self._finished(2 * i + 1)
                continue
            reached = self.forward[:, :, 2 * i + 1].copy()
            if i == 0:
                reached[:, 0] = 1.0
            elif string[i - 1] != string[i + 1]:
                reached += self.forward[:, :, 2 * i]
            found[:, i] = self.joined(reached[:, :, None], self.backward[:, :, 2 * i + 4][:, :, None])[:, 0]
        return found

    def joined(self, reached: Floats, leaving: Floats) -> Floats:
        """(K, …) logarithm of the sum over the columns of what was reached before a column (K, T + 1, …) and
        of what finishes from it on."""
        scales = self.scales
        top = scales.max(axis=1)
        shape = (*scales.shape, *[1] * (reached.ndim - 2))
        whole = np.sum(reached * leaving * np.exp(scales - top[:, None]).reshape(shape), axis=1)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(whole) + top.reshape(-1, *[1] * (whole.ndim - 1)))


def _with_one_glyph(
    both: _BothWays, slices: Sequence[Columns], string: String, before: Sequence[int], behind: Sequence[int]
) -> list[Floats]:
    """For each slice (rows, C) log-likelihood of the string with one glyph of each class instead of all
    between two gaps.

    Row i: between the gaps of state numbers `before[i]` and `behind[i]`, see `_lattice_labels`.
    """
    labels = np.concatenate([[-1], _lattice_labels(string)[0], [-1]])
    first, last = np.array(before, np.int64), np.array(behind, np.int64)
    classes = slices[0].shape[1]
    every = np.arange(classes)
    # Where a glyph stands beside the gap, its like may not follow it directly.
    after_other = (every != labels[first][:, None]).astype(np.float64)
    before_other = (every != labels[last + 2][:, None]).astype(np.float64)
    width = max(both.counts)
    chances = np.zeros((width, len(slices), 1, classes))
    for k, columns in enumerate(slices):
        chances[: len(columns), k, 0] = np.exp(columns.astype(np.float64))
    # What is inside the glyph at a column has the scale of what was before it.
    chances *= np.exp(both.before[:, :-1] - both.before[:, 1:]).T[:, :, None, None]
    gaps = both.forward[:, :, first + 1].copy()
    gaps[:, 0, first == 0] = 1.0
    glyphs = both.forward[:, :, first]
    inside = np.zeros((width + 1, len(slices), len(first), classes))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(width):
            here = inside[t + 1]
            np.multiply(glyphs[:, t, :, None], after_other, out=here)
            here += gaps[:, t, :, None]
            here += inside[t]
            here *= chances[t]
    ends = both.backward[:, :, last + 1].copy()
    for k, count in enumerate(both.counts):
        ends[k, count, last == 2 * len(string)] = 1.0
    follows = both.backward[:, :, last + 2]
    scales = both.scales
    top = scales.max(axis=1)
    shares = np.exp(scales - top[:, None])[:, :, None]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        whole = np.einsum("tkrc,ktr->krc", inside, ends * shares, optimize=False)
        whole += before_other * np.einsum("tkrc,ktr->krc", inside, follows * shares, optimize=False)
        tables = list(np.log(whole) + top[:, None, None])
    for k, columns in enumerate(slices):
        room = len(columns) > 2 * len(string)
        if not (np.isfinite(tables[k]).all() if room else (tables[k] < np.inf).all()):
            # Hundreds of columns that all speak against the string are beyond the range of plain sums.
            changed = [
                (*string[: a // 2], glyph, *string[b // 2 :])
                for a, b in zip(before, behind, strict=True)
                for glyph in range(1, classes)
            ]
            tables[k][:, 1:] = log_likelihoods(columns, changed).reshape(len(first), -1)
    return tables


def _lattice_labels(string: String) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """States gap, glyph, gap, … and whether a state may follow the one two before it directly."""
    labels = np.zeros(2 * len(string) + 1, np.int64)
    labels[1::2] = string
    skips = np.zeros(len(labels), bool)
    skips[3::2] = labels[3::2] != labels[1:-2:2]
    return labels, skips


def centres(columns: Columns, string: String) -> list[float]:
    """The column numbers of each character's centre in the single most probable way to lay the string along
    the columns. Raises ValueError when the string does not fit into the columns."""
    labels, skips = _lattice_labels(string)
    chances = columns.astype(np.float64)[:, labels]
    allowed = np.where(skips, 0.0, -np.inf)
    # Two places before the first state, which are never reached.
    padded = np.full(len(labels) + 2, -np.inf)
    score = padded[2:]
    score[:2] = chances[0, :2]
    choices = np.empty((3, len(labels)))
    came_from = np.zeros((len(columns), len(labels)), np.int64)
    for t in range(1, len(columns)):
        choices[0] = score
        choices[1] = padded[1:-1]
        np.add(padded[:-2], allowed, out=choices[2])
        np.argmax(choices, axis=0, out=came_from[t])
        np.max(choices, axis=0, out=score)
        score += chances[t]
    state = len(labels) - 1 if score[-1] >= score[-2:][0] else len(labels) - 2  # ends in a gap or a glyph
    if not np.isfinite(score[state]):
        raise ValueError(f"{len(string)} characters do not fit into {len(columns)} columns")
    path = np.zeros(len(columns), np.int64)
    for t in range(len(columns) - 1, -1, -1):
        path[t] = state
        state -= came_from[t, state]
    return [float(np.flatnonzero(path == 2 * i + 1).mean()) + 0.5 for i in range(len(string))]


def cells_round(middles: Sequence[float], columns: int, widest: float) -> list[tuple[float, float]]:
    """Where each character of a row lies round its centre, see `centres`, as column numbers from its first to
    behind its last column: borders half way between neighbours, the outer ones half a pitch out. `columns`:
    how many there are; `widest`: that a character takes at most."""
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
