"""The contact sheet of docs/enhancement-steps.md: steps and recipes on a marked plate and its blank twin.

    python benchmarks/enhance_sheet.py docs/enhancement-steps.jpg [--seed N] [--tier TIER]

What shows on the right was made by the step: no character ever stood there. Plates of `benchmarks/enhance.py`
(set `tuning`), sizes fitted to the character, steps with their usual parameters; steps that only move pixels
are left out. The same bytes each time with the same versions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.enhance import Case, tuning_case, variants
from pipelines.enhance.recipe import fitted, run_recipe
from pipelines.strip import sides
from pipelines.types import Image

TILE = (236, 86)
LABEL = 15
COLUMNS = 3
QUALITY = 80

Pixels = npt.NDArray[np.uint8]


def part(case: Case, image: Image) -> Pixels:
    """The middle of the row, as wide as a tile is for its height."""
    cap = sides(case.band)[1] / 1.2
    x, y = np.mean(case.band, axis=0)
    high = 2.0 * cap
    wide = high * TILE[0] / TILE[1]
    x = float(np.clip(x, wide / 2, image.shape[1] - wide / 2))
    matrix = np.array([[TILE[0] / wide, 0, 0], [0, TILE[1] / high, 0]], np.float64)
    matrix[:, 2] = (TILE[0] / 2 - matrix[0, 0] * x, TILE[1] / 2 - matrix[1, 1] * float(y))
    colour = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    shown = cv2.warpAffine(colour, matrix, TILE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
    return np.round(np.clip(shown, 0, 1) * 255).astype(np.uint8)


def tile(case: Case, name: str) -> Pixels:
    """A variant's label over its pair of pictures."""
    assert case.blank is not None
    recipe = fitted(variants()[name], sides(case.band)[1] / 1.2, case.image.shape)
    pair = np.hstack([part(case, run_recipe(recipe, image)[0]) for image in (case.image, case.blank)])
    pair[:, TILE[0] - 1 : TILE[0] + 1] = 255
    head = np.full((LABEL, pair.shape[1], 3), 255, np.uint8)
    cv2.putText(head, name, (3, LABEL - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    both = np.vstack([head, pair])
    return cv2.copyMakeBorder(both, 0, 0, 0, LABEL, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=800_002)
    parser.add_argument("--tier", default="etched")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    case = tuning_case(given.seed, given.tier)
    if case is None:
        parser.error("this seed has no row of glyph classes; take another")
    tiles = [tile(case, name) for name in variants()]
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)]
    encoded, data = cv2.imencode(".jpg", np.vstack(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert encoded
    given.out.write_bytes(data.tobytes())


if __name__ == "__main__":
    main()
