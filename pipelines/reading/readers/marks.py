"""Our own reader: one small network over all photographs of a strip, trained on simulated plates.

Weights, how they came to be and what they were measured on: `models/CARD.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt

from pipelines.errors import ReaderError
from pipelines.networks import Remembered, inference_session
from pipelines.reading.readers.levelling import STEP, normalised, scaled
from pipelines.types import Evidence

COLUMN = 4
"""Pixels of a strip 48 high to a column of evidence."""


class MarksReader:
    """Evidence about a strip from all its photographs at once, whatever their order or polarity."""

    name = "marks"

    def read(self, slices: list[npt.NDArray[np.float32]]) -> list[Evidence]:
        """Each strip by itself."""
        return [self.read_pooled([piece]) for piece in slices]

    def read_pooled(self, photographs: Sequence[npt.NDArray[np.float32]]) -> Evidence:
        """The evidence of all photographs together, without that of each alone. Otherwise as
        `read_together`."""
        strips = _Strips.of(photographs)
        return strips.evidence(strips.log_probs([0])[0])

    def read_together(
        self, photographs: Sequence[npt.NDArray[np.float32]]
    ) -> tuple[Evidence, list[Evidence]]:
        """(evidence pooled over all, evidence of each alone) from photographs of one strip, registered.

        `photographs`: float32 [0, 1], (H, W) or (H, W, 3), all of one shape. About 20 ms a photograph of 256
        columns on one core, and 10 ms for each evidence. Raises ReaderError where the weights are missing or
        the shapes differ.
        """
        if len(photographs) == 1:
            # A photograph pooled with no other is that photograph.
            alone = self.read_pooled(photographs)
            return alone, [alone]
        strips = _Strips.of(photographs)
        together, *each = strips.log_probs(range(len(photographs) + 1))
        return strips.evidence(together), [strips.evidence(each[place]) for place in strips.places]


@dataclass(frozen=True, eq=False)
class _Strips:
    """Photographs as the network takes them. `tensor`: (K, 1, 48, W) float32; `places`: of each photograph
    along it; `width` of the strips before they were padded, in pixels."""

    tensor: npt.NDArray[np.float32]
    places: tuple[int, ...]
    width: int

    @classmethod
    def of(cls, photographs: Sequence[npt.NDArray[np.float32]]) -> _Strips:
        strips = [scaled(piece) for piece in photographs]
        if len({strip.shape for strip in strips}) != 1:
            raise ReaderError(f"photographs of one strip have one shape, got {[s.shape for s in strips]}")
        # The order of photographs must not change the last bit of a sum over them.
        order = sorted(range(len(strips)), key=lambda i: strips[i].tobytes())
        tensor = np.stack([_padded(normalised(strips[i])) for i in order])[:, None]
        places = tuple(order.index(i) for i in range(len(strips)))
        return cls(tensor, places, strips[0].shape[1])

    def log_probs(self, rows: Sequence[int]) -> npt.NDArray[np.float32]:
        """(R, columns, C); row 0 is pooled over all photographs, row k of the k-th place alone."""
        (log_probs,) = _network().run(self.tensor, np.array(rows, np.int64))
        return np.asarray(log_probs, np.float32)

    def evidence(self, log_probs: npt.NDArray[np.float32]) -> Evidence:
        """(columns, C) without the columns of the padding."""
        centres = ((np.arange(len(log_probs)) + 0.5) * COLUMN / self.width).astype(np.float32)
        inside = centres < 1
        outside = np.zeros((1, int(inside.sum())), np.float32)
        return Evidence(MarksReader.name, log_probs[None, inside], centres[inside], outside)


def _padded(strip: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    more = -strip.shape[1] % STEP
    return np.pad(strip, ((0, 0), (0, more)))


@cache
def _network() -> Remembered:
    weights = files("models") / "marks.onnx"
    if not weights.is_file():
        raise ReaderError("the weights models/marks.onnx are not installed; install the program again")
    with as_file(weights) as path:
        return Remembered(inference_session(path))
