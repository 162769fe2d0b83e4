"""Pictures on disk for training our locator: `python -m models.training.picture_shards FOLDER [--count N]`.

A shard holds the photographs of 100 plates in one .npz; its number fixes its bytes. Shards that are there
already are left.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from models.plates.pictures import Picture, pictures

PLATES = 100
"""Plates in a shard."""

FIRST_SEED = 3_000_000
"""Seeds of these plates start here; no others' are above."""


def make(folder: Path, number: int) -> Path:
    """Shard `number` in `folder`, made where it is not there."""
    path = folder / f"{number:05d}.npz"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        first = FIRST_SEED + number * PLATES
        made = [picture for seed in range(first, first + PLATES) for picture in pictures(seed)]
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            pixels=np.stack([picture.pixels for picture in made]),
            counts=np.array([len(picture.rows) for picture in made]),
            rows=np.concatenate([picture.rows for picture in made]),
            seen=np.concatenate([picture.seen for picture in made]),
        )
        partial.replace(path)
    return path


def read(path: Path) -> list[Picture]:
    """The pictures of a shard. Raises ValueError for a file that is none."""
    with np.load(path, allow_pickle=False) as held:
        pixels, rows, seen = held["pixels"], held["rows"], held["seen"]
        borders = np.cumsum(held["counts"])[:-1]
    return [
        Picture(*parts)
        for parts in zip(pixels, np.split(rows, borders), np.split(seen, borders), strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument(
        "--step", type=int, default=1, help="make every STEP-th, so that processes share the work"
    )
    parser.add_argument("--count", type=int, default=40)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    for number in range(given.first, given.first + given.count * given.step, given.step):
        started = time.monotonic()
        made = make(given.folder, number)
        sys.stdout.write(f"{made}: {time.monotonic() - started:.1f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
