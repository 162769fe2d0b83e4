"""Training samples on disk: strip series for our reader, pictures of plates for our locator.

    python -m models.training.shards FOLDER [--first N] [--step N] [--count N] [--pictures]

A shard holds 200 strip series, or with --pictures the photographs of 100 plates, in one .npz; its number
fixes its bytes. Shards that are there already are left.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from models.plates.pictures import Picture, pictures
from models.plates.strips import HEIGHT, StripSeries, strip_series

SERIES = 200
"""Series in a shard."""

FIRST_SEED = 1_000_000
"""Seeds of training plates start here: below are the samples, the tests and the held-out plates."""

PLATES = 100
"""Plates in a shard of pictures."""

FIRST_PICTURE_SEED = 3_000_000
"""Seeds of these plates start here; no others' are above."""


def write(path: Path, series: Sequence[StripSeries]) -> None:
    joined = {
        name: np.concatenate([getattr(entry, name) for entry in series])
        for name in ("classes", "middles", "widths", "visibility", "counted")
    }
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(
        partial,
        pixels=np.concatenate([entry.pixels.ravel() for entry in series]),
        shapes=np.array([entry.pixels.shape for entry in series]),
        characters=np.array([len(entry.classes) for entry in series]),
        tiers=np.array([entry.tier for entry in series]),
        methods=np.array([entry.method for entry in series]),
        orientations=np.array([entry.orientation for entry in series]),
        **joined,  # type: ignore[arg-type]
    )
    partial.replace(path)


def read(path: Path) -> list[StripSeries]:
    """The series of a shard. Raises ValueError for a file that is none."""
    with np.load(path, allow_pickle=False) as held:
        kept = {name: held[name] for name in held.files}
    ends = np.cumsum([np.prod(shape) for shape in kept["shapes"]])[:-1]
    pixels = [
        part.reshape(shape)
        for part, shape in zip(np.split(kept["pixels"], ends), kept["shapes"], strict=True)
    ]
    borders = np.cumsum(kept["characters"])[:-1]
    split = {
        name: np.split(kept[name], borders)
        for name in ("classes", "middles", "widths", "visibility", "counted")
    }
    if any(entry.shape[1] != HEIGHT for entry in pixels):
        raise ValueError(f"{path}: strips of another height than {HEIGHT}; remove the file to make it again")
    return [
        StripSeries(
            tier=str(kept["tiers"][i]),  # type: ignore[arg-type]
            method=str(kept["methods"][i]),  # type: ignore[arg-type]
            pixels=pixels[i],
            # Shards of earlier versions hold upright rows only.
            orientation=str(kept["orientations"][i]) if "orientations" in kept else "upright",  # type: ignore[arg-type]
            **{name: values[i] for name, values in split.items()},
        )
        for i in range(len(pixels))
    ]


def make(folder: Path, number: int) -> Path:
    """Shard `number` in `folder`, made where it is not there."""
    path = folder / f"{number:05d}.npz"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        first = FIRST_SEED + number * SERIES
        write(path, [strip_series(seed) for seed in range(first, first + SERIES)])
    return path


def make_pictures(folder: Path, number: int) -> Path:
    """Shard `number` of pictures in `folder`, made where it is not there."""
    path = folder / f"{number:05d}.npz"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        first = FIRST_PICTURE_SEED + number * PLATES
        seen = [picture for seed in range(first, first + PLATES) for picture in pictures(seed)]
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            pixels=np.stack([picture.pixels for picture in seen]),
            counts=np.array([len(picture.rows) for picture in seen]),
            rows=np.concatenate([picture.rows for picture in seen]),
            seen=np.concatenate([picture.seen for picture in seen]),
        )
        partial.replace(path)
    return path


def read_pictures(path: Path) -> list[Picture]:
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
    parser.add_argument("--count", type=int, help="shards, by default 400, or 40 of pictures")
    parser.add_argument("--pictures", action="store_true", help="pictures for our locator")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    count = arguments.count or (40 if arguments.pictures else 400)
    make_shard = make_pictures if arguments.pictures else make
    for number in range(arguments.first, arguments.first + count * arguments.step, arguments.step):
        started = time.monotonic()
        path = make_shard(arguments.folder, number)
        sys.stdout.write(f"{path}: {time.monotonic() - started:.1f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
