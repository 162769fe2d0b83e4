"""Where worn and etched rows lie that the general locator passes over: our own locator.

A small network, trained on simulated plates, says of every cell of a levelled picture whether it lies in the
core of a row. Weights, how they came to be and what they were measured on: `models/CARD.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import cv2
import numpy as np

from pipelines.errors import ReaderError
from pipelines.networks import inference_session
from pipelines.search.locators.general import Heat
from pipelines.types import Image

STEP = 16
"""Sides of a picture are multiples of this."""

CORE = 0.5
"""Share of a row's height that its core takes."""

GROWTH = 0.7
"""The band is the core grown by GROWTH × area ÷ perimeter: less than CORE took, as cores are found a cell too
wide."""


def heat_of_rows(levelled: Sequence[Image], short_side: int) -> Heat:
    """The mean heat over photographs of one marking, registered, levelled (`sheets.levelled`), of one shape.

    The pictures are scaled so that their shorter side has `short_side` pixels (the longer one at most 4 times
    that). Rows are found best when 12 to 45 pixels high after scaling. Polarity does not matter. Raises
    ReaderError where the weights are missing.
    """
    height, width = levelled[0].shape[:2]
    scale = min(short_side / min(height, width), 4 * short_side / max(height, width))
    sides = [max(2 * STEP, round(side * scale / STEP) * STEP) for side in (width, height)]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = [cv2.resize(picture, (sides[0], sides[1]), interpolation=interpolation) for picture in levelled]
    # One after the other: a sum over a batch might depend on the order of photographs in its last bit.
    heats = [
        _session().run(None, {"pictures": ((picture - 0.5) / 0.2)[None, None].astype(np.float32)})[0][0]
        for picture in resized
    ]
    mean = np.sort(np.stack(heats), axis=0).mean(axis=0)
    fine = cv2.resize(mean.astype(np.float32), (sides[0], sides[1]), interpolation=cv2.INTER_LINEAR)
    return Heat(fine, np.array([width / sides[0], height / sides[1]]), GROWTH)


@cache
def _session() -> Any:
    weights = files("models") / "rows.onnx"
    if not weights.is_file():
        raise ReaderError("the weights models/rows.onnx are not installed; install the program again")
    with as_file(weights) as path:
        return inference_session(path)
