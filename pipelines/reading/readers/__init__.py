"""What stands in a strip: one file per reader behind one protocol. Readers do not know each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipelines.types import Evidence


class Reader(Protocol):
    """A reader turns the slices of a strip into evidence. It holds no state between calls."""

    @property
    def name(self) -> str: ...

    def read(self, slices: list[npt.NDArray[np.float32]]) -> list[Evidence]:
        """Evidence for each slice, in order.

        A slice is float32 [0, 1], (H, W) or (H, W, 3), one upright line of characters filling the height.
        Raises ReaderError when the reader is missing, fails or times out.
        """
        ...


class ReaderTogether(Protocol):
    """A reader that looks at all photographs of a strip at once, whatever their order."""

    @property
    def name(self) -> str: ...

    def read_together(
        self, photographs: Sequence[npt.NDArray[np.float32]]
    ) -> tuple[Evidence, list[Evidence]]:
        """Evidence pooled over the registered photographs of one strip, and of each by itself.

        Raises ReaderError as `Reader.read` does.
        """
        ...

    def read_pooled(self, photographs: Sequence[npt.NDArray[np.float32]]) -> Evidence:
        """The first of the two by itself, which costs less. Raises ReaderError likewise."""
        ...
