"""Photographs registered by points that a person set: `alignment.csv` in a folder.

Columns `file,x,y,other,other_x,other_y`: the point (x, y) of photograph `file` shows the same spot of the
marking as (other_x, other_y) of photograph `other`; stored pixels before EXIF orientation, pixel centres at
whole numbers. Three rows of two files make an affine motion, four or more a homography by least squares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.errors import AlignmentError
from pipelines.photographs.folder_table import composed, read_rows
from pipelines.spreadsheet import text_of
from pipelines.strip import inverse, moved
from pipelines.types import Matrix

FILE_NAME = "alignment.csv"
COLUMNS = ("file", "x", "y", "other", "other_x", "other_y")

FEWEST = 3

FLATTEST = 0.02
"""Least over greatest extent of the points; below, they lie on a line or nearly so."""

T = TypeVar("T")
Point = tuple[float, float]
Pair = tuple[Point, Point]
"""The same spot in one photograph and in the other."""


def homography_by_points(pairs: Sequence[Pair], where: str = "points") -> Matrix:
    """The homography from the one photograph's pixels to the other's through these pairs.

    Raises AlignmentError naming `where` for less than three pairs, points that lie on one line, coincide or
    are no numbers, and for a motion that no camera makes: mirrored or folded over.
    """
    if len(pairs) < FEWEST:
        raise AlignmentError(f"{where}: {len(pairs)} points; three or more are needed, best far apart")
    points = np.array(pairs, np.float64)
    if not np.isfinite(points).all() or np.abs(points).max() > 1e6:
        raise AlignmentError(f"{where}: a point is not a place in a photograph: {pairs}")
    for spots in (points[:, 0], points[:, 1]):
        extent = np.linalg.svd(spots - spots.mean(axis=0), compute_uv=False)
        if extent[1] < FLATTEST * max(extent[0], 1e-9):
            raise AlignmentError(f"{where}: the points lie on one line or nearly so; set one well beside it")
    matrix = _affine(points) if len(pairs) == FEWEST else _homography(points)
    _check(matrix, points[:, 0], where)
    return matrix


def read_alignment(folder: Path) -> dict[tuple[str, str], Matrix]:
    """Homographies by (`composed` file name, other's name); empty where the folder has no alignment.csv.

    Raises AlignmentError naming file and row.
    """
    path = folder / FILE_NAME
    rows = read_rows(path, COLUMNS, "", AlignmentError)
    there = {composed(file.name) for file in folder.iterdir()} if rows else set()
    pairs: dict[tuple[str, str], list[Pair]] = {}
    for name, row in rows:
        other = composed(row.cells["other"])
        other = other if other in there else text_of(other)
        if other not in there or other == name:
            raise AlignmentError(f"{row.where}: other is {other!r}; expected another file of this folder")
        x, y, other_x, other_y = (
            row.number(column, "a number of pixels") for column in COLUMNS[1:] if column != "other"
        )
        pairs.setdefault((name, other), []).append(((x, y), (other_x, other_y)))
    return {
        key: homography_by_points(points, f"{path}, {key[0]} on {key[1]}") for key, points in pairs.items()
    }


def both_ways(by_hand: Mapping[tuple[T, T], Matrix]) -> dict[tuple[T, T], Matrix]:
    """With the way back of each motion, where none was given for it."""
    return {(j, i): inverse(matrix) for (i, j), matrix in by_hand.items()} | dict(by_hand)


def _affine(points: npt.NDArray[np.float64]) -> Matrix:
    affine = np.column_stack([points[:, 0], np.ones(FEWEST)])
    return np.vstack([np.linalg.solve(affine, points[:, 1]).T, [0, 0, 1]])


def _homography(points: npt.NDArray[np.float64]) -> Matrix:
    matrix, _ = cv2.findHomography(points[:, 0], points[:, 1], 0)
    return np.full((3, 3), np.nan) if matrix is None else np.asarray(matrix, np.float64)


def _check(matrix: Matrix, spots: npt.NDArray[np.float64], where: str) -> None:
    impossible = f"{where}: no camera moves so; a point is set at the wrong spot or two are swapped"
    if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-12:
        raise AlignmentError(impossible)
    middle, half = spots.mean(axis=0), max(float(np.ptp(spots, axis=0).max()) / 2, 1.0)
    square = middle + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    depths = np.column_stack([square, np.ones(4)]) @ matrix[2]
    if (depths <= 0).any() and (depths >= 0).any():
        raise AlignmentError(impossible)
    turned = moved(square, matrix)
    if cv2.contourArea(turned.astype(np.float32), oriented=True) <= 0:
        raise AlignmentError(impossible)
