"""Is the evidence in the image or in what serials look like? Rows cut into characters and put together anew.

    python benchmarks/recomposed.py [--tiers intact,worn,etched] [--plates N] [--seed S]

Each row of a foreign plate is cut out by its true boxes, in every photograph, once as it is and once with its
characters in random order; both are read by our own reader alone and by the pool of readers. A reader that
leans on the order of a serial's characters loses by the second; what it loses by the seams of the cut, both
share: the first is cut and put together as well.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from models.foreign.plates import ForeignPlate, foreign_plate
from pipelines.glyphs import GLYPHS
from pipelines.probability.measures import distance
from pipelines.reading.lines import DRAWN, read_line
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.marks import MarksReader
from pipelines.search.sheets import Panel, full_slices, sheet
from pipelines.types import as_quad

Pixels = npt.NDArray[np.float32]

CAP = 64
"""Rows of a cut-out row; its characters take about three fifths of them."""


def cells(plate: ForeignPlate) -> list[list[Pixels]]:
    """Per photograph the pieces of the row, left to right, cut in the middle of the gaps."""
    pieces = []
    for photograph, quads in zip(plate.photographs, plate.quads, strict=True):
        grey = cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        first, last = quads[0].mean(axis=0), quads[-1].mean(axis=0)
        along = (last - first) / np.linalg.norm(last - first)
        down = np.array([-along[1], along[0]])
        places, across = (quads - first) @ along, (quads - first) @ down
        height = float(np.median(across.max(axis=1) - across.min(axis=1)))
        middles = places.mean(axis=1)
        borders = (middles[:-1] + middles[1:]) / 2
        ends = [places.min() - 0.3 * height, *borders, places.max() + 0.3 * height]
        centre = float(np.median(across.mean(axis=1)))
        top = centre - 0.83 * height
        row = []
        for left, right in pairwise(ends):
            corners = [(left, top), (right, top), (right, top + 1.66 * height), (left, top + 1.66 * height)]
            target = [first + along * x + down * y for x, y in corners]
            wide = max(8, round((right - left) / (1.66 * height) * CAP))
            source = np.array([(0, 0), (wide, 0), (wide, CAP), (0, CAP)], np.float32)
            matrix = cv2.getPerspectiveTransform(np.array(target, np.float32), source)
            row.append(cv2.warpPerspective(grey, matrix, (wide, CAP), flags=cv2.INTER_AREA))
        pieces.append(row)
    return pieces


def put_together(rows: Sequence[Sequence[Pixels]], order: Sequence[int]) -> list[Pixels]:
    """Strips of the pieces in that order, of one width: the same piece is as wide in every photograph."""
    widths = [max(row[i].shape[1] for row in rows) for i in range(len(rows[0]))]
    return [np.hstack([cv2.resize(row[i], (widths[i], CAP)) for i in order]) for row in rows]


def read(strips: Sequence[Pixels], panel: Panel) -> str:
    sheets = [sheet(i, strip) for i, strip in enumerate(strips)]
    height, width = strips[0].shape
    # The band without the margins that the forms add again.
    band = as_quad([(8, 11), (width - 8, 11), (width - 8, height - 11), (8, height - 11)])
    return read_line(full_slices(panel, sheets, [band])[0], DRAWN).text


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiers", default="intact,worn,etched")
    parser.add_argument("--plates", type=int, default=40, help="per tier")
    parser.add_argument("--seed", type=int, default=9000)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    panels = {
        "our own reader": Panel(None, MarksReader()),
        "pooled": Panel(GeneralReader(), MarksReader()),
    }
    print(f"{platform.machine()}, Python {platform.python_version()}, seeds from {arguments.seed}")
    for tier in arguments.tiers.split(","):
        errors = {(name, way): 0 for name in panels for way in ("as struck", "shuffled")}
        characters = 0
        for seed in range(arguments.seed, arguments.seed + arguments.plates):
            plate = foreign_plate(seed, tier)
            if len(plate.glyphs) < 3 or len(plate.text) != 1 or not set(plate.glyphs) <= set(GLYPHS):
                continue
            rows = cells(plate)
            shuffled = np.random.default_rng(seed).permutation(len(plate.glyphs))
            for way, order in (("as struck", range(len(plate.glyphs))), ("shuffled", shuffled)):
                strips = put_together(rows, [int(i) for i in order])
                truth = "".join(plate.glyphs[int(i)] for i in order)
                for name, panel in panels.items():
                    errors[name, way] += distance(truth, read(strips, panel))
            characters += len(plate.glyphs)
            print(f"\r{tier} {seed}", end="", file=sys.stderr)
        said = ", ".join(f"{name} {way} {n / max(characters, 1):.3f}" for (name, way), n in errors.items())
        print(f"\n{tier}: {characters} characters, CER {said}")


if __name__ == "__main__":
    main()
