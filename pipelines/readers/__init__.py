"""What stands in a strip: one file per reader behind one protocol. Readers do not know each other."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipelines.types import Evidence


class Reader(Protocol):
    """A reader turns the slices of a strip into evidence. It holds no state between calls."""

    name: str

    def read(self, slices: list[npt.NDArray[np.float32]]) -> list[Evidence]:
        """Evidence for each slice, in order.

        A slice is float32 [0, 1], (H, W) or (H, W, 3), one upright line of characters filling the height.
        Raises ReaderError when the reader is missing, fails or times out.
        """
        ...
