"""Fits `models/likeness.toml`: what strips that teach look like.

    python -m models.calibration.fit_likeness SHARDS --steel FOLDER

SHARDS is the folder of `make train-on`: rows of both renderers and of labelled photographs; with as many
rows drawn on steel and on random surfaces. Every source counts alike. Of two halves of each source one fits,
the other says how many known strips are called unlike all the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import tomli_w

from models.training import foreign_strips, metal, photo_strips, shards
from models.training.drawn_strips import drawn_strip
from pipelines.probability.likeness import MEASURES, Floats, Known, fitted, measures, unlikeness_of

INSIDE = 0.99
"""Share of the strips that fit which lies within the limit."""

STRIPS = 2000
"""Photographs of rows of each source, drawn anew where there are fewer."""

SEED = 720_000

MADE_BY = "What strips that teach look like, made by `python -m models.calibration.fit_likeness`."


def source_of(number: int) -> str:
    """Of a shard, by its number."""
    if number >= foreign_strips.FIRST_SHARD:
        return "second renderer"
    return "photographs" if number >= photo_strips.FIRST_SHARD else "first renderer"


def of_shards(folder: Path) -> dict[str, Floats]:
    """(N, 10) measures by source, every photograph of every row."""
    told: dict[str, list[Floats]] = {}
    for path in sorted(folder.glob("*.npz")):
        source = told.setdefault(source_of(int(path.stem)), [])
        source += [of_photograph(frame) for row in shards.read(path) for frame in row.pixels]
    return {source: np.stack(rows) for source, rows in told.items()}


def of_photograph(frame: npt.NDArray[np.uint8]) -> Floats:
    return measures(frame.astype(np.float32) / np.float32(255))


def drawn(steel: Path) -> Iterator[Floats]:
    """Endless."""
    rng = np.random.default_rng(SEED)
    pictures = metal.opened(metal.photographs(steel))
    while True:
        for pictures_here in (pictures, ()):
            for frame in drawn_strip(rng, pictures_here).pixels:
                yield of_photograph(frame)


def halves(told: Mapping[str, Floats]) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """STRIPS of the first half of each source, and all of the second."""
    rng = np.random.default_rng(SEED)
    middle = {source: len(rows) // 2 for source, rows in told.items()}
    fit = {source: rows[rng.integers(max(1, middle[source]), size=STRIPS)] for source, rows in told.items()}
    return fit, {source: rows[middle[source] :] for source, rows in told.items()}


def toml(known: Known, lines: list[str]) -> str:
    """Rounded to what decides nothing."""
    table = {
        "measures": list(MEASURES),
        "mean": [round(float(value), 5) for value in known.mean],
        "whitening": [[round(float(value), 5) for value in row] for row in known.whitening],
        "limit": round(known.limit, 4),
    }
    return "".join(f"# {line}\n" for line in (MADE_BY, *lines)) + tomli_w.dumps(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shards", type=Path)
    parser.add_argument("--steel", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "likeness.toml")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    told = of_shards(given.shards)
    told["drawn"] = np.stack([row for row, _ in zip(drawn(given.steel), range(2 * STRIPS), strict=False)])
    fit, judged = halves(told)
    known = fitted(np.concatenate(list(fit.values())), INSIDE)
    lines = [
        f"{source}: {len(rows)} photographs that fitted nothing, "
        f"{np.mean(unlikeness_of(rows, known) > 1):.4f} unlike"
        for source, rows in judged.items()
    ]
    sys.stdout.write("\n".join([*lines, ""]))
    given.output.write_text(toml(known, lines), encoding="utf-8")


if __name__ == "__main__":
    main()
