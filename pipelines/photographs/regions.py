"""`regions.csv`: where in each photograph of a folder the marking lies, written by a person.

Columns `file,x0,y0,x1,y1,rotate_cw`; stored pixels before EXIF orientation; `rotate_cw` may be empty. A
file may have several rows: several marked regions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import RegionError
from pipelines.photographs.folder_table import read_rows
from pipelines.types import Region

FILE_NAME = "regions.csv"
COLUMNS = ("file", "x0", "y0", "x1", "y1")


@dataclass(frozen=True)
class MarkedRegion:
    """A region in stored pixels and the degrees clockwise that turn it upright, None where it is to be
    found."""

    region: Region
    rotate_cw: float | None


def read_regions(folder: Path) -> dict[str, tuple[MarkedRegion, ...]]:
    """Regions by `composed` file name; empty where the folder has no regions.csv. Raises RegionError naming
    file and row, for a row that names no file of the folder as well: its region would be lost unseen."""
    regions: dict[str, tuple[MarkedRegion, ...]] = {}
    for where, name, row in read_rows(folder / FILE_NAME, COLUMNS, ",rotate_cw", RegionError):
        marked = MarkedRegion(
            parse_region([row[column] for column in COLUMNS[1:]], where),
            _rotation(row.get("rotate_cw"), where),
        )
        regions[name] = (*regions.get(name, ()), marked)
    return regions


def parse_region(texts: list[str], where: str) -> Region:
    """Four numbers X0, Y0, X1, Y1 with X0 < X1 and Y0 < Y1. Raises RegionError naming `where`."""
    try:
        x0, y0, x1, y1 = (float(text) for text in texts)
    except ValueError as error:
        raise RegionError(f"{where}: expected four numbers X0,Y0,X1,Y1, got {','.join(texts)!r}") from error
    if not (all(math.isfinite(value) for value in (x0, y0, x1, y1)) and x0 < x1 and y0 < y1):
        raise RegionError(f"{where}: expected X0 < X1 and Y0 < Y1, got {x0:g},{y0:g},{x1:g},{y1:g}")
    return x0, y0, x1, y1


def _rotation(text: str | None, where: str) -> float | None:
    if text is None or not text.strip():
        return None
    try:
        rotation = float(text)
    except ValueError:
        rotation = math.nan
    if not math.isfinite(rotation):
        raise RegionError(f"{where}: rotate_cw is a number of degrees clockwise or empty, got {text!r}")
    return rotation
