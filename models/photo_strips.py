"""Strips of real photographs for training: `python -m models.photo_strips FOLDER SHARD`.

Reads every photograph of the tuning half, keeps the lines whose proposed text is a labelled one, and cuts
them with three margins. The photographs stay where they are; the shard is never committed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from models import shards
from models.labelled import Labelled, read_index
from models.plates.strips import HEIGHT, StripSeries
from pipelines.decode import string_of
from pipelines.measures import plain
from pipelines.photo import read_photo
from pipelines.propose import Source, propose_series
from pipelines.strip import cut, grown, inverse, moved, sides
from pipelines.types import LineProposal, Photo

MARGINS = ((0.25, 0.12), (0.4, 0.28), (0.6, 0.5))
"""(along, across) in heights of the band."""


def lines_of(folder: Path, row: Labelled) -> Iterator[tuple[Photo, LineProposal]]:
    """The lines of a photograph that read exactly as they are labelled, with the photograph."""
    path = folder / row.path
    made = propose_series([Source(path, row.region, row.rotate_cw)], readers=["general"])
    words = (row.text, *row.text.replace("|", " ").split(), *row.lines.split("|"))
    wanted = {plain(word) for word in words if plain(word)}
    if any(plain(line.best) in wanted for line in made.lines):
        photo = read_photo(path)
        for line in made.lines:
            if plain(line.best) in wanted:
                yield photo, line


def strip_of(photo: Photo, line: LineProposal, margin: tuple[float, float]) -> StripSeries:
    quad = grown(line.quad, *margin)
    along, across = sides(quad)
    width = max(16, round(along / across * HEIGHT))
    strip, to_photo = cut(photo.pixels, quad, HEIGHT, width)
    grey = strip if strip.ndim == 2 else cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
    boxes = np.array([moved(position.box, inverse(to_photo)) for position in line.positions])
    return StripSeries(
        tier="intact",
        method="stamped",
        pixels=np.rint(grey[None] * 255).astype(np.uint8),
        classes=np.array(string_of(line.best), np.int64) - 1,
        middles=boxes[..., 0].mean(axis=1),
        widths=boxes[..., 0].max(axis=1) - boxes[..., 0].min(axis=1),
        visibility=np.ones(len(boxes)),
        counted=np.ones(len(boxes), bool),
    )


def collected(folder: Path, rows: Sequence[Labelled]) -> list[StripSeries]:
    strips = []
    for number, row in enumerate(rows, start=1):
        for photo, line in lines_of(folder, row):
            if len(line.positions) == len(line.best):
                strips += [strip_of(photo, line, margin) for margin in MARGINS]
        sys.stderr.write(f"\r{number}/{len(rows)}, {len(strips)} strips")
    return strips


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("shard", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    rows = [row for row in read_index(given.photos) if row.half == "tuning"]
    shards.write(given.shard, collected(given.photos, rows))


if __name__ == "__main__":
    main()
