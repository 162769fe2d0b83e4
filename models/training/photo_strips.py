"""Rows of labelled photographs as strips for training: `python -m models.training.photo_strips PHOTOS
SHARDS`.

PHOTOS as for `models.labelled`; only what `Labelled.trains` names is taken. The general reader says where a
row lies and where its characters stand, the label says what they are; a row where the two differ too much is
left out. Every row is cut out anew, a little otherwise, until a shard is full.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.labelled import Labelled, read_index
from models.plates.strips import HEIGHT, MOST_WIDE, StripSeries
from models.training import shards
from pipelines.glyphs import GLYPHS
from pipelines.photographs.photo import read_photo
from pipelines.probability.measures import aligned, distance, plain
from pipelines.propose import propose_series
from pipelines.strip import grown, inverse, moved, straightened
from pipelines.types import Image, LineProposal, Quad, as_quad

FIRST_SHARD = 900_000
"""Shards of photographs are numbered from here."""

MISREAD = 0.35
"""Share of a row's characters that the general reader may have wrong for the row still to be taken."""

MARGIN = 0.6
"""Heights round a row that are kept."""


@dataclass(frozen=True, eq=False)
class LabelledRow:
    """A row cut out with its surroundings, float32 grey [0, 1]; the row's own corners in it, the middles
    (n, 2) of its characters and what they are."""

    pixels: Image
    quad: Quad
    middles: npt.NDArray[np.float64]
    glyphs: str


def labelled_line(line: LineProposal, labels: list[str]) -> str | None:
    """The characters of the line, as many as were read, as its label has them; None where no label fits."""
    read = plain(line.best)
    fitting = [label for label in labels if len(label) == len(read)]
    nearest = min(fitting, key=lambda label: distance(label, read), default=None)
    if nearest is None or distance(nearest, read) > MISREAD * len(read):
        return None
    truths = iter(aligned(nearest, read))
    return "".join(next(truths) if plain(character) else character for character in line.best)


def rows(folder: Path, row: Labelled) -> list[LabelledRow]:
    path = folder / row.path
    proposal = propose_series([path], region=row.region, rotate_cw=row.rotate_cw, readers=("general",))
    pixels = read_photo(path).pixels
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    labels = [plain(line) for line in (row.lines.split("|") if row.lines else row.text.split())]
    found = []
    for line in proposal.lines:
        truth = labelled_line(line, labels) if line.arc is None else None
        if not truth or not all(glyph in GLYPHS for glyph in truth):
            continue
        piece, to_photo = straightened(grey, grown(line.quad, MARGIN, MARGIN), 2 * HEIGHT)
        back = inverse(to_photo)
        middles = moved(np.array([np.mean(p.box, axis=0) for p in line.positions]), back)
        found.append(LabelledRow(piece, as_quad(moved(line.quad, back)), middles, truth))
    return found


def strip_of(row: LabelledRow, rng: np.random.Generator) -> StripSeries | None:
    """The row cut out a little otherwise; None where it would be too wide for a strip."""
    along, above, below = rng.uniform(0.05, 0.55), rng.uniform(0, 0.5), rng.uniform(0, 0.5)
    quad = np.asarray(grown(row.quad, along, 0.0))
    down = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    quad = quad + np.array([-down * above, -down * above, down * below, down * below])
    strip, to_piece = straightened(row.pixels, as_quad(quad), HEIGHT)
    width = strip.shape[1] // 4 * 4
    if not 32 <= width <= MOST_WIDE:
        return None
    count = len(row.glyphs)
    middles = moved(row.middles, inverse(to_piece))[:, 0]
    return StripSeries(
        tier="intact",
        method="stamped",
        pixels=np.rint(strip[None, :, :width] * 255).astype(np.uint8),
        classes=np.array([GLYPHS.index(glyph) for glyph in row.glyphs], np.int64),
        middles=middles,
        widths=np.full(count, HEIGHT * 0.3),
        visibility=np.ones(count),
        counted=(middles > 3) & (middles < width - 4),
    )


def cut_anew(kept: list[LabelledRow], rng: np.random.Generator) -> Iterator[StripSeries]:
    """Endless; every row as often as the others."""
    while True:
        for index in rng.permutation(len(kept)):
            made = strip_of(kept[index], rng)
            if made is not None:
                yield made


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    given.shards.mkdir(parents=True, exist_ok=True)
    chosen = [row for row in read_index(given.photos) if row.trains]
    kept: list[LabelledRow] = []
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        for found in pool.map(partial(rows, given.photos), chosen):
            kept += found
            sys.stdout.write(f"\r{len(kept)} rows")
            sys.stdout.flush()
    strips = cut_anew(kept, np.random.default_rng(1))
    for number in range(FIRST_SHARD, FIRST_SHARD + given.count):
        shards.write(given.shards / f"{number}.npz", [next(strips) for _ in range(shards.SERIES)])


if __name__ == "__main__":
    main()
