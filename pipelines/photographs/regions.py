"""`regions.csv`: where in each photograph of a folder the marking lies, written by a person.

All in stored pixels, before EXIF orientation. A row says either a region (`x0,y0,x1,y1`, with `rotate_cw`
or without) or a band: `band` holds X0 Y0 X1 Y1 HEIGHT, the ends of the row's middle line from its first
character to its last, and the row's height. With a band, `centres` or `edges` may say where its positions
lie: distances from the middle line's first end. `mirrored` says yes or no, where it is known whether the
photograph shows the marking as in a mirror; a row may hold no more than that and `rotate_cw`. Numbers in a
cell have spaces between. A file may have several rows: several marked places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from pipelines.errors import RegionError
from pipelines.photographs.folder_table import read_rows
from pipelines.tables import TableRow
from pipelines.types import DrawnBand, Mark, Region, as_quad

FILE_NAME = "regions.csv"
CORNERS = ("x0", "y0", "x1", "y1")
MIRRORED_WORDS = {"yes": True, "no": False, "auto": None, "": None}
MOST_POSITIONS = 60
"""Positions of one band at most."""


def read_regions(folder: Path) -> dict[str, tuple[Mark, ...]]:
    """What is marked, by `composed` file name; empty where the folder has no regions.csv.

    Raises RegionError naming file and row, for a row that names no file of the folder as well: its region
    would be lost unseen.
    """
    marks: dict[str, tuple[Mark, ...]] = {}
    optional = f",{','.join(CORNERS)},rotate_cw or file,band or file,mirrored"
    for name, row in read_rows(folder / FILE_NAME, ("file",), optional, RegionError):
        marks[name] = (*marks.get(name, ()), _mark(row))
    return marks


def _mark(row: TableRow) -> Mark:
    where = row.where
    corners = [row.cells.get(column, "") for column in CORNERS]
    band, centres, edges = (row.cells.get(column, "").split() for column in ("band", "centres", "edges"))
    if band and any(corners):
        raise RegionError(f"{where}: a region and a band; expected one of the two")
    mirrored = parse_mirrored(row.cells.get("mirrored"), where)
    if band:
        numbers = row.numbers(band, "band", "five numbers X0 Y0 X1 Y1 HEIGHT with spaces between")
        what = "numbers with spaces between"
        middles, borders = row.numbers(centres, "centres", what), row.numbers(edges, "edges", what)
        return Mark(band=_band(numbers, middles, borders, where), mirrored=mirrored)
    if centres or edges:
        raise RegionError(f"{where}: centres or edges without a band; expected band as well")
    rotate_cw = (
        row.number("rotate_cw", "degrees clockwise, or nothing") if row.cells.get("rotate_cw") else None
    )
    if mirrored is not None and not any(corners):
        return Mark(None, rotate_cw, mirrored=mirrored)
    missing = [column for column, text in zip(CORNERS, corners, strict=True) if not text]
    if missing:
        raise RegionError(f"{where}: no {', '.join(missing)}; expected {','.join(CORNERS)} or band")
    region = _region([row.number(column, "a number of pixels") for column in CORNERS], where)
    return Mark(region, rotate_cw, mirrored=mirrored)


def parse_mirrored(text: str | None, where: str) -> bool | None:
    """Whether a marking is seen in a mirror: yes, no, or not known (auto or empty). Raises RegionError."""
    said = (text or "").strip().lower()
    if said not in MIRRORED_WORDS:
        raise RegionError(f"{where}: mirrored is yes, no or auto, got {text!r}")
    return MIRRORED_WORDS[said]


def parse_band(band: Sequence[str], centres: Sequence[str], edges: Sequence[str], where: str) -> DrawnBand:
    """A band of five numbers X0, Y0, X1, Y1, HEIGHT: ends of its middle line in the order of reading, stored
    pixels. `centres` or `edges` (not both): distances along it, pixels, growing. Raises RegionError naming
    `where`."""
    return _band(
        _numbers(band, f"{where}: band"),
        _numbers(centres, f"{where}: centres"),
        _numbers(edges, f"{where}: edges"),
        where,
    )


def _band(values: Sequence[float], centres: Sequence[float], edges: Sequence[float], where: str) -> DrawnBand:
    if len(values) != 5:
        got = " ".join(f"{value:g}" for value in values)
        raise RegionError(f"{where}: expected five numbers X0 Y0 X1 Y1 HEIGHT, got {got!r}")
    x0, y0, x1, y1, height = values
    length = math.hypot(x1 - x0, y1 - y0)
    if length < 1 or height < 1:
        raise RegionError(
            f"{where}: expected a band of a pixel or more, got {length:g} long and {height:g} high"
        )
    across, down = (y0 - y1) / length * height / 2, (x1 - x0) / length * height / 2
    quad = as_quad(
        [
            (x0 - across, y0 - down),
            (x1 - across, y1 - down),
            (x1 + across, y1 + down),
            (x0 + across, y0 + down),
        ]
    )
    return DrawnBand(quad, _places(centres, edges, length, where))


def _places(
    centres: Sequence[float], edges: Sequence[float], length: float, where: str
) -> tuple[tuple[float, float], ...]:
    if centres and edges:
        raise RegionError(f"{where}: centres and edges; expected one of the two")
    if not centres and not edges:
        return ()
    name = "edges" if edges else "centres"
    along = edges or centres
    if any(b <= a for a, b in pairwise(along)) or along[0] < 0 or along[-1] > length:
        raise RegionError(
            f"{where}: {name} are distances along the band that grow, from 0 to its length of {length:.1f} "
            f"pixels; got {' '.join(f'{value:g}' for value in along)}"
        )
    if edges and len(along) < 2:
        raise RegionError(f"{where}: one edge alone; expected two or more")
    borders = along if edges else _borders(along, length)
    if len(borders) - 1 > MOST_POSITIONS:
        raise RegionError(f"{where}: {len(borders) - 1} positions; expected {MOST_POSITIONS} at most")
    return tuple((a / length, b / length) for a, b in pairwise(borders))


def _borders(centres: Sequence[float], length: float) -> list[float]:
    """Half way between neighbours; the outer ones as far from their centre as the inner, within the band."""
    if len(centres) == 1:
        return [0.0, length]
    between = [(a + b) / 2 for a, b in pairwise(centres)]
    first, last = 2 * centres[0] - between[0], 2 * centres[-1] - between[-1]
    return [max(0.0, first), *between, min(length, last)]


def _numbers(texts: Sequence[str], where: str) -> list[float]:
    try:
        values = [float(text) for text in texts]
    except ValueError:
        values = [math.nan]
    if not all(math.isfinite(value) for value in values):
        raise RegionError(f"{where}: expected numbers, got {' '.join(texts)!r}")
    return values


def parse_region(texts: list[str], where: str) -> Region:
    """Four numbers X0, Y0, X1, Y1 with X0 < X1 and Y0 < Y1. Raises RegionError naming `where`."""
    try:
        values = [float(text) for text in texts]
    except ValueError:
        values = []
    if len(values) != len(CORNERS):
        raise RegionError(f"{where}: expected four numbers X0,Y0,X1,Y1, got {','.join(texts)!r}")
    return _region(values, where)


def _region(values: Sequence[float], where: str) -> Region:
    x0, y0, x1, y1 = values
    if not (all(math.isfinite(value) for value in (x0, y0, x1, y1)) and x0 < x1 and y0 < y1):
        raise RegionError(f"{where}: expected X0 < X1 and Y0 < Y1, got {x0:g},{y0:g},{x1:g},{y1:g}")
    return x0, y0, x1, y1
