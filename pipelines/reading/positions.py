"""Where the characters of a row stand, how many there are and which: a semi-Markov decoder over positions.

A row is a sequence of positions with centres on a grid along the band (Sarawagi and Cohen 2004, Semi-Markov
Conditional Random Fields). At a centre counts what speaks for a character and for each glyph, between two
centres what speaks for nothing; distances follow a pitch that is not known. Every way to place positions is
summed over by forward and backward sums, all pitches together: the number of positions, where they stand and
what stands there are exact marginals of one model. A position that nobody can read stays one, and the next
ones keep their place. Nothing here knows which glyphs usually follow one another.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_POSITIONS = 40
"""Longer rows are not proposed: no marking has them, a texture read as text may."""

NOWHERE = -1e9
"""Natural logarithm of what is impossible."""


@dataclass(frozen=True)
class Spacing:
    """What is expected of a row before it is seen. Lengths in heights of the band, logarithms natural.

     `pitches`: those tried; their median and the deviation of their logarithm. The distance of two neighbours
    over the pitch is 1 (deviation of its logarithm: `regular_spread`) or, with these chances, 2, where a
    place was left out (`spaced`), that of glyphs of several widths (`uneven`, with `uneven_spread`), or a gap
    between words of up to `longest_gap` pitches (`gap`); none is longer than `longest`. On either side of a
    centre the share `own` of the distance to its neighbour, or of the pitch where that is less, belongs to
    the character, `widest_own` at most. `inner`: see `row_at`. `fills`: chance that a row begins, and that it
    ends, where the band does: from `margin` pitches outside to `room` inside. `more`: what one more position
    counts; `nothing`: what no position at all counts. Rows in which positions lie closer all along than the
    share `closest` of the narrowest pitch are not summed over.

    Set on simulated plates in typefaces that no reader was trained on; none is a frequency of casework.
    """

    pitches: tuple[float, ...] = tuple(float(p) for p in np.geomspace(0.3, 1.6, 10))
    median: float = 0.7
    pitch_spread: float = 0.45
    regular_spread: float = 0.1
    spaced: float = 0.3
    uneven: float = 0.1
    uneven_spread: float = 0.3
    gap: float = 0.03
    longest_gap: float = 4.0
    longest: float = 4.0
    own: float = 0.38
    widest_own: float = 0.25
    inner: float = 0.2
    fills: float = 0.5
    margin: float = 0.2
    room: float = 1.1
    more: float = 0.5
    nothing: float = -2.0
    closest: float = 0.8


@dataclass(frozen=True, eq=False)
class Field:
    """Evidence on a grid along the band, all slices together, natural logarithms.

    `glyphs` (T, G): a character of each class is centred in this column; `between` (T,): nothing is centred
    in it. `step`: width of a column in heights of the band; `edges`: where the band begins and ends, in
    columns.
    """

    glyphs: Floats
    between: Floats
    step: float
    edges: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Lattice:
    """A field with every way to place positions in it; weights relative to an empty row, P pitches.

    `here` (T,): natural logarithm of a position at each column, all glyphs together. `steps` (P, T, D):
    weight of coming to a column from the one d + 1 columns before it; `first`, `last` (P, T): of a column's
    being the first or last position; `nothing`: of no position at all. `pitches` in columns. `most`:
    positions that are tried, as many as fit at the narrowest pitch.
    """

    field: Field
    here: Floats
    steps: Floats
    first: Floats
    last: Floats
    nothing: float
    pitches: Floats
    most: int


@dataclass(frozen=True, eq=False)
class PlacedRow:
    """The most probable row. `centres` (n,): column numbers of its positions, + ½; `cells` (n, 2): where the
    places end that belong to each. `marginals` (n, 1 + G): probability that nothing is centred in the cell
    (0), or a character of each class. `numbers` (MOST_POSITIONS + 1,): probability of each number of
    positions. `there` (T,): that a position is centred in each column. `pitch`: in columns.
    """

    centres: Floats
    cells: Floats
    marginals: Floats
    numbers: Floats
    there: Floats
    pitch: float


def lattice(field: Field, spacing: Spacing) -> Lattice:
    """All ways to place positions in a field. Cost and memory as P × T × D numbers, about 60,000."""
    count = len(field.between)
    pitches = np.asarray(spacing.pitches, np.float64) / field.step
    lags = np.arange(1, max(2, min(count, round(spacing.longest / field.step) + 1)))
    prior = -0.5 * (np.log(np.asarray(spacing.pitches) / spacing.median) / spacing.pitch_spread) ** 2
    prior -= np.logaddexp.reduce(prior)
    here = np.logaddexp.reduce(field.glyphs, axis=1) + spacing.more
    # Sums of what speaks for nothing, up to an edge between columns; the columns that belong to a character
    # do not count, which is written as what they would have said.
    edges = np.arange(count + 1.0)
    sums = np.concatenate([[0.0], np.cumsum(field.between)])
    centres = np.arange(count) + 0.5
    at = np.interp(centres, edges, sums)

    def before(reach: Floats) -> Floats:
        """(…, T) what the columns within `reach` before each centre say for nothing."""
        return at - np.interp(centres - reach[..., None], edges, sums)

    def behind(reach: Floats) -> Floats:
        return np.asarray(np.interp(centres + reach[..., None], edges, sums) - at)

    most = spacing.widest_own / field.step
    own = np.minimum(spacing.own * np.minimum(lags, pitches[:, None]), most)
    gained = np.moveaxis(before(own), -1, 1)
    left = np.moveaxis(behind(own), -1, 1)
    came = np.arange(count)[:, None] - lags
    inside = came >= 0
    left = np.take_along_axis(left, np.broadcast_to(np.maximum(came, 0), left.shape), axis=1)
    logs = distances(lags, pitches, spacing)[:, None, :] - gained - left
    steps = np.where(inside, np.exp(logs), 0.0)
    ends = np.minimum(spacing.own * pitches, most)
    begin, end = field.edges
    opening = _at_the_edge(centres - begin, pitches, spacing)
    closing = _at_the_edge(end - centres, pitches, spacing)
    first = np.exp(prior[:, None] - before(ends)) * opening
    last = np.exp(-behind(ends)) * closing * count
    most = min(MOST_POSITIONS, int(count / max(1.0, spacing.closest * float(pitches.min()))) + 1)
    return Lattice(field, here, steps, first, last, float(np.exp(spacing.nothing)), pitches, most)


def _at_the_edge(away: npt.NDArray[np.floating], pitches: Floats, spacing: Spacing) -> Floats:
    """(P, T) share of rows whose outermost position is each column, so far from the band's edge inwards."""
    near = (away >= -spacing.margin * pitches[:, None]) & (away <= spacing.room * pitches[:, None])
    shares = near / np.maximum(near.sum(axis=1, keepdims=True), 1)
    return np.asarray((1 - spacing.fills) / len(away) + spacing.fills * shares, np.float64)


def distances(lags: npt.NDArray[np.int64], pitches: Floats, spacing: Spacing) -> Floats:
    """(P, D) natural logarithm of the probability of each distance, in columns, given the pitch."""
    ratios = lags / pitches[:, None]
    logs = np.log(ratios)
    regular = _shares(-0.5 * (logs / np.maximum(spacing.regular_spread, 0.3 / pitches[:, None])) ** 2)
    wide = -0.5 * (logs / spacing.uneven_spread) ** 2
    uneven = _shares(np.where((ratios > 0.45) & (ratios < 1.7), wide, NOWHERE))
    gap = _shares(np.where((ratios > 1.4) & (ratios < spacing.longest_gap), -0.5 * ratios, NOWHERE))
    spread = np.maximum(spacing.regular_spread, 0.3 / pitches[:, None])
    spaced = _shares(-0.5 * ((logs - np.log(2)) / spread) ** 2)
    mixed = (
        (1 - spacing.uneven - spacing.gap - spacing.spaced) * regular
        + spacing.uneven * uneven
        + spacing.gap * gap
        + spacing.spaced * spaced
    )
    return np.asarray(np.log(np.maximum(mixed, 1e-300)))


def _shares(logs: Floats) -> Floats:
    parts = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(
        parts / parts.sum(axis=1, keepdims=True) * (logs.max(axis=1, keepdims=True) > NOWHERE / 2)
    )


def forward(given: Lattice, here: Sequence[Floats] | Floats, most: int) -> tuple[Floats, Floats]:
    """Weights (N, P, T) of the rows whose n-th and so far last position is each column, and the logarithm of
    the scale of each n (N,). `here`: (T,) for all positions or one such for each."""
    many = isinstance(here, np.ndarray) and here.ndim == 1
    kept, windows = _windows(given, behind=True)
    found, scales = [], []
    weights, scale = given.first, 0.0
    for number in range(most):
        own = np.asarray(here if many else here[number])
        if number:
            weights = np.einsum("ptd,ptd->pt", given.steps, windows)
        top = own.max()
        weights = weights * np.exp(own - top)
        most_weight = weights.max()
        if most_weight <= 0:
            break
        weights = weights / most_weight
        scale += float(top + np.log(most_weight))
        found.append(weights)
        scales.append(scale)
        kept[:] = weights
    shape = (0, *given.first.shape)
    return (np.stack(found) if found else np.zeros(shape)), np.array(scales)


def backward(given: Lattice, most: int) -> tuple[Floats, Floats]:
    """Weights (N, P, T) of all that may follow a position in each column, n more positions (from 0 on), and
    the logarithm of the scale of each n."""
    depth = given.steps.shape[2]
    count = len(given.here)
    top = given.here.max()
    own = np.exp(given.here - top)
    # Row t, lag d of what comes behind is row t + d + 1, lag d of what comes before.
    behind = np.arange(count)[:, None] + np.arange(1, depth + 1)
    inside = behind < count
    steps = given.steps[:, np.minimum(behind, count - 1), np.arange(depth)] * inside
    kept, windows = _windows(given, behind=False)
    found, scales = [given.last], [0.0]
    for _ in range(most - 1):
        kept[:] = found[-1] * own
        weights = np.einsum("ptd,ptd->pt", steps, windows)
        most_weight = weights.max()
        if most_weight <= 0:
            break
        found.append(weights / most_weight)
        scales.append(scales[-1] + float(top + np.log(most_weight)))
    return np.stack(found), np.array(scales)


def _windows(given: Lattice, behind: bool) -> tuple[Floats, Floats]:
    """A place (P, T) for weights and a view of it (P, T, D): the weight d + 1 columns before each column, or
    behind it; 0 outside."""
    shape = given.steps.shape
    depth = shape[2]
    padded = np.zeros((shape[0], depth + shape[1]))
    view = np.lib.stride_tricks.sliding_window_view(padded, depth, axis=1)
    if behind:
        return padded[:, depth:], view[:, :-1, ::-1]
    return padded[:, : shape[1]], view[:, 1:]


def row_of(given: Lattice) -> PlacedRow:
    """The most probable number of positions, one at least, the most probable places of so many, and what
    stands in each."""
    count = len(given.here)
    classes = given.field.glyphs.shape[1]
    there, numbers, by_pitch = _posteriors(given)
    number = 1 + int(numbers[1:].argmax())
    pitch = int(by_pitch[number - 1].argmax())
    places = best_places(given, number, pitch)
    centres = places + 0.5
    borders = (centres[1:] + centres[:-1]) / 2
    half = 0.6 * given.pitches[pitch]
    cells = np.stack([np.append(centres[0] - half, borders), np.append(borders, centres[-1] + half)], axis=1)
    cells = np.asarray(np.clip(cells, 0, count), np.float64)
    columns = np.arange(count) + 0.5
    inside = (columns >= cells[:, :1]) & (columns < cells[:, 1:])
    logs = given.field.glyphs - np.logaddexp.reduce(given.field.glyphs, axis=1)[:, None]
    marginals = np.zeros((number, classes + 1))
    marginals[:, 1:] = (inside * there) @ np.exp(logs)
    mass = np.minimum(marginals[:, 1:].sum(axis=1), 1.0)
    marginals[:, 1:] *= (mass / np.maximum(marginals[:, 1:].sum(axis=1), 1e-300))[:, None]
    marginals[:, 0] = 1 - mass
    return PlacedRow(
        np.asarray(centres, np.float64), cells, marginals, numbers, there, float(given.pitches[pitch])
    )


def row_at(field: Field, cells: Floats, spacing: Spacing) -> PlacedRow:
    """The row whose positions a person marked, each by itself: `cells` (n, 2) where they begin and end, in
    columns, first edge 0. What stands in a cell may be nothing; where in it, is summed over, the likelier the
    nearer to its middle (`inner` of its width is the deviation)."""
    columns = np.arange(len(field.between)) + 0.5
    edges = np.arange(len(field.between) + 1.0)
    sums = np.concatenate([[0.0], np.cumsum(field.between)])
    marginals = np.zeros((len(cells), 1 + field.glyphs.shape[1]))
    there = np.zeros(len(columns))
    for number, (start, end) in enumerate(cells):
        away = np.abs(columns - (start + end) / 2)
        inside = np.flatnonzero(away <= max((end - start) / 2, away.min()))
        prior = -0.5 * (away[inside] / (spacing.inner * max(end - start, 1.0))) ** 2
        reach = min(spacing.own * (end - start), spacing.widest_own / field.step)
        own = np.interp(columns[inside] + reach, edges, sums) - np.interp(
            columns[inside] - reach, edges, sums
        )
        logs = field.glyphs[inside] + (prior - np.logaddexp.reduce(prior) - own + spacing.more)[:, None]
        total = np.logaddexp.reduce(logs, axis=None)
        whole = np.logaddexp(0.0, total)
        marginals[number, 0] = np.exp(-whole)
        marginals[number, 1:] = np.exp(np.logaddexp.reduce(logs, axis=0) - whole)
        there[inside] = np.maximum(there[inside], np.exp(np.logaddexp.reduce(logs, axis=1) - whole))
    numbers = np.zeros(MOST_POSITIONS + 1)
    numbers[min(len(cells), MOST_POSITIONS)] = 1.0
    return PlacedRow(cells.mean(axis=1), cells, marginals, numbers, there, np.inf)


def _posteriors(given: Lattice) -> tuple[Floats, Floats, Floats]:
    """(T,) that a position is centred in each column; (MOST_POSITIONS + 1,) probabilities of the number of
    positions; (N, P) weights of each pitch at each number."""
    ahead, scales = forward(given, given.here, given.most)
    after, more = backward(given, given.most)
    by_pitch = (ahead * given.last).sum(axis=2)
    whole = np.full(MOST_POSITIONS + 1, -np.inf)
    whole[0] = np.log(given.nothing)
    with np.errstate(divide="ignore"):
        whole[1 : len(scales) + 1] = np.log(by_pitch.sum(axis=1)) + scales
    total = np.logaddexp.reduce(whole)
    top = scales.max(initial=0.0), more.max()
    so_far = np.einsum("npt,n->pt", ahead, np.exp(scales - top[0]))
    rest = np.einsum("npt,n->pt", after, np.exp(more - top[1]))
    with np.errstate(divide="ignore"):
        there = np.exp(np.log((so_far * rest).sum(axis=0)) + sum(top) - total)
    return np.minimum(there, 1.0), np.exp(whole - total), by_pitch


def best_places(given: Lattice, number: int, pitch: int) -> npt.NDArray[np.int64]:
    """(number,) columns of the most probable way to place so many positions at one of the pitches."""
    with np.errstate(divide="ignore"):
        steps, first, last = (np.log(part[pitch]) for part in (given.steps, given.first, given.last))
    depth = steps.shape[1]
    best = first + given.here
    came = []
    for _ in range(number - 1):
        padded = np.concatenate([np.full(depth, -np.inf), best])[:-1]
        reached = np.lib.stride_tricks.sliding_window_view(padded, depth)[:, ::-1] + steps
        came.append(reached.argmax(axis=1))
        best = reached.max(axis=1) + given.here
    place = int((best + last).argmax())
    places = [place]
    for lags in reversed(came):
        place -= int(lags[place]) + 1
        places.append(place)
    return np.array(places[::-1], np.int64)


def log_probability(given: Lattice, glyphs: Sequence[int], total: float) -> float:
    """Natural logarithm of the probability of a row of these glyphs (0 .. G − 1), all places summed over.

    `total`: see `log_total`. −inf where so many do not fit.
    """
    if not glyphs:
        return float(np.log(given.nothing)) - total
    more = given.here - np.logaddexp.reduce(given.field.glyphs, axis=1)
    own = [given.field.glyphs[:, glyph] + more for glyph in glyphs]
    weights, scales = forward(given, own, len(glyphs))
    if len(weights) < len(glyphs):
        return -np.inf
    with np.errstate(divide="ignore"):
        return float(np.log((weights[-1] * given.last).sum()) + scales[-1] - total)


def log_total(given: Lattice) -> float:
    """Natural logarithm of the weight of all rows together."""
    ahead, scales = forward(given, given.here, given.most)
    with np.errstate(divide="ignore"):
        rows = np.log((ahead * given.last).sum(axis=(1, 2))) + scales
    return float(np.logaddexp.reduce(np.append(rows, np.log(given.nothing))))


def likeliest(
    given: Lattice, count: int = 5, numbers: int = 3, tried: int = 30
) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest rows of glyphs (0 .. G − 1) with their joint probabilities, exact, best first.

    Candidates are the combinations of glyphs of most weight, `tried` of them in all, at the best places of
    each of the likeliest `numbers` of positions and pitches.
    """
    _, chances, by_pitch = _posteriors(given)
    total = log_total(given)
    logs = given.field.glyphs - np.logaddexp.reduce(given.field.glyphs, axis=1)[:, None]
    candidates: set[tuple[int, ...]] = set()
    for number in np.argsort(-chances, kind="stable")[:numbers].tolist():
        if not number:
            candidates.add(())
            continue
        if chances[number] <= 0:
            continue
        places = best_places(given, number, int(by_pitch[number - 1].argmax()))
        candidates.update(_combinations(logs[places], tried // numbers))
    found = [(row, float(np.exp(log_probability(given, row, total)))) for row in sorted(candidates)]
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))[:count]


def _combinations(logs: Floats, count: int) -> list[tuple[int, ...]]:
    """The `count` combinations of one class a row of most weight, from (n, G) logarithms."""
    order = np.argsort(-logs, axis=1, kind="stable")
    ranked = np.take_along_axis(logs, order, axis=1)
    start = (0,) * len(logs)
    heap, known = [(-float(ranked[:, 0].sum()), start)], {start}
    found: list[tuple[int, ...]] = []
    while heap and len(found) < count:
        weight, picks = heapq.heappop(heap)
        found.append(tuple(int(order[i, pick]) for i, pick in enumerate(picks)))
        for i, pick in enumerate(picks):
            other = (*picks[:i], pick + 1, *picks[i + 1 :])
            if pick + 1 < logs.shape[1] and other not in known:
                known.add(other)
                heapq.heappush(heap, (weight + float(ranked[i, pick] - ranked[i, pick + 1]), other))
    return found
