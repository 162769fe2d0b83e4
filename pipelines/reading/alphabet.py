"""A reader that is told the marking's alphabet: what cannot stand there is taken out of its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS
from pipelines.reading.readers import Reader
from pipelines.reading.readers.marks import MarksReader
from pipelines.types import Evidence

NONE = -30.0
"""Natural logarithm of the probability that is left of a glyph that cannot stand there."""


@dataclass(frozen=True)
class Confined:
    """`reader`, confined to `glyphs`."""

    reader: Reader
    glyphs: frozenset[str]

    @property
    def name(self) -> str:
        return self.reader.name

    def read(self, slices: list[npt.NDArray[np.float32]]) -> list[Evidence]:
        return [confined(seen, self.glyphs) for seen in self.reader.read(slices)]


@dataclass(frozen=True)
class ConfinedTogether(Confined):
    """The same for our own reader, which looks at all photographs at once."""

    reader: MarksReader

    def read_together(
        self, photographs: Sequence[npt.NDArray[np.float32]]
    ) -> tuple[Evidence, list[Evidence]]:
        together, alone = self.reader.read_together(photographs)
        return confined(together, self.glyphs), [confined(seen, self.glyphs) for seen in alone]

    def read_pooled(self, photographs: Sequence[npt.NDArray[np.float32]]) -> Evidence:
        return confined(self.reader.read_pooled(photographs), self.glyphs)


def confined(evidence: Evidence, glyphs: frozenset[str]) -> Evidence:
    """The evidence given that one of `glyphs` or nothing stands at each place: in every column the others'
    probability is shared among those in proportion."""
    there = np.array([True, *(glyph in glyphs for glyph in GLYPHS)])
    logs = np.where(there, evidence.log_probs.astype(np.float64), -np.inf)
    total = np.logaddexp.reduce(logs, axis=-1, keepdims=True)
    return replace(evidence, log_probs=np.maximum(logs - total, NONE).astype(np.float32))
