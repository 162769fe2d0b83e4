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
from pipelines.reading.readers.levelling import STEP, presented, scaled, smoothed
from pipelines.types import Evidence

COLUMN = 4
"""Pixels of a strip 48 high to a column of evidence."""

SMOOTHINGS: tuple[float, ...] = (0.0,)
"""Standard deviations, in heights of the strip, of the Gaussians through which a strip is read; their
log-probabilities are averaged. 0: as it is."""

SURE = -1e-6
"""Largest log-probability of blank from which presence is taken as 1 − blank: nothing is quite certain."""


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
        return strips.evidence(*(said[0] for said in strips.read([0])))

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
        log_probs, presence = strips.read(range(len(photographs) + 1))
        rows = [0, *(place + 1 for place in strips.places)]
        together, *each = (strips.evidence(log_probs[row], presence[row]) for row in rows)
        return together, each


@dataclass(frozen=True, eq=False)
class _Strips:
    """Photographs as the network takes them. `tensors`, one for each of `SMOOTHINGS`: (K, channels, 48, W)
    float32; `places`: of each photograph along them; `width` of the strips before they were padded, in
    pixels."""

    tensors: tuple[npt.NDArray[np.float32], ...]
    places: tuple[int, ...]
    width: int

    @classmethod
    def of(cls, photographs: Sequence[npt.NDArray[np.float32]]) -> _Strips:
        strips = [scaled(piece) for piece in photographs]
        if len({strip.shape for strip in strips}) != 1:
            raise ReaderError(f"photographs of one strip have one shape, got {[s.shape for s in strips]}")
        # The order of photographs must not change the last bit of a sum over them.
        order = sorted(range(len(strips)), key=lambda i: strips[i].tobytes())
        channels = _network().session.get_inputs()[0].shape[1]
        tensors = tuple(
            np.stack([_padded(presented(smoothed(strips[i], share), channels)) for i in order])
            for share in SMOOTHINGS
        )
        places = tuple(order.index(i) for i in range(len(strips)))
        return cls(tensors, places, strips[0].shape[1])

    def read(self, rows: Sequence[int]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Log-probabilities of the classes (R, columns, C) and of presence (R, columns); row 0 is pooled over
        all photographs, row k of the k-th place alone."""
        said = [_network().run(tensor, np.array(rows, np.int64)) for tensor in self.tensors]
        log_probs = _averaged([outputs[0] for outputs in said])
        if len(said[0]) == 1:
            # Weights of earlier versions do not say it apart.
            return log_probs, np.log1p(-np.exp(np.minimum(log_probs[..., 0], SURE)))
        return log_probs, np.mean([outputs[1] for outputs in said], axis=0)

    def evidence(self, log_probs: npt.NDArray[np.float32], presence: npt.NDArray[np.float32]) -> Evidence:
        """Of (columns, C) and (columns,), without the columns of the padding."""
        centres = ((np.arange(len(log_probs)) + 0.5) * COLUMN / self.width).astype(np.float32)
        inside = centres < 1
        outside = np.zeros((1, int(inside.sum())), np.float32)
        return Evidence(
            MarksReader.name, log_probs[None, inside], centres[inside], outside, presence[None, inside]
        )


def _averaged(log_probs: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Their mean, so that each column's probabilities sum to 1; the only one as it is."""
    if len(log_probs) == 1:
        return log_probs[0]
    mean = np.mean(log_probs, axis=0)
    return np.asarray(mean - np.log(np.exp(mean).sum(axis=-1, keepdims=True)), np.float32)


def _padded(presented: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    more = -presented.shape[2] % STEP
    return np.pad(presented, ((0, 0), (0, 0), (0, more)))


@cache
def _network() -> Remembered:
    weights = files("models") / "marks.onnx"
    if not weights.is_file():
        raise ReaderError("the weights models/marks.onnx are not installed; install the program again")
    with as_file(weights) as path:
        return Remembered(inference_session(path))
