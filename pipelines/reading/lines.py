"""A line read position by position: what our own reader sees says where characters stand, and all readers say
which.

The slices' columns lie on grids of their own; here they come to one grid along the band and are weighed
together (`pipelines/reading/positions.py` says how rows are placed in it). Sums over slices are taken in an
order of their own, so that the order of photographs changes no bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.reading.decode import String, text_of
from pipelines.reading.pooling import PooledLine, Slice, own_answers
from pipelines.reading.positions import Field, Floats, PlacedRow, Spacing, lattice, row_at, row_of

FOUND = Spacing(fills=0.0, more=0.0)
"""Of rows in bands that were searched for: these end before or behind the row."""

MARKED = Spacing(fills=0.0, more=0.5)
"""Of rows in regions that a person marked: a row is there, its ends may lie anywhere."""

DRAWN = Spacing(fills=0.8, more=0.5)
"""Of rows in bands that a person drew."""

GRID = 0.1
"""Heights of the band: width of a column of the grid; it is wider where a band has more than MOST_COLUMNS."""

MOST_COLUMNS = 480

BEYOND = 0.5
"""Heights beyond either end of the band in which characters are looked for, as far as strips reach."""

BLURRED = 0.15
"""Heights by which slices may differ on where a character's centre lies; a column of their own at least."""

WITNESSES = 0.7
"""Weight of readers of single photographs, where they see a character and our own reader sees none."""

SHARE = 0.2
"""Their weight beside our own in what says which glyph it is, where both see one."""

OF_SIGNS = 0.95
"""Weight of readers of single photographs where they see a sign that no glyph class covers."""

HEEDED = 0.5
"""Probability of such a sign from which it is one: of what is hardly seen they say all kinds of signs."""

LEAST = 1e-5
"""Probability of a glyph at a place below which no slice can speak against it."""

SECOND = 0.1
"""Weight of their mean over the whole of a position's place. Fitted on simulated plates that no reader was
trained on it was between 0 and 0.2, whatever the readers' entropies and the number of photographs."""

DOUBTED = 1e-4
"""The same for a reader of single photographs at one position."""

WIDEST = 0.6
"""Pitches from its centre at which a position's box ends where no neighbour's begins."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Columns along a band: `places` (T,) of their centres as fractions of the band; `length` of the band in
    its heights; `step`: width of a column in heights of the band."""

    places: Floats
    length: float
    step: float


def sees_all(slices: Sequence[Slice]) -> bool:
    """Whether a reader of all photographs at once is among those that vote."""
    return any(piece.votes and piece.photo is None for piece in slices)


def read_line(given: Sequence[Slice], spacing: Spacing = FOUND) -> PooledLine:
    """The line that these slices show together, at least one position long.

    Where characters stand is said by readers of all photographs at once and, where these see none, by those
    of single ones. Raises ValueError without a reader of all photographs. About 15 ms for 80 columns, and a
    third of a millisecond for each slice.
    """
    return _line(given, lambda field, _: row_of(lattice(field, spacing)))


def read_at_places(given: Sequence[Slice], places: Sequence[tuple[float, float]]) -> PooledLine:
    """What these slices show at places that a person marked, (start, end) fractions of the band in the order
    of reading, each by itself. `string` holds the likeliest glyph also where no character is likelier. Raises
    ValueError as `read_line`. Cost: a third of a millisecond for each slice."""

    def marked(field: Field, grid: Grid) -> PlacedRow:
        apart = grid.places[1] - grid.places[0]
        return row_at(field, (np.asarray(places, np.float64) - grid.places[0]) / apart + 0.5, DRAWN)

    return _line(given, marked)


def _line(given: Sequence[Slice], placed: Callable[[Field, Grid], PlacedRow]) -> PooledLine:
    """The line of the row that `placed` finds in what the slices see."""
    slices = [piece for piece in given if piece.votes]
    together = [piece for piece in slices if piece.photo is None]
    others = [piece for piece in slices if piece.photo is not None]
    if not together:
        raise ValueError("no reader of all photographs at once is among the slices")
    grid = grid_of(together)
    own = field_of(together, grid)
    columnar = [piece for piece in others if np.all(np.diff(piece.centres) > 0)]
    seen = own
    if columnar:
        seen = _with_signs(_with_witnesses(own, field_of(columnar, grid)), _signs_on(columnar, grid))
    row = placed(seen, grid)
    table = np.log(np.maximum(row.marginals, LEAST))
    cells = _on_the_band(row.cells, grid)
    if others:
        table = table + SECOND * _normal(_mean([_in_cells(piece, cells) for piece in others], others))
    string: String = tuple(int(glyph) + 1 for glyph in table[:, 1:].argmax(axis=1))
    by_photo = {
        photo: _of_photo([piece for piece in given if piece.photo == photo], grid, row, cells)
        for photo in sorted({piece.photo for piece in given if piece.photo is not None})
    }
    by_reader = own_answers(others, [piece.beams for piece in others])
    by_reader |= {together[0].reader: _certain(row)}
    outside, small = np.zeros(len(string)), np.zeros(len(string))
    if others:
        outside = _mean([_most_in(piece, piece.outside, cells) for piece in others], others)
        small = _mean([_most_in(piece, piece.small, cells) for piece in others], others)
    places = _on_the_band(row.centres, grid)
    boxes = _boxes(places, cells, row.pitch * grid.step / grid.length)
    return PooledLine(string, table, by_photo, outside, boxes, by_reader, tuple(places.tolist()), small=small)


def grid_of(slices: Sequence[Slice]) -> Grid:
    """One grid over the part of the band and its surroundings that all slices see."""
    piece = slices[0]
    length = len(piece.columns) / piece.height * piece.tall / (piece.end - piece.start)
    start = max(-BEYOND / length, *(piece.start for piece in slices), -np.inf)
    end = min(1 + BEYOND / length, *(piece.end for piece in slices), np.inf)
    count = int(np.clip(round((end - start) * length / GRID), 4, MOST_COLUMNS))
    places = start + (np.arange(count) + 0.5) / count * (end - start)
    return Grid(places, length, (end - start) * length / count)


def field_of(slices: Sequence[Slice], grid: Grid) -> Field:
    """What the slices see on the grid, as the weighted mean over those that see each column."""
    parts = [_on_grid(piece, grid) for piece in slices]
    weights = np.array([piece.weight for piece in slices])[:, None] * np.stack([seen for _, _, seen in parts])
    # Where nobody looked, all say the same of everything.
    weights = np.maximum(weights, 1e-12)
    total = _sum(weights)
    glyphs = _sum(np.stack([part for part, _, _ in parts]) * weights[:, :, None]) / total[:, None]
    between = _sum(np.stack([part for _, part, _ in parts]) * weights) / total
    apart = grid.places[1] - grid.places[0]
    edges = tuple(float((edge - grid.places[0]) / apart + 0.5) for edge in (0.0, 1.0))
    return Field(glyphs, between, grid.step, (edges[0], edges[1]))


def _on_grid(piece: Slice, grid: Grid) -> tuple[Floats, Floats, Floats]:
    """(T, G) glyphs, (T,) between, as `Field` has them, and (T,) whether the slice sees the column."""
    places = piece.start + piece.centres.astype(np.float64) * (piece.end - piece.start)
    native = (piece.end - piece.start) * grid.length / len(places)
    reach = max(BLURRED, native)
    nearest = np.searchsorted(places, grid.places)
    around = np.arange(-int(reach / native) - 1, int(reach / native) + 2)
    index = nearest[:, None] + around
    inside = (index >= 0) & (index < len(places))
    index = np.clip(index, 0, len(places) - 1)
    away = np.abs(places[index] - grid.places[:, None]) * grid.length
    shares = np.where(inside, np.clip(1 - away / reach, 0, 1), 0.0)
    chances = np.exp(piece.columns.astype(np.float64))
    near = np.einsum("to,toc->tc", shares, chances[:, 1:][index])
    between = np.interp(grid.places, places, piece.columns[:, 0].astype(np.float64))
    seen = (grid.places >= piece.start) & (grid.places <= piece.end)
    glyphs = np.log(np.minimum(near, 1 - LEAST) + LEAST)
    return glyphs, between * grid.step / native, seen.astype(np.float64)


def _with_witnesses(own: Field, other: Field) -> Field:
    """What our own reader sees, and what the others see beside it: they add characters and take none."""
    glyphs = np.logaddexp(own.glyphs, np.log(SHARE) + other.glyphs)
    here = np.logaddexp.reduce(other.glyphs, axis=1) + np.log(WITNESSES)
    more = np.maximum(0.0, here - np.logaddexp.reduce(glyphs, axis=1))
    between = np.logaddexp(np.log1p(-WITNESSES) + own.between, np.log(WITNESSES) + other.between)
    return Field(glyphs + more[:, None], np.minimum(own.between, between), own.step, own.edges)


def _signs_on(slices: Sequence[Slice], grid: Grid) -> Floats:
    """(T,) probability of a sign outside the glyph classes near each column of the grid, the mean over the
    slices that see it; 0 below HEEDED."""
    parts = []
    for piece in slices:
        places = piece.start + piece.centres.astype(np.float64) * (piece.end - piece.start)
        near = np.abs(places[None, :] - grid.places[:, None]) * grid.length <= BLURRED
        parts.append(np.max(np.where(near, piece.outside.astype(np.float64)[None, :], 0.0), axis=1))
    signs = np.clip(_mean(parts, slices), 0.0, 1.0)
    return np.where(signs >= HEEDED, signs, 0.0)


def _with_signs(seen: Field, signs: Floats) -> Field:
    """The field with room for a position wherever a sign stands that no class covers: a character is there,
    whichever."""
    with np.errstate(divide="ignore"):
        here = np.log(OF_SIGNS * signs)
    more = np.maximum(0.0, here - np.logaddexp.reduce(seen.glyphs, axis=1))
    between = seen.between + np.log1p(-OF_SIGNS * signs)
    return Field(seen.glyphs + more[:, None], between, seen.step, seen.edges)


def _sum(values: Floats) -> Floats:
    """The sum over the first axis, in the order of the values: that in which they come changes no bit."""
    return np.asarray(np.sort(values, axis=0).sum(axis=0), np.float64)


def _mean(parts: Sequence[Floats], slices: Sequence[Slice]) -> Floats:
    weights = np.array([piece.weight for piece in slices])
    stacked = np.stack(parts)
    return _sum(stacked * weights.reshape(-1, *[1] * (stacked.ndim - 1))) / _sum(weights)


def _normal(logs: Floats) -> Floats:
    return np.asarray(logs - np.logaddexp.reduce(logs, axis=1)[:, None], np.float64)


def _in_cells(piece: Slice, cells: Floats) -> Floats:
    """(n, C) natural logarithm of the probability of each class at each position, as one slice sees it: of a
    glyph in the column of the cell that is surest of it, of none that every column there says so."""
    chances = np.exp(piece.columns.astype(np.float64))
    found = np.empty((len(cells), chances.shape[1]))
    for i, inside in enumerate(_columns_in(piece, cells)):
        found[i] = chances[inside].max(axis=0)
        found[i, 0] = np.prod(chances[inside, 0])
    found = np.maximum(found, DOUBTED)
    return np.asarray(np.log(found / found.sum(axis=1, keepdims=True)), np.float64)


def _most_in(piece: Slice, seen: npt.NDArray[np.float32] | None, cells: Floats) -> Floats:
    """(n,) the greatest value of a slice's columns in each cell; 0 where the reader does not say."""
    if seen is None:
        return np.zeros(len(cells))
    return np.array([seen[inside].max() for inside in _columns_in(piece, cells)], np.float64)


def _columns_in(piece: Slice, cells: Floats) -> list[npt.NDArray[np.bool_]]:
    """The slice's columns in each cell; the nearest one where there is none."""
    places = piece.start + piece.centres.astype(np.float64) * (piece.end - piece.start)
    inside = [(places >= start) & (places < end) for start, end in cells]
    nearest = [np.abs(places - (start + end) / 2) for start, end in cells]
    return [one if one.any() else far == far.min() for one, far in zip(inside, nearest, strict=True)]


def _of_photo(slices: Sequence[Slice], grid: Grid, row: PlacedRow, cells: Floats) -> Floats:
    """(n, C) what one photograph says of each class at the line's positions, natural logarithms."""
    silent = [piece for piece in slices if not piece.votes]
    voting = [piece for piece in slices if piece.votes]
    table = np.zeros((len(cells), slices[0].columns.shape[1]))
    if silent:
        seen = field_of(silent, grid)
        for i, (start, end) in enumerate(row.cells):
            columns = slice(int(np.ceil(start - 0.5)), int(np.ceil(end - 0.5)))
            here = row.there[columns] / max(float(row.there[columns].sum()), 1e-300)
            table[i, 1:] = here @ np.exp(seen.glyphs[columns])
            table[i, 0] = here @ np.exp(seen.between[columns])
        table = _normal(np.log(np.maximum(table, LEAST)))
    if voting:
        table = table + SECOND * _normal(_mean([_in_cells(piece, cells) for piece in voting], voting))
    return table


def _on_the_band(columns: Floats, grid: Grid) -> Floats:
    """Column numbers of the grid (its first edge 0) as fractions of the band."""
    apart = grid.places[1] - grid.places[0]
    return np.asarray(grid.places[0] + (columns - 0.5) * apart, np.float64)


def _boxes(places: Floats, cells: Floats, pitch: float) -> tuple[tuple[float, float], ...]:
    return tuple(
        (float(max(start, place - WIDEST * pitch)), float(min(end, place + WIDEST * pitch)))
        for place, (start, end) in zip(places, cells, strict=True)
    )


def _certain(row: PlacedRow) -> str:
    """What our own reader alone takes for characters rather than for none."""
    best = row.marginals.argmax(axis=1)
    return text_of(tuple(int(glyph) for glyph in best if glyph))
