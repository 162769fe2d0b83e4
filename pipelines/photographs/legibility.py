"""What can be said of a crop without reading it: sharpness, contrast, glare.

They tell how a photograph shows a place, not what stands there nor whether anything does: grinding lines are
sharp too. Crops are compared at one scale (`SCALE`), else the nearer camera would seem the sharper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.strip import straightened, unit
from pipelines.types import Quad

SCALE = 64
"""Pixels that the place measured is high."""

SMOOTHING = 1.0
"""Pixels: standard deviation of the Gaussian before the gradient, so that noise counts for little."""

SPREAD = (5.0, 95.0)
"""Percentiles of grey between which contrast is measured, so that a few pixels say nothing."""

SATURATED = 0.98
"""Share of the full scale from which a channel counts as glare."""


@dataclass(frozen=True)
class Legibility:
    """`sharpness`: root mean square of the grey gradient, per cent of the full scale per pixel at `SCALE`
    (Tenengrad, see Pertuz et al. 2013, doi:10.1016/j.patcog.2012.11.011). `contrast`: distance of the 5th and
    95th percentile of grey, per cent of the full scale. `glare`: per cent of pixels with a channel at 98 % of
    the full scale or more. All 0..100."""

    sharpness: float
    contrast: float
    glare: float


def legibility(crop: npt.NDArray[Any]) -> Legibility:
    """Of a crop (H, W) or (H, W, 3), uint8, uint16 or float [0, 1], at `SCALE`."""
    image = unit(crop)
    bright = image if image.ndim == 2 else image.max(axis=2)
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    smooth = cv2.GaussianBlur(grey, (0, 0), SMOOTHING, borderType=cv2.BORDER_REPLICATE)
    # Differences of the neighbours on both sides, where there are any: a border invented is no edge.
    across = (smooth[1:-1, 2:] - smooth[1:-1, :-2]) / 2
    down = (smooth[2:, 1:-1] - smooth[:-2, 1:-1]) / 2
    gradient = float(np.sqrt(np.mean(across**2 + down**2))) if across.size else 0.0
    low, high = np.percentile(grey, SPREAD)
    return Legibility(
        sharpness=100 * gradient,
        contrast=100 * float(high - low),
        glare=100 * float(np.mean(bright >= SATURATED)),
    )


def legibility_at(pixels: npt.NDArray[Any], quad: Quad) -> Legibility:
    """Of a place in a photograph, its height brought to `SCALE`; what is larger is averaged down."""
    return legibility(straightened(pixels, quad, SCALE)[0])
