"""How the error falls while a network learns: `python -m models.training.learning_curve FOLDER --steel S`.

FOLDER gets fixed sets of strips, one .npz each: rows drawn on photographs of steel that training does not
open, rows of both training renderers, and rows of labelled photographs of the tuning half that do not train
(`--photos`). `models.training.train --judged FOLDER` reads them with the averaged weights now and then. All
faces but those of the photographs and of the second renderer are kept back from training. It chooses between
weights; what they are worth is measured in benchmarks/, on what no training chose by.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from itertools import count, groupby, islice
from pathlib import Path

import cv2
import numpy as np
import torch

from models.labelled import read_index
from models.plates.strips import MOST_WIDE, StripSeries, strip_series
from models.plates.typefaces import unseen_faces
from models.training import metal, shards
from models.training.drawn_strips import drawn_strip
from models.training.export import Exported
from models.training.foreign_strips import foreign_strip
from models.training.network import Marks
from models.training.photo_strips import rows, strip_of
from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import distance
from pipelines.reading.readers.levelling import presented

FIRST_SEED = 900_000
"""Seeds of the rows that judge, below those of training shards."""

FIRST_FOREIGN = 410_000
"""Seeds of the second renderer's rows that judge, above those that train."""

SERIES = 80
"""In a set."""


def judged(series: StripSeries) -> bool:
    """Whether all characters of the row are to be read."""
    return series.orientation == "upright" and bool(series.counted.all())


def errors(network: Marks, tested: Iterable[StripSeries]) -> tuple[int, int, float]:
    """(edits, characters, nats): of the likeliest class column by column, without a decoder, and of presence
    at the characters' middles, in the mean."""
    read = Exported(network).eval()
    edits, characters, nats = 0, 0, 0.0
    for entry in tested:
        frames = np.stack([presented(frame.astype(np.float32) / 255) for frame in entry.pixels])
        frames = np.pad(frames, ((0, 0), (0, 0), (0, 0), (0, -frames.shape[3] % 16)))
        with torch.no_grad():
            classes, presence = read(torch.from_numpy(frames), torch.tensor([0]))
        text = "".join(GLYPHS[i - 1] for i, _ in groupby(classes[0].argmax(-1).tolist()) if i)
        order = np.argsort(entry.middles)
        truth = "".join(GLYPHS[i] for i in entry.classes[order])
        edits, characters = edits + distance(truth, text), characters + len(truth)
        columns = np.clip(entry.middles // 4, 0, presence.shape[1] - 1).astype(np.int64)
        nats -= float(presence[0, columns].sum())
    return edits, characters, nats / max(1, characters)


def of_folder(network: Marks, folder: Path) -> dict[str, list[float]]:
    """By the name of the set, [share of characters wrong, nats of presence]."""
    measured = {}
    for path in sorted(folder.glob("*.npz")):
        edits, characters, nats = errors(network, shards.read(path))
        measured[path.stem] = [round(edits / max(1, characters), 4), round(nats, 4)]
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steel", type=Path, required=True)
    parser.add_argument("--photos", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    given.folder.mkdir(parents=True, exist_ok=True)
    faces = unseen_faces()
    pictures = metal.opened(metal.photographs(given.steel, kept_back=True))
    drawn = (
        drawn_strip(np.random.default_rng([FIRST_SEED, i]), pictures, faces[i % len(faces)])
        for i in range(2 * SERIES)
    )
    shards.write(given.folder / "steel.npz", [entry for entry in drawn if judged(entry)][:SERIES])
    plates = (strip_series(FIRST_SEED + i, faces[i % len(faces)]) for i in range(2 * SERIES))
    shards.write(given.folder / "plates.npz", [entry for entry in plates if judged(entry)][:SERIES])
    foreign = (row for row in map(foreign_strip, count(FIRST_FOREIGN)) if row is not None)
    marked = (row for row in foreign if len(row.classes) and judged(row))
    shards.write(given.folder / "foreign.npz", list(islice(marked, SERIES)))
    if given.photos is not None:
        chosen = [row for row in read_index(given.photos) if row.half == "tuning" and not row.trains]
        rng = np.random.default_rng(FIRST_SEED)
        kept = [row for found in map(partial(rows, given.photos), chosen) for row in found]
        strips = [strip_of(row, rng) for row in kept]
        shards.write(
            given.folder / "photographs.npz",
            [
                entry
                for entry in strips
                if entry is not None and judged(entry) and entry.pixels.shape[2] <= MOST_WIDE
            ],
        )


if __name__ == "__main__":
    main()
