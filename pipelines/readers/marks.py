"""Our own reader: one small network over all photographs of a strip, trained on simulated plates.

Weights, how they came to be and what they were measured on: `models/CARD.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt

from pipelines.errors import ReaderError
from pipelines.levelling import STEP, normalised, scaled
from pipelines.runtime import Remembered, inference_session
from pipelines.types import Evidence

COLUMN = 4
"""Pixels of a strip 48 high to a column of evidence."""


class MarksReader:
    """Evidence about a strip from all its photographs at once, whatever their order or polarity."""

    name = "marks"

    def read(self, slices: list[npt.NDArray[np.float32]]) -> list[Evidence]:
        """Each strip by itself."""
        return [self.read_together([piece])[0] for piece in slices]

    def read_together(
        self, photographs: Sequence[npt.NDArray[np.float32]]
    ) -> tuple[Evidence, list[Evidence]]:
        """(evidence pooled over all, evidence of each alone) from photographs of one strip, registered.

        `photographs`: float32 [0, 1], (H, W) or (H, W, 3), all of one shape. About 10 ms a photograph of 256
        columns on one core. Raises ReaderError where the weights are missing or the shapes differ.
        """
        strips = [scaled(piece) for piece in photographs]
        if len({strip.shape for strip in strips}) != 1:
            raise ReaderError(f"photographs of one strip have one shape, got {[s.shape for s in strips]}")
        width = strips[0].shape[1]
        # The order of photographs must not change the last bit of a sum over them.
        order = sorted(range(len(strips)), key=lambda i: strips[i].tobytes())
        padded = np.stack([_padded(normalised(strips[i])) for i in order])[:, None]
        together, alone = _network().run(padded)
        centres = ((np.arange(together.shape[0]) + 0.5) * COLUMN / width).astype(np.float32)
        inside = centres < 1
        each = [_evidence(alone[order.index(i)][inside], centres[inside]) for i in range(len(strips))]
        return _evidence(together[inside], centres[inside]), each


def _padded(strip: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    more = -strip.shape[1] % STEP
    return np.pad(strip, ((0, 0), (0, more)))


def _evidence(log_probs: npt.NDArray[np.float32], centres: npt.NDArray[np.float32]) -> Evidence:
    return Evidence(MarksReader.name, log_probs[None], centres, np.zeros((1, len(centres)), np.float32))


@cache
def _network() -> Remembered:
    weights = files("models") / "marks.onnx"
    if not weights.is_file():
        raise ReaderError("the weights models/marks.onnx are not installed; install the program again")
    with as_file(weights) as path:
        return Remembered(inference_session(path))
