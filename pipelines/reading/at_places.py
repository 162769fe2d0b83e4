"""What stands at places that a person marked: each place by itself, however the readers would divide the row.

Within a place the likelihood of one glyph, and of none, is the exact sum over all ways in which it may lie
along the place's columns (Graves et al. 2006, doi:10.1145/1143844.1143891).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import numpy as np
import numpy.typing as npt

from pipelines.reading.decode import String, log_likelihoods, text_of
from pipelines.reading.pooling import FLOOR, PooledLine, Slice

Floats = npt.NDArray[np.float64]

INNER = 0.84
"""Share of a place, about its middle, whose columns count: people draw borders a little beside the gap."""


def line_at_places(given: Sequence[Slice], places: Sequence[tuple[float, float]]) -> PooledLine:
    """A line with one position for each place, (start, end) fractions of the band in the order of reading.

    `string` holds the likeliest glyph of each position, also where no character is likelier. Raises
    ValueError without places or without slices that vote.
    """
    slices = [piece for piece in given if piece.votes]
    if not slices or not places:
        raise ValueError(f"{len(slices)} slices that vote and {len(places)} places; expected one or more")
    tables = [_table(piece, places) for piece in slices]
    table = _sum(tables, slices)
    photos = sorted({piece.photo for piece in given if piece.photo is not None})
    by_photo = {photo: _of_photo(given, places, photo) for photo in photos}
    outside = np.stack([[_outside(piece, place) for place in places] for piece in slices]).max(axis=0)
    return PooledLine(
        string=_likeliest(table),
        table=table,
        by_photo=by_photo,
        outside=outside,
        cells=tuple(places),
        by_reader={reader: _answer(slices, tables, reader) for reader in sorted({p.reader for p in slices})},
        centres=tuple((start + end) / 2 for start, end in places),
        weight=fsum(piece.weight for piece in slices),
    )


def _table(piece: Slice, places: Sequence[tuple[float, float]]) -> Floats:
    """(n, C) log-likelihood of each class at each place in one slice; class 0: no character.

    What a slice can say against a class is limited, so that a failed photograph vetoes nothing.
    """
    strings: list[String] = [(), *((glyph,) for glyph in range(1, piece.columns.shape[1]))]
    rows = [log_likelihoods(piece.columns[_inside(piece, place)], strings) for place in places]
    return np.stack([np.maximum(row, row.max() + FLOOR) for row in rows])


def _sum(tables: Sequence[Floats], slices: Sequence[Slice]) -> Floats:
    """The tables by their slices' weights, added exactly, so that their order changes nothing."""
    weighted = np.stack([table * piece.weight for table, piece in zip(tables, slices, strict=True)])
    flat = weighted.reshape(len(weighted), -1)
    return np.array([fsum(column) for column in flat.T]).reshape(weighted.shape[1:])


def _inside(piece: Slice, place: tuple[float, float]) -> npt.NDArray[np.int64]:
    """The numbers of the slice's columns in the inner part of a place: one at least."""
    along = piece.start + piece.centres.astype(np.float64) * (piece.end - piece.start)
    middle, half = (place[0] + place[1]) / 2, INNER * (place[1] - place[0]) / 2
    inside = np.flatnonzero(np.abs(along - middle) <= half)
    return inside if len(inside) else np.array([int(np.abs(along - middle).argmin())])


def _of_photo(given: Sequence[Slice], places: Sequence[tuple[float, float]], photo: int) -> Floats:
    pieces = [piece for piece in given if piece.photo == photo]
    return _sum([_table(piece, places) for piece in pieces], pieces)


def _outside(piece: Slice, place: tuple[float, float]) -> float:
    return float(piece.outside[_inside(piece, place)].max())


def _likeliest(table: Floats) -> String:
    return tuple(int(glyph) + 1 for glyph in table[:, 1:].argmax(axis=1))


def _answer(slices: Sequence[Slice], tables: Sequence[Floats], reader: str) -> str:
    """What one reader alone sees at the places, those left out where it sees nothing."""
    own = [(table, piece) for table, piece in zip(tables, slices, strict=True) if piece.reader == reader]
    table = _sum([table for table, _ in own], [piece for _, piece in own])
    return text_of(tuple(int(glyph) for glyph in table.argmax(axis=1) if glyph))
