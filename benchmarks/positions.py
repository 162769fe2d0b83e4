"""What placing positions is worth where the band is known, beside the pool of strings.

    python benchmarks/positions.py [--tiers intact,worn,etched] [--plates N] [--seed S]

Simulated plates in typefaces that no reader was trained on, drawn by the renderer that our own reader was
trained on: for comparing ways to decode, not for saying how well anything is read. Each row is cut out by its
true corners, a little loosely, and its photographs are registered by the truth. "places known": the
likeliest glyph within a column of each true centre, the best that any decoder could do with this evidence.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.plates.draw import random_spec
from models.plates.plate import Plate, photographs
from models.plates.spec import Tier
from models.plates.strips import strip_text
from models.plates.typefaces import unseen_faces
from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import distance
from pipelines.reading.lines import DRAWN, FOUND, field_of, grid_of, read_line
from pipelines.reading.pooling import Slice, filled, pool
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.search.sheets import Panel, Sheet, full_slices, sheet
from pipelines.types import Quad, as_quad

COUNTS: dict[Tier, tuple[int, ...]] = {"intact": (1, 2, 3), "worn": (1, 2, 3), "etched": (3, 6)}
"""Photographs of a plate, in turn."""


@dataclass(frozen=True, eq=False)
class Band:
    """A row's band in the first photograph, what it says, and the centres along it as fractions."""

    quad: Quad
    text: str
    centres: npt.NDArray[np.float64]


def registered(plate: Plate) -> list[Sheet]:
    first = plate.photographs[0]
    height, width = first.pixels.shape[:2]
    sheets = []
    for number, taken in enumerate(plate.photographs):
        grey = cv2.cvtColor(taken.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        matrix = first.homography @ np.linalg.inv(taken.homography)
        warped = cv2.warpPerspective(
            grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        sheets.append(sheet(number, np.clip(warped, 0, 1)))
    return sheets


def bands(plate: Plate, rng: np.random.Generator) -> Iterator[Band]:
    for line in sorted({character.line for character in plate.characters}):
        chosen = [i for i, character in enumerate(plate.characters) if character.line == line]
        if len(chosen) < 2:
            continue
        quads = plate.photographs[0].quads[chosen]
        first, last = quads[0].mean(axis=0), quads[-1].mean(axis=0)
        along = (last - first) / np.linalg.norm(last - first)
        down = np.array([-along[1], along[0]])
        x, y = (quads - first) @ along, (quads - first) @ down
        cap = float(np.median(y.max(axis=1) - y.min(axis=1)))
        high = cap * float(rng.uniform(1.1, 1.6))
        middle = float(np.median(y.mean(axis=1)))
        before, behind = rng.uniform(0, 0.5, 2) * cap
        start, end = x.min() - before, x.max() + behind
        corners = [(start, -high / 2), (end, -high / 2), (end, high / 2), (start, high / 2)]
        quad = as_quad([first + along * a + down * (middle + b) for a, b in corners])
        text = "".join(plate.characters[i].glyph for i in chosen)
        yield Band(quad, text, (x.mean(axis=1) - start) / (end - start))


def with_known_places(slices: list[Slice], centres: npt.NDArray[np.float64]) -> str:
    together = [piece for piece in slices if piece.votes and piece.photo is None]
    grid = grid_of(together)
    field = field_of(together, grid)
    near = [int(np.abs(grid.places - centre).argmin()) for centre in centres]
    seen = [np.logaddexp.reduce(field.glyphs[max(0, t - 1) : t + 2], axis=0) for t in near]
    return "".join(GLYPHS[int(logs.argmax())] for logs in seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiers", default="intact,worn,etched")
    parser.add_argument("--plates", type=int, default=40, help="per tier")
    parser.add_argument("--seed", type=int, default=560_000)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    panel = Panel(GeneralReader(), MarksReader())
    print(f"{platform.machine()}, Python {platform.python_version()}, seeds from {arguments.seed}")
    for tier in arguments.tiers.split(","):
        errors: dict[str, int] = {}
        seconds, characters, rows = 0.0, 0, 0
        for number in range(arguments.plates):
            seed = arguments.seed + number
            spec = random_spec(seed, tier, unseen_faces(), strip_text)
            plate = photographs(spec, COUNTS[tier][number % len(COUNTS[tier])])
            sheets = registered(plate)
            for band in bands(plate, np.random.default_rng([seed, 77])):
                (slices,) = full_slices(panel, sheets, [band.quad])
                started = time.process_time()
                found = read_line(slices, FOUND).text
                seconds += time.process_time() - started
                texts = {
                    "pool of strings": filled(pool(slices), slices).text,
                    "by positions, as in a band that was searched for": found,
                    "by positions, as in a drawn band": read_line(slices, DRAWN).text,
                    "places known": with_known_places(slices, band.centres),
                }
                for way, text in texts.items():
                    errors[way] = errors.get(way, 0) + distance(band.text, text)
                characters += len(band.text)
                rows += 1
            print(f"\r{tier} {seed}", end="", file=sys.stderr)
        said = ", ".join(f"{way} {count / max(1, characters):.3f}" for way, count in errors.items())
        print(f"\n{tier}: {characters} characters, CER {said}; {1000 * seconds / max(1, rows):.0f} ms a row")


if __name__ == "__main__":
    main()
