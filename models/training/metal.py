"""Photographs of bare steel that training lays its characters on: which of them, and how they become a strip.

The photographs lie in a folder outside the project, named `KIND_NUMBER.jpg`, 200 × 200 pixels, grey. They are
split by kind: some teach, the others are for judging (`benchmarks/on_metal.py`) and are never opened here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.training.surfaces import standard

Grey = npt.NDArray[np.float32]

TRAINING_KINDS = ("crazing", "patches", "pitted_surface", "scratches")
"""Kinds of steel that teach."""

JUDGED_KINDS = ("inclusion", "rolled-in_scale")
"""Kinds of steel that only a judge may see."""

KEPT_BACK = 7
"""One in so many photographs of the kinds that teach is kept for the learning curve."""

SEAM = 12
"""Columns in which two pieces of one photograph overlap and are cut along the path of least difference."""

LEAST, MOST = 1.0, 4.0
"""How far a photograph is enlarged. Enlarging loses the finest texture; fine noise takes its place."""


def photographs(folder: Path, kept_back: bool = False, kinds: tuple[str, ...] = TRAINING_KINDS) -> list[Path]:
    """The photographs of `kinds` in a fixed order: those that teach, or those `kept_back` for the learning
    curve. Raises ValueError for a kind that is not in TRAINING_KINDS, or where there is no photograph."""
    if not set(kinds) <= set(TRAINING_KINDS):
        raise ValueError(f"training may read {', '.join(TRAINING_KINDS)}, not {', '.join(kinds)}")
    paths = [path for kind in kinds for path in sorted(folder.glob(f"{kind}_*.jpg"))]
    chosen = [path for path in paths if _kept_back(path) == kept_back]
    if not chosen:
        raise ValueError(f"{folder}: no photograph named {kinds[0]}_NUMBER.jpg")
    return chosen


def _kept_back(path: Path) -> bool:
    digest = hashlib.md5(path.stem.encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % KEPT_BACK == 0


def opened(paths: list[Path]) -> list[npt.NDArray[np.uint8]]:
    """Grey pixels. About 1 ms a photograph."""
    pictures = []
    for path in paths:
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise ValueError(f"{path}: no photograph that OpenCV can read")
        pictures.append(np.asarray(picture, np.uint8))
    return pictures


def metal_strip(
    picture: npt.NDArray[np.uint8], high: int, wide: int, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """(high, wide) of mean 0 and standard deviation 1: a piece of the photograph, turned or mirrored,
    enlarged `LEAST` to `MOST` times, quilted to the width that is wanted."""
    enlarged = float(np.exp(rng.uniform(np.log(LEAST), np.log(MOST))))
    turned = np.rot90(picture, int(rng.integers(4)))
    if rng.random() < 0.5:
        turned = turned[:, ::-1]
    source = turned.astype(np.float32)
    if rng.random() < 0.3:
        source = _freely_turned(source, float(rng.uniform(-45, 45)))
    rows = min(int(np.ceil(high / enlarged)) + 1, source.shape[0])
    columns = int(np.ceil(wide / enlarged)) + 1
    piece = _quilted(source, rows, columns, rng)
    large = cv2.resize(piece, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_CUBIC)
    strip = standard(large[:high, :wide])
    fine = rng.standard_normal(strip.shape, dtype=np.float32)
    return standard(strip + np.float32(rng.uniform(0, 0.1 * enlarged)) * fine)


def _freely_turned(source: Grey, degrees: float) -> Grey:
    high, wide = source.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1.0)
    turned = cv2.warpAffine(source, matrix, (wide, high), borderMode=cv2.BORDER_REFLECT)
    # The square inside the circle holds nothing mirrored.
    edge = int(wide * (1 - 1 / np.sqrt(2)) / 2) + 1
    return turned[edge:-edge, edge:-edge]


def _quilted(source: Grey, rows: int, columns: int, rng: np.random.Generator) -> Grey:
    """(rows, columns) of pieces of the source, side by side along seams of least difference."""
    high, wide = source.shape
    made: Grey | None = None
    while made is None or made.shape[1] < columns:
        missing = columns if made is None else columns - made.shape[1] + SEAM
        width = min(wide, max(missing, 2 * SEAM))
        top, left = int(rng.integers(high - rows + 1)), int(rng.integers(wide - width + 1))
        piece = source[top : top + rows, left : left + width]
        made = piece if made is None else _joined(made, piece)
    return made[:, :columns]


def _joined(left: Grey, right: Grey) -> Grey:
    """Two pieces that overlap in SEAM columns (Efros and Freeman 2001, doi:10.1145/383259.383296)."""
    end, other = left[:, -SEAM:], right[:, :SEAM]
    cost = (end - other) ** 2
    for row in range(1, len(cost)):
        above = np.pad(cost[row - 1], 1, constant_values=np.inf)
        cost[row] += np.minimum(np.minimum(above[:-2], above[1:-1]), above[2:])
    seam = np.empty(len(cost), np.int64)
    seam[-1] = np.argmin(cost[-1])
    for row in range(len(cost) - 2, -1, -1):
        low = max(int(seam[row + 1]) - 1, 0)
        seam[row] = low + np.argmin(cost[row, low : low + 3])
    before = np.arange(SEAM) < seam[:, None]
    return np.concatenate([left[:, :-SEAM], np.where(before, end, other), right[:, SEAM:]], axis=1)
